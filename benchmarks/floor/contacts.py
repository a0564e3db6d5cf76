"""Contacts of accounts: the measured organizations name none, as the example names none."""

from __future__ import annotations

from benchmarks.floor.need import Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """Nobody is asked for what config.yaml does not name."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Likewise."""
    return {}


def apply_to_nothing(size: Size) -> Needs:
    """Likewise."""
    return {}
