from __future__ import annotations

import json
import time
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from sra_bootstrap.sandbox.settings import Settings
from tests.sandbox.conftest import ROLE, Aws, refusal

ROLE_HERE = f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/Deploy"


def make_role(aws: Aws, principal: Any, seconds: int = 3600, **statement: Any) -> None:
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | statement
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    aws.client("iam").create_role(RoleName="Deploy", AssumeRolePolicyDocument=policy, MaxSessionDuration=seconds)


def assume_refusal(aws: Aws, role_arn: str, **parameters: Any) -> str:
    return refusal(aws.client("sts").assume_role, RoleArn=role_arn, RoleSessionName="test", **parameters)[0]


def test_the_role_of_a_new_account_can_be_assumed_a_while_after_the_account_is_there(aws: Aws) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    organizations.create_account(AccountName="log", Email="log@example.com", RoleName="Custom")
    aws.clock.wait(aws.settings.account_creation_seconds)
    account_id = organizations.list_accounts()["Accounts"][1]["Id"]
    role = f"arn:aws:iam::{account_id}:role/Custom"

    assert assume_refusal(aws, role) == "AccessDenied"
    aws.clock.wait(aws.settings.role_delay_seconds)
    sts = aws.client_with(aws.assume(role), "sts")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{account_id}:assumed-role/Custom/test"
    assert assume_refusal(aws, f"arn:aws:iam::{account_id}:role/{ROLE}") == "AccessDenied"


