"""Which fault, if any, meets a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from sra_bootstrap.sandbox.extension import LOCK, Exchange
from sra_bootstrap.sandbox.injection import expiry, unprocessed
from sra_bootstrap.sandbox.injection.plan import LOSABLE, WRITE, Faults, Kind
from sra_bootstrap.sandbox.injection.record import record

_CONDITIONS = {"IfMatch", "IfNoneMatch"}
"""What makes a write of S3 one that others can get in the way of."""


@dataclass(frozen=True)
class Draw:
    """What meets a call, and chance for what remains to be decided.

    Attributes:
        kind: how it fails, or None.
        after: whether it takes effect first.
        lags: whether it lags, if there is something to lag behind.
    """

    kind: Kind | None = None
    after: bool = False
    lags: bool = False
    chance: Random = field(default_factory=Random)


def draw(exchange: Exchange, faults: Faults) -> Draw:
    """Count the call, and decide."""
    call = exchange.call
    name = f"{call.service}:{call.operation}"
    place = f"{name} {call.region}"
    with LOCK:
        mine = record()
        if mine.faults is not faults:
            mine.faults = faults
            mine.calls.clear()
        mine.calls.update([name, place, *([] if exchange.reads else [WRITE])])
        numbers = dict(mine.calls)
    # Nothing is kept secret by it: a fault must be the same again.
    chance = Random(f"{faults.seed} {place} {numbers[place]}")  # noqa: S311
    if faults.at:
        return _chosen(exchange, faults, numbers, chance)
    # Always as many throws, so that a kind more or less does not change the others.
    fails, lags, after = (chance.random() for _ in range(3))
    kinds = [kind for kind in Kind if kind in faults.kinds and kind is not Kind.STALE and _applies(exchange, kind)]
    kind = chance.choice(kinds) if kinds and fails < faults.rate else None
    loses = kind in LOSABLE and not exchange.reads and after < 0.5
    return Draw(kind, loses, Kind.STALE in faults.kinds and lags < faults.rate, chance)


def _chosen(exchange: Exchange, faults: Faults, numbers: dict[str, int], chance: Random) -> Draw:
    name = f"{exchange.call.service}:{exchange.call.operation}"
    for at in faults.at:
        concerned = at.of == name or (at.of == WRITE and not exchange.reads)
        if concerned and numbers[at.of] == at.nth and _applies(exchange, at.kind):
            if at.kind is Kind.STALE:
                return Draw(lags=True, chance=chance)
            return Draw(at.kind, at.after, chance=chance)
    return Draw(chance=chance)


def _applies(exchange: Exchange, kind: Kind) -> bool:
    if kind is Kind.EXPIRED:
        return expiry.can_expire(exchange.call)
    if kind is Kind.UNPROCESSED:
        return bool(unprocessed.accounts_of(exchange))
    if kind is Kind.CONFLICT:
        conditional = exchange.call.service == "s3" and not _CONDITIONS.isdisjoint(exchange.parameters)
        return (conditional or exchange.call.service == "organizations") and not exchange.reads
    return True
