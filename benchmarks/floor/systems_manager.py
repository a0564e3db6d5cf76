"""AWS Systems Manager."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size

_ROLE = "the role by which it finds the accounts"


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """The rest is told with what AWS Organizations trusts and delegates."""
    return {"iam:GetRole": Need(1, _ROLE)}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {"iam:GetRole": Need(2, _ROLE), "iam:CreateServiceLinkedRole": Need(1, _ROLE)}
