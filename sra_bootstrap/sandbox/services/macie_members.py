"""Amazon Macie: the member accounts of an administrator."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.macie import Macie, Member, conflict, enabled, invalid, macie_of
from sra_bootstrap.sandbox.services.macie_enrolment import enrol, obstacle, status_seen
from sra_bootstrap.sandbox.services.macie_organization import PAGE, administered_by, release

_CURRENT = {"Enabled", "Paused"}
"""Who is a member: https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-administer.html."""


def bad_token() -> AwsFault:
    """How Macie answers a token that it has not given; the text is guessed."""
    return invalid("The request failed because the token isn't valid")


def _member(state: Macie, account_id: str) -> Member:
    """The code: https://github.com/hashicorp/terraform-provider-aws, in its macie2 service.

    Raises:
        AwsFault: the account has nothing to do with the caller's.
    """
    if account_id not in state.members:
        raise AwsFault("ResourceNotFoundException", "The request failed because the resource doesn't exist.")
    return state.members[account_id]


def _associated(state: Macie, account_id: str) -> Member:
    """The code and the text: https://github.com/hashicorp/terraform-provider-aws, in its macie2 service.

    Raises:
        AwsFault: Macie is not managed for the account.
    """
    member = _member(state, account_id)
    if not member.associated:
        raise invalid("The request failed because the account is not associated with your account")
    return member


def _describe(call: Call, member: Member) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/members.html: the email is of the invited only."""
    description = {
        "accountId": member.account_id,
        "administratorAccountId": call.account_id,
        "arn": f"arn:{call.partition}:macie2:{call.region}:{call.account_id}:member/{member.account_id}",
        "email": member.email,
        "masterAccountId": call.account_id,
        "relationshipStatus": status_seen(call, member),
        "tags": member.tags,
        "updatedAt": member.updated,
    }
    return {key: value for key, value in description.items() if value is not None}


@operation("macie2", "CreateMember")
def create_member(call: Call, account: dict[str, str], tags: dict[str, str] | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/members.html.

    The administrator of an organization adds its accounts, those too that it has removed before:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-administer.html. Any other account must then be
    invited. The code for an account that is one already is guessed.

    Raises:
        AwsFault: the account is one already, or cannot be.
    """
    state, _ = enabled(call)
    account_id, delegation = account["accountId"], administered_by(call.account_id, call.region)
    own = membership.management_account_of(call.account_id)
    if account_id == call.account_id:
        raise invalid("The request failed because an account can't be associated with itself")
    if delegation is not None and own == membership.management_account_of(account_id):
        refusal = obstacle(call, delegation, account_id)
        if refusal is not None:
            raise refusal
        enrol(delegation, account_id, call.region, tags)
    elif account_id in state.members:
        raise conflict("The request failed because the account is already associated with your account")
    else:
        state.members[account_id] = Member(account_id, "Created", account["email"], tags or {})
    return {"arn": str(_describe(call, state.members[account_id])["arn"])}


@operation("macie2", "GetMember")
def get_member(call: Call, id: str) -> dict[str, Any]:  # noqa: A002 (AWS's name)
    """https://docs.aws.amazon.com/macie/latest/APIReference/members-id.html."""
    state, _ = enabled(call)
    return _describe(call, _member(state, id))


@operation("macie2", "ListMembers")
def list_members(
    call: Call, maxResults: int = PAGE, nextToken: str | None = None, onlyAssociated: str = "true"
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/members.html.

    Whose status is neither Enabled nor Paused is no current member:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-administer.html.

    Raises:
        AwsFault: onlyAssociated is no boolean, in lower case; or the token is none.
    """
    state, _ = enabled(call)
    if onlyAssociated not in {"true", "false"}:
        raise invalid("The request failed because onlyAssociated isn't valid")
    described = [_describe(call, member) for member in state.members.values()]
    if onlyAssociated == "true":
        described = [one for one in described if one["relationshipStatus"] in _CURRENT]
    found, following = page(described, maxResults, nextToken, bad_token())
    return {"members": found} if following is None else {"members": found, "nextToken": following}


@operation("macie2", "DisassociateMember")
def disassociate_member(call: Call, id: str) -> None:  # noqa: A002 (AWS's name)
    """https://docs.aws.amazon.com/macie/latest/APIReference/members-disassociate-id.html.

    Macie stays on in its account: https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html.
    """
    state, _ = enabled(call)
    member = _associated(state, id)
    member.status, member.updated = "Removed", moment()
    release(id, call.region)


@operation("macie2", "DeleteMember")
def delete_member(call: Call, id: str) -> None:  # noqa: A002 (AWS's name)
    """https://docs.aws.amazon.com/macie/latest/APIReference/members-id.html.

    Only once it is disassociated can a member be deleted: the notes below the table in
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-relationships.html. The code is guessed.

    Raises:
        AwsFault: the account is a member, or has nothing to do with the caller's.
    """
    state, _ = enabled(call)
    member = _member(state, id)
    if member.associated:
        raise conflict("The request failed because the account is associated with your account")
    del state.members[id]


@operation("macie2", "UpdateMemberSession")
def update_member_session(call: Call, id: str, status: str) -> None:  # noqa: A002 (AWS's name)
    """https://docs.aws.amazon.com/macie/latest/APIReference/macie-members-id.html.

    Raises:
        AwsFault: the account is no member, or the status is none that there is.
    """
    state, _ = enabled(call)
    member, session = _associated(state, id), macie_of(id, call.region).session
    if status not in {"ENABLED", "PAUSED"} or session is None:
        raise invalid("The request failed because the request contains invalid input")
    session.status, session.updated = status, moment()
    member.status, member.updated = "Enabled" if status == "ENABLED" else "Paused", moment()


def _administrator(call: Call) -> dict[str, str] | None:
    state, _ = enabled(call)
    if state.administrator_id is None:
        return None
    member = macie_of(state.administrator_id, call.region).members[call.account_id]
    return {"accountId": state.administrator_id, "relationshipStatus": member.status}


@operation("macie2", "GetAdministratorAccount")
def get_administrator_account(call: Call) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/administrator.html."""
    administrator = _administrator(call)
    return {} if administrator is None else {"administrator": administrator}


@operation("macie2", "GetMasterAccount")
def get_master_account(call: Call) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/master.html."""
    administrator = _administrator(call)
    return {} if administrator is None else {"master": administrator}


@operation("macie2", "DisassociateFromAdministratorAccount")
@operation("macie2", "DisassociateFromMasterAccount")
def disassociate_from_administrator_account(call: Call) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/administrator-disassociate.html.

    A member through an organization cannot: https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html;
    and invitations, whose members can, are not accepted in the sandbox. The codes and the texts are guessed.

    Raises:
        AwsFault: always, for one of these.
    """
    if _administrator(call) is None:
        raise invalid("The request failed because your account isn't associated with an administrator account")
    raise conflict("The request failed because only the Macie administrator can remove a member account")
