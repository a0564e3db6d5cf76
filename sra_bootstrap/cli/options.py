"""The options that several commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Profile = Annotated[
    str | None, typer.Option(help="A profile of the AWS configuration files.", envvar="AWS_PROFILE", show_envvar=True)
]
Parallelism = Annotated[int, typer.Option(min=1, max=64, help="How many calls to AWS may be under way at once.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show every place by name, and each call to AWS on standard error.")
]
InSandbox = Annotated[
    bool, typer.Option("--sandbox", help="Work on a bare AWS inside this process, which is gone with it.")
]
Only = Annotated[
    list[str] | None, typer.Option("--step", help="Only this step, without those that it stands on; repeatable.")
]
Skip = Annotated[list[str] | None, typer.Option("--skip", help="All but this step; repeatable.")]
Destroy = Annotated[bool, typer.Option("--destroy", help="Take away what the steps have made, last first.")]
Confirmed = Annotated[
    list[str] | None,
    typer.Option("--confirm", metavar="STEP", help="Confirm what this step commits you to, by its name; repeatable."),
]
StateDir = Annotated[
    Path | None,
    typer.Option(help="Where the journals of runs are kept; by default below XDG_STATE_HOME.", show_default=False),
]
