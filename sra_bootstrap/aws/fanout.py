"""Many calls side by side, and none begun any more once somebody has stopped the tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sra_bootstrap.clock import Clock

T = TypeVar("T")
R = TypeVar("R")


def fan_out(function: Callable[[T], R], items: Iterable[T], parallelism: int, clock: Clock) -> list[R]:
    """Call a function with each item, so many at a time; the answers in the order of the items.

    Raises:
        KeyboardInterrupt: somebody stopped the tool. The calls that were under way have ended; the clock is stopped.
    """
    with ThreadPoolExecutor(parallelism) as pool:
        try:
            return list(pool.map(function, items))
        except KeyboardInterrupt:
            clock.stop()
            pool.shutdown(cancel_futures=True)
            raise
