"""Staying under AWS's rates, instead of being throttled and backing off."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass

from sra_bootstrap.clock import Clock


@dataclass(frozen=True)
class Rate:
    """Calls a second that go on for ever, and how many may come at once."""

    per_second: float
    burst: int


_DEFAULT = Rate(10, 20)
_RATES = {
    # https://docs.aws.amazon.com/accounts/latest/reference/quotas.html: reads 3 to 10, writes 1 a second.
    ("account", True): Rate(3, 3),
    ("account", False): Rate(1, 1),
    # AWS names no number, and these rest on none: a choice between speed and being throttled, which is retried.
    ("organizations", True): Rate(15, 30),
    ("organizations", False): Rate(5, 10),
}


class Pacer:
    """A token bucket for every account, region and service, and for reads and writes apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: defaultdict[tuple[str, str, str, bool], float] = defaultdict(float)
        self._lock = threading.Lock()

    def admit(self, account: str, region: str, service: str, *, read: bool) -> None:
        """Let the calling thread go on once its call fits into the rate."""
        rate = _RATES.get((service, read), _DEFAULT)
        key = (account, region, service, read)
        with self._lock:
            now = self._clock.now()
            due = max(self._due[key], now)
            self._due[key] = due + 1 / rate.per_second
        early = due - now - (rate.burst - 1) / rate.per_second
        if early > 0:
            self._clock.wait(early)
