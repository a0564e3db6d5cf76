from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.aws import Reader
from sra_bootstrap.model import Address, Target, Unavailable
from sra_bootstrap.sandbox.later import later
from steps.network_logs.archive import FLOW_LOGS_BUCKET, QUERIES_BUCKET
from tests.steps.by_hand import clean, configure, lines, part, put_back
from tests.steps.network_logs_by_hand import HOME, OTHER, Network, arn_of, drift
from tests.world import World, only

STEP = "network_logs"
EVERYTHING_ELSE = {
    "traffic": "REJECT",
    "aggregation_seconds": 60,
    "file_format": "parquet",
    "hive_partitions": True,
    "hourly_partitions": True,
    "fields": ["vpc-id", "srcaddr"],
}


@pytest.fixture
def world() -> Iterator[World]:
    """An organization whose network account is logged."""
    with sandbox.in_process() as running:
        world = World(running, only(STEP))
        world.stand()
        yield world


def objects(world: World, destination: str) -> list[str]:
    """What is in a bucket."""
    s3 = world.client("s3", "log-archive", HOME)
    listed = s3.list_objects_v2(Bucket=destination.partition(":::")[2]).get("Contents", [])
    return [one["Key"] for one in listed]


def test_every_vpc_of_the_network_account_is_logged_into_the_log_archive(world: World) -> None:
    destination, account_id = arn_of(FLOW_LOGS_BUCKET, world), world.arrive().id_of("network")

    for region in (HOME, OTHER):
        network = Network(world, region)
        [vpc] = network.vpcs()
        [log] = network.flow_logs()
        assert (log["ResourceId"], log["LogDestination"]) == (vpc, destination)
        assert (log["TrafficType"], log["MaxAggregationInterval"], log["DeliverLogsStatus"]) == ("ALL", 600, "SUCCESS")
        assert network.queried() == {vpc: "ACTIVE"}
        assert network.query_logs()[0]["DestinationArn"] == arn_of(QUERIES_BUCKET, world)
    assert {name.rpartition("/")[0] for name in objects(world, destination)} == {
        f"AWSLogs/{account_id}/vpcflowlogs/{region}" for region in (HOME, OTHER)
    }
    assert world.plan().empty


def test_flow_logs_are_made_anew_when_config_says_otherwise(world: World) -> None:
    configure(world, network_logs={"flow_logs": EVERYTHING_ELSE})

    plan = world.plan()
    put_back(world)

    changes = part(plan, STEP).changes
    assert lines(changes) == [f"update network/{region} log flow-logs" for region in (HOME, OTHER)]
    assert dict(changes[0].after) == {**EVERYTHING_ELSE, "fields": ("vpc-id", "srcaddr")}
    assert changes[0].before["traffic"] == "ALL"
    [log] = Network(world, OTHER).flow_logs()
    assert log["LogFormat"] == "${vpc-id} ${srcaddr}"
    assert log["DestinationOptions"] == {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": True,
        "PerHourPartition": True,
    }
    assert log["DeliverLogsStatus"] == "SUCCESS"
    assert any("aws-service=vpcflowlogs" in name for name in objects(world, arn_of(FLOW_LOGS_BUCKET, world)))


def test_what_is_not_logged_as_it_should_be_is_exactly_these_changes_and_put_back(world: World) -> None:
    [vpc] = Network(world, OTHER).vpcs()
    drift(world)
    [added] = set(Network(world, OTHER).vpcs()) - {vpc}
    world.records.clear()

    plan = world.plan()
    put_back(world)

    assert lines(plan.changes) == [f"update network/{OTHER} log {name}" for name in ("flow-logs", "resolver-queries")]
    flow_logs, queries = plan.changes
    assert flow_logs.before == {"traffic": "REJECT", "vpcs_without": (added,)}
    assert flow_logs.after == {"traffic": "ALL", "vpcs_without": ()}
    assert queries.before == {"vpcs_without": tuple(sorted((vpc, added)))}
    assert {record.region for record in world.records if not record.read} == {OTHER}
    assert {log["TrafficType"] for log in Network(world, OTHER).flow_logs()} == {"ALL"}
    assert Network(world, OTHER).queried() == dict.fromkeys((vpc, added), "ACTIVE")


def test_settings_of_which_there_are_several_are_all_shown(world: World) -> None:
    network = Network(world, OTHER)
    network.log(network.add_vpc(), arn_of(FLOW_LOGS_BUCKET, world), TrafficType="REJECT", MaxAggregationInterval=60)

    flow_logs, _ = world.plan().changes
    put_back(world)

    assert flow_logs.before == {"traffic": ("ALL", "REJECT"), "aggregation_seconds": ("60", "600")}
    assert [log["TrafficType"] for log in network.flow_logs()] == ["ALL", "ALL"]


def test_what_others_log_is_left_alone(world: World) -> None:
    network = Network(world, OTHER)
    [vpc] = network.vpcs()
    role = {"LogGroupName": "theirs", "DeliverLogsPermissionArn": "arn:aws:iam::111111111111:role/theirs"}
    network.ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", **role)
    theirs = network.resolver.create_resolver_query_log_config(
        Name="theirs", DestinationArn=arn_of(QUERIES_BUCKET, world), CreatorRequestId="theirs"
    )["ResolverQueryLogConfig"]
    network.resolver.associate_resolver_query_log_config(ResolverQueryLogConfigId=theirs["Id"], ResourceId=vpc)

    assert world.plan().empty
    last = world.steps[-1:]
    assert clean(world.apply(world.plan(last, destroy=True), last))

    assert world.plan(last, destroy=True).changes == ()
    assert [log["LogDestinationType"] for log in network.flow_logs()] == ["cloud-watch-logs"]
    assert [log["Name"] for log in network.query_logs()] == ["theirs"]
    assert Network(world, HOME).flow_logs() == Network(world, HOME).query_logs() == []


