"""AWS IAM Identity Center: who may sign in to which account with which permission set."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.identity_center import (
    Assignment,
    Center,
    PermissionSet,
    Request,
    absent,
    conflict,
    denied,
    invalid,
    managed,
    paged,
    set_of,
)
from sra_bootstrap.sandbox.services.identity_store import groups_of
from sra_bootstrap.sandbox.settings import Rules

_OUTSTANDING = 10
"""How many assignments may be on their way at a time.

https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html; that the next is a conflict was seen in
https://github.com/aws-samples/assignment-automation-4-aws-sso/pull/8.
"""


def lacking(one: PermissionSet, account_id: str, partition: str) -> str | None:
    """Why a permission set cannot be provisioned in an account, or None: all policies that it refers to must be there.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html; the text is guessed.
    """
    referred = [*one.customer_managed, *((one.boundary or {}).get(key) for key in ("CustomerManagedPolicyReference",))]
    there = iam_backends[account_id][partition].managed_policies
    for reference in filter(None, referred):
        arn = f"arn:{partition}:iam::{account_id}:policy{reference['Path']}{reference['Name']}"
        if arn not in there:
            return f"Received a 404 status error: Policy {arn} does not exist or is not attachable."
    return None


def begin(center: Center, kind: str, about: dict[str, Any], end: Callable[[Request], None]) -> Request:
    """Answer with what is IN_PROGRESS, and end it later."""
    request = Request(str(mock_random.uuid4()), kind, about)
    center.requests[request.id] = request
    later(Rules.settings.enabling_seconds, lambda _: end(request))
    return request


def told(request: Request) -> dict[str, Any]:
    """The status of a request."""
    status = {"Status": request.status, "RequestId": request.id, "CreatedDate": request.created, **request.about}
    return {**status, "FailureReason": request.reason} if request.reason else status


def request_of(center: Center, kind: str, request_id: str) -> Request:
    """A request of a kind.

    Raises:
        AwsFault: there is none such.
    """
    request = center.requests.get(request_id)
    if request is None or request.kind != kind:
        raise absent(f"the request {request_id}")
    return request


def requests_of(center: Center, kind: str, wanted: dict[str, str] | None) -> list[dict[str, Any]]:
    """The requests of a kind in short, or those of a status."""
    status = (wanted or {}).get("Status")
    return [
        {"Status": request.status, "RequestId": request.id, "CreatedDate": request.created}
        for request in center.requests.values()
        if request.kind == kind and status in {None, request.status}
    ]


def _asked(call: Call, center: Center, assignment: Assignment) -> dict[str, Any]:
    """Whether an assignment may be changed, and how its status names it.

    Raises:
        AwsFault: it may not, or there are too many on their way.
    """
    set_of(call, center, assignment.permission_set, change=True)
    if assignment.account == center.management and call.account_id != center.management:
        raise denied(call, "only the management account assigns access to itself")
    about = {
        "TargetId": assignment.account,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": assignment.permission_set,
        "PrincipalType": assignment.principal_type,
        "PrincipalId": assignment.principal,
    }
    under_way = [one for one in center.requests.values() if one.kind != "provision" and one.status == "IN_PROGRESS"]
    if any(one.about == about for one in under_way):
        raise conflict("The same assignment is being changed.")
    if len(under_way) >= _OUTSTANDING:
        raise conflict("There are too many assignments in progress.")
    return about


@operation("sso-admin", "CreateAccountAssignment")
def create_account_assignment(
    call: Call,
    *,
    InstanceArn: str,
    TargetId: str,
    TargetType: str,
    PermissionSetArn: str,
    PrincipalType: str,
    PrincipalId: str,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html.

    Its permission set is provisioned with it. That one that is there succeeds again is guessed.

    Raises:
        AwsFault: there is no such group or account, or the caller may not.
    """
    center = managed(call, InstanceArn)
    assignment = Assignment(TargetId, PermissionSetArn, PrincipalType, PrincipalId)
    about = _asked(call, center, assignment)
    if PrincipalType == "GROUP" and PrincipalId not in groups_of(center):
        raise absent(f"the group {PrincipalId}")
    if TargetId not in membership.active_accounts(call.account_id):
        raise invalid(f"The account {TargetId} is not an active account of the organization.")
    end = partial(_assign, center, assignment, call.partition)
    return {"AccountAssignmentCreationStatus": told(begin(center, "create", about, end))}


def _assign(center: Center, assignment: Assignment, partition: str, request: Request) -> None:
    one = center.sets.get(assignment.permission_set)
    reason = "The permission set is gone." if one is None else lacking(one, assignment.account, partition)
    if one is None or reason is not None:
        request.status, request.reason = "FAILED", reason or ""
        return
    request.status = "SUCCEEDED"
    one.provisioned.setdefault(assignment.account, one.version)
    if assignment not in center.assignments:
        center.assignments.append(assignment)


