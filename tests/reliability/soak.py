"""Runs the searches of this folder whole, and tells how much was tried: `make soak`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from tests.reliability.tally import FILE

HERE = Path(__file__).parent
WHAT = {
    "kills": "applies killed at a write, and completed by the next",
    "killed_processes": "processes killed by SIGKILL at a write, and completed by the next",
    "faults": "calls that failed in the ways of AWS",
    "applies": "applies under these faults",
    "bad_inputs": "malformed configurations and plans",
}


def main() -> int:
    """Run everything; the exit status of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tally"
        file.touch()
        os.environ[FILE] = str(file)
        # Most of it waits for AWS's delays in served sandboxes, so more workers than cores are of use.
        where = [str(HERE.parent / folder) for folder in ("reliability", "contract", "sandbox", "steps")]
        status = pytest.main(["-q", "-n", "8", "--dist", "loadgroup", "-p", "no:cacheprovider", *where])
        counts: Counter[str] = Counter()
        for line in file.read_text(encoding="utf-8").splitlines():
            counts.update(json.loads(line))
    for name, what in WHAT.items():
        sys.stdout.write(f"{counts[name]:>7} {what}\n")
    sys.stdout.write("Nothing was lost.\n" if status == 0 else "Something was lost: see above.\n")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
