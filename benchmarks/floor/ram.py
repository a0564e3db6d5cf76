"""AWS Resource Access Manager."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """AWS RAM has no operation that tells whether it shares with the organization."""
    return {
        "organizations:ListAWSServiceAccessForOrganization": Need(
            size.trust_pages, "whether it is trusted: perhaps on the last page"
        ),
        "iam:GetRole": Need(1, "whether it has its role, without which it does not share"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "organizations:ListAWSServiceAccessForOrganization": Need(2, "before and after"),
        "ram:EnableSharingWithAwsOrganization": Need(1, "once"),
        "iam:GetRole": Need(1, "after"),
    }
