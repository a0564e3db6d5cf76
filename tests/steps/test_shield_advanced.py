from __future__ import annotations

from typing import Any

import pytest

from sra_bootstrap.model import MANAGEMENT, Action
from sra_bootstrap.values import nested
from steps.shield_advanced import ShieldAdvanced
from steps.shield_advanced.engagement import Contact
from tests.steps.by_hand import close_account, configure, part, put_back, want
from tests.steps.shield_advanced_by_hand import CONTACTS, OF_OTHERS, end_renewal, subscription
from tests.world import World, account, organization, pending, pipeline

SECURITY = "security@example.com"
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


def test_an_account_that_is_not_there_is_refused() -> None:
    step = ShieldAdvanced(ShieldAdvanced.Config(accounts=("management", "newtork")))

    [(where, text)] = step.problems(organization([], "eu-west-1"))

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


def test_whom_the_response_team_calls_is_named_beside_those_of_others(world: World) -> None:
    configure(world, shield_advanced={"accounts": ["network"], "emergency_contacts": CONTACTS})
    world.build()
    shield = world.client("shield", "network")

    def told() -> dict[str, Any]:
        listed = shield.describe_emergency_contact_settings()["EmergencyContactList"]
        return {one.pop("EmailAddress"): one for one in listed}

    ours = {
        SECURITY: {"PhoneNumber": "+4930123456", "ContactNotes": "Day and night"},
        "platform@example.com": {},
    }
    assert told() == ours
    assert (subscription(world, "network") or {})["ProactiveEngagementStatus"] == "ENABLED"
    changed = [{"EmailAddress": "platform@example.com", "PhoneNumber": "+4930654321"}, OF_OTHERS]
    shield.update_emergency_contact_settings(EmergencyContactList=changed)

    plan = world.plan()

    assert pending(plan) == ["update network proactive-engagement"]
    contacts = {SECURITY: {"phone": "+4930123456", "notes": "Day and night"}}
    assert plan.changes[0].after == {"contacts": contacts}
    put_back(world)
    theirs = {
        "platform@example.com": {"PhoneNumber": "+4930654321"},
        "else@example.com": {"PhoneNumber": "+4940123456"},
    }
    assert told() == ours | theirs
    shield.update_emergency_contact_settings(EmergencyContactList=[OF_OTHERS, changed[0] | {"EmailAddress": SECURITY}])
    assert [nested(change.after, "contacts").keys() for change in world.plan().changes] == [
        {SECURITY, "platform@example.com"}
    ]
    put_back(world)
    shield.disable_proactive_engagement()
    assert [change.after for change in world.plan().changes] == [{"asked_for": True}]
    put_back(world)
    assert (subscription(world, "network") or {})["ProactiveEngagementStatus"] == "ENABLED"


def test_contacts_that_nobody_could_call_are_refused() -> None:
    mute = Contact(email="platform@example.com")
    step = ShieldAdvanced(ShieldAdvanced.Config(emergency_contacts=(mute, mute)))

    assert [where for where, _ in step.problems(organization([], "eu-west-1"))] == [
        ("emergency_contacts",),
        ("emergency_contacts", 1),
    ]


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
