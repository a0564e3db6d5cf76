from __future__ import annotations

from collections.abc import Iterator

import pytest

from sra_bootstrap import sandbox
from tests.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A bare management account, and nothing built yet."""
    with sandbox.in_process() as running:
        yield World(running)


@pytest.fixture
def built(world: World) -> World:
    """An organization that has just been built."""
    world.stand()
    return world
