from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import ROLE, Aws, refusal

ROOT = f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:root"
OWN = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def kms(aws: Aws) -> Any:
    return aws.client("kms")


@pytest.fixture
def key_arn(kms: Any) -> str:
    return str(kms.create_key(Description="of logs")["KeyMetadata"]["Arn"])


@pytest.fixture
def member(aws: Aws) -> str:
    aws.found_organization()
    return aws.add_account("log")


def test_a_key_belongs_to_its_account_if_nothing_else_is_said(kms: Any, key_arn: str) -> None:
    [statement] = json.loads(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])["Statement"]

    assert (statement["Principal"], statement["Action"]) == ({"AWS": ROOT}, "kms:*")
    assert refusal(kms.get_key_policy, KeyId=key_arn, PolicyName="other")[0] == "NotFoundException"


@pytest.mark.parametrize(
    "text",
    [
        "no policy",
        policy({**OWN, "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/nobody"}}, OWN),
        policy({**OWN, "Principal": {"Service": "cloudtrail"}}, OWN),
        policy({**OWN, "Action": "s3:GetObject"}, OWN),
        policy({**OWN, "Action": "kms:Decrypt"}),
        policy({**OWN, "Principal": {"Service": "cloudtrail.amazonaws.com"}}),
        policy(OWN, {**OWN, "Effect": "Deny", "Action": "kms:Put*", "Principal": "*"}),
    ],
)
def test_a_policy_that_is_none_or_locks_the_caller_out_is_refused(aws: Aws, kms: Any, key_arn: str, text: str) -> None:
    aws.found_organization()
    before = kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"]

    assert refusal(kms.create_key, Policy=text)[0] == "MalformedPolicyDocumentException"
    assert refusal(kms.put_key_policy, KeyId=key_arn, Policy=text)[0] == "MalformedPolicyDocumentException"
    assert kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"] == before


def test_a_policy_is_kept_as_it_is_meant_and_not_as_it_is_written(kms: Any, key_arn: str) -> None:
    text = policy({**OWN, "Principal": {"AWS": [MANAGEMENT_ACCOUNT_ID]}, "Action": ["kms:*"]})

    kms.put_key_policy(KeyId=key_arn, Policy=text)

    assert json.loads(kms.get_key_policy(KeyId=key_arn)["Policy"])["Statement"] == [OWN]


def test_who_bypasses_the_check_may_lock_himself_out(kms: Any, key_arn: str) -> None:
    kms.put_key_policy(
        KeyId=key_arn, Policy=policy({**OWN, "Action": "kms:DescribeKey"}), BypassPolicyLockoutSafetyCheck=True
    )

    assert kms.describe_key(KeyId=key_arn)["KeyMetadata"]["Description"] == "of logs"
    assert refusal(kms.put_key_policy, KeyId=key_arn, Policy=policy(OWN))[0] == "AccessDeniedException"


def test_another_account_may_what_the_policy_admits(aws: Aws, kms: Any, key_arn: str, member: str) -> None:
    theirs = aws.client("kms", account=member)
    context = {"EncryptionContext": {"purpose": "logs"}}
    assert refusal(theirs.describe_key, KeyId=key_arn)[0] == "AccessDeniedException"
    admitted = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{member}:role/{ROLE}"},
        "Action": ["kms:DescribeKey", "kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"StringEqualsIfExists": {"kms:EncryptionContext:purpose": "logs"}},
    }
    kms.put_key_policy(KeyId=key_arn, Policy=policy(OWN, admitted))

    assert theirs.describe_key(KeyId=key_arn)["KeyMetadata"]["AWSAccountId"] == MANAGEMENT_ACCOUNT_ID
    made = theirs.generate_data_key(KeyId=key_arn, KeySpec="AES_256", **context)
    opened = theirs.decrypt(KeyId=key_arn, CiphertextBlob=made["CiphertextBlob"], **context)
    assert opened["Plaintext"] == made["Plaintext"]
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"], **context)["Plaintext"] == made["Plaintext"]
    other = {"EncryptionContext": {"purpose": "other"}}
    assert refusal(theirs.generate_data_key, KeyId=key_arn, KeySpec="AES_256", **other)[0] == "AccessDeniedException"
    assert refusal(theirs.encrypt, KeyId=key_arn, Plaintext=b"1")[0] == "AccessDeniedException"
    assert refusal(theirs.get_key_policy, KeyId=key_arn)[0] == "NotFoundException"