def test_where_there_is_no_vpc_there_is_nothing_to_log_until_there_is_one(world: World) -> None:
    network = Network(world, OTHER, "workload-prod")
    for subnet in network.ec2.describe_subnets()["Subnets"]:
        network.ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for gateway in network.ec2.describe_internet_gateways()["InternetGateways"]:
        network.ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=network.vpcs()[0])
    network.ec2.delete_vpc(VpcId=network.vpcs()[0])
    configure(world, network_logs={"accounts": ["workload-prod"]})

    put_back(world)
    notes = " ".join(part(world.plan(), STEP).notes)
    added = network.add_vpc()
    plan = world.plan()
    put_back(world)

    assert f"There is no VPC in workload-prod/{OTHER}." in notes
    names = ("flow-logs", "resolver-queries")
    assert lines(plan.changes) == [f"create workload-prod/{OTHER} log {name}" for name in names]
    assert network.queried() == {added: "ACTIVE"}
    # What is no longer wanted is not destroyed unasked.
    assert len(Network(world, OTHER).flow_logs()) == 1


def test_queries_need_no_key_and_no_bucket_where_they_are_not_logged() -> None:
    with sandbox.in_process() as running:
        world = World(running, only(STEP))
        configure(world, network_logs={"resolver_queries": False})

        plan = world.plan()

        assert {change.address.name for change in part(plan, STEP).changes} == {"flow-logs"}
        assert {change.address.name for change in part(plan, "log_keys").changes} == {"flow-logs"}
        assert {change.address.name for change in part(plan, "log_buckets").changes} == {"access-logs", "flow-logs"}


def test_queries_that_are_logged_elsewhere_are_led_back(world: World) -> None:
    network = Network(world, OTHER)
    [vpc] = network.vpcs()
    network.let_go(vpc)
    [log] = network.query_logs()
    network.resolver.delete_resolver_query_log_config(ResolverQueryLogConfigId=log["Id"])
    elsewhere = arn_of(FLOW_LOGS_BUCKET, world)
    made = network.resolver.create_resolver_query_log_config(
        Name=log["Name"], DestinationArn=elsewhere, CreatorRequestId="elsewhere"
    )["ResolverQueryLogConfig"]
    network.resolver.associate_resolver_query_log_config(ResolverQueryLogConfigId=made["Id"], ResourceId=vpc)

    [change] = world.plan().changes
    put_back(world)

    assert change.before == {"bucket": elsewhere.partition(":::")[2]}
    assert [one["DestinationArn"] for one in network.query_logs()] == [arn_of(QUERIES_BUCKET, world)]
    assert network.queried() == {vpc: "ACTIVE"}


def without_delivery(world: World, destination: str) -> tuple[Any, dict[str, str]]:
    """Have a bucket let nothing in: its client, and what puts its policy back."""
    s3, bucket = world.client("s3", "log-archive", HOME), destination.partition(":::")[2]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    document = json.loads(policy)
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != "SraLogDelivery"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    return s3, {"Bucket": bucket, "Policy": policy}


def test_flow_logs_that_cannot_be_delivered_are_told_and_tried_again_for_a_while(world: World) -> None:
    network, last = Network(world, OTHER), world.steps[-1:]
    [vpc] = network.vpcs()
    s3, before = without_delivery(world, arn_of(FLOW_LOGS_BUCKET, world))
    network.flow_logs()
    notes = part(world.plan(), STEP).notes
    network.delete_flow_logs()
    plan = world.plan(last)

    failed = world.apply(plan, last)
    later(60, lambda _: s3.put_bucket_policy(**before))
    done = world.apply(plan, last)

    assert f"The flow log of {vpc} in network/{OTHER} is not delivered: Access error." in notes
    [failure] = failed.failed
    assert f"EC2 made no flow logs of 1 VPCs: {vpc}: Access Denied for LogDestination" in failure.reason
    assert clean(done)
    assert [log["DeliverLogsStatus"] for log in network.flow_logs()] == ["SUCCESS"]


def test_queries_whose_logging_has_failed_are_logged_anew(world: World) -> None:
    network, last = Network(world, OTHER), world.steps[-1:]
    [vpc] = network.vpcs()
    s3, before = without_delivery(world, arn_of(QUERIES_BUCKET, world))
    assert network.queried() == {vpc: "FAILED"}
    plan = world.plan(last)
    s3.put_bucket_policy(**before)

    assert lines(plan.changes) == [f"update network/{region} log resolver-queries" for region in (HOME, OTHER)]
    assert plan.changes[1].before == {"vpcs_without": (vpc,)}
    assert clean(world.apply(plan, last))
    assert network.queried() == {vpc: "ACTIVE"}


class WithoutResolver(Reader):
    """An AWS that has no Route 53 Resolver anywhere: in the SDK's data, every region has it."""

    def offers(self, service: str, region: str) -> bool:
        return service != "route53resolver" and super().offers(service, region)


def test_a_region_without_the_resolver_is_left_out(world: World) -> None:
    org, at = world.arrive(), Target("network", OTHER)

    seen = list(world.steps[-1].observe(at, org, WithoutResolver(world.connection, org)))

    assert seen[1:] == [
        Unavailable(Address("log", at, "resolver-queries"), (), f"Route 53 Resolver is not offered in {OTHER}.")
    ]
