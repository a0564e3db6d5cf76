"""AWS Security Incident Response: one membership, in the home region."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """The management account is there, and may have the role of triage."""
    return {"iam:GetRole": Need(1, "whether the role of triage is there")}


def plan_of_what_is_built(size: Size) -> Needs:
    """The list tells the id, and nothing of what the membership is."""
    return {
        "iam:GetRole": Need(1, "whether the role of triage is there"),
        "security-ir:ListMemberships": Need(1, "of the region that has the membership"),
        "security-ir:GetMembership": Need(1, "what it is"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look in every region for a membership of others, write, look again."""
    return {
        "iam:GetRole": Need(2, "before and after it is made"),
        "iam:CreateServiceLinkedRole": Need(1, "in the management account, where AWS makes none"),
        "security-ir:ListMemberships": Need(1 + size.regions, "before, in every region; after, in its own"),
        "security-ir:GetMembership": Need(1, "what it has become"),
        "security-ir:CreateMembership": Need(1, "once"),
    }
