"""AWS Config: the role, the recorder and the delivery channel of every account, the management account included."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size

_EACH = "in each account and region: no list tells it"


def plan_of_nothing(size: Size) -> Needs:
    """Only the management account is there, and it has nothing yet."""
    return {
        "iam:GetRole": Need(1, "whether the management account has the service-linked role"),
        "config:DescribeConfigurationRecorders": Need(size.regions, "of the management account, in each region"),
        "config:DescribeDeliveryChannels": Need(size.regions, "of the management account, in each region"),
    }


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    places = _places(size)
    return {
        "sts:AssumeRole": Need(size.accounts - 1, "to read in all accounts; the security tooling account is entered"),
        "iam:GetRole": Need(size.accounts + 1, "each account: whether it has the service-linked role"),
        "config:DescribeConfigurationRecorders": Need(places, _EACH),
        "config:DescribeConfigurationRecorderStatus": Need(places, _EACH),
        "config:DescribeDeliveryChannels": Need(places, _EACH),
        "kms:ListAliases": Need(1, "which key everything is encrypted with"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    places = _places(size)
    return {
        "sts:AssumeRole": Need(2 * (size.accounts - 1), "to read and to write in all accounts but the entered one"),
        "iam:GetRole": Need(2 * (size.accounts + 1), "each account, before and after"),
        "iam:CreateServiceLinkedRole": Need(size.accounts + 1, "each account"),
        "config:DescribeConfigurationRecorders": Need(2 * places, f"{_EACH}; before and after"),
        "config:PutConfigurationRecorder": Need(places, "in each account and region"),
        "config:DescribeDeliveryChannels": Need(2 * places, f"{_EACH}; before and after"),
        "config:PutDeliveryChannel": Need(places, "in each account and region"),
        "config:StartConfigurationRecorder": Need(places, "in each account and region"),
        "config:DescribeConfigurationRecorderStatus": Need(places, f"{_EACH}, after"),
        "kms:ListAliases": Need(1, "the id of the key that encrypts everything"),
    }


def _places(size: Size) -> int:
    return (size.accounts + 1) * size.regions
