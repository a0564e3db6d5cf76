"""AWS Backup through the API of the sandbox: what others change in the settings of the organization."""

from __future__ import annotations

from tests.steps.by_hand import Life
from tests.world import World

CROSS_ACCOUNT = "isCrossAccountBackupEnabled"


def settings(world: World) -> set[str]:
    """The settings that are on."""
    found = world.client("backup").describe_global_settings()["GlobalSettings"]
    return {name for name, value in found.items() if value == "true"}


def turn(world: World, name: str, value: str) -> None:
    world.client("backup").update_global_settings(GlobalSettings={name: value})


def drift(world: World) -> None:
    turn(world, CROSS_ACCOUNT, "false")


LIFE = Life(drift=drift, configs=({"multi_party_approval": False, "administrator": "security_tooling"},))