@pytest.mark.parametrize(
    "role_arn",
    [f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/Absent", "arn:aws:iam::999999999999:role/OrganizationAccountAccess"],
)
def test_a_role_that_does_not_exist_is_denied_as_aws_says_it(aws: Aws, role_arn: str) -> None:
    sts = aws.client("sts")

    with pytest.raises(sts.exceptions.ClientError, match="is not authorized to perform: sts:AssumeRole on resource"):
        sts.assume_role(RoleArn=role_arn, RoleSessionName="test")


def test_what_is_no_role_arn_is_invalid(aws: Aws) -> None:
    assert assume_refusal(aws, f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:user/somebody") == "ValidationError"


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "*"}, {"AWS": MANAGEMENT_ACCOUNT_ID}, {"AWS": [f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:root"]}],
)
def test_a_trusted_caller_assumes_a_role(aws: Aws, principal: Any) -> None:
    make_role(aws, principal)

    caller = aws.client_with(aws.assume(ROLE_HERE), "sts").get_caller_identity()

    assert caller["Arn"] == f"arn:aws:sts::{MANAGEMENT_ACCOUNT_ID}:assumed-role/Deploy/test"


@pytest.mark.parametrize(
    ("principal", "statement"),
    [
        ({"AWS": "999999999999"}, {}),
        ({"Service": "ec2.amazonaws.com"}, {}),
        ("*", {"Effect": "Deny"}),
        ("*", {"Action": "sts:TagSession"}),
    ],
)
def test_an_untrusted_caller_does_not(aws: Aws, principal: Any, statement: dict[str, Any]) -> None:
    make_role(aws, principal, **statement)

    assert assume_refusal(aws, ROLE_HERE) == "AccessDenied"


def test_a_trust_policy_may_ask_for_an_external_id(aws: Aws) -> None:
    make_role(aws, "*", Condition={"StringEquals": {"sts:ExternalId": "secret"}})

    assert assume_refusal(aws, ROLE_HERE, ExternalId="wrong") == "AccessDenied"
    answer = aws.client("sts").assume_role(RoleArn=ROLE_HERE, RoleSessionName="test", ExternalId="secret")
    assert answer["Credentials"]["AccessKeyId"]


def test_a_condition_that_the_sandbox_does_not_know_is_said_to_be_unknown(aws: Aws) -> None:
    make_role(aws, "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})

    assert assume_refusal(aws, ROLE_HERE) == "SandboxNotImplemented"


def test_a_role_trusts_another_role_by_its_arn(aws: Aws) -> None:
    aws.found_organization()
    account_id = aws.add_account("log")
    make_role(aws, {"AWS": f"arn:aws:iam::{account_id}:role/{ROLE}"})

    chained = aws.client("sts", account=account_id).assume_role(RoleArn=ROLE_HERE, RoleSessionName="chained")

    assert chained["AssumedRoleUser"]["Arn"].endswith("assumed-role/Deploy/chained")
    assert assume_refusal(aws, ROLE_HERE) == "AccessDenied"


def test_a_session_is_no_longer_than_aws_the_role_and_chaining_allow(aws: Aws) -> None:
    make_role(aws, "*", seconds=7200)
    chained = aws.client_with(aws.assume(ROLE_HERE, 7200), "sts")
    long = {"RoleArn": ROLE_HERE, "RoleSessionName": "long", "DurationSeconds": 7200}

    assert assume_refusal(aws, ROLE_HERE, DurationSeconds=7201) == "ValidationError"
    assert assume_refusal(aws, ROLE_HERE, DurationSeconds=43201) == "ValidationError"
    assert refusal(chained.assume_role, **long)[0] == "ValidationError"


def test_credentials_expire_by_the_clock_of_the_sandbox_under_each_protocols_code(aws: Aws) -> None:
    make_role(aws, "*")
    keys = aws.assume(ROLE_HERE, 900)

    def code(service: str, operation: str) -> str:
        return refusal(getattr(aws.client_with(keys, service), operation))[0]

    assert keys["Expiration"].timestamp() == pytest.approx(aws.clock.now() + 900, abs=1)
    aws.clock.wait(900)
    assert aws.client_with(keys, "sts").get_caller_identity()["Account"] == MANAGEMENT_ACCOUNT_ID
    aws.clock.wait(1)
    assert code("sts", "get_caller_identity") == "ExpiredToken"
    assert code("iam", "list_roles") == "ExpiredToken"
    assert code("route53", "list_hosted_zones") == "ExpiredToken"
    assert code("ec2", "describe_vpcs") == "RequestExpired"
    assert code("organizations", "list_accounts") == "ExpiredTokenException"
    assert code("account", "list_regions") == "ExpiredTokenException"


def test_a_suspended_account_can_neither_be_entered_nor_used(aws: Aws) -> None:
    aws.found_organization()
    account_id = aws.add_account("log")
    inside = aws.client("kms", account=account_id)
    aws.client("organizations").close_account(AccountId=account_id)
    aws.clock.wait(aws.settings.account_closure_seconds)

    assert refusal(inside.list_keys)[0] == "AccessDeniedException"
    assert assume_refusal(aws, f"arn:aws:iam::{account_id}:role/{ROLE}") == "AccessDenied"


def test_a_region_that_is_not_enabled_knows_no_credentials(aws: Aws) -> None:
    assert refusal(aws.client("sts", region="af-south-1").get_caller_identity)[0] == "InvalidClientTokenId"
    assert refusal(aws.client("kms", region="af-south-1").list_keys)[0] == "UnrecognizedClientException"
    assert refusal(aws.client("ec2", region="af-south-1").describe_vpcs)[0] == "AuthFailure"
    assert aws.client("kms", region="eu-north-1").list_keys()["Keys"] == []


def test_the_delays_of_a_served_sandbox_pass_as_fast_as_it_is_told() -> None:
    with sandbox.served(speed=10_000, settings=Settings(finalizing_seconds=1000)) as running:
        began = time.monotonic()
        Aws(running).found_organization()
        Aws(running).client("organizations").create_account(AccountName="log", Email="log@example.com")

    assert time.monotonic() - began < 100


def test_a_sandbox_begins_with_the_settings_it_is_given() -> None:
    with sandbox.in_process(Settings(finalizing_seconds=0)) as running:
        aws = Aws(running)
        aws.client("organizations").create_organization()
        request = aws.client("organizations").create_account(AccountName="log", Email="log@example.com")

    assert isinstance(running.clock, VirtualClock)
    assert request["CreateAccountStatus"]["State"] == "IN_PROGRESS"
