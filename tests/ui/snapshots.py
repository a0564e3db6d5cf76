"""Compares what is shown with a file; UPDATE_SNAPSHOTS=1 writes the file instead."""

from __future__ import annotations

import io
import os
from pathlib import Path

from rich.console import Console, RenderableType

_FOLDER = Path(__file__).parent.parent / "snapshots"


def shown(renderable: RenderableType, width: int = 120) -> str:
    """What a renderable looks like without colour. The spaces that rich fills lines with are left out."""
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def matches(name: str, text: str) -> None:
    path = _FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
