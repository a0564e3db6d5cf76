"""Amazon EC2: whether internet gateways carry traffic in an account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.ec2_declarative_policy import declared, manager, refuse_declared
from sra_bootstrap.sandbox.settings import Rules

_ATTRIBUTE = "vpc_block_public_access"


@dataclass
class VpcBlock:
    """What an account has set in a region."""

    mode: str = "off"
    state: str = "default-state"
    updated: datetime = field(default_factory=moment)


@operation("ec2", "DescribeVpcBlockPublicAccessOptions")
def describe_vpc_block_public_access_options(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcBlockPublicAccessOptions.html."""
    policy, there = declared(call, _ATTRIBUTE), call.state(VpcBlock)
    gateways = {} if policy is None else policy["internet_gateway_block"]
    options = {
        "AwsAccountId": call.account_id,
        "AwsRegion": call.region,
        "State": there.state if policy is None else "update-complete",
        "InternetGatewayBlockMode": gateways.get("mode", there.mode).replace("_", "-"),
        "LastUpdateTimestamp": there.updated,
        "ExclusionsAllowed": "not-allowed" if gateways.get("exclusions_allowed") == "disabled" else "allowed",
    }
    return {"VpcBlockPublicAccessOptions": {**options, **manager(policy)}}


@operation("ec2", "ModifyVpcBlockPublicAccessOptions")
def modify_vpc_block_public_access_options(call: Call, InternetGatewayBlockMode: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcBlockPublicAccessOptions.html.

    That the new mode shows while it is being updated is guessed.
    """
    refuse_declared(call, _ATTRIBUTE)
    there = call.state(VpcBlock)
    there.mode, there.state, there.updated = InternetGatewayBlockMode, "update-in-progress", moment()
    later(Rules.settings.ec2_block_seconds, partial(_updated, there))
    return describe_vpc_block_public_access_options(call)


def _updated(there: VpcBlock, at: float) -> None:
    there.state, there.updated = "update-complete", moment(at)


@operation("ec2", "DescribeVpcBlockPublicAccessExclusions")
def describe_vpc_block_public_access_exclusions(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcBlockPublicAccessExclusions.html: none."""
    return {"VpcBlockPublicAccessExclusions": []}
