"""AWS Compute Optimizer: which accounts are enrolled; moto lacks the service."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, add_service, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.settings import Rules

add_service("compute-optimizer")

PRINCIPAL = "compute-optimizer.amazonaws.com"


@dataclass
class Enrollment:
    """How an account is enrolled, in all regions; and, of a management account, whether its members are."""

    status: str = "Inactive"
    members: bool = False
    changed: float | None = None


def _of(account_id: str, partition: str) -> Enrollment:
    return store.state(Enrollment, account_id, partition)


def _manages(call: Call) -> bool:
    return membership.management_account_of(call.account_id) == call.account_id


def _enrolled_members(call: Call) -> list[str]:
    others = [account_id for account_id in membership.active_accounts(call.account_id) if account_id != call.account_id]
    return [account_id for account_id in others if _of(account_id, call.partition).status == "Active"]


@operation("compute-optimizer", "GetEnrollmentStatus")
def get_enrollment_status(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/compute-optimizer/latest/APIReference/API_GetEnrollmentStatus.html."""
    own = _of(call.account_id, call.partition)
    answer: dict[str, Any] = {"status": own.status, "memberAccountsEnrolled": own.members}
    if own.changed is not None:
        answer["lastUpdatedTimestamp"] = moment(own.changed)
    if _manages(call):
        answer["numberOfMemberAccountsOptedIn"] = len(_enrolled_members(call))
    return answer


@operation("compute-optimizer", "GetEnrollmentStatusesForOrganization")
def get_enrollment_statuses_for_organization(
    call: Call, filters: list[dict[str, Any]] | None = None, nextToken: str | None = None, maxResults: int = 100
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/compute-optimizer/latest/APIReference/API_GetEnrollmentStatusesForOrganization.html."""
    if not _manages(call):
        raise AwsFault("AccessDeniedException", "Only the management account can see the organization's enrollment.")
    wanted = {value for one in filters or () for value in one.get("values", ())}
    statuses = [
        {"accountId": account_id, "status": _of(account_id, call.partition).status}
        for account_id in membership.active_accounts(call.account_id)
        if account_id != call.account_id and (not wanted or _of(account_id, call.partition).status in wanted)
    ]
    refusal = AwsFault("InvalidParameterValueException", "The nextToken is not valid.")
    found, following = page(statuses, maxResults, nextToken, refusal)
    return {"accountEnrollmentStatuses": found, **({} if following is None else {"nextToken": following})}


@operation("compute-optimizer", "UpdateEnrollmentStatus")
def update_enrollment_status(call: Call, *, status: str, includeMemberAccounts: bool = False) -> dict[str, str]:
    """https://docs.aws.amazon.com/compute-optimizer/latest/APIReference/API_UpdateEnrollmentStatus.html.

    "An account might show a status of Pending because member accounts of an organization require more time to be
    enrolled"; how long is guessed. It makes a role in each account that is enrolled. Members that the request does not
    name stay as they are: https://github.com/hashicorp/terraform-provider-aws/pull/48745. That trusted access is given
    with the members: https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-compute-optimizer.html.
    With which error a member's request for members is refused is guessed.

    Raises:
        AwsFault: the status is not one to ask for, or members are asked for by who has none.
    """
    if status not in {"Active", "Inactive"}:
        raise AwsFault("InvalidParameterValueException", f"The status {status} cannot be used.")
    if includeMemberAccounts and not _manages(call):
        raise AwsFault("InvalidParameterValueException", "Only a management account can include member accounts.")
    own = _of(call.account_id, call.partition)
    accounts = [call.account_id]
    if includeMemberAccounts:
        membership.trust(call.account_id, PRINCIPAL)
        accounts = membership.active_accounts(call.account_id)
        own.members = status == "Active"
    own.status = "Pending" if status == "Active" and includeMemberAccounts else status
    later(Rules.settings.enabling_seconds, partial(_enrol, accounts, call.partition, status))
    return {"status": own.status}


def _enrol(accounts: list[str], partition: str, status: str, at: float) -> None:
    for account_id in accounts:
        enrollment = _of(account_id, partition)
        enrollment.status, enrollment.changed = status, at
        if status == "Active":
            ensure(account_id, partition, PRINCIPAL)
