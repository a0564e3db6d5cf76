"""AWS CloudFormation StackSets."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """One status."""
    return {"cloudformation:DescribeOrganizationsAccess": Need(1, "whether it is active")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "cloudformation:DescribeOrganizationsAccess": Need(2, "before and after"),
        "cloudformation:ActivateOrganizationsAccess": Need(1, "once"),
    }
