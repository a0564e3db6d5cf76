"""Amazon Inspector: the member accounts of an administrator, associated by it or when they join."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, Time, gate, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.inspector import (
    SCAN_TYPES,
    Member,
    denied,
    inspector_of,
    invalid,
    missing_in,
    release,
    turn_on,
)
from sra_bootstrap.sandbox.services.inspector_organization import (
    Delegation,
    as_administrator,
    delegation_of,
    refuse_while_off,
)
from sra_bootstrap.sandbox.settings import Rules

_LARGEST = 10_000
"""How many members there can be: https://docs.aws.amazon.com/inspector/latest/user/designating-admin.html"""

_NOT_ASSOCIATED = (
    "The request is rejected because the current account cannot disassociate the given member account ID since the "
    "latter is not yet associated to it."
)


def _describe(member: Member, administrator_id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_Member.html.

    Which status means what is taken from how Terraform waits for an association: it is CREATED, then ENABLED, and
    REMOVED once it has ended:
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/inspector2/member_association.go.
    """
    status = member.status
    if status == "ASSOCIATED":
        status = "ENABLED" if membership.state_of(member.account_id) == "ACTIVE" else "ACCOUNT_SUSPENDED"
    return {
        "accountId": member.account_id,
        "relationshipStatus": status,
        "delegatedAdminAccountId": administrator_id,
        "updatedAt": member.updated,
    }


@operation("inspector2", "AssociateMember")
def associate_member(call: Call, accountId: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_AssociateMember.html.

    An answer "indicates the association was successfully started, but doesn't indicate whether it was completed". That
    the scans of the account do not change, that an account outside of the organization and the administrator itself are
    refused so, and that one more association changes nothing, is guessed.

    Raises:
        AwsFault: the account cannot be a member, or there are too many members.
    """
    as_administrator(call)
    refuse_while_off(call)
    management_id = membership.management_account_of(call.account_id)
    if accountId == call.account_id or membership.management_account_of(accountId) != management_id:
        raise invalid("The account is not a member account of the organization.")
    members = inspector_of(call.account_id, call.region).members
    present = members.get(accountId)
    if present is not None and present.status in {"ASSOCIATED", "CREATED"}:
        return {"accountId": accountId}
    if len(inspector_of(call.account_id, call.region).associated()) >= _LARGEST:
        raise AwsFault("ServiceQuotaExceededException", f"There are {_LARGEST} members.", resourceId=accountId)
    members[accountId] = Member(accountId, "CREATED")
    later(Rules.settings.enabling_seconds, partial(_complete, call, members[accountId]))
    return {"accountId": accountId}


def _complete(call: Call, member: Member, at: float) -> None:
    administrator = inspector_of(call.account_id, call.region)
    if administrator.members.get(member.account_id) is member and member.status == "CREATED":
        _associate(call.account_id, member, call.partition, call.region)


def _associate(administrator_id: str, member: Member, partition: str, region: str) -> None:
    """The statuses of those that cannot be members come from the list of them; that they get them is guessed."""
    member.updated = moment()
    if membership.state_of(member.account_id) != "ACTIVE":
        member.status = "ACCOUNT_SUSPENDED"
    elif not has_region(member.account_id, partition, region):
        member.status = "REGION_DISABLED"
    else:
        member.status = "ASSOCIATED"
        inspector_of(member.account_id, region).administrator_id = administrator_id


@operation("inspector2", "DisassociateMember")
def disassociate_member(call: Call, accountId: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_DisassociateMember.html.

    Inspector stays on in the account:
    https://docs.aws.amazon.com/inspector/latest/user/disassociating-member-accounts.html. The text is that which
    Terraform's member_association.go expects.

    Raises:
        AwsFault: the account is no member.
    """
    as_administrator(call)
    member = inspector_of(call.account_id, call.region).members.get(accountId)
    if member is None or member.status == "REMOVED":
        raise invalid(_NOT_ASSOCIATED)
    if member.status == "ASSOCIATED":
        release(inspector_of(accountId, call.region), call.region)
    member.status, member.updated = "REMOVED", moment()
    return {"accountId": accountId}


@operation("inspector2", "GetMember")
def get_member(call: Call, accountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_GetMember.html.

    Raises:
        AwsFault: it was never associated; Terraform's member_association.go has the text.
    """
    as_administrator(call)
    member = inspector_of(call.account_id, call.region).members.get(accountId)
    if member is None:
        raise denied("Invoking account does not have access to get member account")
    return {"member": _describe(member, call.account_id)}


@operation("inspector2", "ListMembers")
def list_members(
    call: Call, *, onlyAssociated: bool = True, maxResults: int = 50, nextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListMembers.html.

    That accounts of the organization that were never associated are not among "all members" is guessed, and so is what
    is listed where nothing is said.

    Raises:
        AwsFault: more are asked for than fit on a page.
    """
    as_administrator(call)
    if maxResults > 50:
        raise invalid("maxResults must be 50 at most.")
    state = inspector_of(call.account_id, call.region)
    members = state.associated() if onlyAssociated else list(state.members.values())
    found, following = page(members, maxResults, nextToken, invalid("The nextToken is not valid."))
    answer: dict[str, Any] = {"members": [_describe(member, call.account_id) for member in found]}
    return answer if following is None else answer | {"nextToken": following}


@gate
def welcome(call: Call) -> None:
    """Before any call of Inspector: associate accounts that have joined, with the scans that are enabled in them.

    "New members of your organization" only: https://docs.aws.amazon.com/inspector/v2/APIReference/API_AutoEnable.html.
    That those are not associated in whom nothing is enabled is guessed.
    """
    delegation = delegation_of(call.account_id, call.region) if call.service == "inspector2" else None
    if delegation is None or delegation.effective > Time.clock.now():
        return
    joined_before = moment() - timedelta(seconds=Rules.settings.auto_enable_seconds)
    backend = membership.organization_of(call.account_id)
    for account in [] if backend is None else backend.accounts:
        if account.id not in delegation.met and account.create_time <= joined_before:
            delegation.met.add(account.id)
            _enrol(call, delegation, account.id)


def _enrol(call: Call, delegation: Delegation, account_id: str) -> None:
    enabled = [one for one, name in SCAN_TYPES.items() if delegation.auto_enable.get(name)]
    assert delegation.administrator_id is not None  # noqa: S101 (a delegation in effect has an administrator)
    if not enabled or account_id == delegation.administrator_id:
        return
    member = Member(account_id, "CREATED")
    inspector_of(delegation.administrator_id, call.region).members[account_id] = member
    _associate(delegation.administrator_id, member, call.partition, call.region)
    if member.status == "ASSOCIATED":
        turn_on(account_id, call.region, [one for one in enabled if one not in missing_in(call.region)])
