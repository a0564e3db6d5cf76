"""AWS Shield Advanced."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is one account yet to ask: the caller's own."""
    return {"shield:DescribeSubscription": Need(1, "of the management account")}


def plan_of_what_is_built(size: Size) -> Needs:
    """Each account knows its own subscription only."""
    return {"shield:DescribeSubscription": Need(size.accounts + 1, "of each account")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    every = size.accounts + 1
    return {
        "shield:DescribeSubscription": Need(2 * every, "before the first write, and after the last"),
        "shield:CreateSubscription": Need(every, "in each account"),
    }
