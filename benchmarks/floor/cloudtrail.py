"""AWS CloudTrail."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size

_LOOKED_FOR = {
    "cloudtrail:DescribeTrails": "all trails of the home region, and those of all regions",
    "logs:DescribeLogGroups": "the log group",
    "iam:GetRole": "the role that writes to it",
}
"""What shows whether each is there."""


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, but the management account may have all but the administrator."""
    return {operation: Need(1, f"in the management account: {what}") for operation, what in _LOOKED_FOR.items()}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    return {operation: Need(1, what) for operation, what in _LOOKED_FOR.items()} | {
        "organizations:ListDelegatedAdministrators": Need(1, "who administers it"),
        "iam:GetRolePolicy": Need(1, "what the role may do"),
        "cloudtrail:GetTrailStatus": Need(1, "whether the trail logs, and what it cannot deliver"),
        "cloudtrail:GetEventSelectors": Need(1, "what it logs"),
        "kms:ListAliases": Need(2, "which key the log files are encrypted with, and which key the log group"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {operation: Need(2, f"{what}, before and after") for operation, what in _LOOKED_FOR.items()} | {
        "organizations:ListDelegatedAdministrators": Need(2, "who administers it, before and after"),
        "cloudtrail:RegisterOrganizationDelegatedAdmin": Need(1, "once, for all regions"),
        "kms:ListAliases": Need(4, "the keys' ids, before both are named, and after"),
        "logs:CreateLogGroup": Need(1, "with its key, and protected"),
        "logs:PutRetentionPolicy": Need(1, "it cannot be made with one"),
        "iam:CreateRole": Need(1, "who may assume it"),
        "iam:PutRolePolicy": Need(1, "what it may do"),
        "iam:GetRolePolicy": Need(1, "what it may do, after"),
        "cloudtrail:CreateTrail": Need(1, "with all its settings"),
        "cloudtrail:PutEventSelectors": Need(1, "what it logs"),
        "cloudtrail:StartLogging": Need(1, "a new trail does not log"),
        "cloudtrail:GetTrailStatus": Need(1, "whether it logs, after"),
        "cloudtrail:GetEventSelectors": Need(1, "what it logs, after"),
    }
