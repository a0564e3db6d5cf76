from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from sra_bootstrap.registry import RegistryError, discover, ordered
from tests.engine.conftest import step_class


def test_every_step_comes_behind_all_that_it_stands_on() -> None:
    steps = [step_class("a", "c"), step_class("b"), step_class("c", "d", "b"), step_class("d")]

    order = list(ordered(steps))

    assert order.index("c") > max(order.index("d"), order.index("b"))
    assert order.index("a") > order.index("c")
    assert sorted(order) == ["a", "b", "c", "d"]


def test_steps_that_do_not_stand_on_each_other_come_in_the_order_of_their_ids() -> None:
    steps = [step_class("c"), step_class("a"), step_class("b")]

    assert list(ordered(steps)) == ["a", "b", "c"]


def test_the_order_does_not_depend_on_where_the_steps_were_found() -> None:
    steps = [
        step_class("root"),
        step_class("z", "root"),
        step_class("y", "root", "x"),
        step_class("x", "root"),
        step_class("end", "y", "z"),
    ]

    assert list(ordered(steps)) == list(ordered(reversed(steps)))


def test_where_the_order_leaves_a_choice_it_is_by_id_and_not_by_who_stands_on_it() -> None:
    order = list(ordered([step_class("a", "m"), step_class("b", "k"), step_class("k"), step_class("m")]))

    assert order[0] == "k"


def test_a_step_follows_what_it_can_do_without() -> None:
    early = step_class("a", follows=("z",))

    assert list(ordered([early, step_class("z")])) == ["z", "a"]
    with pytest.raises(RegistryError, match="a stands on z, which is not there"):
        ordered([early])


def test_a_step_that_is_last_comes_behind_all_that_are_not() -> None:
    last, other = step_class("a", "m", last=True), step_class("b", last=True)

    assert list(ordered([last, other, step_class("m"), step_class("z")])) == ["m", "z", "a", "b"]
    with pytest.raises(RegistryError, match="steps stand on each other"):
        ordered([last, step_class("m"), step_class("n", "a")])


def test_each_id_leads_to_its_step() -> None:
    one, two = step_class("one", "two"), step_class("two")

    assert ordered([one, two]) == {"two": two, "one": one}


def test_twins_are_refused_by_their_name() -> None:
    with pytest.raises(RegistryError, match="two steps are called guardduty"):
        ordered([step_class("guardduty"), step_class("other"), step_class("guardduty")])


def test_a_cycle_is_refused_and_its_path_is_named() -> None:
    steps = [step_class("a", "b"), step_class("b", "c"), step_class("c", "a"), step_class("d", "a")]

    with pytest.raises(RegistryError) as raised:
        ordered(steps)

    path = str(raised.value).removeprefix("steps stand on each other: ").split(" -> ")
    assert path[0] == path[-1]
    assert sorted(path[1:]) == ["a", "b", "c"]


def test_a_step_that_stands_on_itself_is_refused() -> None:
    with pytest.raises(RegistryError, match="a -> a"):
        ordered([step_class("a", "a")])


def test_a_foundation_that_is_not_there_is_refused_and_named_with_who_needs_it() -> None:
    with pytest.raises(RegistryError, match="the step guardduty stands on acounts, which is not there"):
        ordered([step_class("guardduty", "acounts"), step_class("accounts")])


def test_the_steps_of_this_project_are_found_with_the_names_of_their_files() -> None:
    found = discover()

    assert "guardduty" in found
    assert all(step.__module__ == f"steps.{name}" for name, step in found.items())


def test_another_projects_steps_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = types.ModuleType("steps")
    foreign.__path__ = [str(tmp_path / "steps")]
    monkeypatch.setitem(sys.modules, "steps", foreign)

    with pytest.raises(RegistryError, match="is not sra-bootstrap's"):
        discover.__wrapped__()
