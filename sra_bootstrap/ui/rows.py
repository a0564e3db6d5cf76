"""A row of a list in the terminal: a symbol, and what wraps beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sra_bootstrap.model import Action
from sra_bootstrap.ui.folding import BlockedFold
from sra_bootstrap.ui.wording import literal

STYLES: Final[Mapping[Action, str]] = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}
NAMES: Final = 10
"""Of what is not going to be changed, so many names are enough."""


def row(symbol: str, style: str, *body: RenderableType) -> RenderableType:
    """A symbol in a style, and a body beside it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1, style=style)
    grid.add_column(overflow="fold")
    grid.add_row(symbol, Group(*body))
    return Padding.indent(grid, 2)


def blocked_row(blocked: BlockedFold, *, verbose: bool = False) -> RenderableType:
    """What is blocked, why, and what to do about it."""
    lines = [Text(blocked.where(NAMES, verbose=verbose), style="red"), Text(literal(blocked.reason))]
    if blocked.remedy:
        lines.append(Text(literal(blocked.remedy), style="italic"))
    return row("!", "red", *lines)
