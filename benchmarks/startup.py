"""How long the tool takes when it has next to nothing to do: whole processes, from their start to their end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.served import ROOT, built

HELP = ("--help",)
_RUN = "from sra_bootstrap.cli import main; main()"
"""What the installed script does; it runs from a bare checkout too."""
_LIST_MODULES = """
import json, sys
from sra_bootstrap.cli import run
run(["--help"])
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@dataclass(frozen=True)
class Timing:
    """Several runs, in seconds: their medians by the clock and of the processor, and the fastest by the clock."""

    wall: float
    fastest: float
    processor: float
    runs: int


def imported_by_help() -> frozenset[str]:
    """The modules that are loaded when the help has been shown."""
    command = [sys.executable, "-c", _LIST_MODULES]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return frozenset(json.loads(answer.stderr))


def foreign(modules: frozenset[str]) -> frozenset[str]:
    """The top-level packages among modules that are neither Python's own nor ours."""
    tops = {module.partition(".")[0] for module in modules}
    return frozenset(tops - sys.stdlib_module_names - {"sra_bootstrap", "steps", "__main__"})


def time_help(runs: int) -> Timing:
    """Show the help."""
    return _timed(HELP, runs)


def time_idle_plan(accounts: int, regions: int, runs: int) -> Timing:
    """Plan an organization that is as it should be, served on loopback."""
    with built(accounts, regions) as config:
        # The status would be 2 if there were anything to do.
        return _timed(("plan", "--config", str(config), "--detailed-exitcode"), runs)


def _timed(arguments: Sequence[str], runs: int) -> Timing:
    with TemporaryDirectory() as folder:
        # The first run compiles. The others find what it has compiled, whatever Python is told of its own cache.
        _, *rounds = (_once(arguments, Path(folder)) for _ in range(1 + runs))
    walls, processors = zip(*rounds, strict=True)
    return Timing(median(walls), min(walls), median(processors), runs)


def _once(arguments: Sequence[str], compiled: Path) -> tuple[float, float]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    command = [sys.executable, "-c", _RUN, *arguments]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    # The process has been waited for behind its back.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"sra-bootstrap {' '.join(arguments)} has ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime
