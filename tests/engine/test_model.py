from __future__ import annotations

import pytest

from sra_bootstrap.model import (
    Action,
    Address,
    Blocked,
    Change,
    Plan,
    Resource,
    StepPlan,
    Target,
    indexed,
    without,
)
from sra_bootstrap.values import Attrs, Ref

HERE = Address("detector", Target("security", "eu-west-1"))
THERE = Address("detector", Target("security", "us-east-1"))


def create(after: Attrs, address: Address = HERE) -> Change:
    return Change(address, Action.CREATE, {}, after)


def update(before: Attrs, after: Attrs, address: Address = HERE) -> Change:
    return Change(address, Action.UPDATE, before, after)


def delete(before: Attrs, address: Address = HERE) -> Change:
    return Change(address, Action.DELETE, before, {})


@pytest.mark.parametrize(
    ("reviewed", "final"),
    [
        pytest.param(create({"a": 1}), create({"a": 1}), id="the same creation"),
        pytest.param(create({"a": 1, "b": 2}), create({"a": 1}), id="a smaller creation"),
        pytest.param(create({"a": Ref("x")}), create({"a": "known"}), id="a value has become known"),
        pytest.param(create({"a": 1, "b": 2}), update({"b": 3}, {"b": 2}), id="a creation has become an update"),
        pytest.param(create({"f": {"a": 1}}), update({"f": {"a": 0}}, {"f": {"a": 1}}), id="likewise, nested"),
        pytest.param(update({"a": 0}, {"a": 1}), update({"a": 0}, {"a": 1}), id="the same update"),
        pytest.param(update({"a": 0, "b": 0}, {"a": 1, "b": 1}), update({"a": 0}, {"a": 1}), id="a smaller update"),
        pytest.param(
            update({"f": {"a": 0, "b": 0}}, {"f": {"a": 1, "b": 1}}),
            update({"f": {"b": 0}}, {"f": {"b": 1}}),
            id="a smaller update, nested",
        ),
        pytest.param(update({"a": "1"}, {"a": Ref("x")}), update({"a": "1"}, {"a": "2"}), id="an update made known"),
        pytest.param(delete({"a": 1}), delete({"a": 1}), id="the same deletion"),
        pytest.param(delete({"a": 1, "b": 1}), delete({"a": 1}), id="a deletion of less"),
    ],
)
def test_a_change_allows_the_same_and_less(reviewed: Change, final: Change) -> None:
    assert reviewed.allows(final)


@pytest.mark.parametrize(
    ("reviewed", "final"),
    [
        pytest.param(create({"a": 1}), create({"a": 1}, THERE), id="another address"),
        pytest.param(delete({"a": 1}), delete({"a": 1}, THERE), id="a deletion at another address"),
        pytest.param(create({"a": 1}), create({"a": 2}), id="another value"),
        pytest.param(create({"a": 1}), create({"a": 1, "b": 2}), id="one attribute more"),
        pytest.param(create({"a": "known"}), create({"a": Ref("x")}), id="a value has become unknown"),
        pytest.param(create({"a": 1}), update({"a": 0}, {"a": 2}), id="an update to another value"),
        pytest.param(create({"a": 1}), update({"b": 0}, {"b": 1}), id="an update of what was not to be created"),
        pytest.param(create({"a": 1}), delete({"a": 1}), id="a deletion for a creation"),
        pytest.param(create({}), delete({}), id="a deletion for a creation, both without attributes"),
        pytest.param(update({"a": 0}, {"a": 1}), update({"a": 2}, {"a": 1}), id="another value before"),
        pytest.param(update({"a": 0}, {"a": 1}), update({"a": 0}, {"a": 2}), id="another value after"),
        pytest.param(
            update({"a": 0}, {"a": 1}), update({"a": 0, "b": 0}, {"a": 1, "b": 1}), id="one attribute more to update"
        ),
        pytest.param(
            update({"f": {"a": 0}}, {"f": {"a": 1}}),
            update({"f": {"a": 5}}, {"f": {"a": 1}}),
            id="another nested value before",
        ),
        pytest.param(update({"a": None}, {"a": 1}), update({"a": 0}, {"a": 1}), id="a value where none was"),
        pytest.param(update({"a": 0}, {"a": 1}), create({"a": 1}), id="a creation for an update"),
        pytest.param(update({"a": 0}, {"a": 1}), delete({"a": 0}), id="a deletion for an update"),
        pytest.param(delete({"a": 1}), delete({"a": 2}), id="a deletion of another value"),
        pytest.param(delete({"a": 1}), delete({"a": 1, "b": 1}), id="a deletion of more"),
        pytest.param(delete({"a": 1}), update({"a": 1}, {}), id="an update for a deletion"),
        pytest.param(delete({}), create({}), id="a creation for a deletion"),
    ],
)
def test_a_change_allows_nothing_more_and_nothing_else(reviewed: Change, final: Change) -> None:
    assert not reviewed.allows(final)


