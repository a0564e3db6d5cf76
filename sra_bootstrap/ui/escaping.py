"""Text in Markdown that means itself. Entities never act as markup, a pipe in a cell of a table included."""

from __future__ import annotations

import re

from sra_bootstrap.ui.wording import literal

_MARKUP = re.compile(r"[\\`*{}\[\]<>&|~#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def prose(text: str) -> str:
    """A text that reads as it is, on one line."""
    return _escaped(literal(" ".join(text.split())))


def code(text: str) -> str:
    """A name or a value, set as code; empty if there is none."""
    text = literal(text)
    # Renderers differ in how a code span in a table holds these.
    if "|" in text or "`" in text or text != text.strip():
        return f"<code>{_escaped(text)}</code>"
    return f"`{text}`" if text else ""


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