@operation("sso-admin", "DeleteAccountAssignment")
def delete_account_assignment(
    call: Call,
    *,
    InstanceArn: str,
    TargetId: str,
    TargetType: str,
    PermissionSetArn: str,
    PrincipalType: str,
    PrincipalId: str,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteAccountAssignment.html.

    Which error there is of one that is not there is guessed.

    Raises:
        AwsFault: it is not there, or the caller may not.
    """
    center = managed(call, InstanceArn)
    assignment = Assignment(TargetId, PermissionSetArn, PrincipalType, PrincipalId)
    about = _asked(call, center, assignment)
    if assignment not in center.assignments:
        raise absent("the assignment")
    return {
        "AccountAssignmentDeletionStatus": told(begin(center, "delete", about, partial(_unassign, center, assignment)))
    }


def _unassign(center: Center, assignment: Assignment, request: Request) -> None:
    request.status = "SUCCEEDED"
    center.assignments.remove(assignment)
    others = [(one.account, one.permission_set) for one in center.assignments]
    if (assignment.account, assignment.permission_set) not in others:
        center.sets[assignment.permission_set].provisioned.pop(assignment.account, None)


@operation("sso-admin", "DescribeAccountAssignmentCreationStatus")
def describe_creation(call: Call, InstanceArn: str, AccountAssignmentCreationRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeAccountAssignmentCreationStatus.html."""
    request = request_of(managed(call, InstanceArn), "create", AccountAssignmentCreationRequestId)
    return {"AccountAssignmentCreationStatus": told(request)}


@operation("sso-admin", "DescribeAccountAssignmentDeletionStatus")
def describe_deletion(call: Call, InstanceArn: str, AccountAssignmentDeletionRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeAccountAssignmentDeletionStatus.html."""
    request = request_of(managed(call, InstanceArn), "delete", AccountAssignmentDeletionRequestId)
    return {"AccountAssignmentDeletionStatus": told(request)}


@operation("sso-admin", "ListAccountAssignmentCreationStatus")
def list_creations(
    call: Call,
    InstanceArn: str,
    MaxResults: int | None = None,
    NextToken: str | None = None,
    Filter: dict[str, str] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentCreationStatus.html."""
    found = requests_of(managed(call, InstanceArn), "create", Filter)
    return paged("AccountAssignmentsCreationStatus", found, MaxResults, NextToken)


@operation("sso-admin", "ListAccountAssignmentDeletionStatus")
def list_deletions(
    call: Call,
    InstanceArn: str,
    MaxResults: int | None = None,
    NextToken: str | None = None,
    Filter: dict[str, str] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentDeletionStatus.html."""
    found = requests_of(managed(call, InstanceArn), "delete", Filter)
    return paged("AccountAssignmentsDeletionStatus", found, MaxResults, NextToken)


def _described(assignment: Assignment) -> dict[str, str]:
    return {
        "AccountId": assignment.account,
        "PermissionSetArn": assignment.permission_set,
        "PrincipalType": assignment.principal_type,
        "PrincipalId": assignment.principal,
    }


@operation("sso-admin", "ListAccountAssignments")
def list_account_assignments(
    call: Call,
    *,
    InstanceArn: str,
    AccountId: str,
    PermissionSetArn: str,
    MaxResults: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignments.html."""
    center = managed(call, InstanceArn)
    set_of(call, center, PermissionSetArn)
    wanted = (AccountId, PermissionSetArn)
    found = [_described(one) for one in center.assignments if (one.account, one.permission_set) == wanted]
    return paged("AccountAssignments", found, MaxResults, NextToken)


@operation("sso-admin", "ListAccountAssignmentsForPrincipal")
def list_account_assignments_for_principal(
    call: Call,
    *,
    InstanceArn: str,
    PrincipalId: str,
    PrincipalType: str,
    Filter: dict[str, str] | None = None,
    MaxResults: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html.

    Those that a user has by a group are not told.

    Raises:
        AwsFault: the caller is not the management account.
    """
    center = managed(call, InstanceArn)
    if call.account_id != center.management:
        raise denied(call, "it must be called from the management account")
    account_id = (Filter or {}).get("AccountId")
    principal = (PrincipalType, PrincipalId)
    found = [
        _described(one)
        for one in center.assignments
        if (one.principal_type, one.principal) == principal and account_id in {None, one.account}
    ]
    return paged("AccountAssignments", found, MaxResults, NextToken)
