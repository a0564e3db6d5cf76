"""AWS IAM Identity Center: what a permission set says is in an account only once it is provisioned there."""

from __future__ import annotations

from functools import partial
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.identity_center import (
    Center,
    PermissionSet,
    Request,
    conflict,
    denied,
    invalid,
    managed,
    paged,
    set_of,
)
from sra_bootstrap.sandbox.services.identity_center_assignments import begin, lacking, request_of, requests_of, told


@operation("sso-admin", "ProvisionPermissionSet")
def provision_permission_set(
    call: Call, InstanceArn: str, PermissionSetArn: str, TargetType: str, TargetId: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ProvisionPermissionSet.html.

    That one in no account succeeds is what HashiCorp's provider relies on, which asks for it after every change.

    Raises:
        AwsFault: it is not told where, or the caller may not, or it is being provisioned.
    """
    center = managed(call, InstanceArn)
    one = set_of(call, center, PermissionSetArn, change=True)
    if (TargetType == "AWS_ACCOUNT") != (TargetId is not None):
        raise invalid("TargetId is for a TargetType of AWS_ACCOUNT, and required for it.")
    if TargetId == center.management and call.account_id != center.management:
        raise denied(call, "only the management account provisions in itself")
    about = {"PermissionSetArn": one.arn, **({} if TargetId is None else {"AccountId": TargetId})}
    if any(
        request.kind == "provision" and request.status == "IN_PROGRESS" and request.about == about
        for request in center.requests.values()
    ):
        raise conflict("The permission set is being provisioned.")
    accounts = list(one.provisioned) if TargetId is None else [TargetId]
    end = partial(_provision, center, one, accounts, call.partition)
    return {"PermissionSetProvisioningStatus": told(begin(center, "provision", about, end))}


def _provision(center: Center, one: PermissionSet, accounts: list[str], partition: str, request: Request) -> None:
    reasons = {account: lacking(one, account, partition) for account in accounts}
    for account, reason in reasons.items():
        if reason is None:
            one.provisioned[account] = one.version
    failed = [reason for reason in reasons.values() if reason is not None]
    request.status, request.reason = ("FAILED", failed[0]) if failed else ("SUCCEEDED", "")


@operation("sso-admin", "DescribePermissionSetProvisioningStatus")
def describe_provisioning(call: Call, InstanceArn: str, ProvisionPermissionSetRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribePermissionSetProvisioningStatus.html."""
    request = request_of(managed(call, InstanceArn), "provision", ProvisionPermissionSetRequestId)
    return {"PermissionSetProvisioningStatus": told(request)}


@operation("sso-admin", "ListPermissionSetProvisioningStatus")
def list_provisionings(
    call: Call,
    InstanceArn: str,
    MaxResults: int | None = None,
    NextToken: str | None = None,
    Filter: dict[str, str] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListPermissionSetProvisioningStatus.html."""
    found = requests_of(managed(call, InstanceArn), "provision", Filter)
    return paged("PermissionSetsProvisioningStatus", found, MaxResults, NextToken)


def _stands(one: PermissionSet, account_id: str) -> str:
    latest = one.provisioned[account_id] == one.version
    return "LATEST_PERMISSION_SET_PROVISIONED" if latest else "LATEST_PERMISSION_SET_NOT_PROVISIONED"


@operation("sso-admin", "ListAccountsForProvisionedPermissionSet")
def list_accounts(
    call: Call,
    *,
    InstanceArn: str,
    PermissionSetArn: str,
    ProvisioningStatus: str | None = None,
    MaxResults: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountsForProvisionedPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn)
    found = [account for account in one.provisioned if ProvisioningStatus in {None, _stands(one, account)}]
    return paged("AccountIds", found, MaxResults, NextToken)


@operation("sso-admin", "ListPermissionSetsProvisionedToAccount")
def list_permission_sets_of_account(
    call: Call,
    *,
    InstanceArn: str,
    AccountId: str,
    ProvisioningStatus: str | None = None,
    MaxResults: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListPermissionSetsProvisionedToAccount.html."""
    sets = managed(call, InstanceArn).sets.values()
    there = [one for one in sets if AccountId in one.provisioned]
    found = [one.arn for one in there if ProvisioningStatus in {None, _stands(one, AccountId)}]
    return paged("PermissionSets", found, MaxResults, NextToken)
