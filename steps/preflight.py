"""Whether the ground is ready to build on."""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig

_HERE = Target(MANAGEMENT)
_ENABLED = {"ENABLED", "ENABLED_BY_DEFAULT"}
_TO_BE_ENABLED = {"DISABLED", "ENABLING"}


class Preflight(Step[StepConfig]):
    """Check that the ground is ready: the governed regions are enabled, and whose landing zone this is.

    Everything else stands on this step. It changes nothing: a region that is not enabled, and that the step `regions`
    is not there to enable, blocks what is to be built in that region, and a landing zone of AWS Control Tower is
    reported. That the caller is in the management account, or
    in an account without an organization, is checked before any step.
    """

    id = "preflight"
    Config = StepConfig
    kept = {"region": "This step has enabled none."}
    reads = frozenset({"account:ListRegions", "controltower:ListLandingZones"})
    considerations = (
        "Regions launched since March 20, 2019 are opt-in; the step regions enables these, but not the home region.",
        "AWS Control Tower owns what it has made: accounts, OUs, a trail, Config recorders. Leave these to it.",
    )
    documentation = (
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
        "https://docs.aws.amazon.com/controltower/latest/APIReference/API_ListLandingZones.html",
    )

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every governed region, enabled in the management account, or left to the step that enables it."""
        for region in org.regions:
            yield Resource(Address("region", _HERE, region), {"usable": True})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The status of each governed region, and the landing zone of AWS Control Tower if there is one."""
        pages = aws.client("account", at).get_paginator("list_regions").paginate()
        statuses = {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}
        for region in org.regions:
            address = Address("region", at, region)
            status = statuses.get(region, "not known to this account")
            usable = status in _ENABLED or ("regions" in org.sections and status in _TO_BE_ENABLED)
            if not usable:
                yield Obstacle(
                    address,
                    f"The region {region} is {status} in the management account.",
                    f"Enable it (aws account enable-region --region-name {region}), or leave it out of "
                    "organization.governed_regions.",
                )
            yield Resource(address, {"usable": usable})
        if aws.offers("controltower", org.home_region):
            control_tower = aws.client("controltower", Target(MANAGEMENT, org.home_region))
            for landing_zone in control_tower.list_landing_zones()["landingZones"]:
                yield Note(
                    f"AWS Control Tower has a landing zone here ({landing_zone['arn']}). It owns what it has made: "
                    "name its accounts and OUs in config.yaml as they are, or leave them out."
                )

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Nothing can be changed here: a region that is not enabled is an obstacle."""
        raise RefusalError(f"The region {change.address.name} is not enabled in the management account.")
