"""AWS STS: sessions of a member's root user for one privileged task.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import get_service_model
from moto.sts.models import sts_backends

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.iam_root_access import CREDENTIALS, SESSIONS, administers, features_of
from sra_bootstrap.sandbox.services.sts import Sessions

LONGEST_ROOT_SESSION = 900
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html, DurationSeconds"""

_AUDIT = frozenset(
    {
        *("iam:ListAccessKeys", "iam:ListSigningCertificates", "iam:GetLoginProfile", "iam:ListMFADevices"),
        *("iam:GetUser", "iam:GetAccessKeyLastUsed"),
    }
)
_TASKS = {
    "IAMAuditRootUserCredentials": (CREDENTIALS, _AUDIT | {"iam:GetAccountSummary"}),
    "IAMCreateRootUserPassword": (CREDENTIALS, frozenset({"iam:CreateLoginProfile", "iam:GetLoginProfile"})),
    "IAMDeleteRootUserCredentials": (
        CREDENTIALS,
        _AUDIT
        | {
            *("iam:DeleteAccessKey", "iam:DeleteSigningCertificate", "iam:DeleteLoginProfile"),
            *("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"),
        },
    ),
    "S3UnlockBucketPolicy": (SESSIONS, frozenset[str]()),
    "SQSUnlockQueuePolicy": (SESSIONS, frozenset[str]()),
}
"""What each task needs the organization to have on, and what it lets the session do.

The policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html. The sandbox knows the tasks
on buckets and queues only by name.
"""


@dataclass
class RootSessions:
    """The root sessions of an account: access key to the actions that its task allows."""

    tasks: dict[str, frozenset[str]] = field(default_factory=dict)


def is_root_session(call: Call) -> bool:
    """Whether a member's root user calls, in a session that was assumed."""
    return call.access_key in call.state(RootSessions, region=call.partition).tasks


@gate
def only_the_task(call: Call) -> None:
    """A root session does what its task policy does not deny.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html works even where it is denied.

    Raises:
        AwsFault: it is not part of the task.
    """
    action = f"{get_service_model(call.service).signing_name}:{call.operation}"
    allowed = call.state(RootSessions, region=call.partition).tasks.get(call.access_key)
    if allowed is None or action in {*allowed, "sts:GetCallerIdentity"}:
        return
    root = f"arn:{call.partition}:iam::{call.account_id}:root"
    text = f"User: {root} is not authorized to perform: {action} with an explicit deny in a session policy"
    protocol = get_service_model(call.service).metadata["protocol"]
    raise AwsFault("AccessDenied" if protocol == "query" else "AccessDeniedException", text)


@operation("sts", "AssumeRoot")
def assume_root(
    call: Call,
    *,
    TargetPrincipal: str,
    TaskPolicyArn: dict[str, str],
    DurationSeconds: int = LONGEST_ROOT_SESSION,
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html.

    How AWS words what is not valid is guessed.

    Raises:
        AwsFault: the caller does not administer root access, the target is no member, or the organization has not on
            what the task needs, all of which AWS denies alike; or the parameters are not valid.
    """
    target = re.fullmatch(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?", TargetPrincipal)
    task = _TASKS.get(TaskPolicyArn["arn"].rpartition(f"arn:{call.partition}:iam::aws:policy/root-task/")[2])
    if target is None or task is None:
        raise AwsFault("ValidationError", "The target principal or the task policy is invalid.")
    if not 0 <= DurationSeconds <= LONGEST_ROOT_SESSION:
        raise AwsFault("ValidationError", f"DurationSeconds must be at most {LONGEST_ROOT_SESSION}.")
    account_id, (feature, actions) = target[1], task
    issuer = sts_backends[call.account_id][call.partition]
    root = f"arn:{call.partition}:iam::{account_id}:root"
    members = set(membership.active_accounts(call.account_id)) - {membership.management_account_of(call.account_id)}
    if (
        is_root_session(call)
        or not administers(call.account_id)
        or account_id not in members
        or feature not in features_of(call.account_id, call.partition)
    ):
        caller = issuer.get_caller_identity(call.access_key, call.region)[1]
        raise AwsFault(
            "AccessDenied", f"User: {caller} is not authorized to perform: sts:AssumeRoot on resource: {root}"
        )
    session = issuer.assume_role(call.region, "root", root, None, DurationSeconds, None)
    expires = call.now() + DurationSeconds
    call.state(Sessions, account_id=account_id, region=call.partition).expirations[session.access_key_id] = expires
    call.state(RootSessions, account_id=account_id, region=call.partition).tasks[session.access_key_id] = actions
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.session_token,
            "Expiration": moment(expires),
        },
    }


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html."""
    if is_root_session(call):
        arn = f"arn:{call.partition}:iam::{call.account_id}:root"
        return {"UserId": call.account_id, "Arn": arn, "Account": call.account_id}
    issuer = sts_backends[call.account_id][call.partition]
    user_id, arn, account_id = issuer.get_caller_identity(call.access_key, call.region)
    return {"UserId": user_id, "Arn": arn, "Account": account_id}
