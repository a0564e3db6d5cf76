from __future__ import annotations

import pytest

from sra_bootstrap.errors import AccessError
from sra_bootstrap.model import MANAGEMENT, Target
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID, store
from sra_bootstrap.sandbox.services.controltower import ControlTower
from tests.steps.by_hand import govern, part, put_back
from tests.world import World

OPT_IN = "af-south-1"
LANDING_ZONE = "arn:aws:controltower:eu-west-1:123456789012:landingzone/1A2B3C4D5E6F7G8H"


def enable(world: World, *accounts: str) -> None:
    """Enable the opt-in region by hand, and wait until it is."""
    for name in accounts:
        account_id = {} if name == MANAGEMENT else {"AccountId": world.arrive().id_of(name)}
        world.client("account").enable_region(RegionName=OPT_IN, **account_id)
    world.sandbox.clock.wait(world.sandbox.settings.region_seconds)


def test_a_region_that_is_not_enabled_is_blocked_with_what_to_do(world: World) -> None:
    govern(world, "eu-west-1", "us-east-1", OPT_IN)

    [blocked] = part(world.plan(), "preflight").blocked

    assert OPT_IN in blocked.where
    assert "DISABLED" in blocked.reason
    assert f"aws account enable-region --region-name {OPT_IN}" in blocked.remedy
    assert "governed_regions" in blocked.remedy


def test_a_region_that_is_being_enabled_is_not_there_yet(world: World) -> None:
    govern(world, "eu-west-1", OPT_IN)
    world.client("account").enable_region(RegionName=OPT_IN)

    [blocked] = part(world.plan(), "preflight").blocked
    world.sandbox.clock.wait(world.sandbox.settings.region_seconds)

    assert "ENABLING" in blocked.reason
    assert part(world.plan(), "preflight").blocked == ()


def test_a_region_that_the_account_does_not_know_is_blocked(world: World) -> None:
    govern(world, "eu-west-1", "cn-north-1")

    [blocked] = world.plan(world.steps[:1]).blocked

    assert "cn-north-1 is not known to this account" in blocked.reason


def test_a_region_that_is_not_enabled_blocks_what_is_built_in_it_and_nothing_else(world: World) -> None:
    govern(world, "eu-west-1", "us-east-1", OPT_IN)
    plan = world.plan()
    in_it = [blocked for blocked in plan.blocked if OPT_IN in blocked.where]

    outcome = world.apply(plan)

    assert plan.blocked == tuple(in_it)
    assert not any(OPT_IN in str(change.address) for change in plan.changes)
    assert (outcome.failed, outcome.drift) == ([], None)
    assert {change.address for change in outcome.done} == {change.address for change in plan.changes}
    after = world.plan()
    assert after.changes == ()
    assert after.blocked
    assert all(OPT_IN in blocked.where for blocked in after.blocked)
    govern(world, "eu-west-1", "us-east-1")
    assert world.plan().empty


def test_a_home_region_that_is_not_enabled_is_said_before_any_step(world: World) -> None:
    govern(world, OPT_IN, "eu-west-1")

    with pytest.raises(AccessError) as raised:
        world.plan()

    assert "region is enabled" in raised.value.remedy


def test_a_region_that_is_enabled_later_is_built_then(world: World) -> None:
    govern(world, "eu-west-1", "us-east-1", OPT_IN)
    world.apply(world.plan())

    enable(world, MANAGEMENT, *world.wanted.accounts)
    plan = world.plan()

    assert plan.blocked == ()
    assert {change.address.at.region for change in plan.changes} == {OPT_IN}
    put_back(world)


def test_a_region_that_is_not_enabled_in_the_security_tooling_account_is_blocked_there(world: World) -> None:
    govern(world, "eu-west-1", OPT_IN)
    world.apply(world.plan())
    enable(world, MANAGEMENT)

    plan = world.plan()
    first = plan.blocked[0]
    outcome = world.apply(plan)

    assert {change.address.at for change in plan.changes} <= {Target(MANAGEMENT, OPT_IN)}
    assert first.where == f"security-tooling/{OPT_IN}"
    assert "region is enabled" in first.remedy
    assert (outcome.failed, outcome.drift) == ([], None)
    assert first.where in {blocked.where for blocked in outcome.blocked}


def test_a_region_that_new_accounts_have_not_enabled_keeps_the_other_regions_from_nothing(world: World) -> None:
    enable(world, MANAGEMENT)
    govern(world, "eu-west-1", "us-east-1", OPT_IN)

    plan = world.plan()
    outcome = world.apply(plan)

    assert (plan.blocked, outcome.failed, outcome.drift) == ((), [], None)
    assert [blocked.where for blocked in outcome.blocked if OPT_IN not in blocked.where] == []
    left = [str(change.address) for change in world.plan().changes]
    assert [where for where in left if OPT_IN not in where] == []


def test_a_region_that_one_member_has_not_enabled_keeps_the_others_from_nothing(world: World) -> None:
    govern(world, "eu-west-1", OPT_IN)
    world.apply(world.plan())
    enable(world, MANAGEMENT, "security-tooling", "log-archive", "network")

    world.apply(world.plan())

    guardduty = world.client("guardduty", "security-tooling", OPT_IN)
    [detector_id] = guardduty.list_detectors()["DetectorIds"]
    members = {member["AccountId"] for member in guardduty.list_members(DetectorId=detector_id)["Members"]}
    org = world.arrive()
    assert members == {MANAGEMENT_ACCOUNT_ID, org.id_of("log-archive"), org.id_of("network")}
    plan = world.plan()
    left = [*map(str, plan.changes), *map(str, plan.blocked)]
    assert left
    assert all("workload-prod" in one for one in left)
    assert not any("network" in one for one in left)


def test_a_landing_zone_of_control_tower_is_noted(built: World) -> None:
    assert part(built.plan(), "preflight").notes == ()
    store.state(ControlTower, MANAGEMENT_ACCOUNT_ID, "eu-west-1").landing_zones.append(LANDING_ZONE)

    plan = built.plan()

    [note] = part(plan, "preflight").notes
    assert LANDING_ZONE in note
    assert plan.empty
