"""AWS Compute Optimizer."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """One answer tells of all accounts."""
    return {"compute-optimizer:GetEnrollmentStatus": Need(1, "whether accounts are enrolled")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "compute-optimizer:GetEnrollmentStatus": Need(2, "before and after"),
        "compute-optimizer:UpdateEnrollmentStatus": Need(1, "all accounts at once"),
    }
