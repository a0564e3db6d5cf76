"""Amazon VPC IP Address Manager."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """IPAM has no operation that tells its administrator."""
    return {
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it"),
        "iam:GetRole": Need(1, "whether it has its role, without which the administrator sees nothing"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "organizations:ListDelegatedAdministrators": Need(2, "before and after"),
        "ec2:EnableIpamOrganizationAdminAccount": Need(1, "for all regions"),
        "iam:GetRole": Need(1, "after"),
    }
