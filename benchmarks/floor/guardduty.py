"""Amazon GuardDuty."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so only the management account's detectors are asked for."""
    return {
        "guardduty:ListDetectors": Need(size.regions, "in each region: whether the account has a detector"),
    }


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    regions = size.regions
    return {
        "guardduty:ListDetectors": Need(
            2 * regions, "in the management and the security tooling account: the id, which every other read asks for"
        ),
        "guardduty:GetDetector": Need(regions, "the administrator's: its features; members tells of the others"),
        "guardduty:ListOrganizationAdminAccounts": Need(regions, "who administers a region"),
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it, in whatever region"),
        "guardduty:DescribeOrganizationConfiguration": Need(regions, "what is enabled in members"),
        "guardduty:ListMembers": Need(regions * size.batches, "50 to a page, without their features"),
        "guardduty:GetMemberDetectors": Need(regions * size.batches, "the features of 50 members"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    regions = size.regions
    return {
        "guardduty:ListDetectors": Need(
            3 * regions, "before, in both accounts; after the delegation, the administrator's appears by itself"
        ),
        "guardduty:CreateDetector": Need(regions, "in the management account; its answer tells the id"),
        "guardduty:GetDetector": Need(
            3 * regions, "the management account's when it is made; the administrator's before and after its update"
        ),
        "guardduty:UpdateDetector": Need(regions, "the administrator's"),
        "guardduty:ListOrganizationAdminAccounts": Need(2 * regions, "before and after the delegation"),
        "organizations:ListDelegatedAdministrators": Need(2, "before and after: who administers it in any region"),
        "guardduty:EnableOrganizationAdminAccount": Need(regions, "in each region"),
        "guardduty:DescribeOrganizationConfiguration": Need(2 * regions, "before and after its update"),
        "guardduty:UpdateOrganizationConfiguration": Need(regions, "in each region"),
        "guardduty:ListMembers": Need(regions * (1 + size.batches), "before, there are none; after, 50 to a page"),
        "guardduty:CreateMembers": Need(regions * size.batches, "50 at a time"),
        "guardduty:UpdateMemberDetectors": Need(regions * size.batches, "50 at a time, all with the same features"),
        "guardduty:GetMemberDetectors": Need(regions * size.batches, "after, the features of 50 members"),
    }
