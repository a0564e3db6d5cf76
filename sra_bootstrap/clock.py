"""Time, as an argument: what waits asks a clock, so that a test can let an hour of AWS's waiting pass in no time."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the tool needs of time."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass."""


class WallClock:
    """The real time. Waiting can be interrupted from the keyboard."""

    def __init__(self) -> None:
        self._never = threading.Event()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def wait(self, seconds: float) -> None:
        """Block the calling thread for `seconds`."""
        self._never.wait(seconds)


class VirtualClock:
    """A time that passes only when somebody waits, and then at once.

    Shared by the tool and the sandbox, so that waiting for AWS makes AWS go on.
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the epoch, of this clock."""
        return self._now

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        with self._lock:
            self._now += seconds


class FastClock:
    """The real time, sped up: for a sandbox that is served to tools which wait for real."""

    def __init__(self, speed: float) -> None:
        self._start = time.time()
        self._speed = speed

    def now(self) -> float:
        """Seconds since the epoch, of this clock."""
        return self._start + (time.time() - self._start) * self._speed

    def wait(self, seconds: float) -> None:
        """Block the calling thread until `seconds` of this clock have passed."""
        threading.Event().wait(seconds / self._speed)
