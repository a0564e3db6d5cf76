"""AWS Audit Manager: the measured organizations do not use it, as no new one can."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """The management account is there, and may be a customer of old."""
    return {"auditmanager:GetAccountStatus": Need(size.regions, "of the management account, in each region")}


def plan_of_what_is_built(size: Size) -> Needs:
    """Either of two accounts may use it for itself."""
    return {"auditmanager:GetAccountStatus": Need(2 * size.regions, "of two accounts, in each region")}


def apply_to_nothing(size: Size) -> Needs:
    """Planned again; there is nothing to write."""
    return plan_of_what_is_built(size)
