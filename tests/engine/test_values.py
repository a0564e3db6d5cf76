from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.values import Ref, Value, attrs_from_json, from_json, has_ref, leaves, refines, to_json

VALUES: list[Value] = [
    None,
    True,
    0,
    -7,
    "",
    "ENABLED",
    Ref("account.security.id"),
    (),
    ("a", Ref("b"), ("c", None)),
    {},
    {"z": 1, "a": {"inner": (True, {"deep": Ref("x")})}},
    {"$ref": "x", "more": 1},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_from_its_json(value: Value) -> None:
    text = json.dumps(to_json(value))

    back = from_json(json.loads(text))

    assert back == value
    assert type(back) is type(value)


def test_a_mapping_that_looks_like_a_reference_does_not_become_one() -> None:
    value: Value = {"policy": {"$ref": "x"}}

    assert from_json(to_json(value)) == value


def test_json_has_its_keys_sorted_at_every_depth() -> None:
    text = json.dumps(to_json({"b": {"d": 1, "c": 2}, "a": 3}))

    assert text == '{"a": 3, "b": {"c": 2, "d": 1}}'


@pytest.mark.parametrize("raw", [1.5, float("nan"), [1, [2.0]], {"a": {"b": 0.1}}, b"bytes"], ids=repr)
def test_what_no_plan_can_hold_is_no_value(raw: Any) -> None:
    with pytest.raises(ValueError, match="not a value of a plan"):
        from_json(raw)


@pytest.mark.parametrize("raw", [None, True, 1, "text", ["list"], {"$ref": "path"}], ids=repr)
def test_only_a_mapping_is_attributes(raw: Any) -> None:
    with pytest.raises(ValueError, match="not attributes"):
        attrs_from_json(raw)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_refines_itself(value: Value) -> None:
    assert refines(value, value)


@pytest.mark.parametrize("final", VALUES, ids=repr)
def test_a_reference_may_become_any_value(final: Value) -> None:
    assert refines(Ref("account.security.id"), final)


@pytest.mark.parametrize(
    ("planned", "final"),
    [
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
        ({"a": (Ref("x"), 1)}, {"a": ("known", 1)}),
        ({"a": {"b": Ref("x"), "c": 1}}, {"a": {"b": {"any": "thing"}}}),
    ],
)
def test_less_refines_more_and_the_known_refines_the_unknown(planned: Value, final: Value) -> None:
    assert refines(planned, final)


@pytest.mark.parametrize(
    ("planned", "final"),
    [
        ("a", "b"),
        ("a", None),
        (None, "a"),
        ("1", 1),
        ("known", Ref("x")),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"a": 1}),
        ({}, None),
        ((1, 2), (1,)),
        ((1,), (1, 2)),
        ((1, 2), (2, 1)),
        ((), {}),
        (({"a": 1},), ({"a": 2},)),
    ],
)
def test_nothing_else_refines_a_known_value(planned: Value, final: Value) -> None:
    assert not refines(planned, final)


@pytest.mark.parametrize(("planned", "final"), [(True, 1), (1, True), (False, 0), ({"a": (1,)}, {"a": (True,)})])
def test_a_number_does_not_refine_a_truth_value(planned: Value, final: Value) -> None:
    assert not refines(planned, final)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, set()),
        (3, set()),
        ("a", {"a"}),
        (("a", ("b", 1)), {"a", "b"}),
        ({"k": "a", "l": {"m": ("b",), "n": None}}, {"k", "a", "l", "m", "b", "n"}),
    ],
)
def test_the_leaves_of_a_value_are_its_strings_and_its_keys(value: Value, expected: set[str]) -> None:
    assert leaves(value) == expected


@pytest.mark.parametrize("value", [Ref("x"), (1, Ref("x")), {"a": {"b": (Ref("x"),)}}])
def test_a_reference_is_found_at_any_depth(value: Value) -> None:
    assert has_ref(value)


@pytest.mark.parametrize("value", [None, "x", (), (1, "x"), {"a": {"$ref": 1}}])
def test_no_reference_is_found_where_there_is_none(value: Value) -> None:
    assert not has_ref(value)


def test_a_reference_reads_as_known_after_apply() -> None:
    assert str(Ref("account.security.id")) == "(known after apply: account.security.id)"
