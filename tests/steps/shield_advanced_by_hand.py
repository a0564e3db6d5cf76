"""Shield Advanced through the API of the sandbox: how it stands, and what others do to it."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World


def subscription(world: World, account: str) -> dict[str, Any] | None:
    shield = world.client("shield", account)
    try:
        return dict(shield.describe_subscription()["Subscription"])
    except shield.exceptions.ResourceNotFoundException:
        return None


def end_renewal(world: World, account: str = MANAGEMENT) -> None:
    """Let a subscription end, in a year that is so short that all of it is its last 30 days."""
    world.sandbox.settings.shield_commitment_days = 30
    world.client("shield", account).update_subscription(AutoRenew="DISABLED")


LIFE = Life(drift=end_renewal)
