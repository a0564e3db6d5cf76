from __future__ import annotations

import pytest

from sra_bootstrap.model import MANAGEMENT, Target
from steps.regions import Regions
from tests.steps.by_hand import (
    account_address,
    calls,
    clean,
    close_account,
    govern,
    interrupt,
    part,
    put_back,
    start_again,
    want,
)
from tests.steps.regions_by_hand import OPT_IN, disable, govern_it, named, status
from tests.world import World, account, organization, pending, pipeline

NAMES = (MANAGEMENT, "security-tooling", "log-archive", "network", "workload-prod")


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and a governed region that must be opted in to."""
    world = World(world.sandbox, pipeline("regions"))
    govern_it(world)
    return world


def test_a_region_is_enabled_everywhere_before_anything_is_built_in_it(world: World) -> None:
    world = World(world.sandbox, pipeline("guardduty", "regions"))
    govern_it(world)
    plan = world.plan()

    outcome = world.apply(plan)

    assert plan.blocked == ()
    [change] = part(plan, "regions").changes
    assert change.after == dict.fromkeys(NAMES, "ENABLED")
    assert Target(MANAGEMENT, OPT_IN) in {change.address.at for change in part(plan, "guardduty").changes}
    assert clean(outcome), outcome
    assert {change.address for change in outcome.done} == {change.address for change in plan.changes}
    assert [status(world, name) for name in NAMES] == ["ENABLED"] * len(NAMES)
    assert world.plan().empty


def test_a_region_that_one_account_has_disabled_is_enabled_there_again(world: World) -> None:
    world.stand()
    disable(world, "network")

    plan = world.plan()

    assert pending(plan) == [f"update management region {OPT_IN}"]
    assert (plan.changes[0].before, plan.changes[0].after) == ({"network": "DISABLED"}, {"network": "ENABLED"})
    put_back(world)


def test_a_region_that_is_enabled_by_default_is_nobody_asked_for(world: World) -> None:
    govern(world, "eu-west-1", "us-east-1")
    world.stand()

    assert world.plan().empty
    assert calls(world, "account:ListRegions") == 2
    assert calls(world, "account:EnableRegion") == 0


def test_an_account_that_joins_is_enabled_too(world: World) -> None:
    world.stand()
    want(world, account("sandbox"))

    plan = world.plan()

    [change] = part(plan, "regions").changes
    assert change.after == {"sandbox": "ENABLED"}
    assert part(plan, "accounts").changes[0].address == account_address("sandbox")
    put_back(world)


def test_no_more_regions_are_enabled_at_a_time_than_aws_takes(world: World) -> None:
    world.sandbox.settings.region_changes_of_organization = 2
    few = type("Few", (Regions,), {"__module__": Regions.__module__, "at_once": 2})
    world.steps = [few(step.config) if step.id == "regions" else step for step in world.steps]

    world.build()

    assert [record for record in world.records if record.error and record.operation == "EnableRegion"] == []
    assert world.plan().empty


def test_regions_that_others_enable_meanwhile_are_waited_for(world: World) -> None:
    world.sandbox.settings.region_changes_of_organization = 2

    world.build()

    assert {r.error for r in world.records if r.operation == "EnableRegion"} == {None, "TooManyRequestsException"}


def test_a_region_that_is_being_disabled_is_said(world: World) -> None:
    world.stand()
    world.client("account").disable_region(RegionName=OPT_IN, **named(world, "network"))

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert "network: EnableRegion: ConflictException" in failure.reason
    world.sandbox.clock.wait(world.sandbox.settings.region_seconds)
    put_back(world)


def test_one_that_takes_hours_is_left_to_the_next_run(world: World) -> None:
    world.stand()
    disable(world, "network")
    world.sandbox.settings.region_seconds = 7300

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert "network: AWS has not finished" in failure.reason
    assert status(world, "network") == "ENABLING"
    put_back(world)


def test_a_run_that_is_stopped_is_completed_by_the_next(world: World) -> None:
    world.stand()
    disable(world, "network")
    disable(world, "workload-prod")
    world.records.clear()
    interrupt(world, "EnableRegion")

    assert world.apply(world.plan()).interrupted

    start_again(world)
    put_back(world)


def test_suspended_accounts_are_left_out(world: World) -> None:
    world.stand()
    disable(world, "network")
    close_account(world, "network")

    assert part(world.plan(), "regions").changes == ()


def test_the_step_that_is_off_leaves_it_to_preflight(world: World) -> None:
    world.steps = pipeline("accounts")
    world.wanted = organization(world.steps, *world.regions)

    assert part(world.plan(), "preflight").blocked
