from __future__ import annotations

import subprocess
import sys

from tests.cli.conftest import Shell
from tests.cli.test_commands import TOOL


def test_of_two_applies_that_start_together_one_builds_and_the_other_names_it(shell: Shell) -> None:
    both = [
        subprocess.Popen([*TOOL, "apply", "--yes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(process.communicate(timeout=120), process.returncode) for process in both]
    refused = [err for (_, err), status in ended if status == 1]

    # When one has ended before the other begins to write, the other finds that nothing is left to do as it was planned.
    assert sorted(status for _, status in ended) in ([0, 1], [0, 0])
    assert all("is applying, since" in err and "--take-over-lock" in err for err in refused)
    assert all("Traceback" not in err for (_, err), _ in ended)
    assert sorted(shell.writes()) == sorted({*shell.writes()})
    assert len(shell.writes()) == 6
    assert shell.run("plan", "--detailed-exitcode").status == 0


def test_the_lock_of_an_apply_that_was_killed_expires(shell: Shell) -> None:
    shell.aws.settings.finalizing_seconds = 100_000
    with subprocess.Popen([*TOOL, "apply", "--yes"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith("accounts:"))
        process.kill()
    refused = shell.run("apply", "--yes")
    assert refused.status == 1
    assert f"(process {process.pid})" in refused.err

    shell.aws.clock.wait(100_000)

    assert shell.run("apply", "--yes").status == 0
    assert len(shell.writes()) == 6
    assert "killed, or running" in shell.run("history").out


def test_no_lock_is_taken_where_nothing_is_to_be_done_and_none_is_left_behind(built: Shell) -> None:
    (bucket,) = built.client("s3").list_buckets()["Buckets"]

    assert built.run("apply", "--yes").status == 0

    assert "Contents" not in built.client("s3").list_objects_v2(Bucket=bucket["Name"])


def test_going_on_without_the_lock_is_said(shell: Shell) -> None:
    applied = shell.run("apply", "--yes", "--no-lock", "--step", "preflight", "--step", "organization")

    assert applied.status == 0
    assert "Warning: without the lock" in applied.err
    assert shell.client("s3").list_buckets()["Buckets"] == []


def test_a_held_lock_stops_an_apply_before_it_writes(shell: Shell) -> None:
    holder = (
        "import sys\nfrom sra_bootstrap.cli.session import begin_lock, chosen, session\n"
        "from pathlib import Path\n"
        "with session(Path('config.yaml'), profile=None, parallelism=2, verbose=False, in_sandbox=False,"
        " choose=lambda steps: steps) as opened, begin_lock(opened, take_over=False):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"

        refused = shell.run("apply", "--yes")
        assert refused.status == 1
        assert f"(process {process.pid})" in refused.err
        assert "--take-over-lock" in refused.err
        assert shell.writes() == []

        assert shell.run("apply", "--yes", "--take-over-lock").status == 0
        process.stdin.close()
        process.wait(60)
    assert len(shell.writes()) == 6
