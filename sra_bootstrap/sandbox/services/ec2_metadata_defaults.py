"""Amazon EC2: how new instances of an account and region serve their metadata, where nothing else is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.ec2_declarative_policy import declared, manager, refuse_declared

_ATTRIBUTE = "instance_metadata_defaults"
_OF_POLICY = {
    "http_tokens": "HttpTokens",
    "http_put_response_hop_limit": "HttpPutResponseHopLimit",
    "http_endpoint": "HttpEndpoint",
    "instance_metadata_tags": "InstanceMetadataTags",
    "http_tokens_enforced": "HttpTokensEnforced",
}
"""What a declarative policy calls a setting, and what the API does."""
_HOPS = "HttpPutResponseHopLimit"
_NO_PREFERENCE = {"no-preference", "no_preference", -1}


@dataclass
class MetadataDefaults:
    """What an account prefers in a region, under the API's names."""

    preferred: dict[str, Any] = field(default_factory=dict)


@operation("ec2", "GetInstanceMetadataDefaults")
def get_instance_metadata_defaults(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetInstanceMetadataDefaults.html.

    "If a default is not set, it is not in the response": so the CLI's example shows it.
    """
    policy = declared(call, _ATTRIBUTE)
    preferred = call.state(MetadataDefaults).preferred if policy is None else _of_policy(policy)
    return {"AccountLevel": {**preferred, **manager(policy)}}


def _of_policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    said = {_OF_POLICY[name]: int(value) if name.endswith("limit") else value for name, value in policy.items()}
    return {name: value for name, value in said.items() if value not in _NO_PREFERENCE}


@operation("ec2", "ModifyInstanceMetadataDefaults")
def modify_instance_metadata_defaults(call: Call, **settings: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataDefaults.html.

    Raises:
        AwsFault: a policy of the organization has set them, or the hop limit is neither -1 nor between 1 and 64.
    """
    refuse_declared(call, _ATTRIBUTE)
    hops = settings.get(_HOPS, -1)
    if hops != -1 and not 1 <= hops <= 64:
        raise AwsFault("InvalidParameterValue", f"The hop limit {hops} is not between 1 and 64.")
    there = call.state(MetadataDefaults)
    merged = {**there.preferred, **settings}
    names = _OF_POLICY.values()
    there.preferred = {k: v for k, v in merged.items() if k in names and v not in _NO_PREFERENCE}
    return {"Return": True}
