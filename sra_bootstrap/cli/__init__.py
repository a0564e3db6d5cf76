"""The command line: the only place where the parts are put together. Importing it imports no SDK."""

from __future__ import annotations

import sys
from typing import Any

from sra_bootstrap.cli.app import app
from sra_bootstrap.cli.exits import Exit
from sra_bootstrap.errors import DriftError, SraError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line, and end the process with one of the statuses in `Exit`."""
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run the command line with arguments, by default the process's own; the exit status."""
    from typer import BadParameter

    from sra_bootstrap.ui.console import show_error, stderr

    # typer carries click inside itself, and exports of its errors only this one; its base is every wrong use.
    usage_error: Any = BadParameter.__base__
    try:
        status = app(args=arguments, standalone_mode=False)
    except SraError as error:
        show_error(stderr(), error)
        return Exit.DRIFT if isinstance(error, DriftError) else Exit.ERROR
    except usage_error as error:
        error.show()
        return Exit.ERROR
    return status if isinstance(status, int) else Exit.DONE
