"""Amazon EC2: flow logs. moto's are all replaced: it looks for buckets in the same account, and asks no policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.log_delivery import sender
from sra_bootstrap.sandbox.paging import page

_FILE_SECONDS = 300
"""How often a file of flow log records is stored: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html."""
_DEFAULT_FORMAT = " ".join(
    f"${{{name}}}"
    for name in (
        *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets"),
        *("bytes", "start", "end", "action", "log-status"),
    )
)
"""https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html."""
_RESOURCES = {
    "VPC": ("vpcs", "InvalidVpcID.NotFound"),
    "Subnet": ("subnets", "InvalidSubnetID.NotFound"),
    "NetworkInterface": ("enis", "InvalidNetworkInterfaceID.NotFound"),
}
"""Where moto keeps what has a flow log, and what EC2 answers when it is not there."""


@dataclass
class FlowLog:
    """A flow log.

    Attributes:
        destination: the ARN of a bucket, perhaps with a folder, or of a log group.
        options: how files are stored in a bucket; none where there is no bucket.
        delivered: when a file was last stored or tried to be, in seconds since the epoch.
        failing: whether that has failed.
    """

    resource_id: str
    traffic: str
    destination_type: str
    destination: str
    role_arn: str | None
    format: str
    interval: int
    options: Mapping[str, Any]
    tags: Mapping[str, str]
    delivered: float
    failing: bool = False
    created: datetime = field(default_factory=moment)
    id: str = field(default_factory=lambda: f"fl-{mock_random.get_random_hex(17)}")

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self.destination.partition(":::")[2].partition("/")[0]


@dataclass
class FlowLogs:
    """The flow logs of an account and region by id, and what was answered to whom made them, by his token."""

    all: dict[str, FlowLog] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)


@operation("ec2", "CreateFlowLogs")
def create_flow_logs(
    call: Call,
    *,
    ResourceIds: Sequence[str],
    ResourceType: str,
    TrafficType: str = "",
    LogDestinationType: str = "cloud-watch-logs",
    LogDestination: str = "",
    LogGroupName: str = "",
    DeliverLogsPermissionArn: str | None = None,
    LogFormat: str = _DEFAULT_FORMAT,
    MaxAggregationInterval: int = 600,
    DestinationOptions: Mapping[str, Any] | None = None,
    TagSpecifications: Sequence[Mapping[str, Any]] = (),
    ClientToken: str = "",
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html.

    A resource whose logs cannot be delivered is answered as unsuccessful; how:
    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-troubleshooting.html, and with moto's code. To a bucket
    of the caller's own AWS would give the policy that it needs; the sandbox does not. That a second flow log to the
    same destination is refused whatever it logs is guessed. The same token twice makes flow logs once.

    Raises:
        AwsFault: there is no such resource, a parameter cannot be, or there is such a flow log.
    """
    answers = call.state(FlowLogs).answers
    if ClientToken in answers:
        return answers[ClientToken]
    _check(call, ResourceType, ResourceIds, MaxAggregationInterval)
    destination = LogDestination or LogGroupName
    if LogDestinationType not in {"s3", "cloud-watch-logs"}:
        raise NotImplementedError("LogDestinationType")
    if LogDestinationType == "s3" and DeliverLogsPermissionArn is not None:
        # https://github.com/aws-samples/aws-secure-environment-accelerator/issues/1111
        raise _invalid("DeliverLogsPermissionArn is not applicable for s3 delivery")
    if LogDestinationType != "s3" and DeliverLogsPermissionArn is None:
        raise _invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.")
    logs = call.state(FlowLogs).all
    if any(one.destination == destination and one.resource_id in ResourceIds for one in logs.values()):
        text = "Error. There is an existing Flow Log with the same configuration and log destination."
        raise AwsFault("FlowLogAlreadyExists", text)
    options = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}
    tags = {tag["Key"]: tag["Value"] for specification in TagSpecifications for tag in specification["Tags"]}
    made, refused = [], []
    for resource_id in ResourceIds:
        log = FlowLog(
            resource_id=resource_id,
            traffic=TrafficType,
            destination_type=LogDestinationType,
            destination=destination,
            role_arn=DeliverLogsPermissionArn,
            format=LogFormat,
            interval=MaxAggregationInterval,
            options={**options, **(DestinationOptions or {})} if LogDestinationType == "s3" else {},
            tags=tags,
            delivered=call.now(),
        )
        if problem := _problem(call, log):
            refused.append({"ResourceId": resource_id, "Error": {"Code": "400", "Message": problem}})
        else:
            logs[log.id] = log
            made.append(log.id)
    answer = {"FlowLogIds": made, "Unsuccessful": refused, "ClientToken": ClientToken}
    if ClientToken:
        answers[ClientToken] = answer
    return answer


