"""Members without root credentials."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """No member exists, so there is nobody to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """The summary of each account tells of all credentials; no list does for several accounts."""
    return {"iam:GetAccountSummary": Need(size.accounts, "what the root user of each member has")}


def apply_to_nothing(size: Size) -> Needs:
    """New accounts have none, so there is nothing to write."""
    return plan_of_what_is_built(size)
