"""Opt-in regions through the API of the sandbox: what others do to them, and how they stand."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life, govern
from tests.world import World

OPT_IN = "af-south-1"


def named(world: World, name: str) -> dict[str, Any]:
    return {} if name == MANAGEMENT else {"AccountId": world.arrive().id_of(name)}


def status(world: World, name: str, region: str = OPT_IN) -> str:
    answer = world.client("account").get_region_opt_status(RegionName=region, **named(world, name))
    return str(answer["RegionOptStatus"])


def disable(world: World, name: str) -> None:
    """Disable the opt-in region in an account, and wait until it is."""
    world.client("account").disable_region(RegionName=OPT_IN, **named(world, name))
    world.sandbox.clock.wait(world.sandbox.settings.region_seconds)


def govern_it(world: World) -> None:
    govern(world, "eu-west-1", "us-east-1", OPT_IN)


def drift(world: World) -> None:
    disable(world, "network")


LIFE = Life(before=govern_it, drift=drift)
