"""The logs of networks."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size

_QUERIES = ("ListResolverQueryLogConfigs", "ListResolverQueryLogConfigAssociations")


def plan_of_nothing(size: Size) -> Needs:
    """There is no network account to be asked."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once, in the one account that is logged."""
    each = "in each region"
    return {
        "ec2:DescribeVpcs": Need(size.regions, "in each region: what is to be logged"),
        "ec2:DescribeFlowLogs": Need(size.regions, each),
        **{f"route53resolver:{name}": Need(size.regions, each) for name in _QUERIES},
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    each = "in each region"
    return {
        "ec2:DescribeVpcs": Need(2 * size.regions, "in each region, before and after"),
        "ec2:DescribeFlowLogs": Need(2 * size.regions, "in each region, before and after"),
        "ec2:CreateFlowLogs": Need(size.regions, "in each region, of up to 300 VPCs"),
        "route53resolver:ListResolverQueryLogConfigs": Need(2 * size.regions, "in each region, before and after"),
        "route53resolver:CreateResolverQueryLogConfig": Need(size.regions, each),
        "route53resolver:AssociateResolverQueryLogConfig": Need(size.regions, "each VPC: there is one in a region"),
        "route53resolver:ListResolverQueryLogConfigAssociations": Need(size.regions, "in each region, after"),
    }