@operation("ec2", "DescribeFlowLogs")
def describe_flow_logs(
    call: Call,
    *,
    Filter: Sequence[Mapping[str, Any]] = (),
    FlowLogIds: Sequence[str] = (),
    MaxResults: int = 1000,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html."""
    logs = [log for log in call.state(FlowLogs).all.values() if not FlowLogIds or log.id in FlowLogIds]
    for log in logs:
        _deliver(call, log)
    described = [one for one in map(_described, logs) if _matches(one, Filter)]
    found, following = page(described, MaxResults, NextToken, _invalid("The token is not valid."))
    return {"FlowLogs": found} if following is None else {"FlowLogs": found, "NextToken": following}


@operation("ec2", "DeleteFlowLogs")
def delete_flow_logs(call: Call, FlowLogIds: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html."""
    logs = call.state(FlowLogs).all
    missing = [one for one in FlowLogIds if one not in logs]
    for flow_log_id in FlowLogIds:
        logs.pop(flow_log_id, None)
    error = {"Code": "InvalidFlowLogId.NotFound", "Message": "These flow log ids in the input list are not found"}
    return {"Unsuccessful": [{"ResourceId": one, "Error": error} for one in missing]}


def _check(call: Call, resource_type: str, resource_ids: Iterable[str], interval: int) -> None:
    if resource_type not in _RESOURCES:
        raise NotImplementedError("ResourceType")
    shelf, code = _RESOURCES[resource_type]
    there = getattr(ec2_backends[call.account_id][call.region], shelf)
    for resource_id in resource_ids:
        if resource_id not in there:
            raise AwsFault(code, f"The ID '{resource_id}' does not exist")
    if interval not in {60, 600}:
        raise _invalid("Invalid Flow Log Max Aggregation Interval")


def _invalid(message: str) -> AwsFault:
    return AwsFault("InvalidParameter", message)


def _file(call: Call, log: FlowLog, name: str) -> str:
    """Where a file is stored: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html."""
    folder = log.destination.partition(":::")[2].partition("/")[2]
    place = f"{call.account_id}/vpcflowlogs/{call.region}"
    if log.options["HiveCompatiblePartitions"]:
        place = f"aws-account-id={call.account_id}/aws-service=vpcflowlogs/aws-region={call.region}"
    return f"{folder.rstrip('/')}/AWSLogs/{place}/{name}".removeprefix("/")


def _problem(call: Call, log: FlowLog) -> str | None:
    """Why nothing can be delivered to a bucket, as far as its policy says so; None if it can."""
    if log.destination_type != "s3":
        return None
    try:
        delivery.may(sender(call), "s3:GetBucketAcl", log.bucket)
        delivery.may(sender(call), "s3:PutObject", log.bucket, _file(call, log, "test"))
    except delivery.NoBucketError:
        return f"LogDestination: {log.bucket} does not exist."
    except delivery.RefusedError:
        return f"Access Denied for LogDestination: {log.bucket}. Please check LogDestination permission"
    return None


def _deliver(call: Call, log: FlowLog) -> None:
    """Store the file that is due."""
    if log.destination_type != "s3" or call.now() - log.delivered < _FILE_SECONDS:
        return
    log.delivered = call.now()
    suffix = "log.parquet" if log.options["FileFormat"] == "parquet" else "log.gz"
    name = f"{call.account_id}_vpcflowlogs_{call.region}_{log.id}_{moment():%Y%m%dT%H%MZ}.{suffix}"
    try:
        delivery.put(sender(call), log.bucket, _file(call, log, name), b"", acl="")
        log.failing = False
    except delivery.RefusedError:
        log.failing = True


def _described(log: FlowLog) -> dict[str, Any]:
    in_bucket = log.destination_type == "s3"
    described = {
        "CreationTime": log.created,
        "DeliverLogsStatus": "FAILED" if log.failing else "SUCCESS",
        "DeliverLogsErrorMessage": "Access error" if log.failing else None,
        "DeliverLogsPermissionArn": log.role_arn,
        "FlowLogId": log.id,
        "FlowLogStatus": "ACTIVE",
        "LogGroupName": None if in_bucket else log.destination,
        "ResourceId": log.resource_id,
        "TrafficType": log.traffic,
        "LogDestinationType": log.destination_type,
        "LogDestination": log.destination if in_bucket else None,
        "LogFormat": log.format,
        "MaxAggregationInterval": log.interval,
        "DestinationOptions": log.options or None,
        "Tags": [{"Key": key, "Value": value} for key, value in log.tags.items()],
    }
    return {name: value for name, value in described.items() if value is not None}


_FILTERS = {
    "deliver-log-status": "DeliverLogsStatus",
    "log-destination-type": "LogDestinationType",
    "flow-log-id": "FlowLogId",
    "log-group-name": "LogGroupName",
    "resource-id": "ResourceId",
    "traffic-type": "TrafficType",
}


def _matches(described: Mapping[str, Any], filters: Sequence[Mapping[str, Any]]) -> bool:
    for one in filters:
        if one["Name"] not in _FILTERS:
            raise NotImplementedError(f"the filter {one['Name']}")
        if described.get(_FILTERS[one["Name"]]) not in one["Values"]:
            return False
    return True
