from __future__ import annotations

import pytest

from tests.steps.by_hand import clean, few, part, put_back, unmanaged
from tests.steps.ram_by_hand import PRINCIPAL, trust_without_role
from tests.steps.test_trusted_access import trusted
from tests.world import World, pending

ROLE = "AWSServiceRoleForResourceAccessManager"


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and a pipeline that ends with sharing."""
    return few(world, "organization", "trusted_access", "ram")


def test_sharing_is_enabled_and_disabled(world: World) -> None:
    world.build()

    assert PRINCIPAL in trusted(world)
    assert world.client("iam").get_role(RoleName=ROLE)
    assert unmanaged(world.plan(), "trusted_access") == []

    assert clean(world.apply(world.plan(destroy=True)))

    assert PRINCIPAL not in trusted(world)
    # The role stays, and sharing does without what is there already.
    put_back(world)


def test_trusted_access_without_the_role_is_completed(world: World) -> None:
    trust_without_role(world)

    plan = world.plan()

    [change] = part(plan, "ram").changes
    assert (change.before, change.after) == ({"service_linked_role": None}, {"service_linked_role": ROLE})
    put_back(world)


def test_access_that_is_taken_away_is_given_again(world: World) -> None:
    world.build()
    world.client("organizations").disable_aws_service_access(ServicePrincipal=PRINCIPAL)

    assert pending(world.plan()) == [f"create organization trusted-access {PRINCIPAL}"]
    put_back(world)
