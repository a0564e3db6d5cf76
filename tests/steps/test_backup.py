from __future__ import annotations

import pytest

from tests.steps.backup_by_hand import CROSS_ACCOUNT, settings, turn
from tests.steps.by_hand import clean, configure, few, part, put_back, unmanaged
from tests.steps.test_trusted_access import trusted
from tests.world import World, pending, pipeline

STEPS = ("organization", "trusted_access", "policy_types", "backup")
MPA, ADMINISTRATOR = "isMpaEnabled", "isDelegatedAdministratorEnabled"


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and a pipeline without accounts."""
    return few(world, *STEPS, policy_types={"types": ()})


def test_settings_are_turned_on_put_back_and_turned_off(world: World) -> None:
    world.build()

    assert settings(world) == {CROSS_ACCOUNT}
    assert "backup.amazonaws.com" in trusted(world)
    assert world.arrive().existing.policy_types == {"BACKUP_POLICY": "ENABLED"}

    turn(world, CROSS_ACCOUNT, "false")
    turn(world, MPA, "true")
    plan = world.plan()

    assert pending(plan) == [f"create organization global-setting {CROSS_ACCOUNT}"]
    assert unmanaged(plan, "backup") == [MPA]
    put_back(world)

    assert clean(world.apply(world.plan(destroy=True)))
    assert settings(world) == {MPA}


def test_what_is_to_be_off_is_turned_off_and_stays_so(world: World) -> None:
    world.build()
    configure(world, backup={"cross_account_backup": False, "backup_policies": False})

    plan = world.plan()

    [change] = part(plan, "backup").changes
    assert (change.before, change.after) == ({"on": True}, {"on": False})
    put_back(world)
    assert part(world.plan(destroy=True), "backup").changes == ()


def test_an_administrator_is_registered_and_its_rights_follow(world: World) -> None:
    world = World(world.sandbox, pipeline("backup", "delegated_administrators", backup={"administrator": "network"}))
    world.stand()
    network = world.arrive().id_of("network")

    listed = world.client("organizations").list_delegated_administrators(ServicePrincipal="backup.amazonaws.com")

    assert [administrator["Id"] for administrator in listed["DelegatedAdministrators"]] == [network]
    assert settings(world) == {CROSS_ACCOUNT, ADMINISTRATOR}
    assert world.client("backup", "network").describe_global_settings()["GlobalSettings"][ADMINISTRATOR] == "true"
