"""Amazon Macie: the session of an account in a region.

moto's operations are all replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, open_all_paths, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment

open_all_paths("macie2", "MacieResponse")

ASSOCIATED = {"Created", "Enabled", "Paused"}
"""How a member stands to its administrator while Macie is managed for it, about to be enabled, enabled or suspended.

https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-review.html
"""


@dataclass
class Discovery:
    """Automated sensitive data discovery, as a standalone account or an administrator has set it.

    `members` is in which accounts of the organization Macie enables it. That it is off at first is guessed.
    """

    enabled: bool = False
    members: str = "NONE"
    scope_id: str = field(default_factory=mock_random.get_random_hex)
    template_id: str = field(default_factory=mock_random.get_random_hex)
    first_enabled: datetime | None = None
    disabled: datetime | None = None
    updated: datetime | None = None


@dataclass
class Session:
    """Macie's presence in an account and region.

    Attributes:
        frequency: how often updates of policy findings are published; that it is 15 minutes at first is guessed.
        policy_findings: whether these go to Security Hub; likewise `classification_findings`, of sensitive data.
        export: where the results of sensitive data discovery are stored, as it was put.
        discovered: whether the administrator has sensitive data of this account discovered.
    """

    status: str = "ENABLED"
    frequency: str = "FIFTEEN_MINUTES"
    policy_findings: bool = True
    classification_findings: bool = False
    export: dict[str, Any] | None = None
    discovery: Discovery = field(default_factory=Discovery)
    discovered: bool = False
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)


@dataclass
class Member:
    """An account that an administrator has added, and how the two stand to each other.

    `email` is only known of an account that is to be invited.
    """

    account_id: str
    status: str
    email: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    updated: datetime = field(default_factory=moment)

    @property
    def associated(self) -> bool:
        """Whether Macie is managed for the account; who is only to be invited is Created, too."""
        return self.status in ASSOCIATED and self.email is None


@dataclass
class Macie:
    """What Macie knows of one account in one region: its session, its members, and whose member it is."""

    session: Session | None = None
    members: dict[str, Member] = field(default_factory=dict)
    administrator_id: str | None = None

    def associated(self) -> list[Member]:
        """The members that Macie is managed for."""
        return [member for member in self.members.values() if member.associated]


def macie_of(account_id: str, region: str) -> Macie:
    """What Macie knows of an account in a region."""
    return store.state(Macie, account_id, region)


def denied(message: str) -> AwsFault:
    """How Macie answers who may not do something, or has not enabled it."""
    return AwsFault("AccessDeniedException", message)


def invalid(message: str) -> AwsFault:
    """How Macie answers what cannot be."""
    return AwsFault("ValidationException", message)


def conflict(message: str) -> AwsFault:
    """How Macie answers what cannot be now."""
    return AwsFault("ConflictException", message)


def enabled(call: Call) -> tuple[Macie, Session]:
    """What Macie knows of the caller, and its session, which almost every operation asks for.

    The code and the text: https://github.com/prowler-cloud/prowler/issues/1279. AWS's own tools tell it by the text
    from a denial by IAM: https://github.com/awslabs/sra-verify.

    Raises:
        AwsFault: Macie is not enabled in the account and region.
    """
    state = macie_of(call.account_id, call.region)
    if state.session is None:
        raise denied("Macie is not enabled.")
    return state, state.session


def _checked(value: str, *allowed: str) -> str:
    if value not in allowed:
        raise invalid(f"The request failed because {value} isn't a valid value.")
    return value


def _status(value: str) -> str:
    return _checked(value, "ENABLED", "PAUSED")


def _frequency(value: str) -> str:
    return _checked(value, "FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS")


@operation("macie2", "EnableMacie")
def enable_macie(
    call: Call,
    *,
    findingPublishingFrequency: str = "FIFTEEN_MINUTES",
    status: str = "ENABLED",
    clientToken: str | None = None,
) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/macie.html.

    The code and the text for the second time: https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-macie.

    Raises:
        AwsFault: Macie is enabled already, or a value is none that there is.
    """
    state = macie_of(call.account_id, call.region)
    if state.session is not None:
        raise conflict("Macie has already been enabled")
    state.session = Session(_status(status), _frequency(findingPublishingFrequency))


@operation("macie2", "GetMacieSession")
def get_macie_session(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/macie.html.

    An administrator sets the frequency for its members too, and a member for itself, says the table in
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-relationships.html. Which of these a member is told is
    guessed: its own.
    """
    _, session = enabled(call)
    role = "role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"
    return {
        "createdAt": session.created,
        "findingPublishingFrequency": session.frequency,
        "serviceRole": f"arn:{call.partition}:iam::{call.account_id}:{role}",
        "status": session.status,
        "updatedAt": session.updated,
    }


@operation("macie2", "UpdateMacieSession")
def update_macie_session(call: Call, findingPublishingFrequency: str | None = None, status: str | None = None) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/macie.html.

    Only its administrator can suspend a member, and no administrator itself as long as it has members:
    https://docs.aws.amazon.com/macie/latest/user/suspend-macie.html. The codes are guessed.

    Raises:
        AwsFault: the account is another's member, or has members of its own; or a value is none that there is.
    """
    state, session = enabled(call)
    frequency, wanted = _frequency(findingPublishingFrequency or session.frequency), _status(status or session.status)
    if wanted != session.status and state.administrator_id is not None:
        raise conflict("The request failed because only your Macie administrator can change the status of your account")
    if wanted == "PAUSED" and state.associated():
        raise conflict("The request failed because member accounts are associated with your account")
    session.frequency, session.status, session.updated = frequency, wanted, moment()


@operation("macie2", "DisableMacie")
def disable_macie(call: Call) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/macie.html.

    Who cannot: the notes below the table in
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-relationships.html. The texts:
    https://github.com/hashicorp/terraform-provider-aws, in its macie2 service.

    Raises:
        AwsFault: the account is another's member, or has members of its own, associated or not.
    """
    state, _ = enabled(call)
    if state.administrator_id is not None:
        raise conflict("Cannot disable Macie while associated with an administrator account")
    if state.members:
        raise conflict("The request failed because member accounts are associated with your account")
    state.session = None
