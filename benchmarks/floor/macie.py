"""Amazon Macie."""

from __future__ import annotations

from math import ceil

from benchmarks.floor.need import Need, Needs, Size


def _pages(size: Size) -> int:
    """Pages of members, of 25 at most: every account but the administrator's own."""
    return ceil(size.accounts / 25)


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so only the management account's sessions are asked for."""
    return {"macie2:GetMacieSession": Need(size.regions, "in each region: whether the account has enabled Macie")}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    regions, both = size.regions, "in the management and the security tooling account"
    return {
        "macie2:GetMacieSession": Need(2 * regions, both),
        "macie2:GetFindingsPublicationConfiguration": Need(2 * regions, f"{both}: no other read tells it"),
        "macie2:ListOrganizationAdminAccounts": Need(regions, "who administers a region"),
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it, in whatever region"),
        "macie2:DescribeOrganizationConfiguration": Need(regions, "whether new accounts are enrolled"),
        "macie2:GetAutomatedDiscoveryConfiguration": Need(regions, "whether discovery is off"),
        "macie2:ListMembers": Need(regions * _pages(size), "25 to a page"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    regions, both = size.regions, "in the management and the security tooling account"
    return {
        "macie2:GetMacieSession": Need(4 * regions, f"{both}, before and after"),
        "macie2:EnableMacie": Need(2 * regions, both),
        "macie2:GetFindingsPublicationConfiguration": Need(2 * regions, f"{both}, after"),
        "macie2:PutFindingsPublicationConfiguration": Need(2 * regions, both),
        "macie2:ListOrganizationAdminAccounts": Need(2 * regions, "before and after the delegation"),
        "organizations:ListDelegatedAdministrators": Need(2, "before and after: who administers it in any region"),
        "macie2:EnableOrganizationAdminAccount": Need(regions, "in each region"),
        "macie2:DescribeOrganizationConfiguration": Need(2 * regions, "before and after its update"),
        "macie2:UpdateOrganizationConfiguration": Need(regions, "in each region"),
        "macie2:GetAutomatedDiscoveryConfiguration": Need(regions, "it is off at first; nothing is written"),
        "macie2:ListMembers": Need(regions * (1 + _pages(size)), "before, there are none; after, 25 to a page"),
        "macie2:CreateMember": Need(regions * size.accounts, "each; there is no batch"),
    }
