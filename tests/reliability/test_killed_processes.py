"""A real process, killed by SIGKILL at a write, against a served sandbox: as it happens to people."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from itertools import product

import pytest

from tests.cli.conftest import Shell, served, shell
from tests.reliability.tally import soaking, tally

__all__ = ["served", "shell"]

RUNNER = """
import os, signal, sys
from pathlib import Path
from sra_bootstrap.cli.session import begin_journal, begin_lock, session
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.planfile import digest
from sra_bootstrap.planner import make_plan
from sra_bootstrap.ui.console import stderr
from sra_bootstrap.ui.progress import progress

number, when = int(sys.argv[1]), sys.argv[2]
seen = {"before": 0, "after": 0}

def count(moment, record):
    if record.read:
        return
    seen[moment] += 1
    if moment == when and seen[moment] == number:
        os.kill(os.getpid(), signal.SIGKILL)

with session(
    Path("config.yaml"), profile=None, parallelism=4, verbose=False, in_sandbox=False, choose=lambda steps: steps
) as opened:
    plan = make_plan(opened.steps, opened.org, opened.connection)
    lock = begin_lock(opened, take_over=False)
    journal = begin_journal(opened, digest(plan, opened.origin), None)
    opened.connection.watch(lambda request: count("before", request), lambda record: count("after", record))
    with lock, progress(stderr()) as listener:
        apply_plan(plan, opened.steps, opened.org, opened.connection, listener)
"""
SAMPLE = ((40, "after"),)
"""In the middle of GuardDuty; the whole search is for `make soak`."""


@pytest.mark.parametrize(("number", "when"), product(range(1, 61), ("before", "after")) if soaking() else SAMPLE)
def test_the_next_apply_after_a_killed_process_completes_it(shell: Shell, number: int, when: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", RUNNER, str(number), when], capture_output=True, text=True, check=False, timeout=300
    )
    if killed.returncode == 0:
        assert number > 40
        return
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    tally(killed_processes=1)
    assert "killed, or running" in shell.run("history").out

    applied = shell.run("apply", "--yes", "--take-over-lock")

    assert applied.status == 0, applied.err + applied.out
    assert shell.run("plan", "--detailed-exitcode").status == 0
    assert Counter(shell.writes()) == Counter(
        ["Management", "Security Tooling", "Log Archive", "Network", "Shared Services", "Workload Prod"]
    )
    organizations = shell.client("organizations")
    created = organizations.list_create_account_status(States=["SUCCEEDED"])["CreateAccountStatuses"]
    assert len(created) == 5
