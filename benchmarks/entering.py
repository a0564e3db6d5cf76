"""Enters every account of an organization in every region, and says what that has taken of this process.

A process of its own, `python -m benchmarks.entering CONFIG`, so that its memory is the tool's and not the sandbox's.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import running
from sra_bootstrap.aws import Connection
from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.config import load
from sra_bootstrap.model import Target
from sra_bootstrap.org import Org
from sra_bootstrap.registry import discover
from sra_bootstrap.survey import arrive


def enter(connection: Connection, org: Org) -> int:
    """Call AWS in every member account and governed region; how many accounts these were."""
    reader = connection.reader(org)
    places = [Target(account, region) for account in org.accounts for region in org.regions]
    with ThreadPoolExecutor(connection.parallelism) as pool:
        list(pool.map(lambda at: reader.client("guardduty", at).list_detectors(), places))
    return len(org.accounts)


def _mebibytes() -> float:
    """The most memory that this process has had so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux lets a process inherit `ru_maxrss` from the one that has started it; this it does not.
        kibibytes = re.search(r"VmHWM:\s+(\d+)", status.read_text(encoding="ascii"))
        return int(kibibytes[1]) / 1024 if kibibytes else 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _main(config: Path) -> None:
    wanted = load(config, discover())
    # Its pace would make this last, and changes nothing of what is measured.
    connection = running.connect(wanted, VirtualClock())
    org = arrive(wanted.org, connection)
    before = _mebibytes()
    entered = enter(connection, org)
    print(json.dumps({"accounts": entered, "clients": connection.clients(), "before": before, "after": _mebibytes()}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
