"""Amazon Detective."""

from __future__ import annotations

from math import ceil

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    regions = size.regions
    return {
        "detective:ListOrganizationAdminAccounts": Need(regions, "who administers a region, and its behavior graph"),
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it, in whatever region"),
        "detective:DescribeOrganizationConfiguration": Need(regions, "whether accounts that join are enabled"),
        "detective:ListDatasourcePackages": Need(regions, "which data source packages are started"),
        "detective:ListMembers": Need(regions * _pages(size), "200 to a page"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    regions = size.regions
    return {
        "detective:ListOrganizationAdminAccounts": Need(2 * regions, "before and after the delegation"),
        "organizations:ListDelegatedAdministrators": Need(2, "before and after: who administers it in any region"),
        "detective:EnableOrganizationAdminAccount": Need(regions, "in each region"),
        "detective:DescribeOrganizationConfiguration": Need(2 * regions, "before and after its update"),
        "detective:UpdateOrganizationConfiguration": Need(regions, "in each region"),
        "detective:ListDatasourcePackages": Need(2 * regions, "before and after they are started"),
        "detective:UpdateDatasourcePackages": Need(regions, "in each region, all at once"),
        "detective:ListMembers": Need(regions * (1 + _pages(size)), "before, there are none; after, 200 to a page"),
        "detective:CreateMembers": Need(regions * size.batches, "50 at a time"),
    }


def _pages(size: Size) -> int:
    return ceil(size.accounts / 200)
