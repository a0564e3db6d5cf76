"""The KMS keys of logs."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """Only the management account is there to be asked for its keys."""
    return {"kms:ListAliases": Need(size.keys_of_management, "in each place of the management account")}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    each = "each key: no list tells it"
    return {
        "kms:ListAliases": Need(size.key_places, "in each place with keys"),
        "kms:DescribeKey": Need(size.keys, each),
        "kms:GetKeyPolicy": Need(size.keys, each),
        "kms:GetKeyRotationStatus": Need(size.keys, each),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "kms:ListAliases": Need(2 * size.key_places, "in each place with keys, before and after"),
        "kms:ListKeys": Need(size.key_places, "whether an earlier run has left one without an alias"),
        "kms:CreateKey": Need(size.keys, "each, with its policy"),
        "kms:CreateAlias": Need(size.keys, "each"),
        "kms:EnableKeyRotation": Need(size.keys, "each"),
        "kms:DescribeKey": Need(size.keys, "each, after"),
        "kms:GetKeyPolicy": Need(size.keys, "each, after"),
        "kms:GetKeyRotationStatus": Need(size.keys, "each, after"),
    }
