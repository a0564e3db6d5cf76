"""Compute Optimizer through the API of the sandbox: what others do to the enrollment."""

from __future__ import annotations

from tests.steps.by_hand import Life, found
from tests.world import World


def enrol_alone(world: World) -> None:
    """Enrol the management account, and none of its members."""
    found(world)
    world.client("compute-optimizer").update_enrollment_status(status="Active")


LIFE = Life(before=enrol_alone)
