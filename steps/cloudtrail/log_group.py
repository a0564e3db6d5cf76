"""The log group that the trail's events are sent to: a resource `log-group` in the management account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Resource, Target
from sra_bootstrap.org import Org
from steps.cloudtrail.destinations import LOG_KEY
from steps.common import keys

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_Days = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
KIND = "log-group"


class CloudWatchLogs(BaseModel):
    """The log group of the trail, for alarms and queries; the bucket holds all events in any case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="Whether events are sent to CloudWatch Logs too.")
    log_group: str = Field(
        default="/sra/cloudtrail",
        pattern=r"^[.\-_/#A-Za-z0-9]{1,512}$",
        description="The name of the log group.",
    )
    retention_days: _Days = Field(default=365, description="For how many days events are kept there.")
    deletion_protection: bool = Field(default=True, description="Whether the log group cannot be deleted by mistake.")
    role: str = Field(
        default="sra-cloudtrail-to-cloudwatch-logs",
        pattern=r"^[A-Za-z0-9_+=,.@-]{1,64}$",
        description="The name of the role by which CloudTrail writes there.",
    )


def _address(config: CloudWatchLogs, org: Org) -> Address:
    return Address(KIND, Target(MANAGEMENT, org.home_region), config.log_group)


def desired(config: CloudWatchLogs, org: Org) -> Resource:
    """The log group as a plan wants it."""
    return Resource(
        _address(config, org),
        {
            "retention_days": config.retention_days,
            "key": {LOG_KEY.name: keys.alias_of(LOG_KEY, org)},
            "deletion_protection": config.deletion_protection,
        },
    )


def observe(config: CloudWatchLogs, at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
    """The log group as it is, if it is there."""
    logs: CloudWatchLogsClient = aws.client("logs", at)
    # They come sorted by name, so it is the first of those that begin with its name.
    for group in logs.describe_log_groups(logGroupNamePrefix=config.log_group, limit=1)["logGroups"]:
        if group["logGroupName"] == config.log_group:
            key = group.get("kmsKeyId")
            told = None if key is None else keys.told(key, LOG_KEY, org, org.home_region, aws)
            yield Resource(
                _address(config, org),
                {
                    "retention_days": group.get("retentionInDays"),
                    "key": {LOG_KEY.name: told},
                    "deletion_protection": group.get("deletionProtectionEnabled", False),
                },
            )


def put(config: CloudWatchLogs, change: Change, org: Org, aws: Writer) -> None:
    """Make the log group, or set what of it a change names."""
    logs: CloudWatchLogsClient = aws.client("logs", change.address.at)
    name, protected, left = config.log_group, config.deletion_protection, set(change.after)
    key = keys.arn_of(LOG_KEY, org, org.home_region, aws) if "key" in left else ""
    if change.action is Action.CREATE:
        try:
            logs.create_log_group(logGroupName=name, kmsKeyId=key, deletionProtectionEnabled=protected)
            left -= {"key", "deletion_protection"}
        except logs.exceptions.ResourceAlreadyExistsException:
            # An answer that got lost: it was made before.
            pass
    if "key" in left:
        logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
    if "retention_days" in left:
        logs.put_retention_policy(logGroupName=name, retentionInDays=config.retention_days)
    if "deletion_protection" in left:
        logs.put_log_group_deletion_protection(logGroupIdentifier=name, deletionProtectionEnabled=protected)
