"""Amazon Macie: how an organization's accounts become members, added by their administrator or by themselves."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.macie import Member, Session, conflict, invalid, macie_of
from sra_bootstrap.sandbox.services.macie_organization import Delegation, delegation_of
from sra_bootstrap.sandbox.settings import Rules


def obstacle(call: Call, delegation: Delegation, account_id: str) -> AwsFault | None:
    """Why an account of the organization cannot be a member, or None.

    "Another Macie administrator account", and the management account that has not enabled Macie itself:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html. The codes and the texts are guessed.
    """
    if account_id == delegation.administrator_id or account_id not in membership.active_accounts(call.account_id):
        return invalid("The request failed because the account can't be a member account")
    if not has_region(account_id, call.partition, call.region):
        return invalid("The request failed because the Region is disabled for the account")
    state = macie_of(account_id, call.region)
    if state.administrator_id is not None:
        return conflict("The request failed because the account is already associated with an administrator account")
    if account_id == membership.management_account_of(call.account_id) and state.session is None:
        return invalid("The request failed because Macie isn't enabled for the management account")
    return None


def enrol(delegation: Delegation, account_id: str, region: str, tags: dict[str, str] | None = None) -> None:
    """Make an account a member, with Macie enabled, and discovery as the organization has it.

    A member is "Created" while Macie works on it, says
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-review.html. Then "Macie is enabled for the account",
    if it is not: https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-administer.html; that this goes for an
    account that has suspended it, too, is guessed.
    """
    assert delegation.administrator_id is not None  # noqa: S101 (a delegation in effect has an administrator)
    administrator, state = macie_of(delegation.administrator_id, region), macie_of(account_id, region)
    member = Member(account_id, "Created", tags=tags or {})
    administrator.members[account_id] = member
    state.administrator_id = delegation.administrator_id
    later(Rules.settings.enabling_seconds, partial(_finish, delegation.administrator_id, member, region))


def _finish(administrator_id: str, member: Member, region: str, at: float) -> None:
    administrator, state = macie_of(administrator_id, region), macie_of(member.account_id, region)
    if administrator.members.get(member.account_id) is not member or member.status != "Created":
        return
    state.session = state.session or Session()
    state.session.status = "ENABLED"
    # The administrator alone decides on the discovery of its members.
    discovery = None if administrator.session is None else administrator.session.discovery
    state.session.discovered = discovery is not None and discovery.enabled and discovery.members != "NONE"
    member.status, member.updated = "Enabled", moment(at)


@gate
def auto_enable(call: Call) -> None:
    """Before any call of Macie: enrol who has joined the organization and is to be a member by now.

    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-integrate.html: "for new accounts"; those that were
    there before, or were removed, are not enrolled.
    """
    delegation = delegation_of(call.account_id, call.region) if call.service == "macie2" else None
    backend = None if delegation is None else membership.organization_of(call.account_id)
    if delegation is None or backend is None:
        return
    joined_before = moment() - timedelta(seconds=Rules.settings.auto_enable_seconds)
    for account in backend.accounts:
        if account.id not in delegation.met and account.create_time <= joined_before:
            delegation.met.add(account.id)
            if delegation.auto_enable and obstacle(call, delegation, account.id) is None:
                enrol(delegation, account.id, call.region)


def status_seen(call: Call, member: Member) -> str:
    """How a member stands to its administrator, its account and region included.

    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-review.html
    """
    if member.associated:
        if membership.state_of(member.account_id) != "ACTIVE":
            return "AccountSuspended"
        if not has_region(member.account_id, call.partition, call.region):
            return "RegionDisabled"
    return member.status
