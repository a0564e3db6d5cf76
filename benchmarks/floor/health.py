"""AWS Health."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """One status."""
    return {"health:DescribeHealthServiceStatusForOrganization": Need(1, "whether its view is enabled")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "health:DescribeHealthServiceStatusForOrganization": Need(2, "before and after"),
        "health:EnableHealthServiceAccessForOrganization": Need(1, "once"),
    }