def test_a_change_mentions_itself_its_account_and_what_it_wants() -> None:
    address = Address("placement", Target("security", "eu-west-1"), "log")
    change = Change(address, Action.UPDATE, {"unit": "Old"}, {"unit": "New", "tags": ("a",)})

    assert change.mentions() == {"log", "security", "unit", "New", "tags", "a"}


def test_resources_are_indexed_in_their_order() -> None:
    found = indexed([Resource(THERE, {"a": 1}), Resource(HERE)])

    assert list(found.items()) == [(THERE, {"a": 1}), (HERE, {})]


def test_two_resources_of_one_address_are_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="two resources have the address security/eu-west-1 detector"):
        indexed([Resource(HERE), Resource(THERE), Resource(HERE, {"a": 1})])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a",), {"b": {"c": {"d": 1, "e": 2}}}),
        (("b",), {"a": 0}),
        (("b", "c"), {"a": 0, "b": {}}),
        (("b", "c", "d"), {"a": 0, "b": {"c": {"e": 2}}}),
    ],
)
def test_an_attribute_is_left_out_by_its_path(path: tuple[str, ...], expected: Attrs) -> None:
    attrs: Attrs = {"a": 0, "b": {"c": {"d": 1, "e": 2}}}

    assert without(attrs, path) == expected
    assert attrs == {"a": 0, "b": {"c": {"d": 1, "e": 2}}}


@pytest.mark.parametrize("path", [(), ("z",), ("b", "z"), ("b", "c", "z")])
def test_leaving_out_what_is_not_there_changes_nothing(path: tuple[str, ...]) -> None:
    attrs: Attrs = {"a": 0, "b": {"c": {"d": 1}}}

    assert without(attrs, path) == attrs


def test_a_path_that_goes_on_behind_a_plain_value_leads_to_nothing() -> None:
    attrs: Attrs = {"a": 0, "b": 1}

    assert without(attrs, ("a", "z")) == attrs


def test_addresses_and_targets_read_as_where_what_and_which() -> None:
    assert str(Target("security")) == "security"
    assert str(Target("security", "eu-west-1")) == "security/eu-west-1"
    assert str(Address("account", Target("organization"), "log")) == "organization account log"
    assert str(HERE) == "security/eu-west-1 detector"


def test_a_plan_gathers_what_its_steps_hold_in_their_order() -> None:
    first, second, third = create({}, HERE), update({}, {}, THERE), create({}, THERE)
    a, b = Blocked("a", "because"), Blocked("b", "because")
    plan = Plan((StepPlan("one", (first,), (a,)), StepPlan("two"), StepPlan("three", (second, third), (b,))))

    assert plan.changes == (first, second, third)
    assert plan.blocked == (a, b)
    assert plan.counts() == {Action.CREATE: 2, Action.UPDATE: 1, Action.DELETE: 0}


def test_a_plan_is_empty_when_nothing_is_to_change_and_nothing_is_blocked() -> None:
    noted = StepPlan("one", notes=("look",), unmanaged=(Resource(HERE),), kept=(THERE,))

    assert Plan((noted,)).empty
    assert not Plan((noted, StepPlan("two", changes=(create({}),)))).empty
    assert not Plan((StepPlan("two", blocked=(Blocked("a", "because"),)),)).empty
