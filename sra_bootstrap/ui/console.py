"""The two consoles: results go to stdout, everything else to stderr."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from sra_bootstrap.errors import InputError, SraError
from sra_bootstrap.ui.wording import literal_lines

_WIDTH = 120
"""Without a terminal, output is the same wherever it runs."""


def stdout() -> Console:
    """The console for results."""
    return _console(stderr=False)


def stderr() -> Console:
    """The console for messages, questions and progress."""
    return _console(stderr=True)


def show_error(console: Console, error: SraError) -> None:
    """Say what went wrong, and what to do about it."""
    message = Text(literal_lines(error.message))
    # An editor finds the place in `file:line: message` only at the beginning of a line.
    if not isinstance(error, InputError):
        message = Text.assemble(("Error: ", "bold red"), message)
    console.print(message, soft_wrap=True)
    if error.remedy:
        console.print(Text(literal_lines(error.remedy), style="italic"), soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    return console
