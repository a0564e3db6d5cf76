"""What every account has set for itself, as it is by default: what organization policies can set is left to them."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is one account yet to ask: the caller's own."""
    return {
        "iam:GetAccountPasswordPolicy": Need(1, "of the management account"),
        "ec2:GetEbsEncryptionByDefault": Need(size.regions, "of the management account, in each region"),
    }


def plan_of_what_is_built(size: Size) -> Needs:
    """Each account says what it has set, and of each region separately; for AWS Config, all are entered anyway."""
    every = size.accounts + 1
    return {
        "iam:GetAccountPasswordPolicy": Need(every, "of each account"),
        "ec2:GetEbsEncryptionByDefault": Need(every * size.regions, "of each account, in each region"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    every = size.accounts + 1
    return {
        "iam:GetAccountPasswordPolicy": Need(2 * every, "before the first write, and after the last"),
        "iam:UpdateAccountPasswordPolicy": Need(every, "in each account"),
        "ec2:GetEbsEncryptionByDefault": Need(2 * every * size.regions, "before the first write, and after the last"),
        "ec2:EnableEbsEncryptionByDefault": Need(every * size.regions, "in each account and region"),
    }
