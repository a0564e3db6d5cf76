"""Serves the sandbox to whatever speaks AWS's protocols."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from sra_bootstrap.cli.session import sandbox_module


def serve(command: Sequence[str], port: int, speed: float, fault_rate: float, seed: int) -> int:
    """Serve until interrupted or, with a command, until that has ended; the exit status of the command, or 0.

    So many of the calls fail in the ways of AWS as `fault_rate` says, by a seed that brings the same ones again.

    Raises:
        SraError: the sandbox is not installed.
    """
    sandbox = sandbox_module()
    from sra_bootstrap.sandbox.injection import Faults
    from sra_bootstrap.sandbox.settings import Settings

    settings = Settings(faults=Faults(seed, fault_rate) if fault_rate else None)
    with sandbox.served(port, speed, settings) as running:
        environment = {
            "AWS_ENDPOINT_URL": running.url,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        if command:
            return subprocess.run(command, env=os.environ | environment, check=False).returncode  # noqa: S603
        for name, value in environment.items():
            sys.stdout.write(f"export {name}={value}\n")
        sys.stdout.flush()
        sys.stderr.write("A bare management account. It is gone when this ends: press Ctrl-C.\n")
        threading.Event().wait()
    return 0
