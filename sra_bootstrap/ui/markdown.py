"""A plan as a comment on a pull request, in the Markdown of GitHub and GitLab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sra_bootstrap.model import Change, Plan, StepPlan, Target
from sra_bootstrap.ui.attributes import Line, attribute_lines
from sra_bootstrap.ui.escaping import code, prose
from sra_bootstrap.ui.folding import Fold, fold_addresses, fold_blocked, fold_changes, fold_notes
from sra_bootstrap.ui.places import place_words
from sra_bootstrap.ui.summary import summary, warning
from sra_bootstrap.ui.wording import SYMBOLS, counted, kind_words

_LONG = 10
"""A list of more items than this is closed, and opens with a click."""


def markdown(plan: Plan, digest: str) -> str:
    """The plan: what is blocked, what would change step by step, and the command that applies exactly this."""
    lines = [f"## sra-bootstrap: {prose(summary(plan).removeprefix('Plan: '))}", ""]
    if text := warning(plan):
        lines += [f"> **Warning:** {prose(text)}", ""]
    lines += _blocked(plan)
    for step in plan.steps:
        lines += _step(step)
    idle = [code(step.step) for step in plan.steps if not step.changes and not step.blocked]
    if idle:
        lines += [f"{'Nothing to destroy' if plan.destroy else 'In place'}: {', '.join(idle)}.", ""]
    command = f"sra-bootstrap apply {'--destroy ' if plan.destroy else ''}--expect {digest}"
    lines += [f"Digest of this plan: `{digest}`", "", "```", command, "```", ""]
    return "\n".join(lines)


def _blocked(plan: Plan) -> Iterator[str]:
    if not plan.blocked:
        return
    yield from ("### Blocked", "", "| Step | What | Why | What to do |", "| --- | --- | --- | --- |")
    for step in plan.steps:
        for fold in fold_blocked(step.blocked):
            whats = [
                f"{_closed([code(name) for name in names], 'name')}{_where(targets, ' in ' if names else '')}"
                for names, targets in fold.things
            ]
            cells = (code(step.step), "<br>".join(whats), prose(fold.reason), prose(fold.remedy))
            yield f"| {' | '.join(cells)} |"
    yield ""


def _step(step: StepPlan) -> Iterator[str]:
    notes = [prose(note) for note in fold_notes(step.notes, verbose=True)]
    kept = [_resources(fold) for fold in fold_addresses(step.kept)]
    unmanaged = [_resources(fold) for fold in fold_addresses(resource.address for resource in step.unmanaged)]
    if not (step.changes or notes or kept or unmanaged):
        return
    counts = (f"{symbol}{sum(c.action is action for c in step.changes)}" for action, symbol in SYMBOLS.items())
    yield f"### {code(step.step)} {' '.join(counts) if step.changes else ''}".rstrip()
    yield ""
    if step.changes:
        yield from ("| | What | Where | Attributes |", "| --- | --- | --- | --- |")
        yield from (_row(change, fold) for change, fold in fold_changes(step.changes))
        yield ""
    yield from _bullets("Notes", notes)
    yield from _bullets("Kept", kept)
    yield from _bullets("Left alone, not in config.yaml", unmanaged)


def _row(change: Change, fold: Fold) -> str:
    attributes = _closed(list(map(_attribute, attribute_lines(change, verbose=True))), "attribute", "<br>")
    return f"| `{SYMBOLS[change.action]}` | {_what(fold)} | {_where(fold.targets)} | {attributes} |"


def _what(fold: Fold) -> str:
    names = _closed([code(name) for name in fold.names if name], "name")
    return f"{prose(kind_words(fold.kind))} {names}".rstrip()


def _where(targets: Sequence[Target], prefix: str = "") -> str:
    short, full = place_words(targets), place_words(targets, verbose=True)
    if short == full:
        return f"{prefix}{code(short)}" if short else ""
    return f"{prefix}<details><summary>{prose(short)}</summary>{code(full)}</details>"


def _attribute(line: Line) -> str:
    values = [code(text) for text in (line.before, line.after) if text is not None]
    return f"{code(line.path)}: {' → '.join(values)}"


def _resources(fold: Fold) -> str:
    return f"{_what(fold)}{_where(fold.targets, ' in ')}"


def _closed(items: Sequence[str], noun: str, separator: str = ", ") -> str:
    text = separator.join(items)
    if len(items) <= _LONG:
        return text
    return f"<details><summary>{counted(len(items), noun)}</summary>{text}</details>"


def _bullets(heading: str, items: Sequence[str]) -> Iterable[str]:
    if not items:
        return ()
    bullets = [f"- {item}" for item in items]
    if len(items) <= _LONG:
        return (f"{heading}:", "", *bullets, "")
    return (f"<details><summary>{heading} ({len(items)})</summary>", "", *bullets, "", "</details>", "")
