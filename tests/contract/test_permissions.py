"""The IAM actions that a step uses are those that it declares.

More would fail where only the declared ones are allowed; fewer would be rights that nobody needs.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest

from sra_bootstrap import survey
from sra_bootstrap.aws.failures import FAILURES
from sra_bootstrap.errors import SraError
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.org import Org
from sra_bootstrap.permissions import LARGEST, caller_actions, policies
from sra_bootstrap.planner import make_plan
from sra_bootstrap.registry import discover
from sra_bootstrap.step import AnyStep
from tests.steps.by_hand import Life, configure
from tests.world import World, actions, only, pipeline

_OF_THE_ENGINE = survey.READS | {"sts:AssumeRole", "sts:GetCallerIdentity"}
STEPS = list(discover())


class Usage:
    """What each step has called, while planning and while applying."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.planning: defaultdict[str, set[str]] = defaultdict(set)
        self.applying: defaultdict[str, set[str]] = defaultdict(set)
        self.by_caller: defaultdict[str, set[str]] = defaultdict(set)
        self.unforeseen: set[tuple[str, str]] = set()
        """What was done in an account of config.yaml, and is none of the errands of the steps there."""

    def run(self, *, first: str = "", destroy: bool = False) -> None:
        """Plan and apply what comes before a step; then it and each behind it alone, to know whose calls they are.

        What comes before is not destroyed.
        """
        steps = self.world.steps
        number = [step.id for step in steps].index(first) if first else 0
        alone = [[step] for step in steps[number:]]
        for chosen in reversed(alone) if destroy else [steps[:number], *alone]:
            self._run(chosen, destroy=destroy)

    def _run(self, steps: Sequence[AnyStep], *, destroy: bool) -> None:
        world = self.world
        org = world.arrive()
        world.records.clear()
        plan = make_plan(steps, org, world.connection, destroy=destroy)
        self._note(self.planning, steps, org)
        outcome = apply_plan(plan, steps, org, world.connection, world.listener)
        assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)
        self._note(self.applying, steps, org)

    def _note(self, phase: defaultdict[str, set[str]], steps: Sequence[AnyStep], org: Org) -> None:
        for step in steps:
            phase[step.id] |= actions(self.world.records)
            self.by_caller[step.id] |= actions([r for r in self.world.records if not r.account_id])
        errands = self.world.wanted.errands.by_account()
        for account_id in {record.account_id for record in self.world.records if record.account_id}:
            account = org.name_of(account_id)
            done = actions([record for record in self.world.records if record.account_id == account_id])
            if account in org.accounts:
                self.unforeseen |= {(account, action) for action in done - errands.get(account, frozenset())}
        self.world.records.clear()

    def live(self, name: str) -> None:
        """Let somebody prepare and change things by hand, build, mend, and take away what is the step's."""
        life = life_of(name)
        self.by_hand(life.before)
        self.run(first=name)
        self.by_hand(life.drift)
        self.by_hand(life.stands)
        self.run(first=name)
        for config in life.configs:
            configure(self.world, **{name: dict(config)})
            self.run(first=name)
        if life.configs:
            self.by_hand(life.late_drift)
            self.run(first=name)
        self.run(first=name, destroy=True)

    def by_hand(self, change: Callable[[World], None]) -> None:
        """What others do, whatever the tool is allowed."""
        settings = self.world.sandbox.settings
        rights, settings.allowed = settings.allowed, None
        change(self.world)
        settings.allowed = rights


def life_of(name: str) -> Life:
    """What has to happen to a step; tests of the steps say it."""
    by_hand = importlib.util.find_spec(f"tests.steps.{name}_by_hand")
    return Life() if by_hand is None else importlib.import_module(by_hand.name).LIFE


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", STEPS)
def test_a_step_uses_the_actions_that_it_declares_and_no_others(name: str, world: World) -> None:
    step = discover()[name]
    usage = Usage(World(world.sandbox, only(name)))

    usage.live(name)

    planning, applying = usage.planning[name] - {"sts:AssumeRole"}, usage.applying[name] - _OF_THE_ENGINE
    assert planning <= step.reads
    assert step.reads <= planning | survey.READS
    assert applying <= step.reads | step.writes
    assert step.writes <= applying
    assert (step.reads | step.writes) - usage.by_caller[name] - survey.READS == step.in_members
    assert usage.unforeseen == set()


def allowed(world: World) -> frozenset[str]:
    """What the printed policies for applying allow."""
    documents = policies(world.steps, world.wanted, writes=True)
    statements = [statement for document in documents for statement in document["Statement"]]
    return frozenset().union(*({s["Action"]} if isinstance(s["Action"], str) else set(s["Action"]) for s in statements))


def test_planning_needs_no_more_than_its_policy_allows(world: World) -> None:
    whole = World(world.sandbox, pipeline())
    whole.stand()
    whole.sandbox.settings.allowed = caller_actions(whole.steps, writes=False) | {"sts:AssumeRole"}

    assert whole.plan().empty


def test_applying_needs_no_more_than_its_policy_allows(world: World) -> None:
    whole = World(world.sandbox, pipeline())
    whole.sandbox.settings.allowed = allowed(whole)
    usage = Usage(whole)

    usage.run()
    # What stands on others is changed before these, as long as they are right.
    for step in reversed(whole.steps):
        usage.by_hand(life_of(step.id).drift)
    usage.run()
    usage.run(destroy=True)


def _needed() -> Iterator[tuple[str, str]]:
    """Each action that the caller needs, with the first step that needs it."""
    seen: set[str] = set()
    for name, step in discover().items():
        # What AWS checks beyond what is called, the sandbox does not.
        called = (step.reads | step.writes) - step.in_members
        for action in sorted(called - seen):
            yield name, action
        seen |= called


@pytest.mark.sampled(40)
@pytest.mark.parametrize(("name", "action"), list(_needed()))
def test_every_action_of_the_policy_is_needed(world: World, name: str, action: str) -> None:
    standing = World(world.sandbox, only(name))
    world.sandbox.settings.allowed = allowed(standing) - {action}
    world.sandbox.settings.paths_in_lists = action != "organizations:ListAccountsForParent"

    with pytest.raises((AssertionError, SraError, *FAILURES)):
        Usage(standing).live(name)


def test_a_policy_that_would_be_too_large_is_split(world: World) -> None:
    many = frozenset(f"service:AnActionWithALongName{number:03}" for number in range(500))
    step = type("Many", (type(world.step("organization")),), {"reads": many})(world.step("organization").config)

    documents = policies([step], world.wanted, writes=False)

    assert len(documents) > 1
    assert all(len(json.dumps(document, separators=(",", ":"))) <= LARGEST for document in documents)
    actions = [a for d in documents for s in d["Statement"] if s["Sid"] == "Organization" for a in s["Action"]]
    assert sorted(actions) == sorted(many | survey.READS)
