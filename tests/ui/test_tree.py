from __future__ import annotations

import io

import pytest
from rich.console import Console

from sra_bootstrap.model import Plan, StepPlan
from sra_bootstrap.ui.tree import tree
from tests.ui import plans
from tests.ui.snapshots import matches, shown


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("name", ["EMPTY", "FIRST", "UPDATES", "BLOCKED", "DESTROY", "HOSTILE"])
def test_a_plan_reads_well_in_a_narrow_and_in_a_wide_terminal(name: str, width: int) -> None:
    text = shown(tree(getattr(plans, name)), width)

    assert max(map(len, text.splitlines())) <= width
    matches(f"tree_{name.lower()}_{width}.txt", text)


@pytest.mark.parametrize("name", ["FIRST", "UPDATES", "BLOCKED"])
def test_verbose_names_every_place_and_leaves_nothing_out(name: str) -> None:
    text = shown(tree(getattr(plans, name), verbose=True), 100)

    assert "more" not in text
    matches(f"tree_{name.lower()}_verbose.txt", text)


def test_a_plan_that_creates_no_account_does_not_warn_of_it() -> None:
    assert "Warning" not in shown(tree(plans.UPDATES))


def test_a_plan_of_no_step_is_a_sentence() -> None:
    assert shown(tree(Plan(()))) == "Nothing to do: AWS is as config.yaml wants it.\n"


def test_a_plan_in_which_all_is_blocked_does_not_claim_that_all_is_well() -> None:
    plan = Plan((StepPlan("guardduty", blocked=plans.BLOCKED.blocked),))

    assert "Nothing can be done: 28 blocked." in shown(tree(plan))


def test_colour_says_nothing_that_a_symbol_does_not_say() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=120, highlight=False)
    with console.capture() as capture:
        console.print(tree(plans.UPDATES))

    assert "\x1b[33m~" in capture.get()
    assert "\x1b" not in shown(tree(plans.UPDATES))


def test_what_a_user_or_aws_has_named_cannot_steer_the_terminal() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=200)
    with console.capture() as capture:
        console.print(tree(plans.HOSTILE))

    assert "\x1b[2J" not in capture.get()
    assert "\\x1b[2J" in capture.get()
    assert "[red]a|b`c[/red]" in capture.get()
