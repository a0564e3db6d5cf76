from __future__ import annotations

import pytest

from sra_bootstrap.model import MANAGEMENT, Action
from steps.shield_advanced import ShieldAdvanced
from tests.steps.by_hand import close_account, configure, part, put_back, want
from tests.steps.shield_advanced_by_hand import end_renewal, subscription
from tests.world import World, account, pending, pipeline

YEAR = 365 * 24 * 3600


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and nothing on top of the accounts."""
    return World(world.sandbox, pipeline("shield_advanced"))


def test_every_account_is_subscribed_and_one_that_joins_too(world: World) -> None:
    assert any("3,000 USD" in note for note in part(world.plan(), "shield_advanced").notes)
    world.stand()
    want(world, account("sandbox"))

    plan = world.plan()

    assert part(plan, "shield_advanced").notes == ()
    assert "create sandbox subscription" in pending(plan)
    put_back(world)
    found = [subscription(world, name) for name in (MANAGEMENT, "network", "sandbox")]
    assert [one["AutoRenew"] for one in found if one] == ["ENABLED"] * 3
    close_account(world, "sandbox")
    assert part(world.plan(), "shield_advanced").changes == ()


def test_only_the_accounts_that_are_named_are_subscribed(world: World) -> None:
    configure(world, shield_advanced={"accounts": ["network"]})
    world.stand()

    assert subscription(world, "network")
    assert subscription(world, "log-archive") is None
    assert subscription(world, MANAGEMENT) is None


def test_an_account_that_is_not_there_is_refused(world: World) -> None:
    step = ShieldAdvanced(ShieldAdvanced.Config(accounts=("management", "newtork")))

    [(where, text)] = step.problems(world.wanted)

    assert where == ("accounts", 1)
    assert 'there is no account "newtork"; there are management, security-tooling' in text


def test_a_renewal_that_somebody_has_ended_is_one_change_and_put_back(world: World) -> None:
    world.stand()
    end_renewal(world)

    plan = world.plan()

    assert pending(plan) == ["update management subscription"]
    assert (plan.changes[0].before, plan.changes[0].after) == ({"auto_renew": "DISABLED"}, {"auto_renew": "ENABLED"})
    assert not world.step("shield_advanced").commits(plan.changes)
    put_back(world)


def test_a_renewal_is_ended_in_the_last_days_and_until_then_this_is_said(world: World) -> None:
    configure(world, shield_advanced={"accounts": ["management"], "auto_renew": False})
    world.stand()
    early = part(world.plan(), "shield_advanced")
    world.sandbox.clock.wait(YEAR - 20 * 24 * 3600)

    late = part(world.plan(), "shield_advanced")

    assert early.changes == ()
    assert "AWS does not change the renewal before" in early.notes[0]
    assert [(change.action, change.after) for change in late.changes] == [(Action.UPDATE, {"auto_renew": "DISABLED"})]
    put_back(world)


def test_destroying_keeps_what_is_committed_to(world: World) -> None:
    world.stand()

    planned = part(world.plan(destroy=True), "shield_advanced")

    assert planned.changes == ()
    assert len(planned.kept) == 5


def test_its_creations_are_those_that_are_confirmed_by_name(world: World) -> None:
    step, plan = world.step("shield_advanced"), world.plan()

    assert step.commits(part(plan, "shield_advanced").changes)
    assert not step.commits(part(plan, "accounts").changes)
    assert not world.step("accounts").commits(plan.changes)
