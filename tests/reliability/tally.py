"""What `make soak` has tried, counted over all its tests and told at the end."""

from __future__ import annotations

import json
import os
from pathlib import Path

FILE = "SOAK_TALLY"
"""The environment variable that names the file; without it, nothing is counted and heavy searches are samples."""


def soaking() -> bool:
    """Whether the searches run whole."""
    return FILE in os.environ


def tally(**counts: int) -> None:
    """Count what a test has tried: kills, faults, or bad inputs."""
    if soaking():
        with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(counts) + "\n")
