"""Flow logs and query logging through the API of the sandbox: what tests of the step read, and what others change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from steps.common import buckets
from steps.common.buckets import Bucket
from steps.network_logs.archive import FLOW_LOGS_BUCKET
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
FILE_SECONDS = 300
"""How often flow logs store a file."""


@dataclass
class Network:
    """The networks of an account in one region."""

    world: World
    region: str
    account: str = "network"

    @property
    def ec2(self) -> Any:
        return self.world.client("ec2", self.account, self.region)

    @property
    def resolver(self) -> Any:
        return self.world.client("route53resolver", self.account, self.region)

    def vpcs(self) -> list[str]:
        return sorted(vpc["VpcId"] for vpc in self.ec2.describe_vpcs()["Vpcs"])

    def add_vpc(self) -> str:
        vpc: str = self.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        return vpc

    def flow_logs(self) -> list[Any]:
        """As they are when the next files are stored."""
        self.world.sandbox.clock.wait(FILE_SECONDS)
        logs: list[Any] = self.ec2.describe_flow_logs()["FlowLogs"]
        return logs

    def delete_flow_logs(self) -> None:
        self.ec2.delete_flow_logs(FlowLogIds=[log["FlowLogId"] for log in self.ec2.describe_flow_logs()["FlowLogs"]])

    def log(self, vpc: str, destination: str, **settings: Any) -> None:
        """Have the traffic of a VPC logged to a bucket."""
        to = {"LogDestinationType": "s3", "LogDestination": destination}
        answer = self.ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], **to, **settings)
        assert answer["Unsuccessful"] == []

    def query_logs(self) -> list[Any]:
        found: list[Any] = self.resolver.list_resolver_query_log_configs()["ResolverQueryLogConfigs"]
        return found

    def queried(self) -> dict[str, str]:
        """How VPCs stand whose queries are logged."""
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)
        found = self.resolver.list_resolver_query_log_config_associations()["ResolverQueryLogConfigAssociations"]
        return {one["ResourceId"]: one["Status"] for one in found}

    def let_go(self, vpc: str) -> None:
        """Log the queries of a VPC no more, to where ours are logged to."""
        [log] = self.query_logs()
        self.resolver.disassociate_resolver_query_log_config(ResolverQueryLogConfigId=log["Id"], ResourceId=vpc)
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)


def arn_of(bucket: Bucket, world: World) -> str:
    return str(buckets.arn_of(bucket, world.arrive()))


def drift(world: World) -> None:
    """Log less than is wanted: other traffic, not all VPCs, no queries."""
    network = Network(world, OTHER)
    [vpc] = network.vpcs()
    network.delete_flow_logs()
    network.log(vpc, arn_of(FLOW_LOGS_BUCKET, world), TrafficType="REJECT")
    network.add_vpc()
    network.let_go(vpc)


LIFE = Life(drift=drift)
