"""The main job, by the command line, against a served sandbox."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import REGIONS, Shell


def test_a_bare_account_is_planned_applied_and_planned_again_empty(shell: Shell) -> None:
    shell.want_everything()
    planned = shell.run("plan", "--detailed-exitcode")
    assert planned.status == 2
    assert "Warning: 5 AWS accounts will be created." in planned.out
    assert shell.writes() == []

    applied = shell.run("apply", "--yes")
    assert applied.status == 0
    assert "Applied: " in applied.out
    assert len(shell.writes()) == 6

    again = shell.run("plan", "--detailed-exitcode")
    assert again.status == 0
    assert "Nothing to do" in again.out


def test_what_was_built_is_there_for_anybody_who_asks_aws(built: Shell) -> None:
    organizations = built.client("organizations")
    accounts = {a["Name"]: a["Id"] for a in organizations.list_accounts()["Accounts"]}
    security = accounts["Security Tooling"]
    role = f"arn:aws:iam::{security}:role/OrganizationAccountAccessRole"
    keys = built.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]

    services = organizations.list_delegated_services_for_account(AccountId=security)["DelegatedServices"]
    assert "guardduty.amazonaws.com" in {service["ServicePrincipal"] for service in services}
    for region in REGIONS:
        guardduty = built.client("guardduty", region, keys)
        (detector_id,) = guardduty.list_detectors()["DetectorIds"]
        configuration = guardduty.describe_organization_configuration(DetectorId=detector_id)
        assert configuration["AutoEnableOrganizationMembers"] == "ALL"
        wanted = {f["Name"]: f["AutoEnable"] for f in configuration["Features"]}
        assert {name for name, state in wanted.items() if state != "ALL"} == {"EKS_RUNTIME_MONITORING"}
        members = guardduty.list_members(DetectorId=detector_id)["Members"]
        assert {member["AccountId"] for member in members} == set(accounts.values()) - {security}


def test_an_account_moved_by_hand_is_one_change_and_is_put_back(built: Shell) -> None:
    organizations = built.client("organizations")
    (network,) = [a["Id"] for a in organizations.list_accounts()["Accounts"] if a["Name"] == "Network"]
    (parent,) = organizations.list_parents(ChildId=network)["Parents"]
    (root,) = organizations.list_roots()["Roots"]
    organizations.move_account(AccountId=network, SourceParentId=parent["Id"], DestinationParentId=root["Id"])

    planned = built.run("plan", "--detailed-exitcode", "--format", "json")
    changes = [change for step in json.loads(planned.out)["plan"]["steps"] for change in step["changes"]]
    assert planned.status == 2
    assert [(c["address"]["kind"], c["address"]["name"], c["before"], c["after"]) for c in changes] == [
        ("placement", "network", {"unit": "the root"}, {"unit": "Infrastructure"})
    ]

    assert built.run("apply", "--yes").status == 0
    assert organizations.list_parents(ChildId=network)["Parents"] == [parent]
    assert built.run("plan", "--detailed-exitcode").status == 0


def test_a_saved_plan_is_carried_out_and_then_has_nothing_left_to_do(shell: Shell) -> None:
    assert shell.run("plan", "--out", "plan.json").status == 0

    assert shell.run("apply", "plan.json", "--yes").status == 0
    again = shell.run("apply", "plan.json", "--yes")

    assert again.status == 0
    assert "Nothing was changed" in again.out


def test_a_plan_that_is_not_what_was_expected_is_not_applied(shell: Shell) -> None:
    digest = json.loads(shell.run("plan", "--format", "json").out)["sha256"]

    refused = shell.run("apply", "--yes", "--expect", "0" * 64)
    assert refused.status == 4
    assert digest in refused.err
    assert shell.writes() == []
    assert shell.run("apply", "--yes", "--expect", digest).status == 0


@pytest.mark.parametrize("length", [0, 1, 11])
def test_too_few_digits_of_a_digest_expect_nothing(shell: Shell, length: int) -> None:
    digest = json.loads(shell.run("plan", "--format", "json").out)["sha256"]

    assert shell.run("apply", "--yes", "--expect", digest[:length]).status == 4
    assert shell.writes() == []


def test_steps_without_what_they_stand_on_fail_with_what_to_do(shell: Shell) -> None:
    failed = shell.run("apply", "--yes", "--step", "preflight", "--step", "organization", "--step", "accounts")

    assert failed.status == 1
    assert "Run the step organizational_units first." in failed.out
    assert "created account" in failed.err
    assert shell.run("apply", "--yes").status == 0


def test_what_changed_after_the_review_stops_the_apply(built: Shell) -> None:
    built.rewrite("auto_enable: ALL", "auto_enable: NEW")
    assert built.run("plan", "--out", "plan.json").status == 0
    organizations = built.client("organizations")
    (security,) = [a["Id"] for a in organizations.list_accounts()["Accounts"] if a["Name"] == "Security Tooling"]
    role = f"arn:aws:iam::{security}:role/OrganizationAccountAccessRole"
    keys = built.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]
    guardduty = built.client("guardduty", "us-east-1", keys)
    (detector_id,) = guardduty.list_detectors()["DetectorIds"]
    guardduty.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="NONE")

    stopped = built.run("apply", "plan.json", "--yes")

    assert stopped.status == 4
    assert "not as it was reviewed" in stopped.err
    configuration = guardduty.describe_organization_configuration(DetectorId=detector_id)
    assert configuration["AutoEnableOrganizationMembers"] == "NONE"


def test_single_steps_are_planned_and_left_out(shell: Shell) -> None:
    only = json.loads(shell.run("plan", "--step", "organization", "--format", "json").out)
    without = json.loads(shell.run("plan", "--skip", "guardduty", "--skip", "accounts", "--format", "json").out)

    assert [step["step"] for step in only["plan"]["steps"]] == ["organization"]
    assert not {"guardduty", "accounts"} & {step["step"] for step in without["plan"]["steps"]}


def test_a_plan_as_markdown_names_its_digest(shell: Shell) -> None:
    digest = json.loads(shell.run("plan", "--format", "json").out)["sha256"]

    markdown = shell.run("plan", "--format", "markdown")

    assert f"sra-bootstrap apply --expect {digest}" in markdown.out


def test_everything_is_destroyed_but_what_cannot_be(built: Shell) -> None:
    planned = built.run("plan", "--destroy")
    assert "to destroy" in planned.out

    assert built.run("apply", "--destroy", "--yes").status == 0

    assert len(built.writes()) == 6
    assert built.client("organizations").list_delegated_administrators()["DelegatedAdministrators"] == []
    assert built.client("guardduty", "eu-west-1").list_detectors()["DetectorIds"] == []


def test_one_process_can_try_it_all_in_a_sandbox_of_its_own(shell: Shell) -> None:
    planned = shell.run("plan", "--sandbox", "--detailed-exitcode")
    applied = shell.run("apply", "--sandbox", "--yes")

    assert planned.status == 2
    assert applied.status == 0
    assert shell.writes() == []


@pytest.mark.parametrize("answer", ["", "yes", "destroy"])
def test_an_apply_asks_for_the_word_and_changes_nothing_without_it(
    shell: Shell, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _type(monkeypatch, answer)

    refused = shell.run("apply")

    assert refused.status == 1
    assert "Not confirmed" in refused.err
    assert shell.writes() == []


def test_an_apply_goes_on_when_the_word_is_typed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    _type(monkeypatch, "apply")

    assert shell.run("apply", "--step", "preflight", "--step", "organization").status == 0
    assert shell.writes() == ["Management"]


def test_an_apply_without_a_terminal_asks_for_the_option(shell: Shell) -> None:
    refused = shell.run("apply")

    assert refused.status == 1
    assert "--yes" in refused.err
    assert shell.writes() == []


def _type(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal: Any = Terminal(f"{answer}\n")
    monkeypatch.setattr("sys.stdin", terminal)
