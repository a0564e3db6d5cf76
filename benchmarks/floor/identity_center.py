"""IAM Identity Center: the measured organizations have no instance, as only a person can enable it."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """Whether there is an instance: the management account can be asked before there is an organization."""
    return {"sso-admin:ListInstances": Need(1, "whether it is enabled")}


def plan_of_what_is_built(size: Size) -> Needs:
    """Without an instance, there is nothing in it."""
    return plan_of_nothing(size)


def apply_to_nothing(size: Size) -> Needs:
    """There is nothing to write."""
    return plan_of_nothing(size)
