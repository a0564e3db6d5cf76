"""How an apply goes on: live on a terminal, a line at a time anywhere else. Both are told from several threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from sra_bootstrap.model import Address, Blocked, Change
from sra_bootstrap.ui.places import address_words
from sra_bootstrap.ui.rows import STYLES
from sra_bootstrap.ui.wording import DOING, DONE, counted, duration, literal

_PATIENCE_SECONDS = 10
"""AWS often takes some seconds; only a longer wait is worth a line."""


@contextmanager
def progress(console: Console) -> Iterator[LiveProgress | LineProgress]:
    """A listener to an apply that suits the console; it is to be used while the context lasts."""
    if not console.is_interactive:
        yield LineProgress(console)
        return
    with _display(console) as display:
        yield LiveProgress(display)


class LineProgress:
    """Prints a line for every change that has ended, and one whenever a step has to wait."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._patient: set[str] = set()

    def step_begins(self, step: str, changes: int) -> None:
        """Say how much there is to do, if there is something."""
        if changes:
            self._say(step, Text(f"{counted(changes, 'change')} to make"))

    def change_begins(self, step: str, change: Change) -> None:  # noqa: ARG002 (a listener is told more than this one tells)
        """Say nothing, but a wait after this is a new one."""
        with self._lock:
            self._patient.discard(step)

    def change_ends(self, step: str, change: Change, failure: Blocked | None) -> None:
        """Say what was done, or why it failed."""
        self._say(step, _ended(change, failure))

    def waiting(self, step: str, addresses: Sequence[Address], seconds: float) -> None:
        """Say that AWS takes its time, once for each wait."""
        with self._lock:
            if seconds < _PATIENCE_SECONDS or step in self._patient:
                return
            self._patient.add(step)
        self._say(step, Text(_waiting(addresses)))

    def step_ends(self, step: str) -> None:
        """Say nothing: the last change has said it."""

    def _say(self, step: str, text: Text) -> None:
        self._console.print(Text.assemble(f"{literal(step)}: ", text), soft_wrap=True)


@dataclass
class _Running:
    """A step that is being carried out: its line, and the changes that are being made, oldest first."""

    line: TaskID
    changes: list[Change] = field(default_factory=list)
    ended: int = 0
    failed: int = 0

    def doing(self) -> str:
        if not self.changes:
            return ""
        first, *others = self.changes
        more = f", and {len(others)} more" if others else ""
        return f"{DOING[first.action]} {address_words(first.address)}{more}"


class LiveProgress:
    """Keeps a line for every step below the lines of the changes that have ended."""

    def __init__(self, display: Progress) -> None:
        self._display = display
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}

    def step_begins(self, step: str, changes: int) -> None:
        """Begin the line of a step, if it has something to do."""
        if changes:
            line = self._display.add_task(literal(step), total=changes, doing="", failed="")
            self._running[step] = _Running(line)

    def change_begins(self, step: str, change: Change) -> None:
        """Show what is being done."""
        with self._lock:
            running = self._running[step]
            running.changes.append(change)
            self._display.update(running.line, doing=running.doing())

    def change_ends(self, step: str, change: Change, failure: Blocked | None) -> None:
        """Print what was done, or why it failed, and count it."""
        with self._lock:
            running = self._running[step]
            running.changes.remove(change)
            running.ended += 1
            running.failed += failure is not None
            failed = f"{running.failed} failed" if running.failed else ""
            self._display.update(running.line, completed=running.ended, doing=running.doing(), failed=failed)
        self._display.console.print(Text.assemble(f"{literal(step)}: ", _ended(change, failure)))

    def waiting(self, step: str, addresses: Sequence[Address], seconds: float) -> None:
        """Show what AWS is being waited for, and for how long."""
        with self._lock:
            self._display.update(self._running[step].line, doing=_waiting(addresses, f" {duration(seconds)}"))

    def step_ends(self, step: str) -> None:
        """Finish the line of a step; what was reviewed and turned out to be done already counts no more."""
        with self._lock:
            running = self._running.pop(step, None)
            if running is not None:
                self._display.update(running.line, total=running.ended, doing="")


def _display(console: Console) -> Progress:
    doing = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        SpinnerColumn(),
        # Names are a user's own: they must not be read as rich's markup.
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", style="red", markup=False),
        TextColumn("{task.fields[doing]}", style="dim", markup=False, table_column=doing),
        TimeElapsedColumn(),
        console=console,
        expand=True,
    )


def _ended(change: Change, failure: Blocked | None) -> Text:
    address = address_words(change.address)
    if failure is None:
        return Text.assemble((DONE[change.action], STYLES[change.action]), f" {address}")
    reason = " ".join(filter(None, (failure.reason, failure.remedy)))
    return Text.assemble(("failed", "bold red"), f" {DOING[change.action]} {address}: {literal(reason)}")


def _waiting(addresses: Sequence[Address], time: str = "") -> str:
    what = address_words(addresses[0]) if len(addresses) == 1 else counted(len(addresses), "change")
    return f"waiting{time} for AWS to show {what}"
