"""Amazon S3: moto's, held to what AWS checks before it answers, and to the sandbox's clock.

moto's S3 does not answer through `call_action` as its other services do. So it is wrapped here: the gates of the
sandbox come before it too, and one request is answered after the other, without which no condition on a write would
hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from moto.iam.access_control import IAMPolicy
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, FakeKey, s3_backends
from moto.s3.responses import S3Response
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler

from sra_bootstrap.sandbox import extension
from sra_bootstrap.sandbox.extension import Call, Time
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment

_INSECURE = {"Bool": {"aws:SecureTransport": "false"}}

_moto_authorizes = S3Response._authenticate_and_authorize_s3_action  # noqa: SLF001 (where all of moto's S3 passes)
_moto_makes_a_key = FakeKey.__init__


def _one_by_one(moto_answers: Callable[..., Any]) -> Callable[..., Any]:
    """Answers say when they were given: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html."""

    def answer(response: Any, request: Any, full_url: str, headers: Any) -> Any:
        with extension.LOCK:
            status, answered, body = moto_answers(response, request, full_url, headers)
            # Over a socket, the server itself says the date of an answer.
            date = {} if response.is_werkzeug_request else {"date": http_date(Time.clock.now())}
        return status, {**answered, **date}, body

    return answer


def _authorize(response: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
    """What AWS checks before it does anything; moto calls this once it knows which IAM action is asked for.

    Raises:
        S3ClientError: it does not allow it.
    """
    action = response.data.get("Action", "")
    region, partition = response.region, response.partition
    call = Call("s3", action, response.current_account, region, partition, response.get_access_key())
    try:
        _admit(call)
        if response.headers.get("If-Match", "*") != "*":
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html, and as to writes
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
            _admit(replace(call, operation="GetObject"))
        _check_owner(bucket_name, response.headers.get("x-amz-expected-bucket-owner"))
        if action == "GetObject" and _is_missing(response, bucket_name, key_name):
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: 403 without ListBucket, 404 with it.
            _admit(replace(call, operation="ListBucket"))
    except AwsFault as fault:
        raise S3ClientError(fault.code, fault.message) from fault
    _moto_authorizes(response, bucket_name, key_name)


def _admit(call: Call) -> None:
    for admit in extension._GATES:  # noqa: SLF001
        admit(call)


def _check_owner(bucket_name: str | None, expected: str | None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html."""
    _, owner = s3_backends.bucket_accounts.get(bucket_name, ("", expected))
    if expected is not None and owner != expected:
        raise AwsFault("AccessDenied", "Access Denied")


def _is_missing(response: Any, bucket_name: str | None, key_name: str | None) -> bool:
    there = bucket_name in s3_backends.bucket_accounts
    return there and key_name is not None and response.backend.get_object(bucket_name, key_name) is None


def _permission(bucket: Any, action: str, resource: str) -> Any:
    """What a bucket's policy says of an action.

    moto knows no condition on the transport, and takes whatever it forbids for forbidden. A sandbox that is served
    speaks no TLS, and stands for an AWS that does.
    """
    policy: dict[str, Any] = {"Statement": []} if bucket.policy is None else json.loads(bucket.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    kept = [statement for statement in statements if statement.get("Condition") != _INSECURE]
    return IAMPolicy(json.dumps({**policy, "Statement": kept})).is_action_permitted(action, resource)


def _date_of_the_server(handler: Any, timestamp: float | None = None) -> Any:
    return http_date(Time.clock.now() if timestamp is None else timestamp)


def _make_key(key: Any, *parameters: Any, **more: Any) -> None:
    _moto_makes_a_key(key, *parameters, **more)
    key.last_modified = moment()


WSGIRequestHandler.date_time_string = _date_of_the_server
S3Response.bucket_response = _one_by_one(S3Response.bucket_response)
S3Response.key_response = _one_by_one(S3Response.key_response)
S3Response._authenticate_and_authorize_s3_action = _authorize  # noqa: SLF001
FakeBucket.get_permission = _permission
FakeKey.__init__ = _make_key
