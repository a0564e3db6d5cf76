"""An AWS to try things on: moto, made to behave like AWS, in this process or served on loopback.

What each service answers, and the AWS documentation it rests on, is in `services/`, one file a service.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto import mock_aws
from moto.server import ThreadedMotoServer

from sra_bootstrap.clock import Clock, FastClock, VirtualClock
from sra_bootstrap.sandbox import control, extension, memory, services
from sra_bootstrap.sandbox.injection import Write, record
from sra_bootstrap.sandbox.memory import Memory
from sra_bootstrap.sandbox.services import identity_center
from sra_bootstrap.sandbox.settings import Rules, Settings

# Hundreds of images of Amazon's in every account and region, which take most of the sandbox's memory and are no part of
# the architecture.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

MANAGEMENT_ACCOUNT_ID = "123456789012"
"""The account that every credential not issued by the sandbox's own STS belongs to: the bare management account."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: the time it lives by, what its AWS takes and allows and, when it is served, its address."""

    clock: Clock
    settings: Settings
    url: str | None = None

    def reset(self) -> None:
        """Begin with a bare management account, again: everything that was made is gone."""
        control.clear()
        extension.Time.clock = self.clock
        Rules.settings = self.settings

    def save(self) -> Memory:
        """Put aside what is there now."""
        return memory.save(self.clock.now())

    def restore(self, saved: Memory) -> None:
        """Have what was there then, and nothing else; the time goes on from then, or has gone on."""
        memory.restore(saved)
        self.clock.wait(max(0.0, saved.now - self.clock.now()))

    def enable_identity_center(self, region: str) -> None:
        """Enable IAM Identity Center for the organization, as a person does in the console.

        Raises:
            ValueError: there is no organization.
        """
        identity_center.enable(MANAGEMENT_ACCOUNT_ID, region)

    def injected(self) -> dict[str, int]:
        """How many faults there were since the reset, by kind."""
        return record.injected()

    def writes(self) -> list[Write]:
        """Every write that took effect since the reset, in order, whether or not its answer arrived."""
        return record.writes()


def _load() -> None:
    extension.install()
    services.load()
    # After the services, because each brings its gate, and they are passed in the order in which they come.
    for name in ("carrier", "s3"):
        importlib.import_module(f"sra_bootstrap.sandbox.injection.{name}")
    control.install()


@contextmanager
def in_process(settings: Settings | None = None) -> Iterator[Sandbox]:
    """A bare management account inside this process, for clients made while it runs. Waiting takes no time."""
    _load()
    sandbox = Sandbox(VirtualClock(), settings or Settings())
    with _without_aws_variables(), mock_aws():
        sandbox.reset()
        yield sandbox


@contextmanager
def _without_aws_variables() -> Iterator[None]:
    """Keep what leads to another AWS, such as AWS_ENDPOINT_URL and AWS_PROFILE, from the clients of this process."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AWS_")}
    try:
        yield
    finally:
        os.environ.update(kept)


@contextmanager
def served(
    port: int = 0, speed: float = 1.0, settings: Settings | None = None, clock: Clock | None = None
) -> Iterator[Sandbox]:
    """A bare management account on loopback, for any SDK.

    AWS's own delays pass `speed` times as fast; or by `clock`, which whoever has the sandbox can move on.
    """
    _load()
    # A line for every request is for those who debug a web server, not for those who use it.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        host, bound = server.get_host_and_port()
        sandbox = Sandbox(clock or FastClock(speed), settings or Settings(), f"http://{host}:{bound}")
        sandbox.reset()
        yield sandbox
    finally:
        server.stop()
