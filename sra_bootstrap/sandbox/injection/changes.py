"""When anything changed: by a write to a service, or because what AWS does after its answer has happened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import LOCK

_BY_ITSELF = "aws"


@dataclass
class _Changes:
    """The times of all changes, by service."""

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def _times() -> defaultdict[str, list[float]]:
    return store.state(_Changes, "sandbox", "aws").times


def note_change(at: float, service: str = _BY_ITSELF) -> None:
    """Note a change of a service or, without one, of any."""
    with LOCK:
        _times()[service].append(at)


def mark(service: str) -> tuple[int, int]:
    """A point in the changes that concern a service."""
    times = _times()
    return len(times[service]), len(times[_BY_ITSELF])


def first_since(service: str, point: tuple[int, int]) -> float | None:
    """When the first change after a point was, or None."""
    times = _times()
    return min([*times[service][point[0] :], *times[_BY_ITSELF][point[1] :]], default=None)
