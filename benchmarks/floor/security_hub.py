"""AWS Security Hub CSPM, configured centrally with one policy for all."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so only the management account's hubs are asked for."""
    return {
        "securityhub:DescribeHub": Need(size.regions, "in each region: whether the account has a hub"),
    }


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once; what policies do in members is AWS's."""
    regions = size.regions
    return {
        "securityhub:DescribeHub": Need(regions, "in the management account"),
        "securityhub:ListOrganizationAdminAccounts": Need(1, "who administers the home region"),
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it, in whatever region"),
        "securityhub:ListFindingAggregators": Need(1, "the ARN, which the next asks for"),
        "securityhub:GetFindingAggregator": Need(1, "its home region and the linked regions"),
        "securityhub:DescribeOrganizationConfiguration": Need(1, "whether it is configured centrally"),
        "securityhub:ListConfigurationPolicies": Need(1, "the policies' ids, by name"),
        "securityhub:GetConfigurationPolicy": Need(1, "what is in the one of ours"),
        "securityhub:ListConfigurationPolicyAssociations": Need(1, "what is applied directly, without what inherits"),
        "securityhub:ListEnabledProductsForImport": Need(
            regions, "whether the administrator has a hub, and whose findings it accepts"
        ),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    regions = size.regions
    return {
        "securityhub:DescribeHub": Need(2 * regions, "in the management account, before and after"),
        "securityhub:EnableSecurityHub": Need(2 * regions, "in both accounts, in each region"),
        "securityhub:ListOrganizationAdminAccounts": Need(2, "before and after the delegation"),
        "organizations:ListDelegatedAdministrators": Need(2, "before and after: who administers it in any region"),
        "securityhub:EnableOrganizationAdminAccount": Need(1, "in the home region; the others follow"),
        "securityhub:ListFindingAggregators": Need(2, "before and after"),
        "securityhub:CreateFindingAggregator": Need(1, "its answer tells the ARN"),
        "securityhub:GetFindingAggregator": Need(1, "after"),
        "securityhub:DescribeOrganizationConfiguration": Need(2, "before and after its update"),
        "securityhub:UpdateOrganizationConfiguration": Need(1, "once"),
        "securityhub:ListConfigurationPolicies": Need(2, "before and after"),
        "securityhub:CreateConfigurationPolicy": Need(1, "its answer tells the id"),
        "securityhub:GetConfigurationPolicy": Need(1, "after"),
        "securityhub:ListConfigurationPolicyAssociations": Need(2, "before and after"),
        "securityhub:StartConfigurationPolicyAssociation": Need(1, "with the root"),
        "securityhub:ListEnabledProductsForImport": Need(
            2 * regions, "before, there is no hub; after, AWS accepts them from the beginning"
        ),
    }
