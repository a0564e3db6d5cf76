from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from sra_bootstrap import sandbox
from sra_bootstrap.aws import Connection, Reader, Record, Writer
from sra_bootstrap.model import Change, Observation, Resource, Target
from sra_bootstrap.org import Account, Live, LiveAccount, Org
from sra_bootstrap.step import AnyStep, Step, StepConfig
from tests.sandbox.conftest import Aws

MANAGEMENT_ID = sandbox.MANAGEMENT_ACCOUNT_ID
HOME = "eu-west-1"


class Idle(Step[StepConfig]):
    """A step that wants nothing, for tests of what steps declare."""

    Config = StepConfig

    def desired(self, org: Org) -> Iterable[Resource]:
        return ()

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        return ()

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        raise AssertionError


def step_class(step_id: str, *after: str, **declared: Any) -> type[AnyStep]:
    return type(step_id, (Idle,), {"id": step_id, "after": after, **declared})


def step(step_id: str, *after: str, **declared: Any) -> AnyStep:
    return step_class(step_id, *after, **declared)(StepConfig())


def account(key: str, unit: str = "Security") -> Account:
    return Account(key, key, f"{key}@example.com", unit)


def live_account(
    account_id: str, email: str, state: str = "ACTIVE", unit: str = "Security", joined: float = 0.0
) -> LiveAccount:
    return LiveAccount(account_id, email.partition("@")[0], email, state, unit, joined)


def organization(*accounts: Account, live: Iterable[LiveAccount] | None = None, **more: Any) -> Org:
    """An organization with these accounts in config.yaml; `live` are the accounts that AWS lists, if it is there."""
    there = None if live is None else Live("o-organization", "ALL", "r-root", {}, {}, tuple(live))
    return Org(
        **{
            "home_region": HOME,
            "regions": (HOME, "us-east-1"),
            "units": ("Security",),
            "accounts": {account.key: account for account in accounts},
            "security_tooling": "security",
            "log_archive": "log",
            "network": "network",
            "shared_services": "shared",
            "role_name": "OrganizationAccountAccessRole",
            "management_id": MANAGEMENT_ID,
            "live": there,
            **more,
        }
    )


@dataclass
class Wire:
    """The tool's way to a running sandbox, and whatever went over it."""

    aws: Aws
    connection: Connection
    records: list[Record] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    _errors: dict[str, list[tuple[str | None, int]]] = field(default_factory=dict)
    _unanswered: set[str] = field(default_factory=set)
    _changes: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    def operations(self) -> list[str]:
        """What the tool noted of the calls, errors included."""
        return [f"{r.service}:{r.operation}" + (f" {r.error}" if r.error else "") for r in self.records]

    def answer(self, operation: str, *errors: str | None, status: int = 400) -> None:
        """Let AWS answer the next calls of `service:Operation` with these errors, where there is one."""
        self._errors.setdefault(operation, []).extend((error, status) for error in errors)

    def break_off(self, operation: str) -> None:
        """Let no call of `service:Operation` be answered."""
        self._unanswered.add(operation)

    def amend(self, operation: str, change: Callable[[Any], None]) -> None:
        """Change every answer to `service:Operation` once it has been parsed."""
        self._changes[operation] = change

    def listen(self) -> None:
        """Hear of all that the SDK does. It copies who listens when it makes a client; so this comes first."""
        session: Any = self.connection._session
        register = session.register
        # Whatever is more general comes later: the first after the request was signed, the second before moto answers.
        register("request-created", self._request_created)
        for service in ("account", "guardduty", "iam", "organizations", "sts"):
            register(f"before-send.{service}", self._before_send)
        register("after-call", self._after_call)

    def _request_created(self, event_name: str, **event: Any) -> None:
        self.sent.append(_operation(event_name))

    def _before_send(self, event_name: str, request: Any, **event: Any) -> AWSResponse | None:
        if _operation(event_name) in self._unanswered:
            raise ReadTimeoutError(endpoint_url=request.url)
        errors = self._errors.get(_operation(event_name))
        code, status = errors.pop(0) if errors else (None, 0)
        if code is None:
            return None
        answer = _error(request.url, code, status)
        # moto is asked too; so it must not know what it is asked.
        request.url = "https://nowhere.example.com"
        return answer

    def _after_call(self, event_name: str, parsed: Any, **event: Any) -> None:
        self._changes.get(_operation(event_name), lambda _: None)(parsed)

    def found(self, *accounts: Account, **more: Any) -> Org:
        """Make an organization with these accounts, whose roles can be assumed; what the tool knows of it."""
        self.aws.found_organization()
        ids = {one.key: self.aws.add_account(one.key) for one in accounts}
        joined = self.aws.clock.now()
        live = [LiveAccount(ids[a.key], a.name, a.email, "ACTIVE", a.unit, joined) for a in accounts]
        return organization(*accounts, live=live, **more)


def _operation(event_name: str) -> str:
    """What an event of the SDK is about, as in `guardduty:ListDetectors`."""
    _, service, name = event_name.split(".")
    return f"{service}:{name}"


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _error(url: str, code: str, status: int) -> AWSResponse:
    """An error in the two forms of our services: XML for those of the query protocol, JSON for all others."""
    body = f'{{"__type": "{code}", "message": "So the test wants it."}}'
    if "//sts." in url:
        body = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>So the test wants it.</Message></Error></ErrorResponse>"
        )
    headers = {"x-amzn-errortype": code, "x-amzn-RequestId": "request-1"}
    response: Any = AWSResponse
    answer: AWSResponse = response(url, status, headers, _Raw(body.encode()))
    return answer


Connect = Callable[..., Wire]


@pytest.fixture(autouse=True)
def no_aws_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever runs the tests may be signed in to the real AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def aws(no_aws_of_ours: None) -> Iterator[Aws]:
    """A bare management account in this process."""
    with sandbox.in_process() as running:
        yield Aws(running)


@pytest.fixture
def connect(aws: Aws) -> Connect:
    """Connects to the sandbox, with what is given to `Connection`."""

    def connect(*, not_yet: Mapping[str, frozenset[str]] | None = None, profile: str | None = None) -> Wire:
        records: list[Record] = []
        connection = Connection(HOME, aws.clock, not_yet=not_yet, profile=profile, on_call=records.append)
        wire = Wire(aws, connection, records)
        wire.listen()
        return wire

    return connect


@pytest.fixture
def wire(connect: Connect) -> Wire:
    return connect()
