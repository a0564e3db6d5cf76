from __future__ import annotations

from tests.steps.by_hand import clean, few, part, put_back
from tests.steps.test_trusted_access import trusted
from tests.world import World, pending, pipeline

PRINCIPAL = "health.amazonaws.com"


def test_the_view_is_enabled_waited_for_and_disabled(world: World) -> None:
    world = few(world, "organization", "trusted_access", "health")
    world.build()

    assert PRINCIPAL in trusted(world)
    assert world.plan().empty
    world.client("health").disable_health_service_access_for_organization()
    world.sandbox.clock.wait(world.sandbox.settings.enabling_seconds)
    assert pending(world.plan()) == [f"create organization trusted-access {PRINCIPAL}"]

    # Somebody enables it meanwhile.
    world.client("health").enable_health_service_access_for_organization()
    [change] = part(world.plan(), "health").changes
    assert (change.before, change.after) == ({"status": "PENDING"}, {"status": "ENABLED"})
    put_back(world)

    assert clean(world.apply(world.plan(destroy=True)))
    assert PRINCIPAL not in trusted(world)


def test_without_a_support_plan_it_is_said_what_to_do(world: World) -> None:
    world.sandbox.settings.support_plan = False
    world = few(world, "organization", "health")
    world.build()

    plan = world.plan()

    assert plan.empty
    [note] = part(plan, "health").notes
    assert "console of AWS Health" in note


def test_an_account_that_sees_the_events_is_registered(world: World) -> None:
    world = World(world.sandbox, pipeline("health", "delegated_administrators", health={"administrator": "network"}))

    world.stand()

    listed = world.client("organizations").list_delegated_administrators(ServicePrincipal=PRINCIPAL)
    assert [one["Id"] for one in listed["DelegatedAdministrators"]] == [world.arrive().id_of("network")]
