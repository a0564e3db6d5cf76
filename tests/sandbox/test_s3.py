from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

BUCKET = "a-bucket-of-ours"
OBJECT = {"Bucket": BUCKET, "Key": "lock"}


@pytest.fixture
def s3(aws: Aws) -> Any:
    """S3, with a bucket in it."""
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def status(call: Any, **parameters: Any) -> int:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return int(raised.value.response["ResponseMetadata"]["HTTPStatusCode"])


def test_of_many_writers_at_once_one_finds_the_object_missing(aws: Aws, s3: Any) -> None:
    def write(_: int) -> str:
        try:
            s3.put_object(**OBJECT, Body=b"", IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "written"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(16)))

    assert sorted(answers) == ["PreconditionFailed"] * 15 + ["written"]


def test_a_write_on_a_condition_that_does_not_hold_is_answered_412(s3: Any) -> None:
    etag = s3.put_object(**OBJECT, Body=b"1", IfNoneMatch="*")["ETag"]
    s3.put_object(**OBJECT, Body=b"2", IfMatch=etag)

    assert status(s3.put_object, **OBJECT, Body=b"3", IfMatch=etag) == 412
    assert status(s3.put_object, **OBJECT, Body=b"3", IfNoneMatch="*") == 412
    assert status(s3.delete_object, **OBJECT, IfMatch=etag) == 412
    assert s3.get_object(**OBJECT)["Body"].read() == b"2"


def test_an_object_is_dated_by_the_clock_of_the_sandbox(aws: Aws, s3: Any) -> None:
    aws.clock.wait(86400)
    written = aws.clock.now()
    s3.put_object(**OBJECT, Body=b"")
    aws.clock.wait(1000)
    answer = s3.get_object(**OBJECT)

    assert answer["LastModified"].timestamp() == pytest.approx(written, abs=1)
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert now.timestamp() == pytest.approx(written + 1000, abs=1)


def test_a_bucket_of_another_owner_than_was_expected_is_denied(s3: Any) -> None:
    expected, other = {"ExpectedBucketOwner": MANAGEMENT_ACCOUNT_ID}, {"ExpectedBucketOwner": "999999999999"}
    s3.put_object(**OBJECT, **expected, Body=b"")

    assert refusal(s3.put_object, **OBJECT, **other, Body=b"")[0] == "AccessDenied"
    assert refusal(s3.get_object, **OBJECT, **other)[0] == "AccessDenied"
    assert status(s3.delete_object, **OBJECT, **other) == 403
    assert status(s3.head_bucket, Bucket=BUCKET, **other) == 403
    assert refusal(s3.get_object, Bucket="no-such-bucket", Key="lock", **other)[0] == "NoSuchBucket"


def test_a_name_in_the_namespace_of_an_account_is_only_for_that_account(s3: Any) -> None:
    place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}, "BucketNamespace": "account-regional"}

    s3.create_bucket(Bucket=f"ours-{MANAGEMENT_ACCOUNT_ID}-eu-west-1-an", **place)

    assert refusal(s3.create_bucket, Bucket="theirs-999999999999-eu-west-1-an", **place)[0] == "InvalidNamespaceHeader"


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:GetObject"])
def test_a_write_on_an_etag_takes_the_permission_to_read(aws: Aws, s3: Any, action: str) -> None:
    etag = s3.put_object(**OBJECT, Body=b"1")["ETag"]
    aws.settings.denied = frozenset({action})

    assert refusal(s3.put_object, **OBJECT, Body=b"2", IfMatch=etag)[0] == "AccessDenied"


def test_what_is_missing_is_denied_to_whoever_may_not_list_the_bucket(aws: Aws, s3: Any) -> None:
    assert refusal(s3.get_object, **OBJECT)[0] == "NoSuchKey"
    aws.settings.denied = frozenset({"s3:ListBucket"})
    assert refusal(s3.get_object, **OBJECT)[0] == "AccessDenied"


def test_credentials_expire_for_s3_too(aws: Aws, s3: Any) -> None:
    aws.found_organization()
    account_id = aws.add_account("log")
    member = aws.client_with(aws.assume(f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole", 900), "s3")
    member.list_buckets()
    aws.clock.wait(901)

    assert refusal(member.list_buckets)[0] == "ExpiredToken"


def test_a_bucket_for_tls_only_can_be_used_and_one_that_denies_all_cannot(s3: Any) -> None:
    deny: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    tls_only = deny | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
    s3.put_object(**OBJECT, Body=b"")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": deny}))

    assert status(s3.put_object, **OBJECT, Body=b"") == 403
