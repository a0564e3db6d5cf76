"""Cost Optimization Hub through the API of the sandbox: what others do to the enrollment."""

from __future__ import annotations

from typing import Any

from tests.steps.by_hand import Life
from tests.world import World


def hub(world: World) -> Any:
    return world.client("cost-optimization-hub", region="us-east-1")


def drift(world: World) -> None:
    """Take all accounts out."""
    hub(world).update_enrollment_status(status="Inactive", includeMemberAccounts=True)


LIFE = Life(drift=drift)
