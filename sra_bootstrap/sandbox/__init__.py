"""An AWS to try things on: moto, made to behave like AWS, in this process or served on loopback.

What each service answers, and the AWS documentation it rests on, is in `services/`, one file a service.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.organizations.models import organizations_backends
from moto.server import ThreadedMotoServer

from sra_bootstrap.clock import Clock, FastClock, VirtualClock
from sra_bootstrap.sandbox import extension, services

MANAGEMENT_ACCOUNT_ID = "123456789012"
"""The account that every credential not issued by the sandbox's own STS belongs to: the bare management account."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: the time it lives by and, when it is served, its address."""

    clock: Clock
    url: str | None = None


def _start(clock: Clock) -> None:
    extension.install()
    services.load()
    BackendDict.reset()
    # moto forgets to clear which account belongs to which organization.
    organizations_backends.master_accounts.clear()
    extension.Time.clock = clock


@contextmanager
def in_process() -> Iterator[Sandbox]:
    """A bare management account inside this process, for clients made while it runs. Waiting takes no time."""
    clock = VirtualClock()
    with mock_aws():
        _start(clock)
        yield Sandbox(clock)


@contextmanager
def served(port: int = 0, speed: float = 1.0) -> Iterator[Sandbox]:
    """A bare management account on loopback, for any SDK; AWS's own delays pass `speed` times as fast."""
    clock = FastClock(speed)
    _start(clock)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        host, bound = server.get_host_and_port()
        yield Sandbox(clock, f"http://{host}:{bound}")
    finally:
        server.stop()
