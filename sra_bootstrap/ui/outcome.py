"""What an apply has come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from sra_bootstrap.model import Action, Blocked, Change
from sra_bootstrap.ui.folding import fold_blocked
from sra_bootstrap.ui.rows import blocked_row
from sra_bootstrap.ui.wording import DONE, duration


def outcome(
    done: Sequence[Change], failed: Sequence[Blocked], blocked: Sequence[Blocked], seconds: float
) -> RenderableType:
    """The summary of an apply: what failed and why, what that kept from being done, and the count of it all."""
    parts = [*_section("Failed", failed), *_section("Not done", blocked)]
    if parts:
        parts += [Text("What is done stays done: apply again when this is solved."), Text()]
    parts.append(Text(_counts(done, failed, blocked, seconds), style="bold red" if failed or blocked else "bold green"))
    return Group(*parts)


def _section(heading: str, items: Sequence[Blocked]) -> Iterator[RenderableType]:
    for step in dict.fromkeys(item.step for item in items):
        yield Text(f"{heading} in {step}:" if step else f"{heading}:", style="bold red")
        yield from map(blocked_row, fold_blocked([item for item in items if item.step == step]))
        yield Text()


def _counts(done: Sequence[Change], failed: Sequence[Blocked], blocked: Sequence[Blocked], seconds: float) -> str:
    counts = [f"{sum(change.action is action for change in done)} {DONE[action]}" for action in Action]
    counts += [f"{len(items)} {word}" for items, word in ((failed, "failed"), (blocked, "not done")) if items]
    if not done and not failed and not blocked:
        return f"Nothing was changed, in {duration(seconds)}."
    return f"Applied: {', '.join(counts)}, in {duration(seconds)}."
