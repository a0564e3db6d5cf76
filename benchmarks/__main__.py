"""Measures everything, and prints it as Markdown: `python -m benchmarks`, within three minutes."""

from __future__ import annotations

import platform
import sys

from benchmarks import floor, startup
from benchmarks.counting import usage
from benchmarks.floor.need import Size
from benchmarks.growth import growth
from benchmarks.organization import settings
from benchmarks.tables import against_floor, share, table

_SIZES = ((5, 3), (12, 3), (50, 5), (50, 17), (200, 17))
"""Member accounts and governed regions."""
_IN_DETAIL = (50, 17)
_FORBIDDEN = frozenset({"boto3", "botocore", "moto"})
"""What showing the help must not import."""


def _calls() -> None:
    rows: list[tuple[str, ...]] = []
    details: list[str] = []
    for accounts, regions in _SIZES:
        wanted = settings(accounts, regions)
        size, used = Size.of(wanted), usage(wanted)
        phases = (
            ("plan of a bare account", used.plan, floor.plan_of_nothing(size)),
            ("apply", used.apply, floor.apply_to_nothing(size)),
            ("plan with nothing left to do", used.again, floor.plan_of_what_is_built(size)),
        )
        figures = (figure for _, calls, needs in phases for figure in share(calls, needs))
        rows.append((str(accounts), str(regions), *figures))
        if (accounts, regions) == _IN_DETAIL:
            details = [f"\n### {name.capitalize()}\n\n{against_floor(calls, needs)}" for name, calls, needs in phases]
    head = ["Accounts", "Regions"]
    head += [f"{phase}{part}" for phase in ("Plan", "Apply", "Plan again") for part in ("", ": least", ": ratio")]
    print("## Calls to AWS\n")
    print(table(head, rows, texts=0))
    print(f"\nBy operation, for {_IN_DETAIL[0]} accounts and {_IN_DETAIL[1]} regions:")
    print("\n".join(details))


def _growth() -> None:
    print("\n## Clients and memory\n")
    measured = (growth(5, 3), growth(200, 3))
    rows = [(str(g.accounts), str(g.clients), f"{g.before:.0f} MiB", f"{g.after:.0f} MiB") for g in measured]
    print(table(("Accounts entered, in 3 regions", "Clients", "Memory before", "Memory after"), rows, texts=0))


def _startup() -> None:
    print("\n## Start-up\n")
    modules = startup.imported_by_help()
    packages = startup.foreign(modules)
    if unwanted := packages & _FORBIDDEN:
        sys.exit(f"--help imports {', '.join(sorted(unwanted))}")
    timings = {
        "`sra-bootstrap --help`": startup.time_help(runs=9),
        "`sra-bootstrap plan`, 5 accounts, 2 regions, nothing to do": startup.time_idle_plan(5, 2, runs=5),
    }
    rows = [
        (name, f"{t.wall:.2f} s", f"{t.fastest:.2f} s", f"{t.processor:.2f} s", str(t.runs))
        for name, t in timings.items()
    ]
    print(table(("Command", "Median", "Fastest", "Median of the processor", "Runs"), rows))
    print(f"\nPython {platform.python_version()}; AWS is the sandbox on loopback, in another process.")
    print(f"`--help` imports {len(modules)} modules; of other projects, {', '.join(sorted(packages))}; no SDK.")


if __name__ == "__main__":
    _calls()
    _growth()
    _startup()
