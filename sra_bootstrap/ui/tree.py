"""A plan as a person reviews it in a terminal. Colour says nothing that a symbol does not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sra_bootstrap.model import Change, Plan, StepPlan
from sra_bootstrap.ui.attributes import attribute_lines
from sra_bootstrap.ui.folding import Fold, fold_addresses, fold_blocked, fold_changes, fold_notes
from sra_bootstrap.ui.rows import NAMES, STYLES, blocked_row, row
from sra_bootstrap.ui.summary import summary, warning
from sra_bootstrap.ui.wording import SYMBOLS, literal

_COLUMN = 40
"""Values are lined up behind paths, except for those behind the few that are longer than this."""


def tree(plan: Plan, *, verbose: bool = False) -> RenderableType:
    """The plan step by step, then what it comes to. `verbose` names every place and shows long values in full."""
    parts: list[RenderableType] = []
    roomy = True
    for step in plan.steps:
        rows = list(_rows(step, verbose=verbose))
        if (rows or not roomy) and parts:
            parts.append(Text())
        roomy = not rows
        parts += [_heading(step, destroy=plan.destroy), *rows]
    if parts:
        parts.append(Text())
    if text := warning(plan):
        parts.append(Text(f"Warning: {text}", style="bold yellow"))
    parts.append(Text(summary(plan), style="bold"))
    return Group(*parts)


def _heading(step: StepPlan, *, destroy: bool) -> Text:
    if not step.changes and not step.blocked:
        return Text(f"{literal(step.step)}  {'nothing to destroy' if destroy else 'in place'}", style="dim")
    heading = Text(literal(step.step), style="bold")
    heading.append(" ")
    for action, symbol in SYMBOLS.items():
        number = sum(change.action is action for change in step.changes)
        heading.append(f" {symbol}{number}", style=STYLES[action] if number else "dim")
    if step.blocked:
        heading.append(f" !{len(step.blocked)}", style="red")
    return heading


def _rows(step: StepPlan, *, verbose: bool) -> Iterator[RenderableType]:
    for change, fold in fold_changes(step.changes):
        yield row(SYMBOLS[change.action], STYLES[change.action], *_change(change, fold, verbose=verbose))
    for blocked in fold_blocked(step.blocked):
        yield blocked_row(blocked, verbose=verbose)
    quiet = [literal(note) for note in fold_notes(step.notes, verbose=verbose)]
    kept = fold_addresses(step.kept)
    quiet += [f"kept: {text}" for text in _quiet(kept, verbose=verbose)]
    unmanaged = fold_addresses(resource.address for resource in step.unmanaged)
    quiet += [f"left alone, not in config.yaml: {text}" for text in _quiet(unmanaged, verbose=verbose)]
    for text in quiet:
        yield row("#", "dim", Text(text, style="dim"))


def _change(change: Change, fold: Fold, *, verbose: bool) -> Iterator[RenderableType]:
    heading = Text(fold.what())
    if where := fold.where(verbose=verbose):
        heading.append(f" in {where}", style="cyan")
    yield heading
    lines = attribute_lines(change, verbose=verbose)
    width = max((len(line.path) for line in lines if len(line.path) <= _COLUMN), default=0)
    for line in lines:
        values = " -> ".join(value for value in (line.before, line.after) if value is not None)
        yield Padding.indent(Text.assemble((f"{line.path:<{width}}", "dim"), f"  {values}"), 2)


def _quiet(folds: Iterable[Fold], *, verbose: bool) -> Iterator[str]:
    for fold in folds:
        where = fold.where(verbose=verbose)
        what = fold.what(None if verbose else NAMES)
        yield f"{what} in {where}" if where else what
