"""What entering accounts takes: clients and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.served import ROOT, built


@dataclass(frozen=True)
class Growth:
    """What a process has taken that entered so many accounts; memory in mebibytes, before it did and after."""

    accounts: int
    clients: int
    before: float
    after: float


def growth(accounts: int, regions: int) -> Growth:
    """Let a process enter so many accounts in so many regions."""
    with built(accounts, regions, only=("organization", "organizational_units", "accounts")) as config:
        command = [sys.executable, "-m", "benchmarks.entering", str(config)]
        answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return Growth(**json.loads(answer))
