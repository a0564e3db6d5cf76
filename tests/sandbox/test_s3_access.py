from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import ROLE, Aws, refusal
from tests.sandbox.test_s3 import BUCKET, status

ARN = f"arn:aws:s3:::{BUCKET}"
OBJECT = {"Bucket": BUCKET, "Key": "logs/1"}
PLACE = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*", **elements}


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"Bucket": BUCKET, "Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, **PLACE)
    return client


@pytest.fixture
def member(aws: Aws) -> str:
    aws.found_organization()
    return aws.add_account("log")


def test_another_account_may_what_the_policy_admits(aws: Aws, s3: Any, member: str) -> None:
    theirs = aws.client("s3", account=member)
    s3.put_object(**OBJECT, Body=b"1")
    assert refusal(theirs.get_object, **OBJECT)[0] == "AccessDenied"
    assert refusal(theirs.get_bucket_location, Bucket=BUCKET)[0] == "AccessDenied"
    assert refusal(theirs.head_bucket, Bucket=BUCKET)[0] == "403"
    assert refusal(theirs.head_bucket, Bucket="no-bucket-at-all")[0] == "404"
    assert refusal(theirs.create_bucket, Bucket=BUCKET, **PLACE)[0] == "BucketAlreadyExists"
    assert refusal(s3.create_bucket, Bucket=BUCKET, **PLACE)[0] == "BucketAlreadyOwnedByYou"
    admitted = {"Principal": {"AWS": f"arn:aws:iam::{member}:role/{ROLE}"}}
    s3.put_bucket_policy(
        **policy(
            statement(**admitted, Action="s3:PutObject", Resource=f"{ARN}/theirs/*"),
            statement(**admitted, Action=["s3:ListBucket", "s3:GetBucketPolicy"], Resource=ARN),
        )
    )

    theirs.put_object(Bucket=BUCKET, Key="theirs/1", Body=b"2")
    assert theirs.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 2
    assert refusal(theirs.put_object, **OBJECT, Body=b"2")[0] == "AccessDenied"
    assert refusal(theirs.get_bucket_policy, Bucket=BUCKET)[0] == "MethodNotAllowed"
    assert theirs.list_buckets()["Buckets"] == []
    [own] = s3.list_buckets()["Buckets"]
    assert (own["Name"], own["BucketRegion"]) == (BUCKET, "eu-west-1")


def test_a_denial_holds_for_the_owner_too_but_for_each_object_for_itself(s3: Any) -> None:
    s3.put_object(**OBJECT, Body=b"1")
    s3.put_object(Bucket=BUCKET, Key="other", Body=b"1")
    denied = {"Effect": "Deny", "Resource": f"{ARN}/logs/*", "Action": ["s3:DeleteObject", "s3:GetObject"]}
    s3.put_bucket_policy(**policy(statement(**denied)))

    assert refusal(s3.get_object, **OBJECT)[0] == "AccessDenied"
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "logs/1"}, {"Key": "other"}]})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == ["other"]
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("logs/1", "AccessDenied")]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"Actions": "s3:*"}, "Unknown field"),
        ({"Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/nobody"}}, "Invalid principal"),
        ({"Principal": {"Service": "cloudtrail"}}, "Invalid principal"),
        ({"Resource": "arn:aws:s3:::another-bucket/*"}, "invalid resource"),
        ({"Resource": "*"}, "invalid resource"),
        ({"Action": "kms:Decrypt"}, "invalid action"),
        ({"Resource": ARN}, "Action does not apply"),
        ({"Action": "s3:ListBucket"}, "Action does not apply"),
        ({"Sid": "x" * 20480}, "maximum allowed document size"),
    ],
)
def test_what_is_no_policy_of_the_bucket_is_refused(aws: Aws, s3: Any, wrong: dict[str, Any], why: str) -> None:
    aws.found_organization()

    with pytest.raises(s3.exceptions.ClientError, match=f"MalformedPolicy.*{why}"):
        s3.put_bucket_policy(**policy(statement(Principal={"AWS": MANAGEMENT_ACCOUNT_ID}) | wrong))


def test_a_public_policy_is_blocked_until_it_may_be_public(s3: Any) -> None:
    narrowed = statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    widened = statement(Condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}})
    s3.put_bucket_policy(**policy(narrowed))
    assert not s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"]["IsPublic"]
    for public in (statement(), widened):
        assert refusal(s3.put_bucket_policy, **policy(public))[0] == "AccessDenied"
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={"BlockPublicPolicy": False})

    s3.put_bucket_policy(**policy(statement()))

    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"]["IsPublic"]
    s3.delete_bucket_policy(Bucket=BUCKET)
    assert refusal(s3.get_bucket_policy, Bucket=BUCKET)[0] == "NoSuchBucketPolicy"


def test_a_policy_is_kept_as_it_is_meant_and_not_as_it_is_written(s3: Any) -> None:
    written = statement(Principal={"AWS": [MANAGEMENT_ACCOUNT_ID]}, Action=["s3:GetObject"], Resource=[f"{ARN}/*"])

    s3.put_bucket_policy(**policy(written))

    [kept] = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert kept == statement(Principal={"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:root"})


def test_permissions_are_asked_for_by_their_names_in_iam(aws: Aws, s3: Any) -> None:
    aws.settings.denied = frozenset({"s3:GetEncryptionConfiguration", "s3:PutBucketPublicAccessBlock"})

    assert refusal(s3.get_bucket_encryption, Bucket=BUCKET)[0] == "AccessDenied"
    assert status(s3.delete_public_access_block, Bucket=BUCKET) == 403
    assert s3.get_public_access_block(Bucket=BUCKET)
