"""Amazon Security Lake."""

from __future__ import annotations

from math import ceil

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, so there is nothing to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once; what is of all regions, in one of them."""
    regions = size.regions
    return {
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it"),
        "iam:GetRole": Need(2, "the role that registers what is collected; and the one that is linked to it"),
        "iam:ListAttachedRolePolicies": Need(1, "its managed policies"),
        "iam:GetRolePolicy": Need(1, "its own policy"),
        "kms:ListAliases": Need(regions, "whether keys are ours"),
        "securitylake:ListDataLakes": Need(1, "the lake in every region"),
        "securitylake:ListLogSources": Need(_pages(size), "an account and region each, 100 to a page"),
        "securitylake:GetDataLakeOrganizationConfiguration": Need(1, "what accounts get that join"),
        "securitylake:ListSubscribers": Need(regions, "in each region"),
        "sqs:ListQueues": Need(regions, "where the queues are"),
        "sqs:GetQueueAttributes": Need(3 * regions, "what each is encrypted with"),
        "ram:GetResourceShares": Need(regions, "whether what is shared is accepted"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again; a stage needs what the one before has made."""
    regions = size.regions
    return {
        "organizations:ListDelegatedAdministrators": Need(2, "before and after the delegation"),
        "securitylake:RegisterDataLakeDelegatedAdministrator": Need(1, "for all regions"),
        "iam:GetRole": Need(5, "before and after each of two is made; and the ARN of one"),
        "iam:CreateRole": Need(1, "once"),
        "iam:CreateServiceLinkedRole": Need(1, "once"),
        "iam:AttachRolePolicy": Need(1, "its managed policy"),
        "iam:ListAttachedRolePolicies": Need(1, "after"),
        "iam:PutRolePolicy": Need(1, "its own policy"),
        "iam:GetRolePolicy": Need(2, "what others have in it, and after"),
        "kms:ListAliases": Need(4 * regions, "the keys of lake and queues, and whether they are those"),
        "securitylake:ListDataLakes": Need(2, "before and after"),
        "securitylake:CreateDataLake": Need(1, "in all regions at once"),
        "securitylake:ListLogSources": Need(1 + _pages(size), "before, there are none; after, 100 to a page"),
        "securitylake:CreateAwsLogSource": Need(1, "all sources, accounts and regions at once"),
        "securitylake:GetDataLakeOrganizationConfiguration": Need(2, "before and after"),
        "securitylake:CreateDataLakeOrganizationConfiguration": Need(1, "for all regions at once"),
        "securitylake:ListSubscribers": Need(2 * regions, "before and after"),
        "securitylake:CreateSubscriber": Need(2 * regions, "of data and of queries, in each region"),
        "securitylake:CreateSubscriberNotification": Need(regions, "of data"),
        "sqs:ListQueues": Need(2 * regions, "before and after"),
        "sqs:SetQueueAttributes": Need(3 * regions, "a queue each"),
        "sqs:GetQueueAttributes": Need(5 * regions, "before, two in each region; after, three"),
        **_shares(size),
    }


def _shares(size: Size) -> Needs:
    """Where AWS RAM shares with the organization, nobody is invited."""
    regions = size.regions
    if "ram" in size.steps:
        return {"ram:GetResourceShares": Need(regions, "after")}
    return {
        "ram:GetResourceShares": Need(2 * regions, "before and after"),
        "ram:GetResourceShareInvitations": Need(regions, "in each region"),
        "ram:AcceptResourceShareInvitation": Need(regions, "in each region"),
    }


def _pages(size: Size) -> int:
    return ceil((size.accounts + 1) * size.regions / 100)
