"""Flow logs and query logging, which leave delivery to the same service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.archive import HOME, Archive
from tests.sandbox.conftest import Aws, refusal

BUCKET = "arn:aws:s3:::findings"
NOT_LET_IN = "Access Denied for LogDestination: findings. Please check LogDestination permission"


@pytest.fixture
def aws() -> Iterator[Aws]:
    with sandbox.in_process() as running:
        aws = Aws(running)
        aws.found_organization()
        yield aws


@pytest.fixture
def archive(aws: Aws) -> Archive:
    return Archive.of(aws, aws.add_account("log"))


def deliver(archive: Archive, region: str = HOME) -> None:
    """Let logs of the management account in, out of a region."""
    condition = {
        "StringEquals": {"aws:SourceAccount": MANAGEMENT_ACCOUNT_ID},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{MANAGEMENT_ACCOUNT_ID}:*"},
    }
    common = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Condition": condition}
    archive.say(
        [
            {**common, "Action": "s3:GetBucketAcl", "Resource": BUCKET},
            {**common, "Action": "s3:PutObject", "Resource": f"{BUCKET}/AWSLogs/{MANAGEMENT_ACCOUNT_ID}/*"},
        ],
        [],
    )


def vpc_of(aws: Aws) -> str:
    vpc: str = aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    return vpc


def log(aws: Aws, vpc: str, **parameters: Any) -> Any:
    to = {"LogDestinationType": "s3", "LogDestination": BUCKET, "TrafficType": "ALL"}
    return aws.client("ec2").create_flow_logs(**{"ResourceType": "VPC", "ResourceIds": [vpc], **to, **parameters})


def test_a_flow_log_stores_files_as_it_was_told(aws: Aws, archive: Archive) -> None:
    deliver(archive)
    ec2, vpc = aws.client("ec2"), vpc_of(aws)

    tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = log(aws, vpc, DestinationOptions={"FileFormat": "parquet"}, TagSpecifications=tags, ClientToken="once")

    again = log(aws, vpc, ClientToken="once")
    assert again["FlowLogIds"] == made["FlowLogIds"]
    assert refusal(lambda: log(aws, vpc))[0] == "FlowLogAlreadyExists"
    aws.clock.wait(300)
    [found] = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    assert found["DestinationOptions"] == {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": False,
        "PerHourPartition": False,
    }
    assert (found["MaxAggregationInterval"], found["DeliverLogsStatus"]) == (600, "SUCCESS")
    assert found["LogFormat"].startswith("${version} ${account-id} ${interface-id}")
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    [stored] = archive.objects()
    assert stored.startswith(f"AWSLogs/{MANAGEMENT_ACCOUNT_ID}/vpcflowlogs/{HOME}/{MANAGEMENT_ACCOUNT_ID}_vpcflowlogs_")
    assert stored.endswith(".log.parquet")
    deleted = ec2.delete_flow_logs(FlowLogIds=[*made["FlowLogIds"], "fl-0"])
    assert [one["ResourceId"] for one in deleted["Unsuccessful"]] == ["fl-0"]
    assert ec2.describe_flow_logs()["FlowLogs"] == []


def test_a_flow_log_that_is_not_let_in_is_not_made_and_fails_when_that_ends(aws: Aws, archive: Archive) -> None:
    vpc = vpc_of(aws)
    deliver(archive, "us-east-1")
    [refused] = log(aws, vpc)["Unsuccessful"]
    assert (refused["ResourceId"], refused["Error"]["Message"]) == (vpc, NOT_LET_IN)
    [refused] = log(aws, vpc, LogDestination="arn:aws:s3:::none")["Unsuccessful"]
    assert refused["Error"]["Message"] == "LogDestination: none does not exist."
    deliver(archive)
    [refused] = log(aws, vpc, DestinationOptions={"HiveCompatiblePartitions": True})["Unsuccessful"]
    assert refused["Error"]["Message"] == NOT_LET_IN

    assert log(aws, vpc)["Unsuccessful"] == []
    deliver(archive, "us-east-1")
    aws.clock.wait(300)

    [found] = aws.client("ec2").describe_flow_logs()["FlowLogs"]
    assert (found["DeliverLogsStatus"], found["DeliverLogsErrorMessage"]) == ("FAILED", "Access error")


def test_what_cannot_be_is_refused(aws: Aws) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"ResourceIds": ["vpc-0"]}, "InvalidVpcID.NotFound"),
        ({"MaxAggregationInterval": 5}, "InvalidParameter"),
        ({"DeliverLogsPermissionArn": "arn:aws:iam::111111111111:role/r"}, "InvalidParameter"),
        ({"LogDestinationType": "cloud-watch-logs", "LogDestination": ""}, "InvalidParameter"),
        ({"LogDestinationType": "kinesis-data-firehose"}, "SandboxNotImplemented"),
        ({"ResourceType": "TransitGateway"}, "SandboxNotImplemented"),
    ]
    vpc = vpc_of(aws)

    assert [refusal(partial(log, aws, vpc, **parameters))[0] for parameters, _ in wrong] == [code for _, code in wrong]


def test_queries_of_a_vpc_are_logged_until_it_is_let_go(aws: Aws, archive: Archive) -> None:
    deliver(archive)
    resolver, vpc = aws.client("route53resolver"), vpc_of(aws)
    create = {"Name": "queries", "DestinationArn": BUCKET, "CreatorRequestId": "once"}
    made = resolver.create_resolver_query_log_config(**create)["ResolverQueryLogConfig"]
    assert resolver.create_resolver_query_log_config(**create)["ResolverQueryLogConfig"] == made
    assert refusal(resolver.create_resolver_query_log_config, **{**create, "Name": "x"})[0] == "ResourceExistsException"
    named = {"ResolverQueryLogConfigId": made["Id"], "ResourceId": vpc}

    def status() -> list[tuple[str, str]]:
        filters = [{"Name": "ResolverQueryLogConfigId", "Values": [made["Id"]]}]
        listed = resolver.list_resolver_query_log_config_associations(Filters=filters)
        return [(one["Status"], one["Error"]) for one in listed["ResolverQueryLogConfigAssociations"]]

    resolver.associate_resolver_query_log_config(**named)
    assert status() == [("CREATING", "NONE")]
    aws.clock.wait(60)
    assert status() == [("ACTIVE", "NONE")]
    assert refusal(resolver.associate_resolver_query_log_config, **named)[0] == "ResourceExistsException"
    deliver(archive, "us-east-1")
    assert status() == [("FAILED", "ACCESS_DENIED")]
    got = resolver.get_resolver_query_log_config(ResolverQueryLogConfigId=made["Id"])["ResolverQueryLogConfig"]
    assert (got["Status"], got["AssociationCount"]) == ("FAILED", 1)
    delete = resolver.delete_resolver_query_log_config
    assert refusal(delete, ResolverQueryLogConfigId=made["Id"])[0] == "InvalidRequestException"
    resolver.disassociate_resolver_query_log_config(**named)
    assert status() == [("DELETING", "NONE")]
    aws.clock.wait(60)
    assert status() == []
    delete(ResolverQueryLogConfigId=made["Id"])
    assert resolver.list_resolver_query_log_configs()["ResolverQueryLogConfigs"] == []
    assert refusal(delete, ResolverQueryLogConfigId=made["Id"])[0] == "ResourceNotFoundException"


def test_queries_are_logged_of_vpcs_that_are_there_and_to_buckets_that_are(aws: Aws) -> None:
    resolver, vpc = aws.client("route53resolver"), vpc_of(aws)
    create = {"Name": "queries", "DestinationArn": "arn:aws:s3:::none", "CreatorRequestId": "once"}
    log_id = resolver.create_resolver_query_log_config(**create)["ResolverQueryLogConfig"]["Id"]
    associate = resolver.associate_resolver_query_log_config

    assert refusal(associate, ResolverQueryLogConfigId=log_id, ResourceId="vpc-0")[0] == "InvalidParameterException"
    end = resolver.disassociate_resolver_query_log_config
    assert refusal(end, ResolverQueryLogConfigId=log_id, ResourceId=vpc)[0] == "ResourceNotFoundException"
    associate(ResolverQueryLogConfigId=log_id, ResourceId=vpc)
    aws.clock.wait(60)
    [found] = resolver.list_resolver_query_log_config_associations()["ResolverQueryLogConfigAssociations"]
    assert (found["Status"], found["Error"]) == ("FAILED", "DESTINATION_NOT_FOUND")
