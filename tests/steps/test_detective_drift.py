"""Every single setting of Detective, changed by hand. One organization for all: each test leaves it as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import clean, lines
from tests.steps.detective_by_hand import DAY, HOME, OTHER, PACKAGES, Detective
from tests.world import World, pipeline


@pytest.fixture(scope="module")
def calm() -> Iterator[World]:
    """An organization in which Detective does nothing by itself."""
    with sandbox.in_process() as running:
        running.settings.auto_enable_seconds = DAY
        world = World(running, pipeline("detective"))
        world.build()
        yield world


def two_members(there: Detective) -> None:
    there.do("delete_members", AccountIds=["network"])
    there.disable("log-archive")


ENABLED = {"status": "ENABLED"}
ACTIONS: dict[str, tuple[Callable[[Detective], None], str, dict[str, Any]]] = {
    "auto-enable": (
        lambda there: there.do("update_organization_configuration", AutoEnable=False),
        "behavior-graph",
        {"auto_enable": True},
    ),
    "a member removed": (
        lambda there: there.do("delete_members", AccountIds=["network"]),
        "members",
        {"network": ENABLED},
    ),
    "the management account removed": (
        lambda there: there.do("delete_members", AccountIds=[MANAGEMENT]),
        "members",
        {MANAGEMENT: ENABLED},
    ),
    "a member disabled": (lambda there: there.disable("network"), "members", {"network": ENABLED}),
    "two members, one removed and one disabled": (
        two_members,
        "members",
        {"log-archive": ENABLED, "network": ENABLED},
    ),
}
for _name in PACKAGES:
    ACTIONS[_name] = (
        lambda there, name=_name: there.stop(name),  # type: ignore[misc]
        "behavior-graph",
        {"data_sources": {_name: "STARTED"}},
    )


@pytest.mark.parametrize("what", ACTIONS)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(calm: World, what: str) -> None:
    by_hand, kind, expected = ACTIONS[what]
    by_hand(Detective(calm, OTHER))
    calm.records.clear()

    plan = calm.plan()
    outcome = calm.apply(plan)

    assert lines(plan.changes) == [f"update security-tooling/{OTHER} {kind}"]
    assert plan.changes[0].after == expected
    assert clean(outcome)
    assert {record.region for record in calm.records if not record.read} == {OTHER}
    assert calm.plan().empty
    for region in (HOME, OTHER):
        detective = Detective(calm, region)
        assert detective.auto_enables()
        assert detective.packages() == dict.fromkeys(("DETECTIVE_CORE", *PACKAGES), "STARTED")
        assert set(detective.members().values()) == {"ENABLED"}
