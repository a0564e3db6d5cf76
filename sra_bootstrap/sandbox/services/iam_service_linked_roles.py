"""AWS IAM: roles that are linked to a service. All other operations are moto's."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moto.iam.models import Role, iam_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, Time, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.iam_service_linked_role_names import NAMES, TAKES_SUFFIX
from sra_bootstrap.sandbox.settings import Rules

Usage = dict[str, list[str]]
"""The ARNs of what uses a role, by region."""

_USES: dict[str, Callable[[str, str], Usage]] = {}
"""What tells, by service principal, what in an account uses a role; it is given the account's id and the role's ARN."""


@dataclass
class Deletion:
    """That a role is to be deleted: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletionTaskFailureReasonType.html."""

    role_name: str
    status: str = "IN_PROGRESS"
    usage: Usage = field(default_factory=dict)


@dataclass
class Linked:
    """The roles of services in an account: when each was made, by its ARN, and the deletion tasks by their ids."""

    made: dict[str, float] = field(default_factory=dict)
    tasks: dict[str, Deletion] = field(default_factory=dict)


def tells_usage(principal: str) -> Callable[[Callable[[str, str], Usage]], Callable[[str, str], Usage]]:
    """Register what tells of the use that a service makes of its role."""

    def register(tell: Callable[[str, str], Usage]) -> Callable[[str, str], Usage]:
        _USES[principal] = tell
        return tell

    return register


def invalid(message: str) -> AwsFault:
    """How IAM answers what cannot be."""
    return AwsFault("InvalidInput", message)


def _roles(account_id: str, partition: str) -> dict[str, Any]:
    return {role.name: role for role in iam_backends[account_id][partition].get_roles()}


def role_arn(account_id: str, partition: str, principal: str) -> str:
    """The ARN that the role of a service has in an account, or would have."""
    return f"arn:{partition}:iam::{account_id}:role/aws-service-role/{principal}/{NAMES[principal]}"


def exists(account_id: str, partition: str, arn: str) -> bool:
    """Whether there is a role of an ARN in an account."""
    return any(role.arn == arn for role in _roles(account_id, partition).values())


def assumable(account_id: str, partition: str, arn: str) -> bool:
    """Whether a service can assume a role already.

    What is new in IAM is not at once known everywhere:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency.
    """
    made = store.state(Linked, account_id, partition).made.get(arn, -math.inf)
    return Time.clock.now() >= made + Rules.settings.service_linked_role_seconds


def ensure(account_id: str, partition: str, principal: str, description: str = "", suffix: str = "") -> Role:
    """The role of a service in an account, which is made where there is none."""
    name = f"{NAMES[principal]}_{suffix}" if suffix else NAMES[principal]
    found = _roles(account_id, partition).get(name)
    if found is not None:
        return found
    statement = {"Effect": "Allow", "Principal": {"Service": [principal]}, "Action": ["sts:AssumeRole"]}
    role = iam_backends[account_id][partition].create_role(
        name,
        json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        f"/aws-service-role/{principal}/",
        permissions_boundary=None,
        description=description,
        tags=[],
        max_session_duration="3600",
        linked_service=principal,
    )
    store.state(Linked, account_id, partition).made[role.arn] = Time.clock.now()
    return role


@operation("iam", "CreateServiceLinkedRole")
def create_service_linked_role(
    call: Call, AWSServiceName: str, Description: str = "", CustomSuffix: str = ""
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html.

    The text for the second time: https://github.com/DataDog/pathfinding-labs/issues/23. "Some services do not support
    the CustomSuffix parameter"; the text for that is guessed.

    Raises:
        AwsFault: the account has the role; or the service takes no suffix.
        NotImplementedError: how the service calls its role is not known.
    """
    if AWSServiceName not in NAMES:
        raise NotImplementedError(f"the service principal {AWSServiceName}")
    if CustomSuffix and AWSServiceName not in TAKES_SUFFIX:
        raise invalid(f"Custom suffix is not allowed for {AWSServiceName}")
    name = f"{NAMES[AWSServiceName]}_{CustomSuffix}" if CustomSuffix else NAMES[AWSServiceName]
    if name in _roles(call.account_id, call.partition):
        raise invalid(f"Service role name {name} has been taken in this account, please try a different suffix.")
    return {"Role": ensure(call.account_id, call.partition, AWSServiceName, Description, CustomSuffix)}


