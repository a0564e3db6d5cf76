"""Amazon Macie: who administers it for an organization, and whether accounts that join become members."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, gate, operation
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.macie import Session, conflict, denied, invalid, macie_of
from sra_bootstrap.sandbox.settings import Rules

PRINCIPAL = "macie.amazonaws.com"
PAGE = 25
"""How many items a page has at most: https://docs.aws.amazon.com/macie/latest/APIReference/members.html."""


@dataclass
class Delegation:
    """Who administers Macie for an organization in one region, and when that has come into effect.

    Attributes:
        leaving_id: who did before, and `left` when Macie has finished with that.
        auto_enable: whether an account that joins the organization becomes a member.
        met: the accounts whose joining is dealt with.
    """

    administrator_id: str | None = None
    effective: float = math.inf
    leaving_id: str | None = None
    left: float = 0.0
    auto_enable: bool = False
    met: set[str] = field(default_factory=set)

    def leaver(self) -> str | None:
        """Whose designation is being disabled right now."""
        return self.leaving_id if Time.clock.now() < self.left else None


@dataclass
class FirstDelegation:
    """Where an organization has first delegated Macie, and when other regions can follow."""

    region: str = ""
    settled: float = 0.0


def delegation_of(account_id: str, region: str) -> Delegation | None:
    """The delegation of an account's organization in a region, if there is one in effect."""
    management_id = membership.management_account_of(account_id)
    if management_id is None:
        return None
    delegation = store.state(Delegation, management_id, region)
    return delegation if delegation.effective <= Time.clock.now() else None


def administered_by(account_id: str, region: str) -> Delegation | None:
    """The delegation that makes an account the administrator of its organization, or None."""
    delegation = delegation_of(account_id, region)
    return delegation if delegation is not None and delegation.administrator_id == account_id else None


def _as_management_account(call: Call) -> Delegation:
    """The delegation of the caller's organization in the region of the call, in effect or not.

    https://docs.aws.amazon.com/macie/latest/APIReference/admin.html; Macie need not be enabled, as
    https://github.com/aws-samples/aws-security-reference-architecture-examples does that after it has delegated. The
    text is guessed.

    Raises:
        AwsFault: the caller is not the management account of an organization.
    """
    if membership.management_account_of(call.account_id) != call.account_id:
        text = "you must be a user of the AWS Organizations management account to perform this operation"
        raise denied(f"The request failed because {text}")
    return call.state(Delegation)


def _refuse_member(call: Call) -> None:
    """A management account that is a member cannot "access Macie operations for designating" an administrator.

    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-admin-change.html; the code and the text are guessed.
    """
    if macie_of(call.account_id, call.region).administrator_id is not None:
        raise denied("The request failed because your account is a Macie member account")


def _as_administrator(call: Call) -> Delegation:
    """https://github.com/awslabs/sra-verify has the text, which Macie answers too where it is not enabled.

    Raises:
        AwsFault: the caller does not, or not yet, administer Macie for its organization.
    """
    delegation = administered_by(call.account_id, call.region)
    if delegation is None:
        text = "you must be the Macie administrator for an organization to perform this operation"
        raise denied(f"The request failed because {text}")
    return delegation


@gate
def break_off(call: Call) -> None:
    """Before any call of Macie: end a delegation that has lost what it stands on.

    Without trusted access all members are on their own:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-disable.html; likewise when the account of the
    administrator is suspended: https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html. That
    deregistering it with Organizations does the same is guessed.
    """
    management_id = membership.management_account_of(call.account_id) if call.service == "macie2" else None
    if management_id is None:
        return
    delegation = store.state(Delegation, management_id, call.region)
    if delegation.administrator_id is None:
        return
    registered = delegation.administrator_id in membership.administrators(management_id, PRINCIPAL)
    active = delegation.administrator_id in membership.active_accounts(management_id)
    if not (registered and active and membership.trusts(management_id, PRINCIPAL)):
        _dismiss(delegation, call.region)


