"""AWS Security Hub (v2)."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so only the management account's hubs are asked for."""
    return {"securityhub:DescribeSecurityHubV2": Need(size.regions, "in each region: whether the account has a hub")}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once; the policy enables the hubs of members."""
    return {
        "securityhub:DescribeSecurityHubV2": Need(
            2 * size.regions, "in the management and the security tooling account"
        ),
        "securityhub:ListOrganizationAdminAccounts": Need(1, "who administers it, in all regions"),
        "organizations:ListDelegatedAdministrators": Need(1, "who is registered to administer it or Security Hub CSPM"),
        "organizations:DescribeResourcePolicy": Need(1, "what the administrator may do"),
        "securityhub:ListAggregatorsV2": Need(1, "the aggregator's ARN"),
        "securityhub:GetAggregatorV2": Need(1, "the regions that are linked"),
        "organizations:ListPolicies": Need(1, "the policy's id and description"),
        "organizations:DescribePolicy": Need(1, "what it says"),
        "organizations:ListTargetsForPolicy": Need(1, "what it is attached to"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    twice = "before it is written, and after"
    return {
        "securityhub:DescribeSecurityHubV2": Need(4 * size.regions, f"in both accounts, {twice}"),
        "securityhub:EnableSecurityHubV2": Need(2 * size.regions, "in both accounts; members get theirs by the policy"),
        "securityhub:ListOrganizationAdminAccounts": Need(2, twice),
        "organizations:ListDelegatedAdministrators": Need(2, twice),
        "securityhub:EnableOrganizationAdminAccount": Need(1, "once, for all regions"),
        "organizations:DescribeResourcePolicy": Need(2, twice),
        "organizations:PutResourcePolicy": Need(1, "all statements together"),
        "securityhub:ListAggregatorsV2": Need(2, twice),
        "securityhub:CreateAggregatorV2": Need(1, "with all regions"),
        "securityhub:GetAggregatorV2": Need(1, "the regions that are linked, after"),
        "organizations:ListPolicies": Need(2, twice),
        "organizations:CreatePolicy": Need(1, "its answer tells the id"),
        "organizations:DescribePolicy": Need(1, "what it says, after"),
        "organizations:AttachPolicy": Need(1, "to the root"),
        "organizations:ListTargetsForPolicy": Need(1, "what it is attached to, after"),
    }
