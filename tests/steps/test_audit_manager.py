from __future__ import annotations

import pytest

from sra_bootstrap.model import MANAGEMENT
from tests.steps.audit_manager_by_hand import TOOLING, administrator, by_both, used
from tests.steps.by_hand import calls, clean, govern, part, put_back
from tests.world import World, pending, pipeline

CLOSED = "closed to new customers since April 30, 2026"


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and nothing on top of the accounts."""
    return World(world.sandbox, pipeline("audit_manager"))


def test_where_it_is_off_this_is_said_and_nobody_is_registered(world: World) -> None:
    planned = part(world.plan(), "audit_manager")
    world.stand()

    assert planned.changes == ()
    assert all(CLOSED in note for note in planned.notes)
    assert len(planned.notes) == len(world.regions)
    assert world.plan().empty
    assert "RegisterAccount" not in {record.operation for record in world.records}


def test_where_it_is_used_the_security_tooling_account_administers_it_home_first(world: World) -> None:
    world.stand()
    by_both(world)
    govern(world, "us-east-1", "eu-west-1", "eu-central-1")

    plan = world.plan()

    assert pending(plan) == [f"create {MANAGEMENT}/{region} administrator" for region in ("us-east-1", "eu-west-1")]
    assert [note for note in part(plan, "audit_manager").notes if "eu-central-1" in note and CLOSED in note]
    put_back(world)
    registered = [r.region for r in world.records if r.operation == "RegisterOrganizationAdminAccount"]
    assert registered == ["us-east-1", "eu-west-1"]
    assert [administrator(world, region) for region in registered] == [TOOLING, TOOLING]
    assert part(world.plan(destroy=True), "audit_manager").changes == ()
    assert len(part(world.plan(destroy=True), "audit_manager").kept) == 2


def test_an_account_that_uses_it_for_itself_is_named(world: World) -> None:
    world.stand()
    used(world, TOOLING, "eu-west-1")

    [note, _] = part(world.plan(), "audit_manager").notes

    assert f"In eu-west-1, {TOOLING} uses Audit Manager for itself; the management account does not" in note
    assert world.plan().changes == ()


def test_an_administrator_that_does_not_use_it_may_be_refused_and_this_is_said(world: World) -> None:
    world.stand()
    used(world, MANAGEMENT, "eu-west-1")
    world.records.clear()
    plan = world.plan()

    outcome = world.apply(plan)

    assert any("AWS may refuse to make it the administrator" in note for note in part(plan, "audit_manager").notes)
    [failure] = outcome.failed
    assert "AccessDeniedException" in failure.reason
    assert calls(world, "auditmanager:RegisterAccount") == 0
    used(world, TOOLING, "eu-west-1")
    assert clean(world.apply(world.plan()))


def test_another_administrator_is_in_the_way(world: World) -> None:
    world.stand()
    used(world, MANAGEMENT, "eu-west-1")
    used(world, "network", "eu-west-1")
    network = world.arrive().id_of("network")
    world.client("auditmanager", MANAGEMENT, "eu-west-1").register_organization_admin_account(adminAccountId=network)

    planned = part(world.plan(), "audit_manager")

    [blocked] = planned.blocked
    assert f"administered by network ({network})" in blocked.reason
    assert "deregister-organization-admin-account" in blocked.remedy
    assert planned.changes == ()
