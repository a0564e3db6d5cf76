"""The flow logs of VPCs, in one account and region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Note, Observation, Resource
from sra_bootstrap.values import Attrs, Value
from steps.common.members import PATIENCE, in_batches

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FlowLogTypeDef

_BATCH = 300
"""How many VPCs a call may name: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html."""
_DEFAULT_FIELDS = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets"),
    *("bytes", "start", "end", "action", "log-status"),
)
"""https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html"""


class FlowLogs(BaseModel):
    """What is logged of the traffic, and how it is stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field(
        default="ALL", description="Which traffic: ALL, or what security groups and network ACLs let in or do not."
    )
    aggregation_seconds: Literal[60, 600] = Field(
        default=600, description="Over how many seconds at most packets of one flow are put together."
    )
    file_format: Literal["plain-text", "parquet"] = Field(default="plain-text", description="Of the files.")
    hive_partitions: bool = Field(default=False, description="Whether folders are named as Hive wants them.")
    hourly_partitions: bool = Field(default=False, description="Whether there is a folder for every hour.")
    fields: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+$")], ...] = Field(
        default=(), description="What a record tells, as in `srcaddr`, in this order; AWS's default if it is empty."
    )

    def attrs(self) -> Attrs:
        """The settings as a plan holds them."""
        return {**self.model_dump(), "fields": self.fields or _DEFAULT_FIELDS}

    def parameters(self) -> Any:
        """The settings as EC2 takes them."""
        return {
            "TrafficType": self.traffic,
            "LogFormat": " ".join(f"${{{name}}}" for name in self.fields or _DEFAULT_FIELDS),
            "MaxAggregationInterval": self.aggregation_seconds,
            "DestinationOptions": {
                "FileFormat": self.file_format,
                "HiveCompatiblePartitions": self.hive_partitions,
                "PerHourPartition": self.hourly_partitions,
            },
        }


def observe(address: Address, vpcs: Sequence[str], destination: str, ec2: EC2Client) -> Iterator[Observation]:
    """What is logged of VPCs, and of which nothing is; nothing where none is logged to a destination."""
    ours = _leading_to(destination, vpcs, ec2)
    if ours:
        seen, logged = [_settings(log) for log in ours], {log["ResourceId"] for log in ours}
        settings = {name: _agreed([one[name] for one in seen]) for name in seen[0]}
        without = tuple(vpc for vpc in vpcs if vpc not in logged)
        yield Resource(address, {"bucket": destination.partition(":::")[2], **settings, "vpcs_without": without})
    for log in ours:
        if log["DeliverLogsStatus"] != "SUCCESS":
            why = log.get("DeliverLogsErrorMessage", "no reason is given")
            yield Note(f"The flow log of {log['ResourceId']} in {address.at} is not delivered: {why}.")


def put(vpcs: Sequence[str], wanted: FlowLogs, destination: str, ec2: EC2Client, aws: Writer) -> None:
    """Have one flow log of each VPC with these settings, and none with others: they cannot be changed."""
    logs = _leading_to(destination, vpcs, ec2)
    right = {log["ResourceId"]: log["FlowLogId"] for log in logs if _settings(log) == wanted.attrs()}
    _delete((log["FlowLogId"] for log in logs if log["FlowLogId"] not in right.values()), ec2)
    for batch in in_batches([vpc for vpc in vpcs if vpc not in right], _BATCH):
        _create(batch, wanted, destination, ec2, aws)


def end(vpcs: Sequence[str], destination: str, ec2: EC2Client) -> None:
    """Have no flow log of VPCs that leads to a destination."""
    _delete((log["FlowLogId"] for log in _leading_to(destination, vpcs, ec2)), ec2)


def _delete(ids: Iterable[str], ec2: EC2Client) -> None:
    for batch in in_batches(list(ids), _BATCH):
        ec2.delete_flow_logs(FlowLogIds=batch)


def _create(vpcs: Sequence[str], wanted: FlowLogs, destination: str, ec2: EC2Client, aws: Writer) -> None:
    """Make flow logs, and those again for a while that cannot be delivered: a policy may only just have been put.

    Raises:
        RefusalError: some cannot be delivered in the end.
    """
    left = list(vpcs)

    def attempt() -> list[str]:
        answer = ec2.create_flow_logs(
            ResourceIds=left,
            ResourceType="VPC",
            LogDestinationType="s3",
            LogDestination=destination,
            # An answer that got lost is given again for the same token.
            ClientToken=str(uuid4()),
            **wanted.parameters(),
        )
        refused = answer["Unsuccessful"]
        left[:] = [one["ResourceId"] for one in refused]
        return [f"{one['ResourceId']}: {one['Error']['Message']}" for one in refused]

    refused = aws.poll(attempt, lambda refused: not refused, PATIENCE)
    if refused:
        text = f"EC2 made no flow logs of {len(refused)} VPCs: {'; '.join(refused)}"
        raise RefusalError(text, "Run the step log_buckets: it has the policies of the bucket and its key.")


def _leading_to(destination: str, vpcs: Sequence[str], ec2: EC2Client) -> list[FlowLogTypeDef]:
    pages = ec2.get_paginator("describe_flow_logs").paginate(
        Filters=[{"Name": "log-destination-type", "Values": ["s3"]}]
    )
    found = (log for page in pages for log in page["FlowLogs"])
    return [log for log in found if log["LogDestination"].rstrip("/") == destination and log["ResourceId"] in vpcs]


def _settings(log: FlowLogTypeDef) -> Attrs:
    options = log["DestinationOptions"]
    return {
        "traffic": log["TrafficType"],
        "aggregation_seconds": log["MaxAggregationInterval"],
        "file_format": options["FileFormat"],
        "hive_partitions": options["HiveCompatiblePartitions"],
        "hourly_partitions": options["PerHourPartition"],
        "fields": tuple(field.strip("${}") for field in log["LogFormat"].split()),
    }


def _agreed(values: Sequence[Value]) -> Value:
    """The value that all have, or all the values that any has."""
    if all(value == values[0] for value in values):
        return values[0]
    return tuple(sorted({str(value) for value in values}))
