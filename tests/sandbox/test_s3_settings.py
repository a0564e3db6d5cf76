from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal
from tests.sandbox.test_s3 import BUCKET, status

OBJECT = {"Bucket": BUCKET, "Key": "logs/1"}
PLACE = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
DEFAULT = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
KEY = f"arn:aws:kms:eu-west-1:{MANAGEMENT_ACCOUNT_ID}:key/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, **PLACE)
    return client


def test_a_new_bucket_is_private_and_encrypted_and_has_no_acls(s3: Any) -> None:
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    [ownership] = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]

    assert set(block.values()) == {True}
    assert ownership["ObjectOwnership"] == "BucketOwnerEnforced"
    assert s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"] == [DEFAULT]
    assert refusal(s3.put_bucket_acl, Bucket=BUCKET, ACL="private")[0] == "AccessControlListNotSupported"
    assert refusal(s3.put_object, **OBJECT, Body=b"", ACL="public-read")[0] == "AccessControlListNotSupported"
    s3.put_object(**OBJECT, Body=b"", ACL="bucket-owner-full-control")
    refused = refusal(s3.create_bucket, Bucket="with-an-acl", ACL="public-read", **PLACE)
    assert refused[0] == "InvalidBucketAclWithObjectOwnership"
    assert refusal(s3.create_bucket, Bucket="a..name", **PLACE)[0] == "InvalidBucketName"


def test_the_default_encryption_is_kept_whole(s3: Any) -> None:
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
        "BucketKeyEnabled": True,
    }

    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})

    assert s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    s3.delete_bucket_encryption(Bucket=BUCKET)
    assert s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"] == [DEFAULT]


def locked(mode: str = "GOVERNANCE", **period: int) -> dict[str, Any]:
    rule = {"Rule": {"DefaultRetention": {"Mode": mode, **period}}} if period else {}
    return {"Bucket": BUCKET, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **rule}}


def test_a_bucket_that_is_there_can_be_locked_once_it_is_versioned(s3: Any) -> None:
    suspended = {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Suspended"}}
    s3.put_object(**OBJECT, Body=b"")
    assert refusal(s3.get_object_lock_configuration, Bucket=BUCKET)[0] == "ObjectLockConfigurationNotFoundError"
    assert refusal(s3.put_object_lock_configuration, **locked(Days=1))[0] == "InvalidBucketState"
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    assert refusal(s3.put_object_lock_configuration, **locked(Days=1, Years=1))[0] == "MalformedXML"
    assert refusal(s3.put_object_lock_configuration, **locked(Days=36501))[0] == "InvalidArgument"

    s3.put_object_lock_configuration(**locked(Days=2))

    found = s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]
    assert found == locked(Days=2)["ObjectLockConfiguration"]
    assert status(s3.put_bucket_versioning, **suspended) == 409
    s3.put_object_lock_configuration(**locked())
    assert "Rule" not in s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]


@pytest.mark.parametrize(("mode", "bypassed"), [("GOVERNANCE", True), ("COMPLIANCE", False)])
def test_a_locked_version_stays_until_its_time_has_passed(aws: Aws, s3: Any, mode: str, bypassed: bool) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(**locked(mode, Days=2))
    versions = [{"VersionId": s3.put_object(**OBJECT, Body=body)["VersionId"]} for body in (b"1", b"2")]
    shorter = {"Mode": mode, "RetainUntilDate": aws.clock.now() + 3600}

    assert refusal(s3.delete_object, **OBJECT, **versions[0])[0] == "AccessDenied"
    assert refusal(s3.put_object_retention, **OBJECT, **versions[0], Retention=shorter)[0] == "AccessDenied"
    [error] = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "logs/1", **versions[0]}]})["Errors"]
    assert error["Code"] == "AccessDenied"
    if bypassed:
        s3.delete_object(**OBJECT, **versions[0], BypassGovernanceRetention=True)
        aws.settings.denied = frozenset({"s3:BypassGovernanceRetention"})
    assert refusal(s3.delete_object, **OBJECT, **versions[1], BypassGovernanceRetention=True)[0] == "AccessDenied"
    aws.clock.wait(2 * 86400)
    s3.delete_object(**OBJECT, **versions[1])