def test_a_key_that_is_to_be_deleted_is_of_no_use_and_then_gone_with_its_alias(
    aws: Aws, kms: Any, key_arn: str
) -> None:
    kms.create_alias(AliasName="alias/logs", TargetKeyId=key_arn)
    kms.enable_key_rotation(KeyId=key_arn)
    kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=7)

    for call in (kms.enable_key, kms.enable_key_rotation, kms.schedule_key_deletion):
        assert refusal(call, KeyId=key_arn)[0] == "KMSInvalidStateException"
    assert refusal(kms.encrypt, KeyId=key_arn, Plaintext=b"1")[0] == "KMSInvalidStateException"
    found = kms.describe_key(KeyId="alias/logs")["KeyMetadata"]
    assert found["KeyState"] == "PendingDeletion"
    assert found["DeletionDate"].timestamp() == pytest.approx(aws.clock.now() + 7 * 86400, abs=2)
    assert not kms.get_key_rotation_status(KeyId=key_arn)["KeyRotationEnabled"]
    kms.cancel_key_deletion(KeyId=key_arn)
    assert kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"] == "Disabled"
    assert kms.get_key_rotation_status(KeyId=key_arn)["KeyRotationEnabled"]
    assert refusal(kms.encrypt, KeyId=key_arn, Plaintext=b"1")[0] == "DisabledException"
    assert refusal(kms.cancel_key_deletion, KeyId=key_arn)[0] == "KMSInvalidStateException"
    kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=7)
    aws.clock.wait(7 * 86400 + 1)
    assert refusal(kms.describe_key, KeyId="alias/logs")[0] == "NotFoundException"
    assert refusal(kms.describe_key, KeyId=key_arn)[0] == "NotFoundException"


def test_an_alias_leads_to_one_key(kms: Any, key_arn: str) -> None:
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/logs", TargetKeyId=key_arn)

    assert refusal(kms.create_alias, AliasName="alias/logs", TargetKeyId=other)[0] == "AlreadyExistsException"
    assert refusal(kms.create_alias, AliasName="alias/aws/s3", TargetKeyId=other)[0] == "NotAuthorizedException"
    assert refusal(kms.create_alias, AliasName="logs", TargetKeyId=other)[0] == "ValidationException"
    assert refusal(kms.create_alias, AliasName="alias/more", TargetKeyId="alias/logs")[0] == "ValidationException"
    assert refusal(kms.update_alias, AliasName="alias/more", TargetKeyId=other)[0] == "NotFoundException"
    kms.update_alias(AliasName="alias/logs", TargetKeyId=other)
    [alias] = kms.list_aliases(KeyId=other)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/logs", other)


def test_aliases_and_keys_come_in_pages(kms: Any, key_arn: str) -> None:
    for number in range(50):
        kms.create_alias(AliasName=f"alias/logs-{number}", TargetKeyId=key_arn)

    assert refusal(kms.create_alias, AliasName="alias/logs-50", TargetKeyId=key_arn)[0] == "LimitExceededException"
    pages = list(kms.get_paginator("list_aliases").paginate())
    found = [alias for page in pages for alias in page["Aliases"]]
    assert len(pages) == 2
    assert len({alias["AliasName"] for alias in found if "TargetKeyId" in alias}) == 50
    assert all(alias["AliasName"].startswith("alias/aws/") for alias in found if "TargetKeyId" not in alias)
    kms.create_key()
    [first, second] = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1})
    assert (first["Truncated"], second["Truncated"]) == (True, False)


def test_a_key_rotates_in_the_time_that_is_said(kms: Any, key_arn: str) -> None:
    assert kms.get_key_rotation_status(KeyId=key_arn)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key_arn)
    assert kms.get_key_rotation_status(KeyId=key_arn)["RotationPeriodInDays"] == 365
    kms.enable_key_rotation(KeyId=key_arn, RotationPeriodInDays=90)
    assert kms.get_key_rotation_status(KeyId=key_arn)["RotationPeriodInDays"] == 90
    assert refusal(kms.enable_key_rotation, KeyId=key_arn, RotationPeriodInDays=2561)[0] == "ValidationException"
    signs = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    assert refusal(kms.enable_key_rotation, KeyId=signs)[0] == "UnsupportedOperationException"
