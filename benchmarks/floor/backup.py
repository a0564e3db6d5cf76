"""AWS Backup."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """All settings are in one answer."""
    return {"backup:DescribeGlobalSettings": Need(1, "what is on")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "backup:DescribeGlobalSettings": Need(2, "before and after"),
        "backup:UpdateGlobalSettings": Need(1, "the one that is on by default"),
    }