@operation("iam", "DeleteServiceLinkedRole")
def delete_service_linked_role(call: Call, RoleName: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html.

    "If you call this operation more than once for the same service-linked role and an earlier deletion task is not
    complete, then the DeletionTaskId of the earlier request is returned". How long one takes is guessed.

    Raises:
        AwsFault: there is no such role, or it is linked to no service.
    """
    role = _roles(call.account_id, call.partition).get(RoleName)
    if role is None:
        raise AwsFault("NoSuchEntity", f"The role with name {RoleName} cannot be found.")
    principal = _linked_to(role)
    if principal is None:
        raise invalid(f"The role with name {RoleName} is not a service-linked role.")
    tasks = call.state(Linked, region=call.partition).tasks
    for task_id, task in tasks.items():
        if task.role_name == RoleName and task.status == "IN_PROGRESS":
            return {"DeletionTaskId": task_id}
    task_id = f"task/aws-service-role/{principal}/{RoleName}/{mock_random.uuid4()}"
    tasks[task_id] = Deletion(RoleName)
    later(Rules.settings.enabling_seconds, partial(_delete, call.account_id, call.partition, task_id))
    return {"DeletionTaskId": task_id}


def _linked_to(role: Any) -> str | None:
    path = str(role.path or "")
    return path.split("/")[2] if path.startswith("/aws-service-role/") else None


def _delete(account_id: str, partition: str, task_id: str, at: float) -> None:
    """Delete a role that its service has no more use for.

    "If you submit a deletion request for a service-linked role whose linked service is still accessing a resource, then
    the deletion task fails", as the page of DeleteServiceLinkedRole says.
    """
    task = store.state(Linked, account_id, partition).tasks[task_id]
    role = _roles(account_id, partition).get(task.role_name)
    tell = _USES.get(_linked_to(role) or "")
    task.usage = tell(account_id, role.arn) if role is not None and tell is not None else {}
    if role is not None and not task.usage:
        iam_backends[account_id][partition].delete_role(task.role_name)
    task.status = "FAILED" if task.usage else "SUCCEEDED"


@operation("iam", "GetServiceLinkedRoleDeletionStatus")
def get_service_linked_role_deletion_status(call: Call, DeletionTaskId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html.

    Raises:
        AwsFault: there is no such task.
    """
    task = call.state(Linked, region=call.partition).tasks.get(DeletionTaskId)
    if task is None:
        raise AwsFault("NoSuchEntity", f"The deletion task {DeletionTaskId} cannot be found.")
    if task.status != "FAILED":
        return {"Status": task.status}
    usage = [{"Region": region, "Resources": arns} for region, arns in task.usage.items()]
    return {"Status": task.status, "Reason": {"Reason": "The role is in use.", "RoleUsageList": usage}}


_PROTECTED: Iterable[str] = (
    *("DeleteRole", "UpdateRole", "UpdateAssumeRolePolicy", "PutRolePermissionsBoundary"),
    *("PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy"),
)


@check("iam", *_PROTECTED)
def a_role_of_a_service_is_its_own(call: Call, RoleName: str, **_: Any) -> None:
    """What of IAM changes no service-linked role: the error UnmodifiableEntity of each of the operations.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html

    Raises:
        AwsFault: the role is linked to a service.
    """
    role = _roles(call.account_id, call.partition).get(RoleName)
    if role is not None and _linked_to(role) is not None:
        text = f"Cannot perform the operation on the protected role '{RoleName}' - this role is only modifiable by AWS"
        raise AwsFault("UnmodifiableEntity", text)
