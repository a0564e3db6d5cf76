"""Amazon Inspector."""

from __future__ import annotations

from math import ceil

from benchmarks.floor.need import Need, Needs, Size


def _status_batches(size: Size) -> int:
    """Batches of 100 accounts at most, the administrator's own among them."""
    return ceil((size.accounts + 1) / 100)


def _inspected_batches(size: Size) -> int:
    """Batches of 100 members at most."""
    return ceil(size.accounts / 100)


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is no administrator, and nobody to ask it."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    regions = size.regions
    return {
        "inspector2:ListDelegatedAdminAccounts": Need(regions, "who administers a region"),
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it, in whatever region"),
        "inspector2:ListMembers": Need(regions * size.batches, "50 to a page, without what is scanned in them"),
        "inspector2:BatchGetAccountStatus": Need(
            regions * _status_batches(size), "what is scanned in 100 accounts, the administrator's own among them"
        ),
        "inspector2:DescribeOrganizationConfiguration": Need(regions, "what is enabled in accounts that join"),
        "inspector2:GetConfiguration": Need(regions, "how images and instances are scanned"),
        "inspector2:GetEc2DeepInspectionConfiguration": Need(regions, "where instances are inspected deeply"),
        "inspector2:BatchGetMemberEc2DeepInspectionStatus": Need(
            regions * _inspected_batches(size), "whether the instances of 100 members are inspected deeply"
        ),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    regions = size.regions
    return {
        "inspector2:ListDelegatedAdminAccounts": Need(2 * regions, "before and after the delegation"),
        "organizations:ListDelegatedAdministrators": Need(2, "before and after: who administers it in any region"),
        "inspector2:EnableDelegatedAdminAccount": Need(regions, "in each region"),
        "inspector2:BatchGetAccountStatus": Need(
            regions * (1 + _status_batches(size)), "the administrator's own before; after, of 100 accounts"
        ),
        "inspector2:Enable": Need(
            regions * (1 + _inspected_batches(size)), "the administrator's own; after it, of 100 members"
        ),
        "inspector2:DescribeOrganizationConfiguration": Need(2 * regions, "before and after its update"),
        "inspector2:UpdateOrganizationConfiguration": Need(regions, "in each region"),
        "inspector2:GetConfiguration": Need(regions, "it is as wanted as soon as anything is scanned"),
        "inspector2:GetEc2DeepInspectionConfiguration": Need(regions, "likewise"),
        "inspector2:ListMembers": Need(
            regions * (1 + 2 * size.batches), "before, there are none; once they are associated, and after"
        ),
        "inspector2:AssociateMember": Need(regions * size.accounts, "each; there is no batch"),
        "inspector2:BatchGetMemberEc2DeepInspectionStatus": Need(
            regions * _inspected_batches(size), "after: it comes with scans of instances"
        ),
    }
