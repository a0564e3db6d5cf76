"""One call in five fails at random: an apply converges or stops with a right message, and never does a thing twice."""

from __future__ import annotations

from collections import Counter

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.errors import SraError
from sra_bootstrap.executor import Outcome
from sra_bootstrap.model import Address
from sra_bootstrap.sandbox.settings import Settings
from tests.reliability.kills import there_is_one_of_everything
from tests.reliability.tally import soaking, tally
from tests.world import World, only, services

ROUNDS = 12
"""How often the apply is run again at the most."""
MADE_ONCE = (
    *("CreateOrganization", "CreateOrganizationalUnit", "CreatePolicy", "RegisterDelegatedAdministrator"),
    *("CreateArchiveRule", "CreateDetector"),
    *("CreateAutomationRule", "CreateConfigurationPolicy", "CreateFindingAggregator"),
)
"""What must never take effect twice; that accounts do not is seen by their creations.

CreateAggregatorV2 and CreateAnalyzer may be answered twice: with the token of the first, the second makes nothing.
"""


@pytest.mark.parametrize("seed", range(40 if soaking() else 2))
def test_an_apply_converges_whatever_fails_and_does_nothing_twice(seed: int) -> None:
    with sandbox.in_process(Settings.hostile(seed, 0.2)) as running:
        converge(World(running))


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", services())
@pytest.mark.parametrize("seed", range(12 if soaking() else 1))
def test_a_service_converges_whatever_fails_and_does_nothing_twice(seed: int, name: str) -> None:
    with sandbox.in_process(Settings.hostile(seed, 0.2)) as running:
        world = World(running, only(name))
        faults, running.settings.faults = running.settings.faults, None
        world.stand_before_the_last()
        running.settings.faults = faults
        converge(world)


def converge(world: World) -> None:
    """Apply until nothing is left to do, at first while calls fail."""
    running, rounds = world.sandbox, 0
    while rounds < ROUNDS and not one_round(world):
        rounds += 1
    tally(faults=sum(running.injected().values()), applies=rounds + 1)
    # What AWS goes on refusing for a whole round is not the tool's to mend: without faults, one more ends it.
    running.settings.faults = None
    world.connection = world.connect()
    world.build()
    assert world.plan().empty
    there_is_one_of_everything(world)
    made = Counter((w.operation, w.account_id, w.region, w.digest) for w in running.writes())
    assert [what for what, times in made.items() if times > 1 and what[0].endswith(MADE_ONCE)] == []


def one_round(world: World) -> bool:
    """Plan and apply once, as a new process does; whether nothing is left to do."""
    world.connection = world.connect()
    try:
        plan = world.plan()
        if plan.empty:
            return True
        outcome = world.apply(plan)
    except SraError:
        # The whole run stopped with one message, as when the organization cannot be read.
        return False
    reviewed = {change.address for change in plan.changes}
    assert {change.address for change in outcome.done} <= reviewed
    explained(outcome, reviewed)
    return False


def explained(outcome: Outcome, reviewed: set[Address]) -> None:
    """Every failure names a reviewed change and says why."""
    for failure in outcome.failed:
        assert failure.where in {str(address) for address in reviewed}
        assert failure.reason
    assert all(blocked.reason for blocked in outcome.blocked)
    assert outcome.drift is None or "reviewed" in outcome.drift.message
