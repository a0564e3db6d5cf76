"""The default VPC of an account and region: it is only removed where nobody has put anything into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Observation, Resource, Target, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_MARK = "sra-bootstrap:default-vpc"
"""The tag of a gateway on its way out: once it is detached, nothing else tells that it was the default VPC's."""


_CONTENTS: dict[str, tuple[str, str, Callable[[Any], bool]]] = {
    "network interfaces": ("describe_network_interfaces", "NetworkInterfaces", bool),
    "endpoints": ("describe_vpc_endpoints", "VpcEndpoints", lambda one: one["State"].lower() != "deleted"),
    "security groups": ("describe_security_groups", "SecurityGroups", lambda one: one["GroupName"] != "default"),
    "network ACLs": ("describe_network_acls", "NetworkAcls", lambda one: not one["IsDefault"]),
    "subnets": ("describe_subnets", "Subnets", lambda one: not one["DefaultForAz"]),
    "route tables": (
        "describe_route_tables",
        "RouteTables",
        lambda one: not any(link.get("Main") for link in one["Associations"]),
    ),
}
"""What somebody may have put into a VPC: how it is asked for, and what of the answer AWS did not put there itself."""


def observe(at: Target, ec2: EC2Client) -> Iterator[Observation]:
    """Whether the default VPC is gone; one with something in it is left alone."""
    address = Address("default-vpc", at)
    vpcs = _default(ec2)
    for vpc_id in vpcs:
        if contents := _contents(vpc_id, ec2):
            yield Unavailable(address, (), f"The default VPC {vpc_id} is in use: it has {contents}.")
    yield Resource(address, {"removed": not vpcs})


def remove(ec2: EC2Client) -> None:
    """Delete the default VPC with its subnets and its internet gateway.

    Raises:
        RefusalError: there is something in it by now.
    """
    for vpc_id in _default(ec2):
        if contents := _contents(vpc_id, ec2):
            raise RefusalError(f"The default VPC {vpc_id} has {contents} by now.", "Plan again: it is left alone then.")
        for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        for gateway in _gateways("attachment.vpc-id", vpc_id, ec2):
            ec2.create_tags(Resources=[gateway], Tags=[{"Key": _MARK, "Value": vpc_id}])
            ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        for gateway in _gateways(f"tag:{_MARK}", vpc_id, ec2):
            ec2.delete_internet_gateway(InternetGatewayId=gateway)
        ec2.delete_vpc(VpcId=vpc_id)


def _default(ec2: EC2Client) -> list[str]:
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    return [vpc["VpcId"] for vpc in vpcs]


def _contents(vpc_id: str, ec2: EC2Client) -> str:
    """What somebody has put into a VPC, in words; empty if nothing."""
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    answers = {what: getattr(ec2, operation)(Filters=of_vpc)[key] for what, (operation, key, _) in _CONTENTS.items()}
    return ", ".join(what for what, (_, _, theirs) in _CONTENTS.items() if any(map(theirs, answers[what])))


def _gateways(by: str, value: str, ec2: EC2Client) -> list[str]:
    found = ec2.describe_internet_gateways(Filters=[{"Name": by, "Values": [value]}])["InternetGateways"]
    return [gateway["InternetGatewayId"] for gateway in found]
