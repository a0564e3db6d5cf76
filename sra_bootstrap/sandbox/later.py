"""What AWS does a while after it has answered: it happens at the first call after its time has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, Time, gate
from sra_bootstrap.sandbox.injection.changes import note_change


@dataclass
class _Agenda:
    """What is still to happen in the sandbox: when, and what."""

    events: list[tuple[float, Callable[[float], None]]] = field(default_factory=list)


def _agenda() -> _Agenda:
    return store.state(_Agenda, "sandbox", "aws")


def moment(seconds: float | None = None) -> datetime:
    """A time of the sandbox's clock, by default the present: in UTC and without a zone, as moto keeps its times."""
    return datetime.fromtimestamp(Time.clock.now() if seconds is None else seconds, UTC).replace(tzinfo=None)


def later(seconds: float, action: Callable[[float], None]) -> None:
    """Let `action` happen once `seconds` of the sandbox's clock have passed; it is told the time it was due at."""
    _agenda().events.append((Time.clock.now() + seconds, action))


@gate
def catch_up(call: Call) -> None:
    """Let everything happen, in its order, whose time has come."""
    agenda = _agenda()
    due = [event for event in agenda.events if event[0] <= call.now()]
    agenda.events = [event for event in agenda.events if event[0] > call.now()]
    for at, action in sorted(due, key=lambda event: event[0]):
        action(at)
        note_change(at)
