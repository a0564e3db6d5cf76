from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID, delivery
from sra_bootstrap.sandbox.delivery import NoBucketError, NoKeyError, RefusedError, Sender
from tests.sandbox.conftest import Aws

BUCKET = "logs-of-ours"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{MANAGEMENT_ACCOUNT_ID}:trail/all"
SENDER = Sender("cloudtrail.amazonaws.com", MANAGEMENT_ACCOUNT_ID, TRAIL)


@dataclass
class Place:
    """A bucket of the log archive account and a key of the management account, in one organization."""

    aws: Aws
    s3: Any
    kms: Any
    organization_id: str
    key_arn: str

    def admit(self, condition: dict[str, Any], **elements: Any) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": SENDER.principal},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/*",
            "Condition": condition,
            **elements,
        }
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=_policy(statement))

    def admit_to_key(self, condition: dict[str, Any]) -> None:
        own = {"Effect": "Allow", "Principal": {"AWS": MANAGEMENT_ACCOUNT_ID}, "Action": "kms:*", "Resource": "*"}
        service = {
            "Effect": "Allow",
            "Principal": {"Service": SENDER.principal},
            "Action": ["kms:GenerateDataKey*", "kms:CreateGrant"],
            "Resource": "*",
            "Condition": condition,
        }
        self.kms.put_key_policy(KeyId=self.key_arn, PolicyName="default", Policy=_policy(own, service))

    def encrypt(self, key: str, **rule: Any) -> None:
        named = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": named, **rule}]}
        self.s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=rules)


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def place() -> Iterator[Place]:
    with sandbox.in_process() as running:
        aws = Aws(running)
        aws.found_organization()
        organization = aws.client("organizations").describe_organization()["Organization"]
        log_archive = aws.add_account("log-archive")
        s3, kms = aws.client("s3", account=log_archive), aws.client("kms")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield Place(aws, s3, kms, organization["Id"], kms.create_key()["KeyMetadata"]["Arn"])


def refused(call: Any, *parameters: Any, **more: Any) -> str:
    with pytest.raises(RefusedError) as raised:
        call(*parameters, **more)
    return raised.value.action


def test_a_service_delivers_where_the_policy_admits_it_for_this_organization(place: Place) -> None:
    assert refused(delivery.put, SENDER, BUCKET, "AWSLogs/1", b"log") == "s3:PutObject"
    place.admit(
        {
            "StringEquals": {
                "aws:SourceOrgID": place.organization_id,
                "aws:SourceArn": TRAIL,
                "s3:x-amz-acl": "bucket-owner-full-control",
            },
            "Bool": {"aws:SecureTransport": "true"},
        }
    )

    delivery.put(SENDER, BUCKET, "AWSLogs/1", b"log")

    assert place.s3.get_object(Bucket=BUCKET, Key="AWSLogs/1")["Body"].read() == b"log"
    stranger = Sender(SENDER.principal, "999999999999", TRAIL)
    other_service = Sender("config.amazonaws.com", SENDER.account_id, TRAIL)
    assert refused(delivery.put, stranger, BUCKET, "AWSLogs/1", b"") == "s3:PutObject"
    assert refused(delivery.put, other_service, BUCKET, "AWSLogs/1", b"") == "s3:PutObject"
    assert refused(delivery.put, SENDER, BUCKET, "elsewhere/1", b"") == "s3:PutObject"
    assert refused(delivery.put, SENDER, BUCKET, "AWSLogs/1", b"", acl="") == "s3:PutObject"


def test_where_the_sender_is_in_the_organization_is_told_to_the_policy(place: Place) -> None:
    root = place.aws.client("organizations").list_roots()["Roots"][0]["Id"]
    place.admit({"ForAnyValue:StringEquals": {"aws:SourceOrgPaths": f"{place.organization_id}/{root}/"}})

    delivery.put(SENDER, BUCKET, "AWSLogs/1", b"")


