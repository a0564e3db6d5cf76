from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from rich.console import Console

from sra_bootstrap.model import Blocked, Change, Target
from sra_bootstrap.ui.progress import LineProgress, LiveProgress, progress
from tests.ui.plans import ORGANIZATION, REGIONS, create, delete, targets, update

if TYPE_CHECKING:
    from sra_bootstrap.executor import Listener

HERE = Target("a", "eu-west-1")


def lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def paper(width: int = 60) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False)


def terminal() -> Console:
    return Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None, _environ={"TERM": "xterm"})


def test_both_are_listeners_to_the_executor() -> None:
    def listens(_: Listener) -> None:
        """Mypy checks what this is called with."""

    with progress(paper()) as listener:
        listens(listener)


def test_without_a_terminal_every_change_that_has_ended_is_a_line_that_is_not_broken() -> None:
    console = paper()
    made = create("detector", HERE)
    failed = update("tags", ORGANIZATION, "[red]x", {"a": None}, {"a": "1"})
    with progress(console) as listener:
        assert isinstance(listener, LineProgress)
        listener.step_begins("preflight", 0)
        listener.step_ends("preflight")
        listener.step_begins("guardduty", 2)
        for change, failure in ((made, None), (failed, Blocked("x", "AWS [b]denies\x1b it.", "Ask for it, please."))):
            listener.change_begins("guardduty", change)
            listener.change_ends("guardduty", change, failure)
        listener.step_ends("guardduty")

    assert lines(console) == [
        "guardduty: 2 changes to make",
        "guardduty: created detector in a/eu-west-1",
        "guardduty: failed changing tags [red]x: AWS [b]denies\\x1b it. Ask for it, please.",
    ]


def test_without_a_terminal_a_wait_is_told_once_and_only_when_it_is_long() -> None:
    console = paper(120)
    change = create("detector", HERE)
    with progress(console) as listener:
        for _ in range(2):
            listener.change_begins("guardduty", change)
            for seconds in (0.0, 5.0, 12.0, 20.0, 300.0):
                listener.waiting("guardduty", [change.address], seconds)
        listener.waiting("accounts", [change.address, delete("account", ORGANIZATION, "x").address], 11.0)

    assert lines(console) == [
        "guardduty: waiting for AWS to show detector in a/eu-west-1",
        "guardduty: waiting for AWS to show detector in a/eu-west-1",
        "accounts: waiting for AWS to show 2 changes",
    ]


def test_without_a_terminal_lines_of_several_threads_do_not_mix() -> None:
    console = paper()
    changes = [create("detector", at) for at in targets("a", REGIONS)]
    with progress(console) as listener, ThreadPoolExecutor(16) as pool:

        def make(changes: Sequence[Change]) -> None:
            for change in changes:
                listener.change_begins("guardduty", change)
                listener.waiting("guardduty", [change.address], 1.0)
                listener.change_ends("guardduty", change, None)

        list(pool.map(make, [changes] * 16))

    expected = [f"guardduty: created detector in {change.address.at}" for change in changes] * 16
    assert sorted(lines(console)) == sorted(expected)


def test_on_a_terminal_every_step_has_a_line_and_every_change_that_has_ended_another() -> None:
    console = terminal()
    changes = [create("detector", at, "[red]x") for at in targets("abcdefghijkl", REGIONS)]
    with progress(console) as listener:
        assert isinstance(listener, LiveProgress)
        listener.step_begins("preflight", 0)
        listener.step_ends("preflight")
        listener.step_begins("guardduty", len(changes) + 1)
        with ThreadPoolExecutor(16) as pool:

            def make(change: Change) -> None:
                listener.change_begins("guardduty", change)
                listener.waiting("guardduty", [change.address], 1.0)
                failure = Blocked("x", "AWS denies it.") if change is changes[7] else None
                listener.change_ends("guardduty", change, failure)

            list(pool.map(make, changes))
        listener.step_ends("guardduty")

    shown = "\n".join(lines(console))
    assert shown.count("guardduty: created detector [red]x in") == len(changes) - 1
    assert shown.count(f"guardduty: failed creating detector [red]x in a/{REGIONS[7]}: AWS denies it.") == 1
    [last] = [line for line in lines(console) if "guardduty " in line][-1:]
    assert "204/204" in last
    assert "1 failed" in last
    assert "preflight" not in shown


def test_on_a_terminal_one_sees_what_is_being_done_and_how_much_else() -> None:
    console = terminal()
    first, second = create("detector", HERE), delete("detector", Target("b", "eu-west-1"))
    with progress(console) as listener:
        assert isinstance(listener, LiveProgress)
        listener.step_begins("guardduty", 2)
        listener.change_begins("guardduty", first)
        listener.change_begins("guardduty", second)
        listener._display.refresh()
        listener.change_ends("guardduty", first, None)
        listener._display.refresh()
        listener.waiting("guardduty", [first.address], 12.4)
        listener._display.refresh()

    shown = "\n".join(lines(console))
    assert "creating detector in a/eu-west-1, and 1 more" in shown
    assert "destroying detector in b/eu-west-1" in shown
    assert "waiting 12 s for AWS to show detector in a/eu-west-1" in shown
