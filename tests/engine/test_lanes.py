from __future__ import annotations

import pytest

from sra_bootstrap.lanes import Lanes, place
from sra_bootstrap.model import Action, Address, Change, Target
from sra_bootstrap.values import Attrs, Ref
from tests.engine.conftest import step

ORGANIZATION = Target("organization")
MANAGEMENT = Target("management")
BASE = step("base")
TOP = step("top", "base", trusted_access=("guardduty.amazonaws.com",), delegates=("config.amazonaws.com",))


def change(
    at: Target = ORGANIZATION, name: str = "", after: Attrs | None = None, action: Action = Action.CREATE
) -> Change:
    return Change(Address("thing", at, name), action, {}, after or {})


def obstruction(broken: Address, wanted: Change) -> Address | None:
    """What keeps a change of the upper step from being made when something of the lower one is broken."""
    lanes = Lanes([BASE, TOP])
    lanes.mark(BASE, [broken])
    return lanes.obstruction(TOP, wanted)


def test_nothing_obstructs_when_nothing_is_broken() -> None:
    lanes = Lanes([BASE, TOP])
    lanes.mark(BASE, [])

    assert lanes.obstruction(TOP, change(name="log")) is None


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(change(name="log"), id="itself"),
        pytest.param(change(Target("log", "eu-west-1")), id="in it"),
        pytest.param(change(after={"account": "log"}), id="as a value"),
        pytest.param(change(after={"members": {"log": {"status": "ENABLED"}}}), id="as a nested key"),
        pytest.param(change(after={"units": ("a", ("log",))}), id="deep in a list"),
    ],
)
def test_a_broken_thing_obstructs_what_names_it(wanted: Change) -> None:
    broken = Address("account", ORGANIZATION, "log")

    assert obstruction(broken, wanted) == broken


@pytest.mark.parametrize(
    "wanted",
    [change(name="network"), change(Target("network", "eu-west-1")), change(after={"account": "logs"}), change()],
)
def test_a_broken_thing_obstructs_nothing_that_does_not_name_it(wanted: Change) -> None:
    assert obstruction(Address("account", ORGANIZATION, "log"), wanted) is None


def test_a_broken_account_obstructs_what_waits_for_its_id() -> None:
    broken = Address("account", ORGANIZATION, "security")

    assert obstruction(broken, change(after={"account": Ref("account.security.id")})) == broken


def test_a_broken_region_obstructs_what_is_in_that_region_and_nothing_else() -> None:
    broken = Address("region", MANAGEMENT, "eu-west-1")

    assert obstruction(broken, change(Target("log", "eu-west-1"))) == broken
    assert obstruction(broken, change(Target("log", "us-east-1"))) is None
    assert obstruction(broken, change(ORGANIZATION)) is None


@pytest.mark.parametrize("principal", ["guardduty.amazonaws.com", "config.amazonaws.com"])
def test_a_broken_trust_or_delegation_obstructs_the_steps_that_need_it(principal: str) -> None:
    broken = Address("trusted-access", ORGANIZATION, principal)

    assert obstruction(broken, change(Target("log", "eu-west-1"))) == broken


def test_a_broken_trust_does_not_obstruct_steps_that_do_not_need_it() -> None:
    assert obstruction(Address("trusted-access", ORGANIZATION, "macie.amazonaws.com"), change()) is None


@pytest.mark.parametrize("at", [ORGANIZATION, MANAGEMENT])
def test_a_broken_organization_obstructs_everything_above_it(at: Target) -> None:
    assert obstruction(place(at), change(Target("log", "eu-west-1"))) == place(at)
    assert obstruction(place(at), change(ORGANIZATION, "x")) == place(at)


def test_an_account_that_is_broken_as_a_whole_obstructs_what_is_in_it() -> None:
    broken = place(Target("log"))

    assert obstruction(broken, change(Target("log", "eu-west-1"))) == broken
    assert obstruction(broken, change(Target("log"))) == broken
    assert obstruction(broken, change(Target("network", "eu-west-1"))) is None
    assert obstruction(broken, change(ORGANIZATION)) is None


def test_a_broken_place_obstructs_what_is_there_and_no_other_region() -> None:
    broken = place(Target("log", "eu-west-1"))

    assert obstruction(broken, change(Target("log", "eu-west-1"))) == broken
    assert obstruction(broken, change(Target("log", "us-east-1"))) is None
    assert obstruction(broken, change(Target("log"))) is None