def lifecycle(**rule: Any) -> dict[str, Any]:
    given = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}
    return {"Bucket": BUCKET, "LifecycleConfiguration": {"Rules": [given]}}


def test_a_lifecycle_is_kept_whole(s3: Any) -> None:
    wanted = lifecycle(
        Filter={"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 1, "Tags": [{"Key": "a", "Value": "b"}]}},
        Expiration={"Days": 2555},
        Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
        NoncurrentVersionTransitions=[
            {"NoncurrentDays": 30, "StorageClass": "GLACIER_IR", "NewerNoncurrentVersions": 2}
        ],
        NoncurrentVersionExpiration={"NoncurrentDays": 90, "NewerNoncurrentVersions": 3},
        AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7},
    )

    s3.put_bucket_lifecycle_configuration(**wanted)

    found = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)
    assert found["Rules"] == wanted["LifecycleConfiguration"]["Rules"]
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    s3.delete_bucket_lifecycle(Bucket=BUCKET)
    assert refusal(s3.get_bucket_lifecycle_configuration, Bucket=BUCKET)[0] == "NoSuchLifecycleConfiguration"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({}, "InvalidRequest"),
        ({"Status": "On", "Expiration": {"Days": 1}}, "MalformedXML"),
        ({"Prefix": "", "Expiration": {"Days": 1}}, "MalformedXML"),
        ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML"),
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
        ({"Transitions": [{"Days": 9, "StorageClass": "GLACIER"}], "Expiration": {"Days": 9}}, "InvalidArgument"),
        (
            {
                "Transitions": [
                    {"Days": 90, "StorageClass": "STANDARD_IA"},
                    {"Days": 90, "StorageClass": "DEEP_ARCHIVE"},
                ]
            },
            "InvalidArgument",
        ),
    ],
)
def test_a_lifecycle_that_cannot_be_is_refused(s3: Any, rule: dict[str, Any], code: str) -> None:
    assert refusal(s3.put_bucket_lifecycle_configuration, **lifecycle(**rule))[0] == code


def test_access_is_logged_where_the_logging_service_may_write(aws: Aws, s3: Any) -> None:
    target, elsewhere = "logs-of-access", "logs-elsewhere"
    wanted = {"TargetBucket": target, "TargetPrefix": "of/"}
    enabled = {"Bucket": BUCKET, "BucketLoggingStatus": {"LoggingEnabled": wanted}}
    assert refusal(s3.put_bucket_logging, **enabled)[0] == "InvalidTargetBucketForLogging"
    s3.create_bucket(Bucket=target, **PLACE)
    aws.client("s3", "us-east-1").create_bucket(Bucket=elsewhere)
    assert refusal(s3.put_bucket_logging, **enabled)[0] == "InvalidTargetBucketForLogging"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{target}/of/*"],
        "Condition": {
            "ArnLike": {"aws:SourceArn": [f"arn:aws:s3:::{BUCKET}"]},
            "StringEquals": {"aws:SourceAccount": MANAGEMENT_ACCOUNT_ID},
        },
    }
    s3.put_bucket_policy(Bucket=target, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))

    s3.put_bucket_logging(**enabled)

    assert s3.get_bucket_logging(Bucket=BUCKET)["LoggingEnabled"] == wanted
    far = {"Bucket": BUCKET, "BucketLoggingStatus": {"LoggingEnabled": {**wanted, "TargetBucket": elsewhere}}}
    assert refusal(s3.put_bucket_logging, **far)[0] == "CrossLocationLoggingProhibited"
    s3.put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=BUCKET)
