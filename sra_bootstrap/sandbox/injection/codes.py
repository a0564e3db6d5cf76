"""Under which code each service tells of its troubles."""

from __future__ import annotations

from collections.abc import Sequence

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.utils import get_service_model

from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.injection.plan import Kind

_MODELLED = {
    Kind.THROTTLED: ("TooManyRequestsException", "ThrottlingException", "Throttling"),
    Kind.INTERNAL: (
        *("ServiceException", "InternalServerErrorException", "InternalServerException", "InternalException"),
        *("InternalErrorException", "ServiceFailure"),
    ),
    Kind.UNAVAILABLE: ("ServiceUnavailableException", "ServiceUnavailable"),
}
_COMMON = {
    Kind.THROTTLED: "ThrottlingException",
    Kind.INTERNAL: "InternalFailure",
    Kind.UNAVAILABLE: "ServiceUnavailable",
}
"""Where the model has none: https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html."""
_QUERY_THROTTLING = "Throttling"
"""What STS and IAM answer: https://github.com/jlevers/selling-partner-api/issues/278 and
https://github.com/legion-platform/legion/issues/807."""
_GATEWAYS = frozenset({"guardduty", "macie2"})
"""The services whose front answers TooManyRequestsException, "Too Many Requests", status 429.

For Macie: https://github.com/aws-samples/aws-secure-environment-accelerator/issues/1023. GuardDuty, whose model has no
throttling either, is built alike.
"""
_S3 = {
    Kind.THROTTLED: ("SlowDown", "Please reduce your request rate.", 503),
    Kind.INTERNAL: ("InternalError", "We encountered an internal error. Please try again.", 500),
    Kind.UNAVAILABLE: ("ServiceUnavailable", "Service is unable to handle request.", 503),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    Kind.CONFLICT: (
        "ConditionalRequestConflict",
        "The conditional request cannot succeed due to a conflicting operation against this resource.",
        409,
    ),
}
"""https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList."""
_STATUS = {Kind.INTERNAL: 500, Kind.UNAVAILABLE: 503}
_TEXT = {
    Kind.THROTTLED: "Rate exceeded",
    Kind.INTERNAL: "The request processing has failed because of an unknown error, exception or failure.",
    Kind.UNAVAILABLE: "The request has failed due to a temporary failure of the server.",
}
_ORGANIZATIONS_TEXT = {
    # https://github.com/aws/aws-sdk-js/issues/2135, which also has the status: 400.
    Kind.THROTTLED: (
        "AWS Organizations can't complete your request because another request is already in progress. Try again later."
    ),
    Kind.INTERNAL: "AWS Organizations can't complete your request because of an internal error. Try again later.",
    # https://github.com/hashicorp/terraform-provider-aws/issues/5073
    Kind.CONFLICT: (
        "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same "
        "entity. Try again later."
    ),
}

# These are in the models of some services only, and moto would warn of each where they are not.
COMMON_ERROR_CODES += [*_COMMON.values(), _QUERY_THROTTLING, "TooManyRequestsException"]


def error_of(call: Call, kind: Kind) -> tuple[AwsFault, int | None]:
    """What a service answers in a kind of trouble, and with which status; None is the model's own."""
    if call.service == "s3":
        code, message, status = _S3[kind]
        return AwsFault(code, message), status
    text = _ORGANIZATIONS_TEXT.get(kind) if call.service == "organizations" else None
    if kind is Kind.CONFLICT:
        return AwsFault("ConcurrentModificationException", text or ""), None
    if kind is Kind.THROTTLED and call.service in _GATEWAYS:
        return AwsFault("TooManyRequestsException", "Too Many Requests"), 429
    model = get_service_model(call.service)
    common = _COMMON[kind]
    if kind is Kind.THROTTLED and model.metadata["protocol"] == "query":
        common = _QUERY_THROTTLING
    code = _modelled(call, _MODELLED[kind]) or common
    return AwsFault(code, text or _TEXT[kind]), _STATUS.get(kind)


def _modelled(call: Call, codes: Sequence[str]) -> str | None:
    """The first of the codes that the operation's model has, or the service's."""
    model = get_service_model(call.service)
    if call.operation not in model.operation_names:
        return None
    for shapes in (model.operation_model(call.operation).error_shapes, model.error_shapes):
        known = {str(shape.error_code) for shape in shapes}
        for code in codes:
            if code in known:
                return code
    return None
