"""Carries every call to the sandbox's AWS and its answer back, and lets happen to it what happens to calls."""

from __future__ import annotations

import socket
import threading
from typing import NoReturn

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from sra_bootstrap.clock import StoppedError
from sra_bootstrap.sandbox.extension import Answer, Exchange, Time, carrier
from sra_bootstrap.sandbox.injection import expiry, lag, overlap, unprocessed
from sra_bootstrap.sandbox.injection.changes import note_change
from sra_bootstrap.sandbox.injection.codes import error_of
from sra_bootstrap.sandbox.injection.dice import Draw, draw
from sra_bootstrap.sandbox.injection.plan import Faults, Kind
from sra_bootstrap.sandbox.injection.record import count, note_write
from sra_bootstrap.sandbox.settings import Rules

_FAILURES = frozenset({Kind.THROTTLED, Kind.INTERNAL, Kind.UNAVAILABLE, Kind.GARBLED, Kind.RESET, Kind.CONFLICT})
_GARBLED = (
    (502, "text/html", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n"),
    (503, "text/html", "<!DOCTYPE html><html><body><h1>Service Temporarily Unavailable<hr></body></html>"),
    (504, "text/plain", "upstream request timeout"),
    (502, "text/html", ""),
)
_NOTHING = Draw()
"""What meets every call while no faults are wanted; one for all, because chance is dear to make."""


@carrier
def carry(exchange: Exchange) -> Answer:
    """Carry one call.

    Raises:
        Exception: the answer is lost on its way.
    """
    faults = Rules.settings.faults
    met = _NOTHING if faults is None else draw(exchange, faults)
    if met.kind in _FAILURES and not met.after:
        return _fail(exchange, met)
    if met.kind is Kind.EXPIRED:
        count(Kind.EXPIRED)
        expiry.expire(exchange.call)
    with overlap.undisturbed(exchange) as alone:
        if not alone:
            return _fail(exchange, Draw(Kind.CONFLICT))
        answer = _proceed(exchange, met, faults)
    if exchange.admitted and faults is not None:
        expiry.note_use(exchange.call)
        if exchange.reads and met.kind is not Kind.UNPROCESSED:
            answer = lag.answer_of(exchange, answer, met, faults)
    return _fail(exchange, met) if met.kind in _FAILURES else answer


def _proceed(exchange: Exchange, met: Draw, faults: Faults | None) -> Answer:
    """Let a call take effect, late or in part if that is what it has met."""
    slow = faults is not None and met.kind is Kind.SLOW
    if slow and not met.after:
        _dawdle(exchange, met, faults)
    if met.kind is Kind.UNPROCESSED:
        count(Kind.UNPROCESSED)
        answer, effective = unprocessed.leave_some_out(exchange, met.chance)
    else:
        answer = exchange.proceed()
        effective = exchange.parameters if answer[0] < 300 and not exchange.reads else None
    if effective is not None and answer[0] < 300 and not exchange.reads:
        note_write(exchange.call, effective)
        note_change(exchange.call.now(), exchange.call.service)
    if slow and met.after:
        _dawdle(exchange, met, faults)
    return answer


def _dawdle(exchange: Exchange, met: Draw, faults: Faults | None) -> None:
    assert faults is not None  # noqa: S101 (a call is slow only where there are faults)
    count(Kind.SLOW)
    part = met.chance.uniform(0.5, 1)
    if exchange.served:
        # A client that waits for its answer waits really, whatever the sandbox's clock.
        threading.Event().wait(faults.served_slow_seconds * part)
        return
    try:
        Time.clock.wait(faults.slow_seconds * part)
    except StoppedError:
        # It is the tool that was stopped, with which this clock is shared; a call under way ends as it would have.
        return


def _fail(exchange: Exchange, met: Draw) -> Answer:
    """Answer a call with what it has met.

    Raises:
        Exception: there is no answer.
    """
    assert met.kind is not None  # noqa: S101 (there is nothing to answer with)
    count(met.kind)
    if met.kind is Kind.RESET:
        _hang_up(exchange, after=met.after)
    if met.kind is Kind.GARBLED:
        status, content, body = met.chance.choice(_GARBLED)
        return status, {"content-type": content}, body
    error, fixed = error_of(exchange.call, met.kind)
    status, headers, body = exchange.refuse(error)
    return fixed or status, headers, body


def _hang_up(exchange: Exchange, *, after: bool) -> NoReturn:
    """Close the connection without an answer; in process, let the SDK see what it would."""
    if exchange.served:
        # Raising alone would leave the connection open for the client's next request.
        exchange.request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError
    if after:
        raise ReadTimeoutError(endpoint_url=exchange.request.raw_url)
    raise ConnectionClosedError(endpoint_url=exchange.request.raw_url)
