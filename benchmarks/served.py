"""A sandbox that other processes use, with an organization built in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import running
from benchmarks.organization import write_config
from sra_bootstrap import sandbox
from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.config import load
from sra_bootstrap.registry import discover

ROOT = Path(__file__).parent.parent
"""Where the processes run: there, Python finds this package and the tool's."""


@contextmanager
def built(accounts: int, regions: int, only: Sequence[str] = ()) -> Iterator[Path]:
    """An organization that is built by the whole pipeline, or by some steps of it; its config.yaml.

    As long as it is there, this process and those that it starts take it for AWS.
    """
    clock = VirtualClock()
    with (
        sandbox.served(settings=running.at_once(), clock=clock) as world,
        TemporaryDirectory() as folder,
        _environment(
            AWS_ENDPOINT_URL=world.url or "",
            AWS_ACCESS_KEY_ID="sandbox",
            AWS_SECRET_ACCESS_KEY="sandbox",  # noqa: S106 (the sandbox takes any)
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        ),
    ):
        config = Path(folder) / "config.yaml"
        write_config(config, accounts, regions)
        wanted = load(config, discover())
        steps = [step for step in wanted.pipeline if not only or step.id in only]
        reviewed = running.plan(wanted, steps, running.connect(wanted, clock))
        running.apply(wanted, steps, reviewed, running.connect(wanted, clock))
        yield config


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Nothing of AWS in the environment but these variables."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