@operation("macie2", "EnableOrganizationAdminAccount")
def enable_organization_admin_account(call: Call, adminAccountId: str, clientToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/admin.html.

    It enables trusted access, and Macie in the administrator's account:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-integrate.html. One account administers all regions:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html. Other regions must wait for the first:
    https://github.com/aws-samples/aws-secure-environment-accelerator/issues/778, and the code in which
    https://github.com/aws-samples/aws-security-reference-architecture-examples waits for it. The other codes, and the
    texts, are guessed.

    Raises:
        AwsFault: the account is not an active member, or there is an administrator; the management account is a Macie
            member; or the organization's first delegation is still settling.
        NotImplementedError: the management account would administer Macie itself, which AWS allows.
    """
    delegation = _as_management_account(call)
    if adminAccountId == call.account_id:
        raise NotImplementedError("the management account as the administrator")
    _refuse_member(call)
    if adminAccountId not in membership.active_accounts(call.account_id):
        raise invalid("The request failed because the account isn't part of your organization")
    registered = membership.administrators(call.account_id, PRINCIPAL)
    if any(other != adminAccountId for other in registered) or delegation.administrator_id is not None:
        raise conflict("The request failed because an administrator account is already enabled for your organization")
    if delegation.leaver() is not None:
        raise conflict("The request failed because an administrator account is being disabled for your organization")
    _take_turn(call)
    delegation.administrator_id = adminAccountId
    delegation.effective = call.now() + Rules.settings.delegation_seconds
    delegation.met.update(membership.active_accounts(call.account_id))
    membership.trust(call.account_id, PRINCIPAL)
    membership.register_administrator(call.account_id, adminAccountId, PRINCIPAL)
    later(Rules.settings.enabling_seconds, partial(_appear, delegation, adminAccountId, call))


def _take_turn(call: Call) -> None:
    first = call.state(FirstDelegation, region=call.partition)
    if not membership.administrators(call.account_id, PRINCIPAL):
        first.region = call.region
        first.settled = call.now() + Rules.settings.macie_first_delegation_seconds
    elif first.region != call.region and call.now() < first.settled:
        raise invalid("The request failed because the request contains invalid input")


def _appear(delegation: Delegation, account_id: str, call: Call, at: float) -> None:
    state = macie_of(account_id, call.region)
    usable = has_region(account_id, call.partition, call.region)
    if delegation.administrator_id == account_id and state.session is None and usable:
        state.session = Session()


@operation("macie2", "DisableOrganizationAdminAccount")
def disable_organization_admin_account(call: Call, adminAccountId: str) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/admin.html.

    Macie stays on in the members, each on its own:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html. The account stays registered with
    Organizations, where https://github.com/aws-samples/aws-security-reference-architecture-examples deregisters it. The
    code is guessed.

    Raises:
        AwsFault: the account does not administer Macie in this region, or the management account is its member.
    """
    delegation = _as_management_account(call)
    _refuse_member(call)
    if delegation.administrator_id != adminAccountId:
        raise invalid("The request failed because the account isn't the administrator account for your organization")
    delegation.leaving_id, delegation.left = adminAccountId, call.now() + Rules.settings.enabling_seconds
    _dismiss(delegation, call.region)


def _dismiss(delegation: Delegation, region: str) -> None:
    """Members of the organization are let go, those by invitation stay; and nobody is discovered any more."""
    assert delegation.administrator_id is not None  # noqa: S101 (who is dismissed administers)
    administrator = macie_of(delegation.administrator_id, region)
    for account_id in [member.account_id for member in administrator.members.values() if member.email is None]:
        release(account_id, region)
        del administrator.members[account_id]
    delegation.administrator_id, delegation.effective, delegation.auto_enable = None, math.inf, False
    delegation.met = set()


def release(account_id: str, region: str) -> None:
    """Let an account stand on its own, with Macie as it is, but for its automated discovery.

    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html
    """
    state = macie_of(account_id, region)
    state.administrator_id = None
    if state.session is not None:
        state.session.discovered = False


@operation("macie2", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(
    call: Call, maxResults: int = PAGE, nextToken: str | None = None
) -> dict[str, list[dict[str, str]]]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/admin.html."""
    delegation = _as_management_account(call)
    accounts = [(delegation.administrator_id, "ENABLED"), (delegation.leaver(), "DISABLING_IN_PROGRESS")]
    listed = [{"accountId": one, "status": status} for one, status in accounts if one is not None]
    found, _ = page(listed, maxResults, nextToken, invalid("The request failed because the token isn't valid"))
    return {"adminAccounts": found}


@operation("macie2", "DescribeOrganizationConfiguration")
def describe_organization_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/admin-configuration.html.

    At most 10,000 members: https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html.
    """
    delegation = _as_administrator(call)
    members = macie_of(call.account_id, call.region).associated()
    return {"autoEnable": delegation.auto_enable, "maxAccountLimitReached": len(members) >= 10_000}


@operation("macie2", "UpdateOrganizationConfiguration")
def update_organization_configuration(call: Call, *, autoEnable: bool) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/admin-configuration.html."""
    _as_administrator(call).auto_enable = autoEnable
