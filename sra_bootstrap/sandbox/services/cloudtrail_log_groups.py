"""AWS CloudTrail: the log group of a trail, and the role with which CloudTrail writes to it."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.logs.models import logs_backends

from sra_bootstrap.iam.document import parse
from sra_bootstrap.iam.request import Caller, Request
from sra_bootstrap.iam.verdict import Verdict, judge
from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.cloudtrail import PRINCIPAL, Trail
from sra_bootstrap.sandbox.services.iam_roles import is_known, role_of

_GROUP = re.compile(r"arn:[\w-]+:logs:(?P<region>[\w-]+):(?P<account>\d{12}):log-group:(?P<name>[\w./#-]+):\*")
_ROLE = re.compile(r"arn:(?P<partition>[\w-]+):iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")
_ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")


def _bad_group(text: str) -> AwsFault:
    return AwsFault("InvalidCloudWatchLogsLogGroupArnException", text)


def _bad_role(text: str) -> AwsFault:
    return AwsFault("InvalidCloudWatchLogsRoleArnException", text)


def group_of(trail: Trail) -> Any:
    """The log group of a trail, as moto keeps it, or None: it has none, or that is gone."""
    parts = _GROUP.fullmatch(trail.settings.get("CloudWatchLogsLogGroupArn", ""))
    return parts and logs_backends[parts["account"]][parts["region"]].groups.get(parts["name"])


def streams(trail: Trail) -> list[str]:
    """The names of the log streams of a trail's home region: of an organization, those of the organization first.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-log-group-log-stream-naming-for-cloudtrail.html
    """
    own = f"{trail.account_id}_CloudTrail_{trail.region}"
    if not trail.of_organization:
        return [own]
    backend: Any = membership.organization_of(trail.account_id)
    return [f"{backend.org.id}_{own}", own]


def check_log_group(call: Call, trail: Trail) -> None:
    """See to it that CloudTrail can write to the log group; "you must use a log group that exists in your account".

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html. The texts:
    https://github.com/pulumi/docs/issues/5117, https://github.com/hashicorp/terraform-provider-aws/issues/18038,
    https://github.com/cloudposse/terraform-aws-cloudtrail-cloudwatch-alarms/issues/2 and
    https://github.com/cloudposse/terraform-aws-cloudwatch-logs/pull/38. An organization's trail needs both kinds of
    streams: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html.

    Raises:
        AwsFault: it cannot.
    """
    arn, role_arn = (trail.settings.get(f"CloudWatchLogs{name}Arn") for name in ("LogGroup", "Role"))
    if arn is None and role_arn is None:
        return
    if role_arn is None:
        raise _bad_role("You must specify a role ARN as well as a log group.")
    if arn is None:
        raise _bad_group("You must specify a log group as well as a role ARN.")
    parts = _GROUP.fullmatch(arn)
    if parts is None or (parts["account"], parts["region"]) != (call.account_id, call.region):
        raise _bad_group("Check the log group ARN: CloudTrail can't validate it.")
    role = _role(call, role_arn)
    if role is None or not _admits(role, Request(Caller(PRINCIPAL), "sts:AssumeRole", role_arn)):
        raise _bad_role("Access denied. Check the trust relationships for your role.")
    group = group_of(trail)
    if group is None or not may_write(trail):
        raise _bad_group("Access denied. Verify in IAM that the role has adequate permissions.")


def may_write(trail: Trail) -> bool:
    """Whether the policies of the role let CloudTrail write to each of the log streams."""
    parts = _ROLE.fullmatch(trail.settings["CloudWatchLogsRoleArn"])
    role = parts and role_of(parts["account"], trail.partition, parts["name"])
    prefix = trail.settings["CloudWatchLogsLogGroupArn"].removesuffix("*")
    return role is not None and all(
        _permits(role, action, f"{prefix}log-stream:{stream}") for action in _ACTIONS for stream in streams(trail)
    )


def _role(call: Call, arn: str) -> Any:
    """A role of the caller's account, if CloudTrail knows of it already."""
    parts = _ROLE.fullmatch(arn)
    if parts is None or parts["account"] != call.account_id:
        return None
    known = is_known(call.account_id, call.partition, parts["name"])
    return role_of(call.account_id, call.partition, parts["name"]) if known else None


def _admits(role: Any, request: Request) -> bool:
    """What a trust policy says, which names no resource."""
    trust = _with(_document(role.assume_role_policy_document), {"Resource": "*"})
    return judge(parse(trust), request) is Verdict.ADMITTED


def _permits(role: Any, action: str, resource: str) -> bool:
    """What the policies of a role say together, which name no principal."""
    managed = [policy.default_version.document for policy in role.managed_policies.values()]
    documents = [_document(one) for one in (*role.policies.values(), *managed)]
    statements = [s for one in documents for s in parse(_with(one, {"Principal": "*"}))]
    return judge(statements, Request(Caller(PRINCIPAL), action, resource)) is Verdict.ADMITTED


def _document(text: Any) -> dict[str, Any]:
    return dict(json.loads(text)) if isinstance(text, str) else dict(text)


def _with(document: dict[str, Any], element: dict[str, str]) -> str:
    found = document["Statement"]
    listed = found if isinstance(found, list) else [found]
    return json.dumps({**document, "Statement": [{**element, **statement} for statement in listed]})
