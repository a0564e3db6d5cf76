"""What GuardDuty and Macie export."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no security tooling account to be asked."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    each = "in each region"
    return {
        "guardduty:ListDetectors": Need(size.regions, "in each region: the id, which every other read asks for"),
        "guardduty:ListPublishingDestinations": Need(size.regions, "in each region: the id of the destination"),
        "guardduty:DescribePublishingDestination": Need(size.regions, each),
        "macie2:GetClassificationExportConfiguration": Need(size.regions, each),
        "kms:ListAliases": Need(1, "whose keys they are encrypted with"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "guardduty:ListDetectors": Need(2 * size.regions, "in each region, before and after"),
        "guardduty:ListPublishingDestinations": Need(2 * size.regions, "in each region, before and after"),
        "guardduty:CreatePublishingDestination": Need(size.regions, "in each region"),
        "guardduty:DescribePublishingDestination": Need(size.regions, "in each region, after"),
        "macie2:GetClassificationExportConfiguration": Need(2 * size.regions, "in each region, before and after"),
        "macie2:PutClassificationExportConfiguration": Need(size.regions, "in each region"),
        "kms:ListAliases": Need(2, "with which keys they are to be encrypted, and whose they are"),
    }
