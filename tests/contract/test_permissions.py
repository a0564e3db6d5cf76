"""The IAM actions that a step uses are those that it declares.

More would fail where only the declared ones are allowed; fewer would be rights that nobody needs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

import boto3
import pytest

from sra_bootstrap import sandbox, survey
from sra_bootstrap.aws.failures import FAILURES
from sra_bootstrap.errors import SraError
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.model import Action
from sra_bootstrap.permissions import LARGEST, caller_actions, policies
from sra_bootstrap.planner import make_plan
from sra_bootstrap.registry import discover
from sra_bootstrap.step import AnyStep
from tests.reliability.tally import soaking
from tests.world import World, actions, pipeline

_CALLED = frozenset().union(*(step.reads | step.writes for step in discover().values()))
_IMPLIED = frozenset().union(*(step.implied for step in discover().values())) - _CALLED - survey.READS
"""What AWS checks beyond what is called; the sandbox does not."""
_OF_THE_ENGINE = survey.READS | {"sts:AssumeRole", "sts:GetCallerIdentity"}


class Usage:
    """What each step has called, while planning and while applying."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.planning: defaultdict[str, set[str]] = defaultdict(set)
        self.applying: defaultdict[str, set[str]] = defaultdict(set)
        self.by_caller: defaultdict[str, set[str]] = defaultdict(set)

    def run(self, steps: Sequence[AnyStep] | None = None, *, destroy: bool = False) -> None:
        """Plan and apply one step after the other, so that it is known whose calls they are."""
        world = self.world
        for step in steps or (reversed(world.steps) if destroy else world.steps):
            org = world.arrive()
            world.records.clear()
            plan = make_plan([step], org, world.connection, destroy=destroy)
            self.planning[step.id] |= actions(world.records)
            self.note_caller(step.id)
            outcome = apply_plan(plan, [step], org, world.connection, world.listener)
            assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)
            self.applying[step.id] |= actions(world.records)
            self.note_caller(step.id)

    def note_caller(self, name: str) -> None:
        self.by_caller[name] |= actions([r for r in self.world.records if not r.account_id])
        self.world.records.clear()

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
        self.note_caller(step.id)

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
        # Whose detector was suspended before it became a member is the only one whose detector is enabled again.
        boto3.client("guardduty", "us-east-1").create_detector(Enable=False)
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


@pytest.mark.parametrize("name", discover())
def test_what_is_used_only_in_members_is_what_a_step_says(usage: Usage, name: str) -> None:
    step = discover()[name]

    assert (step.reads | step.writes) - usage.by_caller[name] - survey.READS == step.in_members


def allowed(world: World) -> frozenset[str]:
    """What the printed policies for applying allow."""
    documents = policies(world.steps, world.wanted, writes=True)
    statements = [statement for document in documents for statement in document["Statement"]]
    return frozenset().union(*({s["Action"]} if isinstance(s["Action"], str) else set(s["Action"]) for s in statements))


def test_planning_needs_no_more_than_its_policy_allows(built: World) -> None:
    built.sandbox.settings.allowed = caller_actions(built.steps, writes=False) | {"sts:AssumeRole"}

    assert built.plan().empty


def live(world: World) -> None:
    """Build, let somebody change things by hand, mend them, and take everything away, all by the caller's rights."""
    usage = Usage(world)
    first = [step.id for step in world.steps].index("accounts")
    usage.run(world.steps[:first])
    usage.resume_an_account()
    usage.run()
    rights, world.sandbox.settings.allowed = world.sandbox.settings.allowed, None
    usage.drift()
    world.sandbox.settings.allowed = rights
    usage.run()
    usage.run(destroy=True)


def test_applying_needs_no_more_than_its_policy_allows(world: World) -> None:
    boto3.client("guardduty", "us-east-1").create_detector(Enable=False)
    world.sandbox.settings.allowed = allowed(world)

    live(world)


@pytest.mark.parametrize("action", sorted(caller_actions(pipeline(), writes=True) - _IMPLIED)[:: 1 if soaking() else 4])
def test_every_action_of_the_policy_is_needed(world: World, action: str) -> None:
    boto3.client("guardduty", "us-east-1").create_detector(Enable=False)
    world.sandbox.settings.allowed = allowed(world) - {action}
    world.sandbox.settings.paths_in_lists = action != "organizations:ListAccountsForParent"

    with pytest.raises((AssertionError, SraError, *FAILURES)):
        live(world)


def test_a_policy_that_would_be_too_large_is_split(world: World) -> None:
    many = frozenset(f"service:AnActionWithALongName{number:03}" for number in range(500))
    step = type("Many", (type(world.step("organization")),), {"reads": many})(world.step("organization").config)

    documents = policies([step], world.wanted, writes=False)

    assert len(documents) > 1
    assert all(len(json.dumps(document, separators=(",", ":"))) <= LARGEST for document in documents)
    actions = [a for d in documents for s in d["Statement"] if s["Sid"] == "Organization" for a in s["Action"]]
    assert sorted(actions) == sorted(many | survey.READS)