def test_a_service_asks_for_the_bucket_itself(place: Place) -> None:
    admitted = {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
    place.admit({"StringEquals": {"s3:prefix": "AWSLogs/"}}, **admitted)

    delivery.may(SENDER, "s3:ListBucket", BUCKET, **{"s3:prefix": "AWSLogs/"})

    assert refused(delivery.may, SENDER, "s3:ListBucket", BUCKET) == "s3:ListBucket"
    assert refused(delivery.may, SENDER, "s3:GetBucketAcl", BUCKET) == "s3:GetBucketAcl"
    with pytest.raises(NoBucketError):
        delivery.may(SENDER, "s3:GetBucketAcl", "no-bucket-of-ours")


def test_the_key_of_the_bucket_must_admit_the_service_too(place: Place) -> None:
    place.admit({})
    place.encrypt(place.key_arn)
    assert refused(delivery.put, SENDER, BUCKET, "AWSLogs/1", b"") == "kms:GenerateDataKey"
    place.admit_to_key(
        {
            "StringEquals": {
                "kms:ViaService": "s3.eu-west-1.amazonaws.com",
                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{BUCKET}/AWSLogs/1",
            }
        }
    )

    delivery.put(SENDER, BUCKET, "AWSLogs/1", b"")

    stored = place.s3.head_object(Bucket=BUCKET, Key="AWSLogs/1")
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", place.key_arn)
    place.encrypt(place.key_arn, BucketKeyEnabled=True)
    assert refused(delivery.put, SENDER, BUCKET, "AWSLogs/1", b"") == "kms:GenerateDataKey"


def test_a_key_that_the_service_names_is_told_to_the_policy_of_the_bucket(place: Place) -> None:
    place.admit({"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": place.key_arn}})
    place.admit_to_key({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:*:trail/*"}})

    delivery.put(SENDER, BUCKET, "AWSLogs/1", b"", kms_key=place.key_arn, context={"aws:cloudtrail:arn": TRAIL})

    assert refused(delivery.put, SENDER, BUCKET, "AWSLogs/1", b"") == "s3:PutObject"
    assert refused(delivery.put, SENDER, BUCKET, "AWSLogs/1", b"", kms_key=place.key_arn) == "kms:GenerateDataKey"


def test_a_key_is_used_for_itself_and_granted_for_a_resource_of_aws(place: Place) -> None:
    place.admit_to_key({"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}})

    delivery.use(SENDER, place.key_arn, "kms:GenerateDataKey")
    delivery.use(SENDER, place.key_arn, "kms:CreateGrant")

    assert refused(delivery.use, SENDER, place.key_arn, "kms:Decrypt") == "kms:Decrypt"


def test_a_key_that_is_disabled_or_pending_deletion_or_elsewhere_is_none(place: Place) -> None:
    place.admit({})
    place.admit_to_key({})
    place.kms.create_alias(AliasName="alias/logs", TargetKeyId=place.key_arn)
    alias = place.key_arn.split(":key/")[0] + ":alias/logs"
    delivery.use(SENDER, alias, "kms:GenerateDataKey")
    place.kms.disable_key(KeyId=place.key_arn.split("/")[1])
    with pytest.raises(NoKeyError):
        delivery.use(SENDER, alias, "kms:GenerateDataKey")
    place.kms.schedule_key_deletion(KeyId=place.key_arn.split("/")[1])
    for key in (place.key_arn, place.key_arn.replace("eu-west-1", "us-east-1"), "alias/logs", alias + "-2"):
        with pytest.raises(NoKeyError):
            delivery.use(SENDER, key, "kms:GenerateDataKey")
    elsewhere = place.aws.client("kms", "us-east-1").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(NoKeyError):
        delivery.put(SENDER, BUCKET, "AWSLogs/1", b"", kms_key=elsewhere)


def test_what_was_put_aside_has_its_buckets_and_keys_when_it_is_taken_up(place: Place) -> None:
    place.admit({})
    place.admit_to_key({})
    place.encrypt(place.key_arn)
    saved = place.aws.running.save()
    place.aws.running.reset()
    with pytest.raises(NoBucketError):
        delivery.put(SENDER, BUCKET, "AWSLogs/1", b"")

    place.aws.running.restore(saved)

    delivery.put(SENDER, BUCKET, "AWSLogs/1", b"")
