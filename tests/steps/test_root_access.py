from __future__ import annotations

import pytest

from tests.steps.by_hand import configure, lines, part, put_back, unmanaged
from tests.steps.root_access_by_hand import CREDENTIALS, SESSIONS, features, turn_off
from tests.world import World, only, pending


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and the step with all that it stands on, built."""
    world = World(world.sandbox, only("root_access"))
    world.stand()
    return world


def test_both_features_are_on_and_the_security_tooling_account_administers_them(world: World) -> None:
    assert features(world) == features(world, "security-tooling") == [CREDENTIALS, SESSIONS]
    plan = world.plan(destroy=True)
    assert lines(part(plan, "root_access").changes) == [
        f"delete organization root-access {SESSIONS}",
        f"delete organization root-access {CREDENTIALS}",
    ]


@pytest.mark.parametrize("name", [CREDENTIALS, SESSIONS])
def test_one_that_is_turned_off_is_turned_on_again(world: World, name: str) -> None:
    turn_off(world, name)

    assert pending(world.plan()) == [f"create organization root-access {name}"]
    put_back(world)


def test_one_that_is_not_wanted_stays_on_and_is_reported(world: World) -> None:
    configure(world, root_access={"sessions": False})

    plan = world.plan()

    assert plan.empty
    assert unmanaged(plan, "root_access") == [SESSIONS]


def test_without_trusted_access_none_is_in_effect(world: World) -> None:
    organizations, there = world.client("organizations"), world.arrive().id_of("security-tooling")
    organizations.deregister_delegated_administrator(AccountId=there, ServicePrincipal="iam.amazonaws.com")
    organizations.disable_aws_service_access(ServicePrincipal="iam.amazonaws.com")

    plan = world.plan()

    assert len(part(plan, "root_access").changes) == 2
    # They were on all the time, and show again.
    assert "EnableOrganizationsRootSessions" not in {record.operation for record in world.records}
    put_back(world)
