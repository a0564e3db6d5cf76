"""Amazon CloudWatch Logs: log groups, held to what AWS checks. Log streams, filters and queries are moto's."""

from __future__ import annotations

import re
from typing import Any

from moto.logs.models import logs_backends

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.delivery import RefusedError, Sender
from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page

_PAGE = 50
_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_DAYS = {
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
}
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html."""
_KEY = re.compile(r"arn:[\w-]+:kms:(?P<region>[\w-]+):\d{12}:key/.+")


def invalid(text: str) -> AwsFault:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html."""
    return AwsFault("InvalidParameterException", text)


def _absent() -> AwsFault:
    return AwsFault("ResourceNotFoundException", "The specified log group does not exist.")


def _groups(call: Call) -> dict[str, Any]:
    groups: dict[str, Any] = logs_backends[call.account_id][call.region].groups
    return groups


def _named(call: Call, identifier: str) -> Any:
    """A log group by its name, or its ARN with or without what stands for its streams.

    Raises:
        AwsFault: there is none.
    """
    prefix = f"arn:{call.partition}:logs:{call.region}:{call.account_id}:log-group:"
    group = _groups(call).get(identifier.removeprefix(prefix).removesuffix(":*"))
    if group is None:
        raise _absent()
    return group


def _check_key(call: Call, key: str, group_arn: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html.

    The answer to a policy that does not let CloudWatch Logs in is as seen in
    https://github.com/ministryofjustice/modernisation-platform/issues/7870. The service asks as itself, in its region,
    and tells the ARN of the log group as the encryption context.

    Raises:
        AwsFault: the key cannot be used.
    """
    parts = _KEY.fullmatch(key)
    if parts is None or parts["region"] != call.region:
        raise invalid("The KMS key must be given by its ARN, and be in the region of the log group.")
    suffix = "amazonaws.com.cn" if call.partition == "aws-cn" else "amazonaws.com"
    sender = Sender(f"logs.{call.region}.{suffix}", call.account_id, group_arn)
    try:
        for action in ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey"):
            delivery.use(sender, key, action, {"aws:logs:arn": group_arn})
    except RefusedError:
        text = f"The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
        raise AwsFault("AccessDeniedException", text) from None


@operation("logs", "CreateLogGroup")
def create_log_group(
    call: Call,
    *,
    logGroupName: str,
    kmsKeyId: str | None = None,
    tags: dict[str, str] | None = None,
    logGroupClass: str = "STANDARD",
    deletionProtectionEnabled: bool = False,
) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html.

    Raises:
        AwsFault: the name is not valid, or taken; or the key cannot be used.
    """
    if not _NAME.fullmatch(logGroupName) or logGroupName.startswith("aws/"):
        raise invalid(f"The log group name {logGroupName} is not valid.")
    if logGroupName in _groups(call):
        raise AwsFault("ResourceAlreadyExistsException", "The specified log group already exists")
    arn = f"arn:{call.partition}:logs:{call.region}:{call.account_id}:log-group:{logGroupName}"
    if kmsKeyId is not None:
        _check_key(call, kmsKeyId, arn)
    backend = logs_backends[call.account_id][call.region]
    group = backend.create_log_group(logGroupName, tags or {}, kmsKeyId=kmsKeyId)
    group.creation_time = moment()
    group.log_group_class = logGroupClass
    group.deletion_protection = deletionProtectionEnabled


@operation("logs", "DescribeLogGroups")
def describe_log_groups(
    call: Call,
    *,
    logGroupNamePrefix: str | None = None,
    logGroupNamePattern: str | None = None,
    logGroupClass: str | None = None,
    logGroupIdentifiers: list[str] | None = None,
    limit: int = _PAGE,
    nextToken: str | None = None,
    **linked: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html.

    Raises:
        AwsFault: both a prefix and a pattern are given, or the token is not valid.
        NotImplementedError: the log groups of other accounts are asked for.
    """
    if linked.get("includeLinkedAccounts"):
        raise NotImplementedError("includeLinkedAccounts")
    if logGroupNamePrefix is not None and logGroupNamePattern is not None:
        raise invalid("LogGroupNamePrefix and logGroupNamePattern are mutually exclusive.")
    prefix, pattern = logGroupNamePrefix or "", (logGroupNamePattern or "").lower()
    groups = [group for name, group in sorted(_groups(call).items()) if name.startswith(prefix)]
    groups = [group for group in groups if pattern in group.name.lower() and logGroupClass in {None, _class_of(group)}]
    if logGroupIdentifiers is not None:
        wanted = {_named(call, identifier).name for identifier in logGroupIdentifiers}
        groups = [group for group in groups if group.name in wanted]
    found, following = page(groups, limit, nextToken, invalid("The specified nextToken is invalid."))
    described = {"logGroups": [_described(group) for group in found]}
    return described if following is None else {**described, "nextToken": following}


def _described(group: Any) -> dict[str, Any]:
    return {
        **group.to_describe_dict(),
        "logGroupClass": _class_of(group),
        "deletionProtectionEnabled": _is_protected(group),
    }


def _class_of(group: Any) -> str:
    """The class of a log group; what other services of moto have made is of the standard one."""
    return str(getattr(group, "log_group_class", "STANDARD"))


def _is_protected(group: Any) -> bool:
    return bool(getattr(group, "deletion_protection", False))


@check("logs", "PutRetentionPolicy")
def check_retention(call: Call, logGroupName: str, retentionInDays: int) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html.

    Raises:
        AwsFault: AWS does not keep logs for so many days.
    """
    if retentionInDays not in _DAYS:
        raise invalid(f"{retentionInDays} is not one of the valid numbers of days: {sorted(_DAYS)}")


@operation("logs", "AssociateKmsKey")
def associate_kms_key(
    call: Call, kmsKeyId: str, logGroupName: str | None = None, resourceIdentifier: str | None = None
) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html.

    Raises:
        AwsFault: there is no such log group, or the key cannot be used.
    """
    group = _target(call, logGroupName, resourceIdentifier)
    _check_key(call, kmsKeyId, group.arn)
    group.kms_key_id = kmsKeyId


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: Call, logGroupName: str | None = None, resourceIdentifier: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html."""
    _target(call, logGroupName, resourceIdentifier).kms_key_id = None


def _target(call: Call, name: str | None, identifier: str | None) -> Any:
    if (name is None) == (identifier is None):
        raise invalid("Specify either logGroupName or resourceIdentifier.")
    if identifier is not None and ":query-result:" in identifier:
        raise NotImplementedError("the results of queries")
    return _named(call, str(name or identifier))


@operation("logs", "PutLogGroupDeletionProtection")
def put_log_group_deletion_protection(call: Call, *, logGroupIdentifier: str, deletionProtectionEnabled: bool) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html."""
    _named(call, logGroupIdentifier).deletion_protection = deletionProtectionEnabled


@check("logs", "DeleteLogGroup")
def refuse_protected(call: Call, logGroupName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html.

    The code of its errors that fits; the text is guessed.

    Raises:
        AwsFault: the log group is protected.
    """
    group = _groups(call).get(logGroupName)
    if group is not None and _is_protected(group):
        raise AwsFault("ValidationException", "The log group is protected from deletion.")
