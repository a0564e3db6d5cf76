from __future__ import annotations

from tests.steps.by_hand import clean, few, put_back, unmanaged
from tests.steps.test_trusted_access import trusted
from tests.world import World, pending, pipeline

PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"


def test_it_is_activated_put_back_and_deactivated(world: World) -> None:
    world = few(world, "organization", "trusted_access", "stacksets")
    world.build()

    assert PRINCIPAL in trusted(world)
    assert unmanaged(world.plan(), "trusted_access") == []
    world.client("cloudformation").deactivate_organizations_access()
    assert pending(world.plan()) == [f"create organization trusted-access {PRINCIPAL}"]
    put_back(world)

    assert clean(world.apply(world.plan(destroy=True)))
    assert PRINCIPAL not in trusted(world)


def test_an_administrator_comes_after_the_access_and_goes_before_it(world: World) -> None:
    config = {"administrator": "shared_services"}
    world = World(world.sandbox, pipeline("stacksets", "delegated_administrators", stacksets=config))

    world.stand()

    tools = world.client("cloudformation", world.wanted.shared_services)
    assert tools.describe_organizations_access(CallAs="DELEGATED_ADMIN")["Status"] == "ENABLED"
    assert clean(world.apply(world.plan(destroy=True)))
