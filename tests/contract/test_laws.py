"""What holds for every step. A new step is tested here before its author writes a test: by all laws with `-k <id>`.

Where everything runs, the dearest laws take a sample of the steps; `make soak` takes all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from sra_bootstrap import planfile, survey
from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import FAILURES, Kind, kind_of
from sra_bootstrap.errors import AccessError, RefusalError
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.planfile import Origin
from sra_bootstrap.planner import make_plan
from sra_bootstrap.registry import discover
from sra_bootstrap.sandbox.settings import Settings
from sra_bootstrap.step import AnyStep
from sra_bootstrap.values import Attrs, Value
from tests.contract.test_permissions import life_of
from tests.steps.by_hand import close_account, configure, govern, nothing, part
from tests.world import World, actions, only, organization, pending, pipeline, services

STEPS = list(discover())


@pytest.fixture
def standing(name: str, world: World) -> World:
    """A bare account, and a pipeline of one step and all that it stands on.

    One that wants nothing by default has the first configuration of its life.
    """
    world = World(world.sandbox, only(name))
    if not any(world.step(name).desired(world.wanted)) and life_of(name).configs:
        configure(world, **{name: dict(life_of(name).configs[0])})
    return world


@pytest.fixture
def stood(standing: World) -> World:
    """The same, built."""
    standing.stand()
    return standing


@pytest.fixture
def whole(world: World) -> World:
    """A bare account, and the whole pipeline."""
    return World(world.sandbox, pipeline())


def variant(step: AnyStep, **methods: Any) -> AnyStep:
    """A step that differs from another in some methods."""
    made: AnyStep = type(type(step).__name__, (type(step),), methods)(step.config)
    return made


def swapped(world: World, name: str, step: AnyStep) -> list[AnyStep]:
    return [step if other.id == name else other for other in world.steps]


def seen(world: World) -> dict[str, dict[Address, Attrs]]:
    """What each step observes everywhere it has something to say, without what it would keep when destroying."""
    org = world.arrive()
    reader = world.connection.reader(org)
    found: dict[str, dict[Address, Attrs]] = {}
    for step in world.steps:
        places = {resource.address.at for resource in step.desired(org)}
        observations = (o for at in places if org.exists(at.account) for o in step.observe(at, org, reader))
        resources = (o for o in observations if isinstance(o, Resource))
        found[step.id] = {r.address: r.attrs for r in resources if not step.keeps(r.address, org)}
    return found


def test_a_bare_account_is_planned_to_the_end_of_the_pipeline_without_a_write(whole: World) -> None:
    plan = whole.plan()

    assert plan.blocked == ()
    idle = {"audit_manager", "contacts", "identity_center", "preflight", "regions"}
    assert {part.step for part in plan.steps if part.changes} == set(STEPS) - idle
    assert [record for record in whole.records if not record.read] == []


def test_an_apply_makes_exactly_the_changes_of_its_plan_and_then_the_plan_is_empty(whole: World) -> None:
    plan = whole.plan()

    outcome = whole.apply(plan)

    assert {change.address for change in outcome.done} <= {change.address for change in plan.changes}
    # Several steps may have a resource of the same address, such as the administrator of their service.
    assert sorted(change.address for change in whole.listener.made) == sorted(change.address for change in outcome.done)
    whole.records.clear()
    again = whole.plan()
    assert pending(again) == []
    assert again.empty
    assert [record for record in whole.records if not record.read] == []


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", STEPS)
def test_every_change_may_be_made_twice(standing: World, name: str) -> None:
    step = standing.step(name)

    def apply(self: AnyStep, change: Change, org: Org, aws: Writer) -> None:
        step.apply(change, org, aws)
        try:
            step.apply(change, org, aws)
        except FAILURES as error:
            if kind_of(error) is not Kind.ALREADY:
                raise

    outcome = standing.apply(standing.plan(), swapped(standing, name, variant(step, apply=apply)))

    assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)
    assert standing.plan().empty


@pytest.mark.parametrize("bare", [True, False])
def test_a_plan_survives_its_file(whole: World, bare: bool, tmp_path: Path) -> None:
    if not bare:
        whole.stand()
        whole.wanted = organization(whole.steps, "eu-west-1", "us-east-1", "eu-central-1")
    plan = whole.plan()
    origin = Origin.of(whole.arrive(), "digest")
    file = tmp_path / "plan.json"
    file.write_text(planfile.dumps(plan, origin))

    assert planfile.load(file) == (plan, origin)
    assert plan.changes


@pytest.mark.parametrize("bare", [True, False])
def test_what_is_desired_depends_on_the_organization_alone(whole: World, bare: bool) -> None:
    if not bare:
        whole.stand()
    org = whole.arrive()
    whole.records.clear()

    for step, again in zip(whole.steps, pipeline(), strict=True):
        assert list(step.desired(org)) == list(step.desired(org)) == list(again.desired(org))
    assert whole.records == []


@pytest.mark.parametrize("name", STEPS)
def test_the_kinds_of_a_step_are_stages_named_one_after_the_other(standing: World, name: str) -> None:
    kinds = [resource.address.kind for resource in standing.step(name).desired(standing.arrive())]

    assert len(list(dict.fromkeys(kinds))) == sum(a != b for a, b in zip(kinds, ["", *kinds][:-1], strict=True))


@pytest.mark.parametrize("action", sorted(survey.READS))
def test_an_organization_that_may_not_be_read_is_no_bare_account(built: World, action: str) -> None:
    built.sandbox.settings.denied = frozenset({action})
    built.sandbox.settings.paths_in_lists = action != "organizations:ListAccountsForParent"

    with pytest.raises(AccessError, match="cannot be read") as raised:
        built.plan()

    assert raised.value.remedy


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", STEPS)
def test_what_may_not_be_read_is_blocked_and_never_absent(stood: World, name: str) -> None:
    reads, life = stood.step(name).reads - survey.READS, life_of(name)

    tried = _denied_as_configured(stood, name)
    if tried != reads and life.late_drift is not nothing:
        # Some are only asked for where there is something to do.
        life.late_drift(stood)
        tried |= _denied(stood, name)
    if tried != reads:
        # Some are only asked for without what a step can do without.
        stood.sandbox.reset()
        alone = World(stood.sandbox, pipeline(name))
        alone.stand()
        tried |= _denied_as_configured(alone, name)
    assert tried == reads


def _denied_as_configured(stood: World, name: str) -> set[str]:
    """The reads of a step that were denied, with each configuration that it is tried with."""
    tried: set[str] = set()
    life_of(name).stands(stood)
    for config in ({}, *life_of(name).configs):
        configure(stood, **{name: dict(config)})
        stood.build()
        assert stood.plan().empty
        tried |= _denied(stood, name)
    return tried


def _denied(stood: World, name: str) -> set[str]:
    """The reads that a step asks for, each denied and told."""
    stood.records.clear()
    alone = [stood.step(name)]
    before = set(pending(stood.plan(alone)))
    tried = actions(stood.records) & (stood.step(name).reads - survey.READS)
    for action in tried:
        stood.sandbox.settings.denied = frozenset({action})

        plan = stood.plan(alone)

        assert set(pending(plan)) <= before, action
        assert plan.blocked, action
        assert all(blocked.remedy for blocked in plan.blocked if "cannot be read" in blocked.reason)
    stood.sandbox.settings.denied = frozenset()
    return tried


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", STEPS)
def test_what_is_taken_away_behind_our_back_is_planned_again_and_nothing_else(stood: World, name: str) -> None:
    step = stood.step(name)
    org = stood.arrive()
    removable = [r for r in step.desired(org) if not step.keeps(r.address, org)]
    taken = 0
    for kind in dict.fromkeys(resource.address.kind for resource in removable):
        first = next(resource for resource in removable if resource.address.kind == kind)
        found = seen(stood)[name][first.address]
        try:
            step.apply(Change(first.address, Action.DELETE, found, {}), org, stood.connection.writer(org))
        except (*FAILURES, RefusalError):
            # AWS does not let it go as long as something stands on it.
            continue
        taken += 1
        stood.sandbox.clock.wait(60)

        plan = stood.plan()

        assert first.address in {change.address for change in plan.changes}
        assert {part.step for part in plan.steps if part.changes} == {name}
        stood.apply(plan)
        assert stood.plan().empty
    assert taken or not removable


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", STEPS)
def test_attributes_and_resources_of_others_are_left_alone(stood: World, name: str) -> None:
    step = stood.step(name)

    def with_more(attrs: Attrs) -> dict[str, Value]:
        return {"of_others": 1} | {k: with_more(v) if isinstance(v, dict) else v for k, v in attrs.items()}

    def observe(self: AnyStep, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        for observation in step.observe(at, org, aws):
            if isinstance(observation, Resource):
                yield Resource(observation.address, with_more(observation.attrs))
            else:
                yield observation
        yield Resource(Address("of-others", at, "theirs"), {"a": "b"})

    plan = stood.plan(swapped(stood, name, variant(step, observe=observe)))

    assert pending(plan) == []
    unmanaged = next(part.unmanaged for part in plan.steps if part.step == name)
    assert "theirs" in {resource.address.name for resource in unmanaged}


def test_what_a_step_cannot_understand_is_blocked_in_its_own_words(built: World) -> None:
    def observe(self: AnyStep, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        raise RefusalError("What is there is not to be understood.", "Write it anew.")
        yield

    plan = built.plan(swapped(built, "guardduty", variant(built.step("guardduty"), observe=observe)))

    blocked = next(part.blocked for part in plan.steps if part.step == "guardduty")
    assert {one.reason for one in blocked} >= {"It cannot be read. What is there is not to be understood."}
    assert {one.remedy for one in blocked} >= {"Write it anew."}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", ["guardduty", *services()])
def test_a_suspended_account_is_left_out(stood: World, name: str) -> None:
    close_account(stood, "workload-prod")

    service = part(stood.plan(), name)

    assert (service.changes, service.blocked) == ((), ())
    assert [note for note in service.notes if "by invitation" in note] == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", [name for name, step in discover().items() if step.administers])
def test_the_home_region_is_delegated_first_and_an_aws_that_takes_its_time_is_waited_for(
    standing: World, name: str
) -> None:
    govern(standing, "us-east-1", "eu-west-1", "eu-central-1")
    standing.stand_before_the_last()
    slow, there = Settings.hostile(0), standing.sandbox.settings
    for field in fields(Settings):
        if field.name != "faults":
            setattr(there, field.name, getattr(slow, field.name))

    standing.build()

    ours = [r for r in standing.records if r.about.startswith(f"{name}: ") and r.error is None]
    delegated = [
        r.region for r in ours if r.operation.startswith(("Associate", "Enable", "Register")) and "Admin" in r.operation
    ]
    assert delegated[0] == "us-east-1"
    assert len(delegated) == len(set(delegated))
    assert standing.plan().empty


def test_an_account_that_cannot_be_made_keeps_nothing_else_from_being_done(whole: World) -> None:
    last = list(whole.wanted.accounts)[-1]
    whole.sandbox.settings.account_quota = len(whole.wanted.accounts)

    outcome = whole.apply(whole.plan())

    assert [failure.where for failure in outcome.failed] == [f"organization account {last}"]
    assert [blocked.where for blocked in outcome.blocked if last not in blocked.where] == []
    whole.sandbox.settings.account_quota += 1
    whole.build()
    assert whole.plan().empty


def test_everything_can_be_destroyed_but_what_is_kept_and_the_account_is_as_before(whole: World) -> None:
    outcome = whole.apply(whole.plan(whole.steps[:2]), whole.steps[:2])
    assert outcome.failed == []
    before = seen(whole)
    whole.build()
    assert seen(whole) != before

    outcome = whole.apply(whole.plan(destroy=True))

    assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)
    assert whole.plan(destroy=True).changes == ()
    assert seen(whole) == before


def test_destroying_says_what_it_keeps(whole: World) -> None:
    whole.stand()
    plan = whole.plan(destroy=True)

    kept = {address.kind for part in plan.steps for address in part.kept}
    assert kept >= {"account", "organization", "organizational-unit"}
    assert {change.action for change in plan.changes} == {Action.DELETE}
    assert {part.step for part in plan.steps} == set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_explains_itself(name: str) -> None:
    step = discover()[name]

    assert step.__doc__
    assert step.documentation
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in step.documentation)
    assert step.__module__ == f"steps.{step.id}"
    assert all(field.description for field in step.Config.model_fields.values())
    assert not step.reads & step.writes
    assert json.dumps(step.Config().model_dump(mode="json"))


def test_steps_that_run_alone_are_blocked_where_nothing_is_there_yet(whole: World) -> None:
    for step in whole.steps[2:]:
        plan = make_plan([step], whole.arrive(), whole.connection)

        outcome = apply_plan(plan, [step], whole.arrive(), whole.connection, whole.listener)

        # The management account is there from the beginning.
        assert {change.address.at.account for change in outcome.done} <= {MANAGEMENT}
        assert outcome.blocked or not plan.changes
    assert {record.account_id for record in whole.records if not record.read} <= {""}
