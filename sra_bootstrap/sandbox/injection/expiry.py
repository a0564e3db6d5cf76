"""Credentials that expire before their time."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import LOCK, Call
from sra_bootstrap.sandbox.injection.record import record
from sra_bootstrap.sandbox.services.sts import Sessions


def _sessions(call: Call) -> Sessions:
    return call.state(Sessions, region=call.partition)


def can_expire(call: Call) -> bool:
    """Whether STS has issued the credentials of a call, and they have been good for another.

    Those that expire as soon as they are issued would keep even a client that renews them from ever getting on.
    """
    with LOCK:
        return call.access_key in record().used and call.access_key in _sessions(call).expirations


def note_use(call: Call) -> None:
    """Note that the credentials of a call are good."""
    with LOCK:
        record().used.add(call.access_key)


def expire(call: Call) -> None:
    """Let the credentials of a call be good for no more, this one included."""
    with LOCK:
        _sessions(call).expirations[call.access_key] = 0.0
