"""What commits somebody to more than one run is confirmed by its name; --yes alone does not confirm it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.cli.conftest import Shell

ONLY = ("--step", "shield_advanced")


@pytest.fixture
def committing(shell: Shell) -> Shell:
    """A bare account, which is to subscribe to what costs 3,000 USD a month for a year."""
    text = shell.config.read_text()
    before, name, after = text.partition("  shield_advanced:\n")
    after = after.replace("enabled: false", "enabled: true", 1).replace("accounts: []", "accounts: [management]", 1)
    shell.config.write_text(before + name + after)
    return shell


def state(shell: Shell) -> str:
    found: str = shell.client("shield").get_subscription_state()["SubscriptionState"]
    return found


def test_yes_alone_does_not_confirm_it_and_nothing_is_written(committing: Shell) -> None:
    refused = committing.run("apply", "--yes")

    assert refused.status == 1
    assert "This plan commits you to shield_advanced, which --yes does not confirm." in refused.err
    assert "--yes --confirm shield_advanced" in refused.err
    assert committing.writes() == []
    assert state(committing) == "INACTIVE"


def test_its_name_confirms_it_and_nothing_else_needs_one(committing: Shell) -> None:
    assert committing.run("apply", "--yes", "--confirm", "shield_advanced", *ONLY).status == 0
    assert state(committing) == "ACTIVE"

    # A pipeline may go on to say so: there is nothing left to commit to.
    assert committing.run("apply", "--yes", "--confirm", "shield_advanced", *ONLY).status == 0
    assert committing.run("apply", "--yes", *ONLY).status == 0


@pytest.mark.parametrize("name", ["shield", "organization"])
def test_a_name_that_asks_for_nothing_is_refused(committing: Shell, name: str) -> None:
    refused = committing.run("apply", "--yes", "--confirm", name, *ONLY)

    assert refused.status == 1
    assert f"no step {name} in the pipeline that asks to be confirmed; there are shield_advanced" in refused.err
    assert state(committing) == "INACTIVE"


@pytest.mark.parametrize(("answers", "status"), [("apply\nshield_advanced\n", 0), ("apply\napply\n", 1)])
def test_a_person_types_it(committing: Shell, answers: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal: Any = Terminal(answers)
    monkeypatch.setattr("sys.stdin", terminal)

    ended = committing.run("apply", *ONLY)

    assert ended.status == status
    assert "3,000 USD a month" in ended.out
    assert state(committing) == ("INACTIVE" if status else "ACTIVE")
