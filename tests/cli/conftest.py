from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.aws.connection import GRACE_SECONDS
from sra_bootstrap.cli import run
from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.config import example
from sra_bootstrap.sandbox import Sandbox
from sra_bootstrap.sandbox.memory import Memory
from sra_bootstrap.sandbox.settings import Settings
from tests.world import services

REGIONS = ("eu-west-1", "us-east-1")
EXAMPLE = example(REGIONS[0], "aws+{key}@example.com")


def foundation(text: str) -> str:
    """A config.yaml without the services beyond the foundation."""
    for name in services():
        text = text.replace(f"  {name}:\n    enabled: true\n", f"  {name}:\n    enabled: false\n")
    return text


@dataclass
class Result:
    """What a command has ended with, and what it has said."""

    status: int
    out: str
    err: str


@dataclass
class Shell:
    """A folder with a config.yaml, and a bare AWS that AWS_ENDPOINT_URL leads to."""

    folder: Path
    aws: Sandbox
    capture: pytest.CaptureFixture[str]
    environment: pytest.MonkeyPatch

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def want_everything(self) -> None:
        """Have the whole example for config.yaml, with every service that it names."""
        self.config.write_text(EXAMPLE)

    def run(self, *arguments: str) -> Result:
        self.capture.readouterr()
        status = run(list(arguments))
        out, err = self.capture.readouterr()
        return Result(status, out, err)

    def rewrite(self, old: str, new: str) -> None:
        """Change something in config.yaml."""
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))

    def client(self, service: str, region: str = "us-east-1", keys: dict[str, Any] | None = None) -> Any:
        keys = keys or {"AccessKeyId": "sandbox", "SecretAccessKey": "sandbox", "SessionToken": "sandbox"}
        sdk: Any = boto3
        return sdk.client(
            service,
            region,
            endpoint_url=self.aws.url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    def sign_in(self, keys: dict[str, Any]) -> None:
        """Let the tool use other credentials."""
        self.environment.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        self.environment.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        self.environment.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])

    def writes(self) -> list[str]:
        """What exists of what the tool would make; an empty list for a bare account."""
        organizations = self.client("organizations")
        try:
            organizations.describe_organization()
        except organizations.exceptions.AWSOrganizationsNotInUseException:
            return []
        accounts = organizations.get_paginator("list_accounts").paginate()
        return [account["Name"] for page in accounts for account in page["Accounts"]]


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """One server for all tests of a process: to stop one takes half a second."""
    with sandbox.served() as running:
        yield running


@pytest.fixture
def shell(
    tmp_path: Path, served: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(served.url))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "sandbox")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
    monkeypatch.chdir(tmp_path)
    # So long ago that no account counts as new, whose role one would have to wait for, and no credentials are outlived.
    running = replace(served, clock=VirtualClock(time.time() - 2 * GRACE_SECONDS), settings=Settings.at_once())
    running.reset()
    (tmp_path / "config.yaml").write_text(foundation(EXAMPLE))
    return Shell(tmp_path, running, capsys, monkeypatch)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process try all that begins with the organization of the example, so that it is built once."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent.name == "cli" and "built" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("what is built"))


_BUILT: list[Memory] = []


@pytest.fixture
def built(shell: Shell) -> Shell:
    """The organization of the example, built: by this process, for this test or for one before it."""
    if not _BUILT:
        apply(shell)
        _BUILT.append(shell.aws.save())
    shell.aws.restore(_BUILT[0])
    return shell


def apply(shell: Shell) -> None:
    """Apply, and see to it that this has worked."""
    result = shell.run("apply", "--yes")
    assert result.status == 0, result.err
