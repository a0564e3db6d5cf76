"""Amazon Detective: the member accounts of a behavior graph, as its administrator manages them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.detective import (
    Graph,
    Member,
    absent,
    conflict,
    invalid,
    leave,
    listed,
    owned,
)
from sra_bootstrap.sandbox.services.detective_enrolment import ALREADY, MOST_MEMBERS, enrol, invite, obstacle, settle
from sra_bootstrap.sandbox.services.detective_organization import is_organizations

_BATCH = 50
"""How many accounts a call takes: https://docs.aws.amazon.com/detective/latest/APIReference/API_CreateMembers.html"""


def _batch(items: Sequence[Any]) -> None:
    if len(items) > _BATCH:
        raise invalid()


def describe(graph: Graph, member: Member) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_MemberDetail.html."""
    description = {
        "AccountId": member.account_id,
        "EmailAddress": member.email,
        "GraphArn": graph.arn,
        "MasterId": graph.administrator_id,
        "AdministratorId": graph.administrator_id,
        "Status": member.status,
        "DisabledReason": member.disabled_reason,
        "InvitedTime": member.invited,
        "UpdatedTime": member.updated,
        "InvitationType": member.by,
        "DatasourcePackageIngestStates": {name: package.state for name, package in graph.packages.items()},
    }
    return {key: value for key, value in description.items() if value is not None}


def _unprocessed(account_id: str, reason: str) -> dict[str, str]:
    return {"AccountId": account_id, "Reason": reason}


def _chosen(graph: Graph, account_ids: Sequence[str]) -> tuple[list[Member], list[dict[str, str]]]:
    """The members among the accounts, and why the others are none; the reason is guessed."""
    _batch(account_ids)
    chosen = [graph.members[account_id] for account_id in account_ids if account_id in graph.members]
    others = [account_id for account_id in account_ids if account_id not in graph.members]
    return chosen, [_unprocessed(account_id, "Account is not a member") for account_id in others]


@operation("detective", "CreateMembers")
def create_members(
    call: Call,
    *,
    GraphArn: str,
    Accounts: list[dict[str, str]],
    Message: str | None = None,
    DisableEmailNotification: bool = False,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_CreateMembers.html.

    It enables accounts of the organization in the organization's graph, and invites all others.

    Raises:
        AwsFault: there are more than 50 accounts, or the graph would have more than 1,200 members.
    """
    graph = owned(call, GraphArn)
    _batch(Accounts)
    ours = is_organizations(call, graph)
    if len({*graph.members, *(account["AccountId"] for account in Accounts)}) > MOST_MEMBERS:
        text = "A behavior graph cannot have more than 1,200 member accounts."
        raise AwsFault("ServiceQuotaExceededException", text, Resources=["member"])
    organization_id = membership.management_account_of(call.account_id)
    members, unprocessed = [], []
    for account in Accounts:
        account_id, email = account["AccountId"], account["EmailAddress"]
        if ours and membership.management_account_of(account_id) == organization_id:
            reason = obstacle(graph, account_id, call.partition, call.region)
            join = enrol
        else:
            reason = ALREADY if account_id in graph.members else None
            join = invite
        if reason is None:
            members.append(describe(graph, join(graph, account_id, email, call.region)))
        else:
            unprocessed.append(_unprocessed(account_id, reason))
    return {"Members": members, "UnprocessedAccounts": unprocessed}


@operation("detective", "ListMembers")
def list_members(
    call: Call, GraphArn: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListMembers.html."""
    graph = owned(call, GraphArn)
    details = [describe(graph, member) for member in graph.members.values()]
    return listed("MemberDetails", details, MaxResults, NextToken)


@operation("detective", "GetMembers")
def get_members(call: Call, GraphArn: str, AccountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_GetMembers.html."""
    graph = owned(call, GraphArn)
    chosen, unprocessed = _chosen(graph, AccountIds)
    return {"MemberDetails": [describe(graph, member) for member in chosen], "UnprocessedAccounts": unprocessed}


@operation("detective", "DeleteMembers")
def delete_members(call: Call, GraphArn: str, AccountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_DeleteMembers.html."""
    graph = owned(call, GraphArn)
    chosen, unprocessed = _chosen(graph, AccountIds)
    for member in chosen:
        leave(graph, member.account_id, call.region)
    return {"AccountIds": [member.account_id for member in chosen], "UnprocessedAccounts": unprocessed}


@operation("detective", "StartMonitoringMember")
def start_monitoring_member(call: Call, GraphArn: str, AccountId: str) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_StartMonitoringMember.html.

    A member that cannot be enabled stays as it is, and that is no error.

    Raises:
        AwsFault: the account is no member, or is not ACCEPTED_BUT_DISABLED.
    """
    member = owned(call, GraphArn).members.get(AccountId)
    if member is None:
        raise absent()
    if member.status != "ACCEPTED_BUT_DISABLED":
        raise conflict()
    settle(member)
