"""Amazon S3: moto's, held to what AWS checks before it answers, and to the sandbox's clock.

moto's S3 does not answer through `call_action` as its other services do. So it is wrapped here: the gates of the
sandbox and the policy of the bucket come before it, handlers and checks of the sandbox are asked as for any other
service, and one request is answered after the other, without which no condition on a write would hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler

from sra_bootstrap.sandbox import extension
from sra_bootstrap.sandbox.extension import Answer, Call, Time
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.s3_authorization import authorize

_STATUSES = {"InvalidBucketState": 409, "OperationAborted": 409}
"""Of the codes that moto does not know: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""

_moto_authorizes = S3Response._authenticate_and_authorize_s3_action  # noqa: SLF001 (where all of moto's S3 passes)


def _one_by_one(moto_answers: Callable[..., Answer]) -> Callable[..., Answer]:
    """Answers say when they were given: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html."""

    def answer(response: Any, request: Any, full_url: str, headers: Any) -> Answer:
        with extension.LOCK:
            status, answered, body = moto_answers(response, request, full_url, headers)
            # Over a socket, the server itself says the date of an answer.
            date = {} if response.is_werkzeug_request else {"date": http_date(Time.clock.now())}
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html: "A HEAD request ... has no response body"
        return status, {**answered, **date}, b"" if request.method == "HEAD" and status >= 400 else body

    return answer


def _handled(moto_answers: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler of the sandbox, if there is one for the operation, answer in moto's place."""

    def answer(response: Any, request: Any, full_url: str) -> Any:
        call = _call(response)
        handler = extension._HANDLERS.get(("s3", call.operation))  # noqa: SLF001 (one module in two files)
        try:
            if handler is None:
                return moto_answers(response, request, full_url)
            response._authenticate_and_authorize_s3_action(bucket_name=response.bucket_name)  # noqa: SLF001
            return response.serialized(ActionResult(handler(call, **_sent(response, call)) or {}))
        except AwsFault as fault:
            return _refused(response, fault)
        except NotImplementedError as unknown:
            text = f"The sandbox does not know s3:{call.operation} with {unknown}."
            return _refused(response, AwsFault("SandboxNotImplemented", text))

    return answer


def _authorize(response: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
    """What comes before an operation takes effect; moto calls this once it knows the bucket and the key.

    Raises:
        AwsFault: it is not allowed, or is wrong.
    """
    call = _call(response)
    authorize(call, response, bucket_name, key_name)
    for check in extension._CHECKS.get(("s3", call.operation), []):  # noqa: SLF001 (one module in two files)
        check(call, **_sent(response, call))
    _moto_authorizes(response, bucket_name, key_name)


def _call(response: Any) -> Call:
    operation = response._get_action_from_method_and_request_uri(response.normalized_request)  # noqa: SLF001
    region, partition = response.region, response.partition
    return Call("s3", operation or "", response.current_account, region, partition, response.get_access_key())


def _sent(response: Any, call: Call) -> dict[str, Any]:
    return extension._parameters(response, "s3", call.operation)  # noqa: SLF001 (one module in two files)


def _refused(response: Any, fault: AwsFault) -> Answer:
    status, headers, body = response.serialized(ActionResult(S3ClientError(fault.code, fault.message)))
    return _STATUSES.get(fault.code, status), headers, body


def _permission(bucket: Any, action: str, resource: str) -> Any:
    """What a bucket's policy says was asked before, for the caller and with all conditions."""
    return PermissionResult.NEUTRAL


def _date_of_the_server(handler: Any, timestamp: float | None = None) -> Any:
    return http_date(Time.clock.now() if timestamp is None else timestamp)


WSGIRequestHandler.date_time_string = _date_of_the_server
S3Response.bucket_response = _one_by_one(S3Response.bucket_response)
S3Response.key_response = _one_by_one(S3Response.key_response)
S3Response._bucket_response = _handled(S3Response._bucket_response)  # noqa: SLF001 (moto has no public way)
S3Response._key_response = _handled(S3Response._key_response)  # noqa: SLF001
S3Response._authenticate_and_authorize_s3_action = _authorize  # noqa: SLF001
FakeBucket.get_permission = _permission
