"""The smallest IAM policies that the caller needs, from what the steps declare.

What happens in a member account is done by the cross-account role, which the caller only has to be able to assume.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sra_bootstrap.aws import partition_of
from sra_bootstrap.aws.lock_bucket import LOCK_ACTIONS, PREFIX
from sra_bootstrap.org import Org
from sra_bootstrap.step import AnyStep
from sra_bootstrap.survey import READS

LARGEST = 6144
"""How many characters a managed policy may have, white space not counted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_SERVICE_LINKED_ROLES = "iam:CreateServiceLinkedRole"
_ROOT_SESSIONS = "sts:AssumeRoot"
_CREDENTIALS_TASK = "IAMDeleteRootUserCredentials"


def caller_actions(steps: Iterable[AnyStep], *, writes: bool) -> frozenset[str]:
    """The IAM actions that the caller needs in the management account: for planning, or for applying too."""
    steps = tuple(steps)
    actions = READS.union(*(step.reads - step.in_members for step in steps))
    if writes:
        actions = actions.union(*((step.writes - step.in_members) | step.implied for step in steps))
    return actions


def policies(steps: Iterable[AnyStep], org: Org, *, writes: bool) -> list[dict[str, Any]]:
    """The policies for planning, or for applying too: one, or several where one would be too large."""
    partition = partition_of(org.home_region)
    actions = caller_actions(steps, writes=writes)
    role = f"arn:{partition}:iam::*:role/{org.role_name}"
    statements: list[dict[str, Any]] = [
        {"Sid": "EnterMembers", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}
    ]
    if _SERVICE_LINKED_ROLES in actions:
        linked = f"arn:{partition}:iam::*:role/aws-service-role/*"
        statements.append(
            {"Sid": "MakeServiceLinkedRoles", "Effect": "Allow", "Action": _SERVICE_LINKED_ROLES, "Resource": linked}
        )
    if _ROOT_SESSIONS in actions:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
        task = f"arn:{partition}:iam::aws:policy/root-task/{_CREDENTIALS_TASK}"
        statements.append(
            {
                "Sid": "DeleteRootCredentials",
                "Effect": "Allow",
                "Action": _ROOT_SESSIONS,
                "Resource": f"arn:{partition}:iam::*:root",
                "Condition": {"StringEquals": {"sts:TaskPolicyArn": task}},
            }
        )
    if writes:
        bucket = f"arn:{partition}:s3:::{PREFIX}*"
        statements.append(
            {"Sid": "Lock", "Effect": "Allow", "Action": sorted(LOCK_ACTIONS), "Resource": [bucket, f"{bucket}/*"]}
        )
    everywhere = sorted(actions - {_SERVICE_LINKED_ROLES, _ROOT_SESSIONS})
    return list(_split(statements, everywhere))


def _split(statements: Sequence[dict[str, Any]], actions: Sequence[str]) -> Iterator[dict[str, Any]]:
    policy = _policy(statements, actions)
    if len(json.dumps(policy, separators=(",", ":"))) <= LARGEST:
        yield policy
    else:
        middle = len(actions) // 2
        yield from _split(statements, actions[:middle])
        yield from _split((), actions[middle:])


def _policy(statements: Sequence[dict[str, Any]], actions: Sequence[str]) -> dict[str, Any]:
    work = {"Sid": "Organization", "Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [*statements, work]}
