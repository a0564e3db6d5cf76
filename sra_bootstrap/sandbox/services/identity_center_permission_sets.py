"""AWS IAM Identity Center: permission sets, but for what is attached to them."""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.identity_center import PermissionSet, conflict, managed, paged, set_of

_QUOTA = 2000
"""How many there may be: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html."""


def _described(one: PermissionSet) -> dict[str, Any]:
    described = {
        "Name": one.name,
        "PermissionSetArn": one.arn,
        "Description": one.description,
        "CreatedDate": one.created,
        "SessionDuration": one.session_duration,
        "RelayState": one.relay_state,
    }
    return {key: value for key, value in described.items() if value is not None}


@operation("sso-admin", "CreatePermissionSet")
def create_permission_set(
    call: Call,
    *,
    InstanceArn: str,
    Name: str,
    Description: str | None = None,
    SessionDuration: str = "PT1H",
    RelayState: str | None = None,
    Tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html.

    A name is for one only, as seen in https://github.com/avlcloudtechnologies/terraform-aws-sso/issues/6.

    Raises:
        AwsFault: there is one of this name, or there are as many as there may be.
    """
    center = managed(call, InstanceArn)
    if any(one.name == Name for one in center.sets.values()):
        raise conflict(f"PermissionSet with name {Name} already exists.")
    if len(center.sets) >= _QUOTA:
        raise AwsFault("ServiceQuotaExceededException", "You have exceeded the number of permission sets.")
    arn = f"{center.arn.replace(':instance/', ':permissionSet/')}/ps-{mock_random.get_random_hex(16)}"
    tags = {tag["Key"]: tag["Value"] for tag in Tags or ()}
    center.sets[arn] = PermissionSet(arn, Name, Description, SessionDuration, RelayState, tags)
    return {"PermissionSet": _described(center.sets[arn])}


@operation("sso-admin", "DescribePermissionSet")
def describe_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribePermissionSet.html."""
    return {"PermissionSet": _described(set_of(call, managed(call, InstanceArn), PermissionSetArn))}


@operation("sso-admin", "ListPermissionSets")
def list_permission_sets(
    call: Call, InstanceArn: str, NextToken: str | None = None, MaxResults: int | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListPermissionSets.html."""
    return paged("PermissionSets", list(managed(call, InstanceArn).sets), MaxResults, NextToken)


@operation("sso-admin", "UpdatePermissionSet")
def update_permission_set(
    call: Call,
    *,
    InstanceArn: str,
    PermissionSetArn: str,
    Description: str | None = None,
    SessionDuration: str | None = None,
    RelayState: str | None = None,
) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UpdatePermissionSet.html.

    A relay state that is not sent is cleared, as HashiCorp's provider says of the resource aws_ssoadmin_permission_set;
    that the others stay is guessed.
    """
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    one.description = Description or one.description
    one.session_duration = SessionDuration or one.session_duration
    one.relay_state = RelayState
    one.version += 1


@operation("sso-admin", "DeletePermissionSet")
def delete_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeletePermissionSet.html.

    One that is assigned stays: https://github.com/hashicorp/terraform-provider-aws/issues/26757.

    Raises:
        AwsFault: it is assigned.
    """
    center = managed(call, InstanceArn)
    one = set_of(call, center, PermissionSetArn, change=True)
    if one.provisioned or any(assignment.permission_set == one.arn for assignment in center.assignments):
        raise conflict("Could not delete because PermissionSet has ApplicationProfile associated with it.")
    del center.sets[one.arn]
