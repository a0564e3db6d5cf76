"""With which status the process ends, and what that means."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses, as the README lists them."""

    DONE = 0
    ERROR = 1
    PENDING = 2
    BLOCKED = 3
    DRIFT = 4
    INTERRUPTED = 130
