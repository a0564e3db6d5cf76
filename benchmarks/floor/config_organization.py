"""AWS Config in the organization, as it is by default: its aggregator, and nothing that is deployed."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no account yet to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """The role and the aggregator are looked at once, and what others have deployed is listed."""
    return {
        "iam:GetRole": Need(1, "whether the role is there, and who may assume it"),
        "iam:ListAttachedRolePolicies": Need(1, "which policies it has"),
        "config:DescribeConfigurationAggregators": Need(1, "all aggregators, in the home region"),
        "organizations:ListDelegatedAdministrators": Need(1, "whether the account may see what is deployed"),
        "config:DescribeOrganizationConformancePacks": Need(1, "what is deployed, in the home region"),
        "config:DescribeOrganizationConfigRules": Need(1, "likewise"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "iam:GetRole": Need(2, "before, there is none; and after it was made"),
        "iam:ListAttachedRolePolicies": Need(1, "after one was attached"),
        "iam:CreateRole": Need(1, "the role by which Config lists accounts"),
        "iam:AttachRolePolicy": Need(1, "which lets it"),
        "config:DescribeConfigurationAggregators": Need(2, "before, there is none; and after"),
        "config:PutConfigurationAggregator": Need(1, "one for all regions"),
        "organizations:ListDelegatedAdministrators": Need(1, "whether the account may see what is deployed"),
        "config:DescribeOrganizationConformancePacks": Need(1, "what is deployed, in the home region"),
        "config:DescribeOrganizationConfigRules": Need(1, "likewise"),
    }
