"""The regions of AWS, as its SDK knows them without asking."""

from __future__ import annotations

from functools import cache

import botocore.session


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
