from __future__ import annotations

from typing import Any

import pytest

from sra_bootstrap.sandbox.injection import Faults, Kind
from tests.sandbox.conftest import Aws
from tests.sandbox.injection import at, outcome, written

BUCKET = {"Bucket": "sra-lock-123456789012"}
LOCK = {**BUCKET, "Key": "lock", "Body": b"mine"}


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws.client("s3")
    client.create_bucket(**BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Kind.THROTTLED, ("SlowDown", 503)),
        (Kind.INTERNAL, ("InternalError", 500)),
        (Kind.UNAVAILABLE, ("ServiceUnavailable", 503)),
        (Kind.CONFLICT, ("ConditionalRequestConflict", 409)),
        (Kind.RESET, ("ConnectionClosedError", 0)),
    ],
)
def test_a_write_that_failed_before_it_took_effect_can_be_made_again(
    aws: Aws, s3: Any, kind: Kind, answer: tuple[str, int]
) -> None:
    aws.settings.faults = at(kind, "s3:PutObject")

    assert outcome(s3.put_object, **LOCK, IfNoneMatch="*") == answer
    assert outcome(s3.put_object, **LOCK, IfNoneMatch="*") == ("", 200)
    assert written(aws) == ["s3:CreateBucket", "s3:PutObject"]
    assert aws.running.injected() == {kind: 1}


def test_a_condition_finds_what_was_written_although_its_answer_was_lost(aws: Aws, s3: Any) -> None:
    aws.settings.faults = at(Kind.RESET, "s3:PutObject", after=True)

    assert outcome(s3.put_object, **LOCK, IfNoneMatch="*")[1] == 0
    assert outcome(s3.put_object, **LOCK, IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert s3.get_object(**BUCKET, Key="lock")["Body"].read() == b"mine"


def test_a_write_without_a_condition_is_in_nobodys_way(aws: Aws, s3: Any) -> None:
    aws.settings.faults = at(Kind.CONFLICT, "s3:PutObject")

    assert outcome(s3.put_object, **LOCK) == ("", 200)


def test_reads_of_s3_do_not_lag(aws: Aws, s3: Any) -> None:
    aws.settings.faults = Faults(rate=1, kinds=frozenset({Kind.STALE}))
    assert outcome(s3.get_object, **BUCKET, Key="lock") == ("NoSuchKey", 404)
    s3.put_object(**LOCK)

    assert outcome(s3.get_object, **BUCKET, Key="lock") == ("", 200)


def test_credentials_expire_for_s3_under_its_own_code(aws: Aws, s3: Any) -> None:
    aws.found_organization()
    theirs = aws.client("s3", account=aws.add_account("log"))
    aws.settings.faults = at(Kind.EXPIRED, "s3:CreateBucket", 2)
    more = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}

    assert outcome(theirs.create_bucket, Bucket="log-one", **more) == ("", 200)
    assert outcome(theirs.create_bucket, Bucket="log-two", **more)[0] == "ExpiredToken"
