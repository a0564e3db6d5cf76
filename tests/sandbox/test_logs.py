from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

pytestmark = pytest.mark.parametrize("aws", ["in process"], indirect=True)

HOME = "eu-west-1"
ARN = f"arn:aws:logs:{HOME}:{MANAGEMENT_ACCOUNT_ID}:log-group:trail"


@pytest.fixture
def logs(aws: Aws) -> Any:
    return aws.client("logs")


def group(logs: Any) -> dict[str, Any]:
    found: dict[str, Any] = logs.describe_log_groups(logGroupNamePrefix="trail")["logGroups"][0]
    return found


def key(aws: Aws, of: str, region: str = HOME) -> str:
    """A key that CloudWatch Logs may use for one log group."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:root"}, "Action": "kms:*"}
    service = {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": of}},
    }
    policy = {"Version": "2012-10-17", "Statement": [{**one, "Resource": "*"} for one in (root, service)]}
    answer = aws.client("kms", region).create_key(Policy=json.dumps(policy))
    return str(answer["KeyMetadata"]["Arn"])


def test_the_key_of_a_log_group_must_be_for_that_log_group(aws: Aws, logs: Any) -> None:
    create = logs.create_log_group

    assert refusal(create, logGroupName="trail", kmsKeyId=key(aws, ARN + "-2"))[0] == "AccessDeniedException"
    assert refusal(create, logGroupName="trail", kmsKeyId=key(aws, ARN, "us-east-1"))[0] == "InvalidParameterException"
    create(logGroupName="trail", kmsKeyId=key(aws, ARN))
    assert "kmsKeyId" in group(logs)
    logs.disassociate_kms_key(logGroupName="trail")
    assert "kmsKeyId" not in group(logs)
    refused = refusal(logs.associate_kms_key, logGroupName="trail", kmsKeyId=key(aws, ARN + "-2"))
    assert refused[0] == "AccessDeniedException"
    logs.associate_kms_key(resourceIdentifier=ARN, kmsKeyId=key(aws, ARN))
    assert "kmsKeyId" in group(logs)


def test_logs_are_kept_for_as_many_days_as_aws_offers(logs: Any) -> None:
    logs.create_log_group(logGroupName="trail")
    assert "retentionInDays" not in group(logs)

    assert refusal(logs.put_retention_policy, logGroupName="trail", retentionInDays=8)[0] == "InvalidParameterException"
    logs.put_retention_policy(logGroupName="trail", retentionInDays=365)
    assert group(logs)["retentionInDays"] == 365
    logs.delete_retention_policy(logGroupName="trail")
    assert "retentionInDays" not in group(logs)


def test_a_protected_log_group_is_not_deleted(logs: Any) -> None:
    logs.create_log_group(logGroupName="trail", deletionProtectionEnabled=True)

    assert refusal(logs.create_log_group, logGroupName="trail")[0] == "ResourceAlreadyExistsException"
    assert refusal(logs.delete_log_group, logGroupName="trail")[0] == "ValidationException"
    logs.put_log_group_deletion_protection(logGroupIdentifier="trail", deletionProtectionEnabled=False)
    assert group(logs)["deletionProtectionEnabled"] is False
    logs.delete_log_group(logGroupName="trail")
    assert logs.describe_log_groups()["logGroups"] == []


def test_log_groups_come_in_pages_and_by_their_names(logs: Any) -> None:
    for number in range(60):
        logs.create_log_group(logGroupName=f"group-{number:02}")

    pages = list(logs.get_paginator("describe_log_groups").paginate())
    assert [len(page["logGroups"]) for page in pages] == [50, 10]
    named = logs.describe_log_groups(logGroupNamePattern="UP-07")["logGroups"]
    assert [one["logGroupName"] for one in named] == ["group-07"]
    by_name = logs.describe_log_groups(logGroupIdentifiers=["group-03"])["logGroups"]
    assert [one["logGroupName"] for one in by_name] == ["group-03"]
