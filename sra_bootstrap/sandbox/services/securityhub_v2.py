"""AWS Security Hub (v2): the hub of an account in a region, beside and apart from that of Security Hub CSPM."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.securityhub import not_found, timestamp


@dataclass
class HubV2:
    """Security Hub's presence in an account and region."""

    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    tags: dict[str, str] = field(default_factory=dict)
    subscribed: datetime = field(default_factory=moment)


@dataclass
class SecurityHubV2:
    """What Security Hub knows of one account in one region.

    `managed` says that a Security Hub policy of the organization decides whether there is a hub.
    """

    hub: HubV2 | None = None
    managed: bool = False


def securityhub_v2_of(account_id: str, region: str) -> SecurityHubV2:
    """What Security Hub knows of an account in a region."""
    return store.state(SecurityHubV2, account_id, region)


def invalid_v2(text: str) -> AwsFault:
    """The answer to a parameter that cannot be."""
    return AwsFault("ValidationException", text)


def refuse_without_hub(call: Call) -> None:
    """The code and text: https://github.com/awslabs/sra-verify, in NOT_CONFIGURED_ERRORS, of ListAggregatorsV2.

    Raises:
        AwsFault: Security Hub is off in the region of the call.
    """
    if securityhub_v2_of(call.account_id, call.region).hub is None:
        raise AwsFault("ConflictException", f"Security Hub V2 is not enabled for {call.account_id}")


def _refuse_managed(state: SecurityHubV2) -> None:
    """The code and text: https://github.com/primeharbor/org-kickstart, its notes on enable_security_hub_2.

    Raises:
        AwsFault: a Security Hub policy decides what the call would change.
    """
    if state.managed:
        text = "Account is part of an AWS Organization and is being managed by a Security Hub policy"
        raise AwsFault("AccessDeniedException", text)


def _arn(call: Call, hub: HubV2) -> str:
    return f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:hubv2/{hub.id}"


@operation("securityhub", "EnableSecurityHubV2")
def enable_security_hub_v2(call: Call, Tags: dict[str, str] | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHubV2.html.

    That it may be on already is guessed: the page names no error for it.

    Raises:
        AwsFault: a Security Hub policy manages the account here.
    """
    state = securityhub_v2_of(call.account_id, call.region)
    _refuse_managed(state)
    if state.hub is None:
        state.hub = HubV2(tags=Tags or {})
    return {"HubV2Arn": _arn(call, state.hub)}


@operation("securityhub", "DisableSecurityHubV2")
def disable_security_hub_v2(call: Call) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHubV2.html.

    That it may be off already is guessed: the page names no error for it.

    Raises:
        AwsFault: a Security Hub policy manages the account here.
    """
    state = securityhub_v2_of(call.account_id, call.region)
    _refuse_managed(state)
    state.hub = None


@operation("securityhub", "DescribeSecurityHubV2")
def describe_security_hub_v2(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeSecurityHubV2.html.

    The text: https://github.com/awslabs/sra-verify, its check SRA-SECURITYHUB-14. Features that are opted into, such as
    network scanning, are never on in the sandbox.

    Raises:
        AwsFault: Security Hub is off.
    """
    hub = securityhub_v2_of(call.account_id, call.region).hub
    if hub is None:
        raise not_found("You are not subscribed to HubV2")
    return {"HubV2Arn": _arn(call, hub), "SubscribedAt": timestamp(hub.subscribed), "Features": {}}


@operation("securityhub", "GetFindingsV2")
def get_findings_v2(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindingsV2.html; the sandbox has no findings.

    Raises:
        AwsFault: Security Hub is off.
    """
    refuse_without_hub(call)
    return {"Findings": []}
