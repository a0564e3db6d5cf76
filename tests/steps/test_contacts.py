from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sra_bootstrap import planfile
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.planfile import Origin
from steps.contacts.settings import Section
from tests.steps.by_hand import calls, clean, close_account, configure, interrupt, part, put_back, start_again
from tests.steps.contacts_by_hand import CONFIG, OWNER, SHOP, TEAM, THEIRS, alternate, owner, put, put_owner
from tests.world import World, only, pending

NAMES = (MANAGEMENT, "security-tooling", "log-archive", "network", "workload-prod")
AS_SAID, OTHER = "as config.yaml says", "another"


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and contacts that are wanted."""
    world = World(world.sandbox, only("contacts"))
    configure(world, contacts=CONFIG)
    return world


def sent(contact: dict[str, str]) -> dict[str, str]:
    keys = {"name": "Name", "title": "Title", "email": "EmailAddress", "phone": "PhoneNumber"}
    return {keys[key]: value for key, value in contact.items()}


def test_every_account_has_those_of_all_and_its_own(world: World) -> None:
    plan = world.plan()

    outcome = world.apply(plan)

    assert clean(outcome), outcome
    assert [alternate(world, name) for name in NAMES] == [sent(TEAM)] * len(NAMES)
    assert [owner(world, name)["FullName"] for name in NAMES] == ["Example Owner"] * len(NAMES)
    # What the management account had and config.yaml does not name is gone.
    assert "CompanyName" not in owner(world, MANAGEMENT)
    assert [alternate(world, name, "operations") for name in NAMES] == [None] * 4 + [sent(SHOP)]
    assert alternate(world, MANAGEMENT, "billing") is None
    assert world.plan().empty


def test_where_none_is_named_nobody_is_asked_and_nobody_trusted(world: World) -> None:
    configure(world, contacts={"accounts": {"network": {}}})

    world.build()

    assert part(world.plan(), "contacts").changes == ()
    assert tuple(world.step("contacts").principals()) == ()
    assert calls(world, "account:GetAlternateContact") == calls(world, "account:GetContactInformation") == 0


@pytest.mark.parametrize(
    ("part_", "value", "before"),
    [
        ("Name", "Somebody", {"name": "Somebody"}),
        ("Title", "Intern", {"title": "Intern"}),
        ("EmailAddress", "old@example.com", {"email": "old@example.com"}),
        ("PhoneNumber", "1", {"phone": OTHER}),
    ],
)
def test_an_alternate_contact_that_others_change_is_put_back(
    world: World, part_: str, value: str, before: dict[str, str]
) -> None:
    world.stand()
    put(world, "network", **{part_: value})

    plan = world.plan()

    assert pending(plan) == ["update network alternate-contact security"]
    assert plan.changes[0].before == before
    put_back(world)
    assert alternate(world, "network") == sent(TEAM)


@pytest.mark.parametrize(
    ("part_", "value", "attribute"),
    [
        ("FullName", "Somebody", "full_name"),
        ("CompanyName", "Other", "company"),
        ("WebsiteUrl", "https://example.com", "website"),
        ("AddressLine2", "Floor 2", "address"),
        ("City", "Rotterdam", "address"),
        ("PhoneNumber", "+1", "phone"),
    ],
)
def test_an_owner_that_others_change_is_put_back(world: World, part_: str, value: str, attribute: str) -> None:
    world.stand()
    put_owner(world, MANAGEMENT, **{part_: value})

    plan = world.plan()

    assert pending(plan) == ["update management primary-contact"]
    shown = OTHER if attribute in {"address", "phone"} else value
    assert plan.changes[0].before == {attribute: shown}
    put_back(world)
    assert owner(world, MANAGEMENT)["City"] == OWNER["city"]


def test_no_plan_holds_a_phone_number_or_a_postal_address(world: World) -> None:
    world.stand()
    put(world, "network", PhoneNumber="+1 222 333")
    put_owner(world, "network", PhoneNumber="+1 444 555", AddressLine1="7 Secret Lane", City="Hideaway")
    configure(world, contacts=CONFIG | {"billing": TEAM})

    plans = planfile.dumps(world.plan(), Origin.of(world.arrive(), "")) + repr(world.plan(destroy=True))

    assert TEAM["email"] in plans
    private = (TEAM["phone"], OWNER["phone"], OWNER["address_line_1"], OWNER["city"], OWNER["postal_code"])
    for one in (*private, "222 333", "444 555", "7 Secret Lane", "Hideaway"):
        assert one not in plans


def test_one_of_somebody_else_that_is_not_named_is_left_alone(world: World) -> None:
    world.stand()
    put(world, "network", "billing")

    assert world.plan().empty
    assert clean(world.apply(world.plan(world.steps[-1:], destroy=True), world.steps[-1:]))

    assert alternate(world, "network", "billing") == THEIRS
    assert alternate(world, "network") is None
    assert owner(world, "network")["FullName"] == "Example Owner"


def test_a_run_that_is_stopped_is_completed_by_the_next(world: World) -> None:
    world.stand_before_the_last()
    interrupt(world, "PutAlternateContact", after=2)

    assert world.apply(world.plan()).interrupted

    start_again(world)
    put_back(world)
    assert [alternate(world, name) for name in NAMES] == [sent(TEAM)] * len(NAMES)


def test_suspended_accounts_are_left_out_and_no_account_is_asked_for_what_is_not_named(world: World) -> None:
    world.stand()
    close_account(world, "network")
    world.records.clear()

    assert part(world.plan(), "contacts").changes == ()
    assert calls(world, "account:GetAlternateContact") == 5
    assert calls(world, "account:GetContactInformation") == 4


def test_an_account_that_there_is_not_is_said(world: World) -> None:
    configure(world, contacts={"accounts": {"netwrk": {"security": TEAM}, MANAGEMENT: {"billing": TEAM}}})

    [(where, text)] = world.step("contacts").problems(world.wanted)

    assert where == ("accounts", "netwrk")
    assert 'there is no account "netwrk"; there are management, security-tooling' in text


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ({"security": TEAM | {"phone": "ext. 5"}}, "AWS would refuse ext. 5: it may have digits"),
        ({"security": TEAM | {"phone": "+-()"}}, "AWS would refuse"),
        ({"security": TEAM | {"email": "nobody"}}, "AWS would refuse nobody"),
        ({"security": TEAM | {"title": ""}}, "at least 1 character"),
        ({"primary": OWNER | {"phone": "020 5550100"}}, "it begins with \\+ and the country code"),
        ({"primary": OWNER | {"country_code": "nl"}}, "two capital letters"),
        ({"primary": OWNER | {"country_code": "DE"}}, "AWS wants a state_or_region for addresses in DE"),
    ],
)
def test_what_aws_would_refuse_is_refused_at_once(section: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        Section(**section)
