"""AWS Security Hub CSPM: the hub of an account in a region.

moto's operations are all replaced but those of findings, which now need a hub.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, Time, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.securityhub_administrator import (
    Place,
    administrator_of,
    appointed,
    invalid,
    no_access,
)
from sra_bootstrap.sandbox.services.securityhub_catalogue import DEFAULT_STANDARDS, SENDERS
from sra_bootstrap.sandbox.settings import Rules


@dataclass
class Hub:
    """Security Hub's presence in an account and region.

    `standards` are the enabled ones, by their place in an ARN, with the time from which they are ready; `products` the
    integrations whose findings are accepted.
    """

    standards: dict[str, float] = field(default_factory=dict)
    products: set[str] = field(default_factory=lambda: set(SENDERS))
    disabled_controls: set[str] = field(default_factory=set)
    auto_enable_controls: bool = True
    generator: str = "SECURITY_CONTROL"
    tags: dict[str, str] = field(default_factory=dict)
    subscribed: datetime = field(default_factory=moment)

    def enable(self, *standards: str) -> None:
        """Enable standards, each ready after a while; those that are enabled stay as they are."""
        ready = Time.clock.now() + Rules.settings.enabling_seconds
        for standard in standards:
            self.standards.setdefault(standard, ready)


@dataclass
class Member:
    """An account that an administrator has added, and how the two stand to each other."""

    account_id: str
    status: str
    email: str | None = None
    updated: datetime = field(default_factory=moment)


@dataclass
class SecurityHub:
    """What Security Hub knows of one account in one region: its hub, its members, and whose member it is.

    `centrally_managed` says that a configuration policy applies here, so that only the administrator changes settings.
    """

    hub: Hub | None = None
    members: dict[str, Member] = field(default_factory=dict)
    administrator_id: str | None = None
    centrally_managed: bool = False


def securityhub_of(account_id: str, region: str) -> SecurityHub:
    """What Security Hub knows of an account in a region."""
    return store.state(SecurityHub, account_id, region)


def timestamp(at: datetime) -> str:
    """A time as Security Hub writes it: https://docs.aws.amazon.com/cli/latest/reference/securityhub/describe-hub.html."""
    return f"{at.isoformat(timespec='milliseconds')}Z"


def conflict(text: str) -> AwsFault:
    """The answer to what contradicts what is there."""
    return AwsFault("ResourceConflictException", text, Code="ResourceConflictException")


def not_found(text: str) -> AwsFault:
    """The answer to a resource that is not there."""
    return AwsFault("ResourceNotFoundException", text, Code="ResourceNotFoundException")


def denied(text: str) -> AwsFault:
    """The answer to who may not do this."""
    return AwsFault("AccessDeniedException", text, Code="AccessDeniedException")


def hub_of(call: Call) -> Hub:
    """The caller's hub.

    The code and text are those that terraform-provider-aws looks for in its resource aws_securityhub_account.

    Raises:
        AwsFault: Security Hub is off.
    """
    hub = securityhub_of(call.account_id, call.region).hub
    if hub is None:
        raise no_access(f"Account {call.account_id} is not subscribed to AWS Security Hub")
    return hub


def refuse_centrally_managed(call: Call) -> None:
    """The code and text: https://github.com/hashicorp/terraform-provider-aws/issues/39687, of an administrator.

    Raises:
        AwsFault: a configuration policy decides over what the call would change.
    """
    if securityhub_of(call.account_id, call.region).centrally_managed:
        text = "This account is currently associated with a central configuration policy"
        raise denied(f"{text}, so only the administrator can access this operation.")


@check("securityhub", "GetFindings", "BatchImportFindings")
def findings_need_a_hub(call: Call, **_: Any) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html: InvalidAccessException."""
    hub_of(call)


@appointed
def appear(place: Place, account_id: str) -> None:
    """An administrator has a hub: https://docs.aws.amazon.com/securityhub/latest/userguide/designate-orgs-admin-account.html.

    That it has the default standards is what AWS's own example code undoes:
    https://github.com/aws-samples/aws-security-reference-architecture-examples.
    """
    state = securityhub_of(account_id, place.region)
    if place.feature == "SecurityHub" and state.hub is None:
        state.hub = Hub()
        state.hub.enable(*DEFAULT_STANDARDS)


@operation("securityhub", "EnableSecurityHub")
def enable_security_hub(
    call: Call,
    *,
    Tags: dict[str, str] | None = None,
    EnableDefaultStandards: bool = True,
    ControlFindingGenerator: str = "SECURITY_CONTROL",
) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html.

    Raises:
        AwsFault: Security Hub is on, or a configuration policy decides about that.
    """
    refuse_centrally_managed(call)
    state = securityhub_of(call.account_id, call.region)
    if state.hub is not None:
        raise conflict("Account is already subscribed to Security Hub")
    state.hub = Hub(generator=_checked(ControlFindingGenerator), tags=Tags or {})
    if EnableDefaultStandards:
        state.hub.enable(*DEFAULT_STANDARDS)


def _checked(generator: str) -> str:
    if generator not in {"STANDARD_CONTROL", "SECURITY_CONTROL"}:
        raise invalid(f"Invalid parameter 'ControlFindingGenerator': {generator}")
    return generator


@operation("securityhub", "DescribeHub")
def describe_hub(call: Call, HubArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html."""
    hub = hub_of(call)
    arn = f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:hub/default"
    if HubArn not in {None, arn}:
        raise not_found(f"Hub {HubArn} not found")
    return {
        "HubArn": arn,
        "SubscribedAt": timestamp(hub.subscribed),
        "AutoEnableControls": hub.auto_enable_controls,
        "ControlFindingGenerator": hub.generator,
    }


@operation("securityhub", "UpdateSecurityHubConfiguration")
def update_security_hub_configuration(
    call: Call, *, AutoEnableControls: bool | None = None, ControlFindingGenerator: str | None = None
) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateSecurityHubConfiguration.html.

    Which findings controls generate, the administrator decides for all: "If you enable consolidated control findings
    for the administrator account, it's also enabled for all member accounts", says
    https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html; that a member's own
    update is refused is guessed.

    Raises:
        AwsFault: a configuration policy, or the administrator, decides about that.
    """
    hub = hub_of(call)
    refuse_centrally_managed(call)
    if ControlFindingGenerator is not None:
        state = securityhub_of(call.account_id, call.region)
        if state.administrator_id is not None and ControlFindingGenerator != hub.generator:
            raise denied("Only the administrator account can change ControlFindingGenerator.")
        hub.generator = _checked(ControlFindingGenerator)
        for member_id, member in state.members.items():
            member_hub = securityhub_of(member_id, call.region).hub
            if member.status == "Enabled" and member_hub is not None:
                member_hub.generator = hub.generator
    if AutoEnableControls is not None:
        hub.auto_enable_controls = AutoEnableControls


@operation("securityhub", "DisableSecurityHub")
def disable_security_hub(call: Call) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHub.html.

    Not "in an account that is currently the Security Hub CSPM administrator"; "your administrator and member account
    associations are removed". The code of that refusal is guessed.

    Raises:
        AwsFault: Security Hub is off, a configuration policy decides about that, or the account is the administrator.
    """
    hub_of(call)
    refuse_centrally_managed(call)
    if administrator_of(call.account_id, call.region) == call.account_id:
        raise invalid("Security Hub cannot be disabled in an account that is the administrator account.")
    state = securityhub_of(call.account_id, call.region)
    if state.administrator_id is not None:
        securityhub_of(state.administrator_id, call.region).members.pop(call.account_id, None)
    state.hub, state.administrator_id = None, None
