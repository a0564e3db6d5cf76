"""Organization policies."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no organization, and so no policy."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """AWS tells the policies of one type at a time, and of one policy what it says and what it is attached to."""
    return {
        "organizations:ListPolicies": Need(size.policy_types, "of each type: ours, and what is not named any more"),
        "organizations:ListTargetsForPolicy": Need(size.policies, "of each: what it is attached to"),
        "organizations:DescribePolicy": Need(size.policies, "of each: what it says"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "organizations:ListPolicies": Need(2 * size.policy_types, "of each type, before it is written, and after"),
        "organizations:CreatePolicy": Need(size.policies, "each; its answer tells the id"),
        "organizations:AttachPolicy": Need(size.attachments, "each; there is no batch"),
        "organizations:ListTargetsForPolicy": Need(size.policies, "of each, after"),
        "organizations:DescribePolicy": Need(size.policies, "of each, after"),
    }
