from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sra_bootstrap import sandbox
from sra_bootstrap.clock import Clock, VirtualClock
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID, Sandbox
from sra_bootstrap.sandbox.settings import Settings
from tests.reliability.tally import soaking

ROLE = "OrganizationAccountAccessRole"
SESSION: Any = boto3.Session()
ONCE = Config(retries={"total_max_attempts": 1})


@dataclass
class Aws:
    """A running sandbox, and clients of it for any account and region."""

    running: Sandbox

    @property
    def clock(self) -> Clock:
        return self.running.clock

    @property
    def settings(self) -> Settings:
        return self.running.settings

    def client(self, service: str, region: str = "eu-west-1", account: str | None = None) -> Any:
        """A client for the management account, or for a member by its `OrganizationAccountAccessRole`."""
        keys = {"AccessKeyId": "AKIAMANAGEMENTACCOUN", "SecretAccessKey": "dummy", "SessionToken": "dummy"}
        if account not in {None, MANAGEMENT_ACCOUNT_ID}:
            keys = self.assume(f"arn:aws:iam::{account}:role/{ROLE}")
        return self.client_with(keys, service, region)

    def client_with(self, keys: dict[str, Any], service: str, region: str = "eu-west-1") -> Any:
        return SESSION.client(
            service,
            region,
            endpoint_url=self.running.url,
            config=ONCE,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    def assume(self, role_arn: str, seconds: int = 3600) -> dict[str, Any]:
        sts = self.client("sts")
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="test", DurationSeconds=seconds)
        keys: dict[str, Any] = answer["Credentials"]
        return keys

    def found_organization(self) -> str:
        """Make an organization that can create accounts, and give the id of its root."""
        organizations = self.client("organizations")
        organizations.create_organization()
        self.clock.wait(self.settings.finalizing_seconds)
        root_id: str = organizations.list_roots()["Roots"][0]["Id"]
        return root_id

    def add_account(self, name: str) -> str:
        """Create a member, wait until its role can be assumed, and give its id."""
        organizations = self.client("organizations")
        request = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        self.clock.wait(self.settings.account_creation_seconds + self.settings.role_delay_seconds)
        status = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])
        account_id: str = status["CreateAccountStatus"]["AccountId"]
        return account_id


def refusal(call: Any, **parameters: Any) -> tuple[str, str | None]:
    """The code and, where there is one, the reason with which AWS refuses a call."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer: Any = raised.value.response
    return answer["Error"]["Code"], answer.get("Reason")


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """One server for all tests: to stop one takes half a second."""
    with sandbox.served() as running:
        yield running


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the tests that a served sandbox would repeat, take every sixth; `make soak` takes all."""
    served = [item for item in items if item.path.parent.name == "sandbox" and "served" in item.name]
    left_out = {item for item in served if crc32(item.nodeid.encode()) % 6} if not soaking() else set()
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(params=["in process", "served"])
def aws(request: pytest.FixtureRequest) -> Iterator[Aws]:
    """A bare management account, in process and served: both must give the same answers."""
    if request.param == "in process":
        with sandbox.in_process() as running:
            yield Aws(running)
    else:
        running = replace(request.getfixturevalue("server"), clock=VirtualClock(), settings=Settings())
        running.reset()
        yield Aws(running)
