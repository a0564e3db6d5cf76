"""The regions of AWS, as its SDK knows them without asking."""

from __future__ import annotations

from functools import cache

import botocore.session
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

_ENABLED_BY_DEFAULT = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    }
)
"""The regions that every account has, for good: those launched before March 20, 2019. The SDK does not know them.

https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""


@cache
def _partitions() -> dict[str, str]:
    session = botocore.session.Session()
    return {
        region: partition
        for partition in session.get_available_partitions()
        # Every region has EC2; https://docs.aws.amazon.com/general/latest/gr/ec2-service.html.
        for region in session.get_available_regions("ec2", partition)
    }


def known_regions() -> frozenset[str]:
    """Every region of every partition."""
    return frozenset(_partitions())


def partition_of(region: str) -> str:
    """The partition of a region, such as `aws` or `aws-us-gov`.

    Raises:
        KeyError: there is no such region.
    """
    return _partitions()[region]


def is_opt_in(region: str) -> bool:
    """Whether an account has a region only once it has enabled it, so that services have names of their own there.

    Raises:
        KeyError: there is no such region.
    """
    return partition_of(region) == "aws" and region not in _ENABLED_BY_DEFAULT


@cache
def region_of_requests(service: str, region: str) -> str:
    """The region that AWS says a request is for, as in `aws:RequestedRegion`: of a global service it is always one.

    Args:
        service: as its endpoints and its IAM actions begin, such as `iam`.
        region: for which it is asked.

    Raises:
        KeyError: there is no such region.
    """
    endpoint = _resolver().construct_endpoint(service, region, partition_name=partition_of(region)) or {}
    if endpoint.get("endpointName") == region:
        return region
    found: str = endpoint.get("credentialScope", {}).get("region", region)
    return found


@cache
def _resolver() -> EndpointResolver:
    return EndpointResolver(create_loader().load_data("endpoints"))


@cache
def has_endpoint(service: str, region: str) -> bool:
    """Whether a service has an endpoint in a region, as the SDK's data says.

    Raises:
        KeyError: there is no such region.
    """
    return region in botocore.session.Session().get_available_regions(service, partition_of(region))
