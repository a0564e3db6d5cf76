"""What a service of AWS goes by in the policies that admit it."""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.aws import has_endpoint, is_opt_in


def of_service(name: str, client: str, regions: Iterable[str]) -> list[str]:
    """The principals of a service, such as `guardduty`, in some regions: it has one of its own in each opt-in region.

    A region that does not have the service is left out: AWS refuses a policy that names who does not exist.
    https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/1054
    """
    offered = (region for region in regions if has_endpoint(client, region))
    places = (f"{region}." if is_opt_in(region) else "" for region in offered)
    return list(dict.fromkeys(f"{name}.{place}amazonaws.com" for place in places))
