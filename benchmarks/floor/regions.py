"""Regions that must be opted in to: the measured organizations govern none."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """Whether any of the governed regions is such a one; the step may be planned without `preflight`."""
    return {"account:ListRegions": Need(1, "which regions are enabled in every account by default")}


def plan_of_what_is_built(size: Size) -> Needs:
    """As all are enabled in every account by default, no account is asked."""
    return plan_of_nothing(size)


def apply_to_nothing(size: Size) -> Needs:
    """There is nothing to write."""
    return plan_of_nothing(size)
