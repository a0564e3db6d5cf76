"""Amazon EC2: the default VPC of an account and region, as AWS makes it, and what keeps a VPC from being deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends

from sra_bootstrap.sandbox.extension import Call, check
from sra_bootstrap.sandbox.faults import AwsFault

_TOUCHING = (
    *("DescribeVpcs", "DescribeInternetGateways", "DescribeRouteTables", "DescribeSubnets"),
    *("DeleteVpc", "DetachInternetGateway"),
)


@dataclass
class DefaultVpc:
    """Whether the default VPC has got what moto leaves out."""

    complete: bool = False


@check("ec2", *_TOUCHING)
def complete_default_vpc(call: Call, **_: Any) -> None:
    """A default VPC has an internet gateway, and a route to it in its main route table.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
    """
    there = call.state(DefaultVpc)
    if there.complete:
        return
    there.complete = True
    backend = ec2_backends[call.account_id][call.region]
    vpc = backend.get_default_vpc()
    if vpc is not None:
        gateway = backend.create_internet_gateway()
        backend.attach_internet_gateway(gateway.id, vpc.id)
        main = backend.describe_route_tables(filters={"vpc-id": vpc.id, "association.main": "true"})[0]
        backend.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)


@check("ec2", "DeleteVpc")
def refuse_while_in_use(call: Call, VpcId: str, **_: Any) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html.

    "You must detach or delete all gateways and resources that are associated with the VPC before you can delete it":
    moto only looks for subnets, route tables and virtual private gateways.

    Raises:
        AwsFault: an internet gateway, an endpoint or a security group of somebody's is in the way.
    """
    backend = ec2_backends[call.account_id][call.region]
    gateways = [gateway for gateway in backend.internet_gateways.values() if gateway.vpc and gateway.vpc.id == VpcId]
    endpoints = [one for one in backend.vpc_end_points.values() if one.vpc_id == VpcId and one.state != "deleted"]
    groups = [group for group in backend.groups[VpcId].values() if group.name != "default"]
    if gateways or endpoints or groups:
        text = f"The vpc '{VpcId}' has dependencies and cannot be deleted."
        raise AwsFault("DependencyViolation", text)


@check("ec2", "DeleteSubnet")
def refuse_while_in_a_subnet(call: Call, SubnetId: str, **_: Any) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html.

    Raises:
        AwsFault: a network interface is in it.
    """
    backend = ec2_backends[call.account_id][call.region]
    if any(interface.subnet.id == SubnetId for interface in backend.enis.values()):
        text = f"The subnet '{SubnetId}' has dependencies and cannot be deleted."
        raise AwsFault("DependencyViolation", text)
