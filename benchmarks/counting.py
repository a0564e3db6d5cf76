"""Counts the calls to AWS that the tool makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from benchmarks import running
from sra_bootstrap import sandbox
from sra_bootstrap.aws import Connection, Record
from sra_bootstrap.config import Settings


@dataclass(frozen=True)
class Usage:
    """How often each operation, as in `guardduty:ListDetectors`, was called in three runs, one after the other.

    Attributes:
        plan: of a bare management account.
        apply: of that plan.
        again: a plan of what has been built, which finds nothing to do.
    """

    plan: Counter[str]
    apply: Counter[str]
    again: Counter[str]


def usage(wanted: Settings) -> Usage:
    """Plan, apply and plan again in a sandbox inside this process, each with a connection of its own.

    Raises:
        RuntimeError: what was built is not what was wanted.
    """
    steps = wanted.pipeline
    with sandbox.in_process(running.at_once()) as world:
        records: list[Record] = []

        def connect() -> Connection:
            return running.connect(wanted, world.clock, records.append)

        reviewed = running.plan(wanted, steps, connect())
        planned = _counted(records)
        running.apply(wanted, steps, reviewed, connect())
        applied = _counted(records)
        if not running.plan(wanted, steps, connect()).empty:
            raise RuntimeError("there is something left to do")
        return Usage(planned, applied, _counted(records))


def _counted(records: list[Record]) -> Counter[str]:
    """The records by operation; they are cleared."""
    calls = Counter(f"{record.service}:{record.operation}" for record in records)
    records.clear()
    return calls
