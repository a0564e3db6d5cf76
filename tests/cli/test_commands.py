from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sra_bootstrap import __version__
from sra_bootstrap.registry import discover
from tests.cli.conftest import Shell
from tests.world import services

TOOL = [sys.executable, "-c", "from sra_bootstrap.cli import main; main()"]


def tool(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [*TOOL, *arguments], env=clean | environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_help_needs_neither_the_sdk_nor_the_sandbox() -> None:
    code = (
        "import sys\nfrom sra_bootstrap.cli import run\nassert run(['--help']) == 0\n"
        "assert not {'boto3', 'botocore', 'moto', 'pydantic', 'ruamel.yaml'} & set(sys.modules), sorted(sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    for command in ("init", "validate", "steps", "explain", "plan", "apply", "sandbox"):
        assert command in ended.stdout


def test_the_version_is_told(shell: Shell) -> None:
    assert shell.run("--version").out == f"sra-bootstrap {__version__}\n"


def test_init_writes_a_valid_configuration_and_never_overwrites_one(shell: Shell) -> None:
    made = shell.run("init", "new.yaml", "--email-template", "it-{key}@corp.example", "--home-region", "eu-central-1")
    assert made.status == 0
    assert shell.run("validate", "--config", "new.yaml").status == 0
    text = Path("new.yaml").read_text()
    assert "it-{key}@corp.example" in text
    assert "home_region: eu-central-1" in text

    again = shell.run("init", "new.yaml")

    assert again.status == 1
    assert "new.yaml: it exists already, and is not overwritten" in again.err
    assert Path("new.yaml").read_text() == text


@pytest.mark.parametrize(
    ("option", "value"),
    [("--home-region", "eu-wset-1"), ("--email-template", "it@corp.example"), ("--email-template", "x")],
)
def test_init_writes_nothing_that_would_not_be_valid(shell: Shell, option: str, value: str) -> None:
    refused = shell.run("init", "new.yaml", option, value)

    assert refused.status == 1
    assert option in refused.err
    assert not Path("new.yaml").exists()


def test_validate_says_what_there_is(shell: Shell) -> None:
    steps = len(discover()) - len(services())
    assert shell.run("validate").out == f"config.yaml is valid: 5 accounts, 2 regions, {steps} steps.\n"


def test_steps_lists_the_pipeline_in_order(shell: Shell) -> None:
    shell.rewrite("  guardduty:\n    enabled: true", "  guardduty:\n    enabled: false")

    lines = shell.run("steps").out.splitlines()

    rows = [line.split() for line in lines[1:]]
    assert [row[1] for row in rows if row[0].isdigit()] == list(discover())
    assert "no" in next(line for line in lines if "guardduty" in line).split()


@pytest.mark.parametrize("name", discover())
def test_explain_tells_what_a_step_is_and_takes(shell: Shell, name: str) -> None:
    explained = shell.run("explain", name)

    assert explained.status == 0
    step = discover()[name]
    for words in (*step.reads, *step.writes, *step.documentation):
        assert words in explained.out.replace("\n", "")


def test_calls_are_shown_when_asked_for(shell: Shell) -> None:
    assert "organizations:DescribeOrganization AWSOrganizationsNotInUseException" in shell.run("plan", "-v").err
    assert "organizations:" not in shell.run("plan").err


def test_the_sandbox_serves_a_command_and_ends_as_it_does() -> None:
    code = "import os, sys; sys.exit(7 if os.environ['AWS_ENDPOINT_URL'].startswith('http://127.0.0.1:') else 1)"

    assert tool("sandbox", "--", sys.executable, "-c", code).returncode == 7


def test_the_sandbox_lets_calls_fail_when_asked_to() -> None:
    code = (
        "import boto3, botocore\ntry:\n    boto3.client('organizations').describe_organization()\n"
        "except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:\n"
        "    raise SystemExit(8 if 'AWSOrganizationsNotInUse' in str(error) else 7)"
    )
    endings = {
        tool("sandbox", "--fault-rate", rate, "--", sys.executable, "-c", code, AWS_MAX_ATTEMPTS="1").returncode
        for rate in ("0", "1")
    }

    assert endings == {7, 8}


def test_the_sandbox_prints_the_exports_and_ends_when_interrupted() -> None:
    with subprocess.Popen([*TOOL, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130

    assert lines[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
    assert {line.split("=")[0] for line in lines[1:]} == {
        "export AWS_ACCESS_KEY_ID",
        "export AWS_SECRET_ACCESS_KEY",
        "export AWS_DEFAULT_REGION",
    }


def test_without_the_extra_the_sandbox_says_how_to_install_it_and_the_rest_works(shell: Shell) -> None:
    code = (
        "import sys\nsys.modules['moto'] = None\nfrom sra_bootstrap.cli import run\n"
        "assert run(['validate']) == 0\nsys.exit(run(['plan', '--sandbox']))"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "pip install 'sra-bootstrap[sandbox]'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_interrupted_apply_says_what_was_done_and_the_next_one_goes_on(shell: Shell) -> None:
    shell.aws.settings.finalizing_seconds = 100_000
    with subprocess.Popen(
        [*TOOL, "apply", "--yes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("accounts:"):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Traceback" not in err
    assert "Applied: " in out
    assert shell.writes() == ["Management"]
    shell.aws.clock.wait(100_000)
    assert shell.run("apply", "--yes").status == 0
    assert len(shell.writes()) == 6
