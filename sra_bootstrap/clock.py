"""Time, as an argument: what waits asks a clock, so that a test can let an hour of AWS's waiting pass in no time."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class StoppedError(Exception):
    """Somebody stopped the tool while this thread was waiting, or before."""


class Clock(Protocol):
    """What the tool needs of time."""

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped the tool: nothing new is to be begun."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass.

        Raises:
            StoppedError: somebody stopped the tool.
        """

    def stop(self) -> None:
        """Let nobody wait any longer."""


class WallClock:
    """The real time. Waiting can be interrupted from the keyboard, and by `stop` from another thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped the tool."""
        return self._stop.is_set()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def wait(self, seconds: float) -> None:
        """Block the calling thread for `seconds`.

        Raises:
            StoppedError: somebody stopped the tool.
        """
        if self._stop.wait(seconds):
            raise StoppedError

    def stop(self) -> None:
        """Let nobody wait any longer."""
        self._stop.set()


class VirtualClock(WallClock):
    """A time that passes only when somebody waits, and then at once.

    Shared by the tool and the sandbox, so that waiting for AWS makes AWS go on.
    """

    def __init__(self, start: float | None = None) -> None:
        super().__init__()
        self._now = time.time() if start is None else start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the epoch, of this clock."""
        return self._now

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass at once.

        Raises:
            StoppedError: somebody stopped the tool.
        """
        super().wait(0)
        with self._lock:
            self._now += seconds


class FastClock(WallClock):
    """The real time, sped up: for a sandbox that is served to tools which wait for real."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._start = time.time()
        self._speed = speed

    def now(self) -> float:
        """Seconds since the epoch, of this clock."""
        return self._start + (time.time() - self._start) * self._speed

    def wait(self, seconds: float) -> None:
        """Block the calling thread until `seconds` of this clock have passed.

        Raises:
            StoppedError: somebody stopped the tool.
        """
        super().wait(seconds / self._speed)
