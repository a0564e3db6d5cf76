"""Central management of root access through the API of the sandbox."""

from __future__ import annotations

from typing import Any

from tests.steps.by_hand import Life
from tests.world import World

CREDENTIALS, SESSIONS = "RootCredentialsManagement", "RootSessions"


def features(world: World, account: str = "organization") -> list[str]:
    """What is on, as an account sees it."""
    found: list[str] = world.client("iam", account).list_organizations_features()["EnabledFeatures"]
    return found


def turn_off(world: World, *names: str) -> None:
    iam: Any = world.client("iam")
    if CREDENTIALS in names:
        iam.disable_organizations_root_credentials_management()
    if SESSIONS in names:
        iam.disable_organizations_root_sessions()


def drift(world: World) -> None:
    turn_off(world, CREDENTIALS, SESSIONS)


LIFE = Life(drift=drift)
