"""What a region does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sra_bootstrap.model import Resource, Target, Unavailable


def unoffered(resources: Iterable[Resource], at: Target, service: str) -> Iterator[Unavailable]:
    """Everything that is desired at one place, when a service is not offered in its region."""
    for resource in resources:
        if resource.address.at == at:
            yield Unavailable(resource.address, (), f"{service} is not offered in {at.region}.")
