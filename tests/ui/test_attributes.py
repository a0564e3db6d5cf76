from __future__ import annotations

from sra_bootstrap.model import Target
from sra_bootstrap.ui.attributes import Line, attribute_lines
from sra_bootstrap.values import Attrs, Ref
from tests.ui.plans import create, delete, update

HERE = Target("a")


def test_nested_attributes_are_dotted_paths_with_what_is_before_and_after() -> None:
    change = update("k", HERE, "", {"a": {"b": {"c": 1}}, "d": None}, {"a": {"b": {"c": 2}}, "d": {"e": False}})

    assert attribute_lines(change) == [Line("a.b.c", "1", "2"), Line("d.e", "(none)", "false")]


def test_a_creation_has_no_before_and_a_deletion_no_after() -> None:
    assert attribute_lines(create("k", HERE, a=Ref("x"))) == [Line("a", None, "(known after apply)")]
    assert attribute_lines(delete("k", HERE, a="x")) == [Line("a", "x", None)]


def test_paths_that_differ_in_one_part_and_become_the_same_are_one() -> None:
    features: Attrs = {"S3": {"status": "ON"}, "RDS": {"status": "ON"}, "EKS": {"status": "OFF"}}

    assert attribute_lines(create("k", HERE, a=features, b=features)) == [
        Line("{a, b}.{S3, RDS}.status", None, "ON"),
        Line("{a, b}.EKS.status", None, "OFF"),
    ]


def test_attributes_of_the_resource_itself_are_never_put_together() -> None:
    assert len(attribute_lines(create("k", HERE, a=1, b=1))) == 2


def test_a_part_that_holds_what_paths_are_made_of_is_quoted() -> None:
    assert attribute_lines(create("k", HERE, tags={"a.b": "1", "{c, d}": "2"})) == [
        Line('tags."a.b"', None, "1"),
        Line('tags."{c, d}"', None, "2"),
    ]


def test_long_tuples_are_cut_short_and_their_differences_are_not() -> None:
    numbers = tuple(range(9))

    assert attribute_lines(create("k", HERE, a=numbers)) == [Line("a", None, "[0, 1, 2, 3 and 5 more]")]
    assert attribute_lines(create("k", HERE, a=numbers), verbose=True) == [
        Line("a", None, "[0, 1, 2, 3, 4, 5, 6, 7, 8]")
    ]
    assert attribute_lines(update("k", HERE, "", {"a": numbers}, {"a": (*numbers[1:], 10)})) == [
        Line("a", "9 items", "9 items: +10, -0")
    ]
    assert attribute_lines(update("k", HERE, "", {"a": numbers}, {"a": numbers[::-1]})) == [
        Line("a", "9 items", "9 items: in another order")
    ]


def test_many_equal_paths_are_named_in_full_only_if_verbose() -> None:
    change = create("k", HERE, a={f"x{n}": "ON" for n in range(30)})

    assert [line.path for line in attribute_lines(change)] == [
        "a.{x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 and 18 more}"
    ]
    assert "x29" in attribute_lines(change, verbose=True)[0].path


def test_an_empty_value_is_not_invisible() -> None:
    assert attribute_lines(create("k", HERE, a="", b=" ", c=(), d={})) == [
        Line("a", None, '""'),
        Line("b", None, '" "'),
        Line("c", None, "[]"),
        Line("d", None, "{}"),
    ]
