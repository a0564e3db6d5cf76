from __future__ import annotations

import pytest

from sra_bootstrap.diff import differences, removals
from sra_bootstrap.model import Action, Address, Change, Target
from sra_bootstrap.values import Attrs, Ref

HERE = Target("security", "eu-west-1")
DETECTOR = Address("detector", HERE)
MEMBERS = Address("members", HERE)
FOREIGN = Address("filter", HERE, "somebody's")


def test_what_is_not_there_is_created_with_all_that_is_wanted() -> None:
    wanted: Attrs = {"status": "ENABLED", "account": Ref("account.security.id")}

    assert list(differences({}, {DETECTOR: wanted})) == [Change(DETECTOR, Action.CREATE, {}, wanted)]


@pytest.mark.parametrize(
    "seen", [{"status": "ENABLED"}, {"status": "ENABLED", "arn": "arn:aws:x", "features": {"S3": "ENABLED"}}]
)
def test_what_is_as_wanted_is_left_alone_whatever_else_it_has(seen: Attrs) -> None:
    assert not list(differences({DETECTOR: seen}, {DETECTOR: {"status": "ENABLED"}}))


def test_what_is_there_and_wants_no_attributes_is_left_alone() -> None:
    assert not list(differences({DETECTOR: {"status": "DISABLED"}}, {DETECTOR: {}}))


def test_what_is_wanted_without_attributes_is_created_where_it_is_not_there() -> None:
    assert list(differences({}, {DETECTOR: {}})) == [Change(DETECTOR, Action.CREATE, {}, {})]


def test_an_update_holds_the_attributes_that_differ_and_no_others() -> None:
    seen: Attrs = {"status": "ENABLED", "frequency": "SIX_HOURS", "arn": "arn:aws:x"}
    wanted: Attrs = {"status": "ENABLED", "frequency": "ONE_HOUR"}

    [change] = differences({DETECTOR: seen}, {DETECTOR: wanted})

    assert change == Change(DETECTOR, Action.UPDATE, {"frequency": "SIX_HOURS"}, {"frequency": "ONE_HOUR"})


def test_nested_attributes_are_compared_one_by_one() -> None:
    seen: Attrs = {"features": {"S3": {"on": False, "since": "2020"}, "EKS": {"on": True}, "FOREIGN": {"on": True}}}
    wanted: Attrs = {"features": {"S3": {"on": True}, "EKS": {"on": True}, "RDS": {"on": True}}}

    [change] = differences({DETECTOR: seen}, {DETECTOR: wanted})

    assert change.before == {"features": {"S3": {"on": False}, "RDS": None}}
    assert change.after == {"features": {"S3": {"on": True}, "RDS": {"on": True}}}


@pytest.mark.parametrize("have", [None, "text", ("a",)])
def test_a_mapping_that_is_wanted_where_none_is_stands_whole_in_the_update(have: Attrs) -> None:
    wanted: Attrs = {"features": {"S3": "ENABLED"}}

    [change] = differences({DETECTOR: {"features": have}}, {DETECTOR: wanted})

    assert change == Change(DETECTOR, Action.UPDATE, {"features": have}, wanted)


def test_the_order_of_a_list_matters() -> None:
    [change] = differences({DETECTOR: {"regions": ("a", "b")}}, {DETECTOR: {"regions": ("b", "a")}})

    assert change.before == {"regions": ("a", "b")}
    assert change.after == {"regions": ("b", "a")}


def test_an_unknown_value_differs_from_every_known_one() -> None:
    [change] = differences({DETECTOR: {"account": "1"}}, {DETECTOR: {"account": Ref("account.security.id")}})

    assert change.action is Action.UPDATE


def test_what_is_there_and_not_wanted_is_left_alone() -> None:
    assert not list(differences({FOREIGN: {"name": "x"}}, {}))
    assert not list(removals({FOREIGN: {"name": "x"}}, {}))


def test_changes_come_in_the_order_of_what_is_wanted() -> None:
    desired: dict[Address, Attrs] = {MEMBERS: {"a": 1}, DETECTOR: {"b": 1}}

    changes = list(differences({DETECTOR: {"b": 2}}, desired))

    assert [change.address for change in changes] == [MEMBERS, DETECTOR]


def test_removals_take_away_last_first_what_is_both_wanted_and_there() -> None:
    desired: dict[Address, Attrs] = {DETECTOR: {"status": "ENABLED"}, MEMBERS: {"a": {"b": 1}}, FOREIGN: {}}
    current: dict[Address, Attrs] = {DETECTOR: {"status": "DISABLED", "arn": "x"}, MEMBERS: {"a": {"b": 2, "c": 3}}}

    changes = list(removals(current, desired))

    assert changes == [
        Change(MEMBERS, Action.DELETE, {"a": {"b": 2}}, {}),
        Change(DETECTOR, Action.DELETE, {"status": "DISABLED"}, {}),
    ]
