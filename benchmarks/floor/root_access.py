"""Central management of root access."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """One call tells of both features."""
    return {"iam:ListOrganizationsFeatures": Need(1, "which features are on")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "iam:ListOrganizationsFeatures": Need(2, "before and after"),
        "iam:EnableOrganizationsRootCredentialsManagement": Need(1, "one call for each feature"),
        "iam:EnableOrganizationsRootSessions": Need(1, "one call for each feature"),
    }
