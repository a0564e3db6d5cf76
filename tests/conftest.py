from __future__ import annotations

import gc
from collections.abc import Iterator
from zlib import crc32

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.registry import discover
from tests.reliability.tally import soaking
from tests.world import World

# The models of services are millions of objects, and to look through them over and over takes a sixth of the time.
gc.set_threshold(200_000, 50, 100)


def pytest_configure(config: pytest.Config) -> None:
    text = "sampled(n): where everything runs, one test in n; all of them with -k, and in `make soak`."
    config.addinivalue_line("markers", text)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take samples, and let one process try all that begins with the same organization, so that it is built once."""
    if not (soaking() or config.option.keyword):
        _take_samples(config, items)
    for item in items:
        if item.path.parent.name in {"contract", "reliability", "steps"}:
            item.add_marker(pytest.mark.xdist_group(_tried_by(item)))


def _take_samples(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests that are alike, such as one for each setting, leave some out, which are always the same.

    Who chooses tests by -k, as after writing a step, has all of them.
    """
    marked = [(item, marker) for item in items for marker in item.iter_markers("sampled")]
    left_out = {item for item, marker in marked if crc32(item.nodeid.encode()) % marker.args[0]}
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _tried_by(item: pytest.Item) -> str:
    """The step that a test is about, or else the file that it is in."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    of_the_whole = "the whole" if item.path.parent.name == "contract" else item.path.stem.removeprefix("test_")
    about = str(parameters.get("name", of_the_whole))
    return max((name for name in discover() if about.startswith(name)), key=len, default=about)


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
