"""The IAM actions that a step uses are those that it declares.

More would fail where only the declared ones are allowed; fewer would be rights that nobody needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import pytest

from sra_bootstrap import sandbox, survey
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.model import Action
from sra_bootstrap.planner import make_plan
from sra_bootstrap.registry import discover
from sra_bootstrap.step import AnyStep
from tests.world import World, actions

_OF_THE_ENGINE = survey.READS | {"sts:AssumeRole", "sts:GetCallerIdentity"}


class Usage:
    """What each step has called, while planning and while applying."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.planning: defaultdict[str, set[str]] = defaultdict(set)
        self.applying: defaultdict[str, set[str]] = defaultdict(set)

    def run(self, steps: Sequence[AnyStep] | None = None, *, destroy: bool = False) -> None:
        """Plan and apply one step after the other, so that it is known whose calls they are."""
        world = self.world
        for step in steps or (reversed(world.steps) if destroy else world.steps):
            org = world.arrive()
            world.records.clear()
            plan = make_plan([step], org, world.connection, destroy=destroy)
            self.planning[step.id] |= actions(world.records)
            world.records.clear()
            outcome = apply_plan(plan, [step], org, world.connection, world.listener)
            assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)
            self.applying[step.id] |= actions(world.records)

    def resume_an_account(self) -> None:
        """Ask again for an account that has been created meanwhile."""
        world, step = self.world, self.world.step("accounts")
        before = world.arrive()
        plan = make_plan([step], before, world.connection)
        self.run([step])
        world.records.clear()
        create = next(change for change in plan.changes if change.action is Action.CREATE)
        step.apply(create, before, world.connection.writer(before))
        self.applying[step.id] |= actions(world.records)

    def drift(self) -> None:
        """Let somebody change by hand what the tool would not change by itself."""
        world, org = self.world, self.world.arrive()
        network = org.id_of("network")
        world.client("account").put_account_name(AccountId=network, AccountName="Somebody's")
        organizations = world.client("organizations")
        ids = {"SourceParentId": org.existing.units["Workloads"], "DestinationParentId": org.existing.root_id}
        organizations.move_account(AccountId=network, **ids)
        guardduty = world.client("guardduty", "security-tooling", "us-east-1")
        (detector_id,) = guardduty.list_detectors()["DetectorIds"]
        guardduty.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="NONE")
        guardduty.stop_monitoring_members(DetectorId=detector_id, AccountIds=[network])


@pytest.fixture(scope="module")
def usage() -> Iterator[Usage]:
    with sandbox.in_process() as running:
        world = World(running)
        used = Usage(world)
        first = [step.id for step in world.steps].index("accounts")
        used.run(world.steps[:first])
        used.resume_an_account()
        used.run()
        used.drift()
        used.run()
        used.run(destroy=True)
        yield used


@pytest.mark.parametrize("name", discover())
def test_planning_uses_only_the_reads_that_a_step_declares(usage: Usage, name: str) -> None:
    assert usage.planning[name] - {"sts:AssumeRole"} <= discover()[name].reads


@pytest.mark.parametrize("name", discover())
def test_applying_uses_only_what_a_step_declares(usage: Usage, name: str) -> None:
    step = discover()[name]

    assert usage.applying[name] - _OF_THE_ENGINE <= step.reads | step.writes


@pytest.mark.parametrize("name", discover())
def test_a_step_declares_no_more_than_it_uses(usage: Usage, name: str) -> None:
    step = discover()[name]

    assert step.reads <= usage.planning[name] | survey.READS
    assert step.writes <= usage.applying[name]
