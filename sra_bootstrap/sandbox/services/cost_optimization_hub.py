"""AWS Cost Optimization Hub: which accounts are enrolled; moto lacks the service, which is in one region only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, add_service, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure

add_service("cost-optimization-hub")

PRINCIPAL = "cost-optimization-hub.bcm.amazonaws.com"


@dataclass
class Enrollment:
    """How an account is enrolled; and, of a management account, whether its members are."""

    status: str = "Inactive"
    members: bool = False
    created: datetime | None = None
    changed: datetime | None = None


def _of(account_id: str, partition: str) -> Enrollment:
    return store.state(Enrollment, account_id, partition)


def _leads(call: Call) -> bool:
    """Whether the caller is the management account, or administers the hub."""
    leaders = [membership.management_account_of(call.account_id)]
    return call.account_id in {*leaders, *membership.administrators(call.account_id, PRINCIPAL)}


def _described(account_id: str, partition: str) -> dict[str, Any]:
    found = _of(account_id, partition)
    times = {"createdTimestamp": found.created, "lastUpdatedTimestamp": found.changed}
    return {"accountId": account_id, "status": found.status, **{k: v for k, v in times.items() if v is not None}}


@operation("cost-optimization-hub", "ListEnrollmentStatuses")
def list_enrollment_statuses(
    call: Call,
    *,
    includeOrganizationInfo: bool = False,
    accountId: str | None = None,
    nextToken: str | None = None,
    maxResults: int = 100,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CostOptimizationHub_ListEnrollmentStatuses.html.

    That an account which was never enrolled is listed as inactive is guessed.

    Raises:
        AwsFault: the caller asks for others, and may not.
    """
    if (includeOrganizationInfo or accountId not in {None, call.account_id}) and not _leads(call):
        raise AwsFault("AccessDeniedException", "You are not authorized to use this operation with these parameters.")
    accounts = [accountId or call.account_id]
    if includeOrganizationInfo:
        accounts = membership.active_accounts(call.account_id)
    refusal = AwsFault("ValidationException", "The nextToken is not valid.")
    items, following = page([_described(one, call.partition) for one in accounts], maxResults, nextToken, refusal)
    answer = {"items": items, "includeMemberAccounts": _of(call.account_id, call.partition).members}
    return answer if following is None else {**answer, "nextToken": following}


@operation("cost-optimization-hub", "UpdateEnrollmentStatus")
def update_enrollment_status(call: Call, *, status: str, includeMemberAccounts: bool = False) -> dict[str, str]:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CostOptimizationHub_UpdateEnrollmentStatus.html.

    It makes a role in each account that is enrolled. That members need trusted access before, and the errors, are
    guessed.

    Raises:
        AwsFault: members are asked for by who may not, or before the hub is trusted.
    """
    accounts = [call.account_id]
    if includeMemberAccounts:
        if not _leads(call):
            text = "You are not authorized to use this operation with these parameters."
            raise AwsFault("AccessDeniedException", text)
        if not membership.trusts(call.account_id, PRINCIPAL):
            raise AwsFault("ValidationException", "Trusted access is not enabled.")
        accounts = membership.active_accounts(call.account_id)
        _of(call.account_id, call.partition).members = status == "Active"
    for account_id in accounts:
        found = _of(account_id, call.partition)
        found.status, found.changed = status, moment()
        found.created = found.created or found.changed
        if status == "Active":
            ensure(account_id, call.partition, PRINCIPAL)
    return {"status": status}
