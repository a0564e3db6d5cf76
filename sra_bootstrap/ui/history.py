"""The runs of `apply`, out of their journals, as a table."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sra_bootstrap.journal import Run
from sra_bootstrap.ui.wording import counted, literal

_ENDS = {0: "done", 1: "failed", 3: "blocked", 4: "drift", 130: "interrupted", None: "killed, or running"}


def table(runs: Iterable[Run]) -> RenderableType:
    """One line for each run, the latest first; of one that was killed, also what nobody knows the end of."""
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("Begun", "Caller", "Organization", "Plan", "Writes", "Errors", "Ended"):
        lines.add_column(heading, justify="right" if heading in {"Writes", "Errors"} else "left")
    unanswered: list[Text] = []
    for run in runs:
        head = {name: literal(value) for name, value in run.head.items()}
        lines.add_row(
            Text(head.get("at", "")[:19]),
            Text(head.get("caller", "")),
            Text(head.get("organization", "") or "none yet"),
            Text(head.get("plan", "")[:12]),
            str(run.writes),
            str(run.errors),
            _ENDS.get(run.status, str(run.status)),
        )
        if run.status is None:
            unanswered += (Text(f"Not known whether AWS has made it: {literal(what)}") for what in run.unanswered)
    if not lines.row_count:
        return Text("There is no journal of a run here.")
    return Group(lines, *unanswered, Text(counted(lines.row_count, "run"), style="dim"))
