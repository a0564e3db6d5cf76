"""How each kind of error is reacted to. The only layer that retries: botocore's own retries are off.

A retry wraps one call. What takes AWS long after it has answered is waited for by planning again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from sra_bootstrap.aws.failures import Kind
from sra_bootstrap.clock import Clock

T = TypeVar("T")


@dataclass(frozen=True)
class Reaction:
    """Wait between none and `first` seconds, then up to twice as long and so on, up to `longest`; in all `budget`.

    Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """

    first: float
    longest: float
    budget: float


REACTIONS = {
    Kind.THROTTLED: Reaction(first=1, longest=20, budget=300),
    Kind.CONFLICT: Reaction(first=0.5, longest=10, budget=300),
    # "This can take up to an hour": https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
    Kind.FINALIZING: Reaction(first=1, longest=60, budget=4200),
    Kind.UNAVAILABLE: Reaction(first=1, longest=20, budget=120),
    Kind.NOT_YET: Reaction(first=1, longest=15, budget=600),
}
"""The kinds that are tried again; every other kind is final at once."""


def persist(call: Callable[[], T], kind_of: Callable[[BaseException], Kind], clock: Clock) -> T:
    """Make a call until it succeeds, its error is final, or the budget of the error's kind is used up.

    Raises:
        Exception: what the call raised last.
    """
    begun: dict[Kind, float] = {}
    latest = Kind.INVALID

    def may_go_on(error: BaseException) -> bool:
        # What an error means may depend on the time: it is asked once for each.
        nonlocal latest
        latest = kind_of(error)
        return latest in REACTIONS and clock.now() - begun.setdefault(latest, clock.now()) < REACTIONS[latest].budget

    def pause(state: RetryCallState) -> float:
        reaction = REACTIONS[latest]
        return wait_random_exponential(multiplier=reaction.first, max=reaction.longest)(state)

    return Retrying(sleep=clock.wait, retry=retry_if_exception(may_go_on), wait=pause, reraise=True)(call)
