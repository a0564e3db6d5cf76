"""AWS Security Hub CSPM: the member accounts of an administrator, and the administrator of a member."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.securityhub import (
    Member,
    denied,
    hub_of,
    securityhub_of,
    timestamp,
)
from sra_bootstrap.sandbox.services.securityhub_administrator import administrator_of, invalid
from sra_bootstrap.sandbox.services.securityhub_catalogue import DEFAULT_STANDARDS
from sra_bootstrap.sandbox.services.securityhub_enrolment import auto_enable_of, enrol, obstacle
from sra_bootstrap.sandbox.services.securityhub_standards import BAD_TOKEN

Unprocessed = list[dict[str, str]]


def _unprocessed(account_id: str, reason: str) -> dict[str, str]:
    return {"AccountId": account_id, "ProcessingResult": reason}


def _describe(call: Call, member: Member) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Member.html."""
    description = {
        "AccountId": member.account_id,
        "Email": member.email,
        "MasterId": call.account_id,
        "AdministratorId": call.account_id,
        "MemberStatus": member.status,
        "UpdatedAt": timestamp(member.updated),
    }
    return {key: value for key, value in description.items() if value is not None}


@operation("securityhub", "CreateMembers")
def create_members(call: Call, AccountDetails: list[dict[str, str]]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html.

    The administrator of an organization adds its accounts: "If the organization account does not have Security Hub CSPM
    enabled, then Security Hub CSPM and the default standards are automatically enabled". That AutoEnableStandards NONE
    keeps the standards out is in the comments of AWS's own example code:
    https://github.com/aws-samples/aws-security-reference-architecture-examples. Any other account must be invited.

    Raises:
        AwsFault: there are more than 50 accounts.
    """
    hub_of(call)
    if not 1 <= len(AccountDetails) <= 50:
        raise invalid("AccountDetails must have 1 to 50 items.")
    unprocessed = []
    for details in AccountDetails:
        reason = _add(call, details["AccountId"], details.get("Email"))
        if reason is not None:
            unprocessed.append(_unprocessed(details["AccountId"], reason))
    return {"UnprocessedAccounts": unprocessed}


def _add(call: Call, account_id: str, email: str | None) -> str | None:
    management_id = membership.management_account_of(call.account_id)
    members = securityhub_of(call.account_id, call.region).members
    if account_id == call.account_id:
        return "The administrator account cannot be its own member"
    administers = administrator_of(call.account_id, call.region) == call.account_id
    if administers and management_id is not None and membership.management_account_of(account_id) == management_id:
        reason = obstacle(call.account_id, account_id, call.partition, call.region)
        if reason is None and not _is_associated(members.get(account_id)):
            wanted = auto_enable_of(management_id, call.region).standards == "DEFAULT"
            enrol(call.account_id, account_id, call.region, *(DEFAULT_STANDARDS if wanted else ()))
        return reason
    if account_id not in members:
        members[account_id] = Member(account_id, "Created", email)
    return None


def _is_associated(member: Member | None) -> bool:
    return member is not None and member.status == "Enabled"


@operation("securityhub", "ListMembers")
def list_members(
    call: Call, *, MaxResults: int = 50, NextToken: str | None = None, OnlyAssociated: bool = True
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListMembers.html.

    What it answers where Security Hub is off is in no model; https://github.com/awslabs/sra-verify has seen it.
    """
    if securityhub_of(call.account_id, call.region).hub is None:
        raise AwsFault("BadRequestException", "The request is rejected since no such resource found.")
    if not 1 <= MaxResults <= 50:
        raise invalid("Invalid parameter 'MaxResults'.")
    members = securityhub_of(call.account_id, call.region).members.values()
    chosen = [member for member in members if not OnlyAssociated or _is_associated(member)]
    found, following = page(chosen, MaxResults, NextToken, BAD_TOKEN)
    answer: dict[str, Any] = {"Members": [_describe(call, member) for member in found]}
    return answer if following is None else answer | {"NextToken": following}


@operation("securityhub", "GetMembers")
def get_members(call: Call, AccountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetMembers.html."""
    hub_of(call)
    members = securityhub_of(call.account_id, call.region).members
    return {
        "Members": [_describe(call, members[one]) for one in AccountIds if one in members],
        "UnprocessedAccounts": [_unprocessed(one, "Not a member") for one in AccountIds if one not in members],
    }


@operation("securityhub", "DisassociateMembers")
def disassociate_members(call: Call, AccountIds: list[str]) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisassociateMembers.html.

    What is none of the caller's members is passed over, which is guessed: the operation has no way of saying so.

    Raises:
        AwsFault: a configuration policy decides over one of them.
    """
    hub_of(call)
    members = securityhub_of(call.account_id, call.region).members
    if any(securityhub_of(account_id, call.region).centrally_managed for account_id in AccountIds):
        raise denied("Centrally managed accounts cannot be disassociated.")
    for account_id in AccountIds:
        if _is_associated(members.get(account_id)):
            members[account_id].status, members[account_id].updated = "Removed", moment()
            securityhub_of(account_id, call.region).administrator_id = None


@operation("securityhub", "DeleteMembers")
def delete_members(call: Call, AccountIds: list[str]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DeleteMembers.html.

    Only "accounts that became members through invitation", not "accounts that belong to an Organizations organization".
    """
    hub_of(call)
    members = securityhub_of(call.account_id, call.region).members
    organization = set(membership.active_accounts(call.account_id))
    refused = [one for one in AccountIds if one not in members or one in organization or _is_associated(members[one])]
    for account_id in set(AccountIds) - set(refused):
        del members[account_id]
    return {"UnprocessedAccounts": [_unprocessed(one, "The account cannot be deleted") for one in refused]}


def _administrator(call: Call) -> dict[str, str] | None:
    hub_of(call)
    administrator_id = securityhub_of(call.account_id, call.region).administrator_id
    if administrator_id is None:
        return None
    member = securityhub_of(administrator_id, call.region).members[call.account_id]
    return {"AccountId": administrator_id, "MemberStatus": member.status, "InvitedAt": timestamp(member.updated)}


@operation("securityhub", "GetAdministratorAccount")
def get_administrator_account(call: Call) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetAdministratorAccount.html."""
    administrator = _administrator(call)
    return {} if administrator is None else {"Administrator": administrator}


@operation("securityhub", "GetMasterAccount")
def get_master_account(call: Call) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetMasterAccount.html."""
    administrator = _administrator(call)
    return {} if administrator is None else {"Master": administrator}


@operation("securityhub", "DisassociateFromAdministratorAccount")
def disassociate_from_administrator_account(call: Call) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisassociateFromAdministratorAccount.html.

    "This operation is only used by accounts that are not part of an organization."

    Raises:
        AwsFault: always, for those are not in the sandbox.
    """
    hub_of(call)
    raise invalid("Accounts of an organization cannot disassociate from their administrator account.")
