"""What is wrong is said once and clearly, with status 1, without a traceback, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.cli.conftest import Result, Shell


def refused(result: Result, *words: str) -> None:
    assert result.status == 1
    assert result.out == ""
    assert "Traceback" not in result.err
    for word in words:
        assert word in result.err


@pytest.fixture(autouse=True)
def nothing_is_written(shell: Shell) -> None:
    """Every test here starts from a bare account, unless it builds one."""
    assert shell.writes() == []


@pytest.mark.parametrize("command", ["plan", "apply", "validate"])
def test_every_command_refuses_a_configuration_with_its_line(shell: Shell, command: str) -> None:
    shell.rewrite("  home_region: eu-west-1", "  home_regoin: eu-west-1")

    refused(shell.run(command), "config.yaml:7: organization.home_regoin", 'did you mean "home_region"?')


def test_a_configuration_that_is_not_there_is_refused(shell: Shell) -> None:
    refused(shell.run("plan", "--config", "other.yaml"), "other.yaml: there is no such file", "sra-bootstrap init")


def test_an_edited_plan_is_refused(shell: Shell) -> None:
    shell.run("plan", "--out", "plan.json")
    file = Path("plan.json")
    file.write_text(file.read_text().replace("aws+network@example.com", "aws+evil@example.com"))

    refused(shell.run("apply", "plan.json", "--yes"), "plan.json: it was edited")
    assert shell.writes() == []


def test_a_plan_that_is_none_is_refused(shell: Shell) -> None:
    Path("plan.json").write_text('{"a":\n 1,}')

    refused(shell.run("apply", "plan.json", "--yes"), "plan.json:2: it is not JSON")
    refused(shell.run("apply", "other.json", "--yes"), "other.json: it cannot be read")
    refused(shell.run("apply", "config.yaml", "--yes"), "config.yaml:1: it is not JSON")


def test_another_organizations_plan_is_refused(built: Shell) -> None:
    built.rewrite("auto_enable: ALL", "auto_enable: NEW")
    built.run("plan", "--out", "plan.json")
    built.aws.reset()
    built.client("organizations").create_organization()

    refused(built.run("apply", "plan.json", "--yes"), "plan.json: it is a plan for the organization o-")


def test_a_plan_of_another_configuration_is_refused(shell: Shell) -> None:
    shell.run("plan", "--out", "plan.json")
    shell.rewrite("auto_enable: ALL", "auto_enable: NEW")

    refused(shell.run("apply", "plan.json", "--yes"), "config.yaml says something else")
    assert shell.writes() == []


def test_a_plan_file_goes_with_no_choice_of_steps(shell: Shell) -> None:
    shell.run("plan", "--out", "plan.json")

    refused(shell.run("apply", "plan.json", "--yes", "--skip", "guardduty"), "leave out --step, --skip and --destroy")


def test_no_credentials_are_refused(shell: Shell) -> None:
    shell.environment.delenv("AWS_ACCESS_KEY_ID")
    shell.environment.delenv("AWS_SECRET_ACCESS_KEY")

    refused(shell.run("plan"), "There are no AWS credentials.", "--profile")


def test_a_profile_that_is_not_there_is_refused(shell: Shell) -> None:
    refused(shell.run("plan", "--profile", "nobody"), "nobody", "aws configure list-profiles")


def test_expired_credentials_are_refused(shell: Shell) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    shell.client("iam").create_role(RoleName="Deploy", AssumeRolePolicyDocument=json.dumps(policy))
    role = f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/Deploy"
    shell.sign_in(shell.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"])
    shell.aws.clock.wait(7200)

    refused(shell.run("plan"), "ExpiredToken", "Sign in again")


def test_a_caller_in_a_member_account_is_refused(built: Shell) -> None:
    accounts = built.client("organizations").list_accounts()["Accounts"]
    (network,) = [account["Id"] for account in accounts if account["Name"] == "Network"]
    role = f"arn:aws:iam::{network}:role/OrganizationAccountAccessRole"
    built.sign_in(built.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"])

    refused(built.run("plan"), "is in a member account", MANAGEMENT_ACCOUNT_ID, "credentials of the management account")


def test_a_caller_in_another_account_than_the_configuration_is_for_is_refused(shell: Shell) -> None:
    shell.rewrite('# management_account_id: "111122223333"', 'management_account_id: "111122223333"')

    refused(shell.run("apply", "--yes"), "111122223333", MANAGEMENT_ACCOUNT_ID, "organization.management_account_id")
    assert shell.writes() == []


def test_a_role_that_cannot_be_assumed_blocks_what_is_in_that_account(built: Shell) -> None:
    built.rewrite("cross_account_role: OrganizationAccountAccessRole", "cross_account_role: Nobody")

    result = built.run("plan")

    assert result.status == 3
    assert "AssumeRole: AccessDenied" in result.out
    assert "Allow the caller this action" in result.out


def test_unknown_steps_and_options_and_commands_are_refused(shell: Shell) -> None:
    refused(shell.run("plan", "--step", "guardutty"), "there is no step guardutty", "guardduty")
    refused(shell.run("explain", "guardutty"), "there is no step guardutty", "guardduty")
    refused(shell.run("plan", "--nonsense"), "No such option")
    refused(shell.run("plan", "--format", "xml"), "xml")
    refused(shell.run("nonsense"), "nonsense")


def test_a_plan_that_cannot_be_written_is_said(shell: Shell) -> None:
    refused(shell.run("plan", "--out", "no/such/folder/plan.json"), "it cannot be written")
