"""Which faults are wanted: at random by a seed, or at chosen calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

WRITE = "write"
"""What `At.of` names when any operation that changes something is meant."""


class Kind(StrEnum):
    """How a call can fail."""

    THROTTLED = "throttled"
    """The service's own code for too many requests."""
    INTERNAL = "internal"
    """HTTP 500, under the code that the operation's model has for it."""
    UNAVAILABLE = "unavailable"
    """HTTP 503: https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html"""
    GARBLED = "garbled"
    """HTTP 502 to 504 with a body that is no answer of the service, as a load balancer in front of it sends."""
    RESET = "reset"
    """The connection is closed without an answer."""
    SLOW = "slow"
    """The answer takes a while: by the sandbox's clock in process; when served, really, and shorter."""
    EXPIRED = "expired"
    """The credentials, if STS has issued them and they have been good for a call, are good for no more."""
    CONFLICT = "conflict"
    """ConcurrentModificationException at a write of Organizations, also had by `Settings.overlaps_conflict`;
    ConditionalRequestConflict at a conditional write of S3."""
    STALE = "stale"
    """A read answers what it answered before a change."""
    UNPROCESSED = "unprocessed"
    """A batch operation of GuardDuty or Inspector leaves accounts out, and says so in an answer of status 200."""


LOSABLE = frozenset({Kind.INTERNAL, Kind.UNAVAILABLE, Kind.GARBLED, Kind.RESET, Kind.SLOW})
"""The kinds that can strike after a call took effect as well as before."""


@dataclass(frozen=True)
class At:
    """One fault at one call.

    Attributes:
        kind: how the call fails. A kind that does not apply to the call, such as STALE where nothing has changed, does
            nothing, and is not counted.
        nth: which call, from 1: the n-th write, or the n-th call of an operation, since these faults were set.
        of: `write`, or an operation such as `organizations:CreateAccount`.
        after: whether the call takes effect first; of the kinds in `LOSABLE`.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: Kind
    nth: int = 1
    of: str = WRITE
    after: bool = False

    def __post_init__(self) -> None:
        if self.after and self.kind not in LOSABLE:
            raise ValueError(f"{self.kind} cannot strike after a call took effect")


@dataclass(frozen=True)
class Faults:
    """The faults of a sandbox: those in `at`, if there are any, and else random ones.

    A random fault depends on the seed, on the operation and its region, and on how many calls of it there were before:
    so the same seed and the same order of calls give the same faults, and regions that are worked on side by side
    do not change each other's.

    Attributes:
        rate: how likely a call is to fail, and a read of what has changed to lag.
        kinds: the random faults.
        lag_calls: how many calls a read lags at most.
        lag_seconds: and for how long, in seconds of the sandbox's clock since the change.
        slow_seconds: how long a slow answer takes at most, in seconds of the sandbox's clock.
        served_slow_seconds: the same when served, in real seconds.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int = 0
    rate: float = 0.2
    kinds: frozenset[Kind] = frozenset(Kind)
    at: tuple[At, ...] = ()
    lag_calls: int = 3
    lag_seconds: float = 20
    slow_seconds: float = 30
    served_slow_seconds: float = 0.1