def test_a_broken_region_of_the_management_account_obstructs_that_region_everywhere() -> None:
    broken = place(Target("management", "eu-west-1"))

    assert obstruction(broken, change(Target("log", "eu-west-1"))) == broken
    assert obstruction(broken, change(Target("log", "us-east-1"))) is None


def test_a_broken_place_of_one_member_leaves_the_other_members_alone() -> None:
    assert obstruction(place(Target("workload", "eu-west-1")), change(Target("network", "eu-west-1"))) is None


def test_a_step_is_obstructed_by_what_is_broken_in_itself() -> None:
    lanes = Lanes([BASE, TOP])
    broken = Address("administrator", MANAGEMENT, "log")
    lanes.mark(TOP, [broken])

    assert lanes.obstruction(TOP, change(name="log")) == broken
    assert lanes.obstruction(BASE, change(name="log")) is None


def test_what_is_broken_here_and_now_counts_before_it_is_marked() -> None:
    broken = Address("administrator", MANAGEMENT, "log")
    lanes = Lanes([BASE, TOP])

    assert lanes.obstruction(TOP, change(name="log"), [broken]) == broken
    assert lanes.obstruction(TOP, change(name="log")) is None


def test_only_foundations_obstruct_directly_or_through_others() -> None:
    low, middle, high, beside = step("low"), step("middle", "low"), step("high", "middle"), step("beside")
    lanes = Lanes([low, beside, middle, high])
    broken = Address("account", ORGANIZATION, "log")
    lanes.mark(low, [broken])

    assert lanes.obstruction(high, change(name="log")) == broken
    assert lanes.obstruction(beside, change(name="log")) is None


def test_the_first_that_is_broken_is_named() -> None:
    first, second = Address("account", ORGANIZATION, "log"), Address("placement", ORGANIZATION, "log")
    lanes = Lanes([BASE, TOP])
    lanes.mark(BASE, [Address("account", ORGANIZATION, "network"), first])
    lanes.mark(BASE, [second])

    assert lanes.obstruction(TOP, change(name="log")) == first


def test_what_is_broken_of_a_step_is_told() -> None:
    lanes = Lanes([BASE, TOP])
    one, two = place(Target("log")), place(Target("network"))
    lanes.mark(BASE, [one])
    lanes.mark(BASE, [two])

    assert list(lanes.of(BASE)) == [one, two]
    assert list(lanes.of(TOP)) == []


def test_destroying_keeps_whatever_the_broken_stands_on() -> None:
    lanes = Lanes([BASE, TOP], destroy=True)
    broken = Address("detector", Target("log", "eu-west-1"), "x")
    lanes.mark(TOP, [broken])

    assert lanes.obstruction(BASE, change(ORGANIZATION, "unrelated", action=Action.DELETE)) == broken


def test_destroying_keeps_the_foundations_of_foundations_too() -> None:
    low, middle, high = step("low"), step("middle", "low"), step("high", "middle")
    lanes = Lanes([low, middle, high], destroy=True)
    broken = place(Target("log"))
    lanes.mark(high, [broken])

    assert lanes.obstruction(low, change(action=Action.DELETE)) == broken


def test_destroying_goes_on_below_what_is_not_broken() -> None:
    lanes = Lanes([BASE, TOP], destroy=True)
    lanes.mark(TOP, [])

    assert lanes.obstruction(BASE, change(action=Action.DELETE)) is None


def test_destroying_goes_on_above_what_is_broken() -> None:
    lanes = Lanes([BASE, TOP], destroy=True)
    lanes.mark(BASE, [Address("account", ORGANIZATION, "log")])

    assert lanes.obstruction(TOP, change(name="log", action=Action.DELETE)) is None


def test_destroying_one_thing_goes_on_beside_another_that_is_broken() -> None:
    lanes = Lanes([BASE, TOP], destroy=True)
    broken = Address("account", ORGANIZATION, "log")
    lanes.mark(BASE, [broken])

    assert lanes.obstruction(BASE, change(name="network", action=Action.DELETE)) is None
    assert lanes.obstruction(BASE, change(name="log", action=Action.DELETE)) == broken
