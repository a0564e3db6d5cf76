from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.sandbox import Sandbox
from sra_bootstrap.sandbox.injection import Faults, Kind
from sra_bootstrap.sandbox.remote import Remote
from sra_bootstrap.sandbox.settings import Settings
from tests.sandbox.conftest import Aws, refusal
from tests.sandbox.injection import at, outcome

SERVE = """
from sra_bootstrap import sandbox

with sandbox.served() as running:
    print(running.url, flush=True)
    input()
"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Remote]:
    """A sandbox that another process serves."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Remote(process.stdout.readline().strip())
        process.communicate("\n")


@pytest.fixture
def remote(elsewhere: Remote) -> Remote:
    elsewhere.reset()
    elsewhere.set(**vars(Settings()))
    return elsewhere


def aws_of(remote: Remote) -> Aws:
    return Aws(Sandbox(VirtualClock(), Settings(), remote.url))


def test_a_sandbox_of_another_process_fails_as_it_is_told_to_and_tells_what_it_did(remote: Remote) -> None:
    remote.set(faults=at(Kind.RESET, "organizations:CreateOrganization", after=True))
    organizations = aws_of(remote).client("organizations")

    assert outcome(organizations.create_organization) == ("ConnectionClosedError", 0)
    assert remote.injected() == {"reset": 1}
    assert [write.operation for write in remote.writes()] == ["organizations:CreateOrganization"]
    assert outcome(organizations.create_organization)[0] == "AlreadyInOrganizationException"


def test_identity_center_is_enabled_from_outside_once_there_is_an_organization(remote: Remote) -> None:
    with pytest.raises(ValueError, match="no organization"):
        remote.enable_identity_center("eu-west-1")
    aws = aws_of(remote)
    aws.client("organizations").create_organization()

    remote.enable_identity_center("eu-west-1")

    assert len(aws.client("sso-admin").list_instances()["Instances"]) == 1


def test_every_setting_comes_through_and_those_that_are_not_named_stay(remote: Remote) -> None:
    hostile = Settings.hostile(3)
    remote.set(**vars(hostile))
    remote.set(account_quota=4, denied={"guardduty:ListDetectors"})

    told = remote.settings()
    assert told["account_quota"] == 4
    assert told["finalizing_seconds"] == hostile.finalizing_seconds
    assert told["faults"]["seed"] == 3
    assert set(told["faults"]["kinds"]) == set(Kind)
    remote.set(faults=None)
    assert refusal(aws_of(remote).client("guardduty").list_detectors)[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    "fields",
    [
        {"acount_quota": 4},
        {"account_quota": "many"},
        {"faults": {"sed": 3}},
        {"faults": {"kinds": ["worse"]}},
        {"faults": {"at": [{"kind": "throttled", "after": True}]}},
    ],
)
def test_what_is_no_setting_is_refused_and_nothing_is_set(remote: Remote, fields: dict[str, object]) -> None:
    before = remote.settings()

    with pytest.raises(ValueError, match="validation error"):
        remote.set(finalizing_seconds=1, **fields)
    assert remote.settings() == before


def test_a_reset_leaves_a_bare_account_and_the_settings(remote: Remote) -> None:
    organizations = aws_of(remote).client("organizations")
    organizations.create_organization()
    remote.set(faults=Faults(seed=4, rate=0))
    remote.reset()

    assert (remote.writes(), remote.injected()) == ([], {})
    assert remote.settings()["faults"]["seed"] == 4
    assert refusal(organizations.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    organizations.create_organization()


def test_what_is_set_over_http_is_set_for_whoever_began_the_sandbox(server: Sandbox) -> None:
    remote = Remote(str(server.url))
    server.reset()
    remote.set(account_quota=3)

    assert server.settings.account_quota == 3
    remote.set(account_quota=Settings().account_quota)
