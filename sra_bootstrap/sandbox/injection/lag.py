"""Reads that lag behind changes: for some calls, and at most for some seconds, they answer what they did before.

No answer is from before a reset, or of another organization than the caller's present one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import LOCK, Answer, Exchange
from sra_bootstrap.sandbox.injection.changes import first_since, mark
from sra_bootstrap.sandbox.injection.dice import Draw
from sra_bootstrap.sandbox.injection.plan import Faults, Kind
from sra_bootstrap.sandbox.injection.record import count

_PAGES = re.compile(r"(Next|Continuation|Pagination)Token|Marker|Token")
_CONSISTENT = frozenset({"s3", "sts"})
_REQUEST_ID = re.compile(r"<RequestId>.*?</RequestId>", re.DOTALL)


@dataclass(frozen=True)
class _Seen:
    """What a read has answered, and at which point in the changes."""

    answer: Answer
    point: tuple[int, int]


@dataclass
class _Late:
    """What a read goes on answering: so many times, and until then."""

    answer: Answer
    calls: int
    until: float


@dataclass
class _Memory:
    """The last answer of every read, and the reads that lag."""

    seen: dict[tuple[Any, ...], _Seen] = field(default_factory=dict)
    late: dict[tuple[Any, ...], _Late] = field(default_factory=dict)


def answer_of(exchange: Exchange, truth: Answer, draw: Draw, faults: Faults) -> Answer:
    """What a read answers, of which the truth is known."""
    # The pages after a first must fit to it.
    if exchange.call.service in _CONSISTENT or any(_PAGES.fullmatch(name) for name in exchange.parameters):
        return truth
    with LOCK:
        key = _key(exchange)
        answer = _lagging(exchange, key, truth, draw, faults)
        if answer is None:
            point = mark(exchange.call.service)
            store.state(_Memory, "sandbox", "aws").seen[key] = _Seen(truth, point)
            return truth
    count(Kind.STALE)
    return exchange.renewed(answer)


def _key(exchange: Exchange) -> tuple[Any, ...]:
    call = exchange.call
    backend = membership.organization_of(call.account_id)
    organization = None if backend is None else backend.org.id
    told = json.dumps(exchange.parameters, sort_keys=True, default=str)
    return organization, call.account_id, call.region, call.service, call.operation, told


def _lagging(exchange: Exchange, key: tuple[Any, ...], truth: Answer, draw: Draw, faults: Faults) -> Answer | None:
    """The answer of before, if that is what is answered."""
    memory = store.state(_Memory, "sandbox", "aws")
    now = exchange.call.now()
    late = memory.late.get(key)
    if late is None:
        late = _begin(exchange, memory.seen.get(key), draw, faults)
        if late is None or _same(late.answer, truth):
            return None
        memory.late[key] = late
    elif late.calls == 0 or _same(late.answer, truth):
        del memory.late[key]
        return None
    if now >= late.until:
        del memory.late[key]
        return None
    late.calls -= 1
    return late.answer


def _begin(exchange: Exchange, seen: _Seen | None, draw: Draw, faults: Faults) -> _Late | None:
    if seen is None or not draw.lags:
        return None
    changed = first_since(exchange.call.service, seen.point)
    if changed is None:
        return None
    calls = 1 if faults.at else draw.chance.randint(1, faults.lag_calls)
    return _Late(seen.answer, calls, changed + faults.lag_seconds)


def _same(one: Answer, other: Answer) -> bool:
    return one[0] == other[0] and _text(one[2]) == _text(other[2])


def _text(body: Any) -> str:
    return _REQUEST_ID.sub("", body.decode() if isinstance(body, bytes) else str(body))
