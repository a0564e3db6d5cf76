"""What goes through the networks, and which names are asked for there, in the log archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Need, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import buckets
from steps.common.offers import unoffered
from steps.network_logs import flow_logs, queries
from steps.network_logs.archive import FLOW_LOGS_BUCKET, FLOW_LOGS_KEY, QUERIES_BUCKET, QUERIES_KEY, accounts
from steps.network_logs.flow_logs import FlowLogs

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class NetworkLogs(Step[StepConfig]):
    """Log the traffic of networks and the names that are asked for there into the log archive, account by account.

    The SRA keeps the flow logs of VPCs and the queries to Route 53 Resolver with all other logs. There is a flow log
    for every VPC, in every governed region, and one query logging configuration that all VPCs of a region belong to.
    Flow logs and configurations of others are left alone. GuardDuty sees the same traffic without any of these.
    """

    class Config(StepConfig):
        """Whose networks are logged, and what of them."""

        enabled: bool = Field(
            default=False, description="Off by default: AWS charges for every gigabyte that is delivered."
        )
        accounts: tuple[str, ...] = Field(
            default=(), description="The keys of the accounts whose networks are logged; the network account if empty."
        )
        flow_logs: FlowLogs = Field(default_factory=FlowLogs, description="What is logged of the traffic.")
        resolver_queries: bool = Field(default=True, description="Whether queries to Route 53 Resolver are logged.")

    id = "network_logs"
    after = ("log_buckets",)
    reads = frozenset(
        {
            "ec2:DescribeFlowLogs",
            "ec2:DescribeVpcs",
            "route53resolver:ListResolverQueryLogConfigAssociations",
            "route53resolver:ListResolverQueryLogConfigs",
        }
    )
    writes = frozenset(
        {
            "ec2:CreateFlowLogs",
            "ec2:DeleteFlowLogs",
            "route53resolver:AssociateResolverQueryLogConfig",
            "route53resolver:CreateResolverQueryLogConfig",
            "route53resolver:DeleteResolverQueryLogConfig",
            "route53resolver:DisassociateResolverQueryLogConfig",
        }
    )
    in_members = reads | writes
    considerations = (
        "A flow log cannot be changed: the old one is deleted, and another one is made.",
        "A VPC that is made later is logged once this is applied again.",
        "Our flow logs are those that lead to our bucket; all others stay as they are.",
        "A VPC whose subnets are shared is logged in the account that owns it.",
        "Destroying ends the logging; what was logged stays.",
    )
    costs = "Each gigabyte that is delivered, its storage, and requests to S3 and KMS."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/network.html",
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html",
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
    )

    config: Config

    def needed(self, org: Org) -> Iterable[Need]:
        """A key and a bucket for each log."""
        yield from (FLOW_LOGS_KEY, FLOW_LOGS_BUCKET)
        if self.config.resolver_queries:
            yield from (QUERIES_KEY, QUERIES_BUCKET)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The logging of all VPCs and of their queries, of each account in every region."""
        places = [Target(account, region) for account in accounts(org) for region in org.regions]
        settings = self.config.flow_logs.attrs()
        for at in places:
            bucket = buckets.name_of(FLOW_LOGS_BUCKET, org)
            yield Resource(_flow_logs(at), {"bucket": bucket, **settings, "vpcs_without": ()})
        for at in places if self.config.resolver_queries else ():
            yield Resource(_queries(at), {"bucket": buckets.name_of(QUERIES_BUCKET, org), "vpcs_without": ()})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What is logged of the VPCs of an account in one region."""
        ec2: EC2Client = aws.client("ec2", at)
        vpcs = _vpcs(at, org, ec2)
        destination = str(buckets.arn_of(FLOW_LOGS_BUCKET, org))
        yield from _or_none(at, vpcs, _flow_logs(at), flow_logs.observe(_flow_logs(at), vpcs, destination, ec2))
        if not self.config.resolver_queries:
            return
        if aws.offers("route53resolver", at.region):
            resolver = aws.client("route53resolver", at)
            yield from _or_none(at, vpcs, _queries(at), queries.observe(_queries(at), vpcs, resolver))
        else:
            ours = (resource for resource in self.desired(org) if resource.address == _queries(at))
            yield from unoffered(ours, at, "Route 53 Resolver")

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Log the VPCs of a region that are not logged as they should be, or none of them."""
        at, destroys = change.address.at, change.action is Action.DELETE
        ec2: EC2Client = aws.client("ec2", at)
        if change.address == _flow_logs(at):
            vpcs, destination = _vpcs(at, org, ec2), str(buckets.arn_of(FLOW_LOGS_BUCKET, org))
            if destroys:
                flow_logs.end(vpcs, destination, ec2)
            else:
                flow_logs.put(vpcs, self.config.flow_logs, destination, ec2, aws)
        elif destroys:
            queries.end(aws.client("route53resolver", at), aws)
        else:
            destination = str(buckets.arn_of(QUERIES_BUCKET, org))
            queries.put(_vpcs(at, org, ec2), destination, aws.client("route53resolver", at), aws)


def _flow_logs(at: Target) -> Address:
    return Address("log", at, FLOW_LOGS_BUCKET.name)


def _queries(at: Target) -> Address:
    return Address("log", at, QUERIES_BUCKET.name)


def _vpcs(at: Target, org: Org, ec2: EC2Client) -> list[str]:
    """The ids of the VPCs that an account owns; those that are shared with it are listed too."""
    pages = ec2.get_paginator("describe_vpcs").paginate()
    found = (vpc for page in pages for vpc in page["Vpcs"])
    return sorted(vpc["VpcId"] for vpc in found if vpc["OwnerId"] == org.id_of(at.account))


def _or_none(at: Target, vpcs: list[str], address: Address, observed: Iterable[Observation]) -> Iterator[Observation]:
    """What was observed; that there is nothing to log where nothing is logged and there is no VPC."""
    seen = list(observed)
    if not seen and not vpcs:
        yield Unavailable(address, (), f"There is no VPC in {at}.")
    yield from seen
