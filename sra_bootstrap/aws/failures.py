"""What an error of AWS means, by its code; and what a person is told of it.

The codes come from the services' models in botocore and from
https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html. What an error that a service answers
*for a while* means is declared by the step of that service: `Step.not_yet`.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any

import botocore.exceptions
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

FAILURES = (ClientError, BotoCoreError, ResponseParserError)
"""What a call to AWS may raise."""


class Kind(Enum):
    """What an error means for whoever made the call. How each is reacted to is in `retry`."""

    THROTTLED = auto()
    CONFLICT = auto()
    FINALIZING = auto()
    UNAVAILABLE = auto()
    NOT_YET = auto()
    EXPIRED = auto()
    UNKNOWN_CALLER = auto()
    DENIED = auto()
    ALREADY = auto()
    ABSENT = auto()
    QUOTA = auto()
    INVALID = auto()


_CODES = {
    Kind.THROTTLED: {
        *("Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"),
        *("RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown", "EC2ThrottledException"),
        # The SDK gives the HTTP status for a code where the answer carries none, as a load balancer's does.
        "429",
    },
    Kind.CONFLICT: {"ConcurrentModificationException", "OperationAborted", "PolicyChangesInProgressException"},
    Kind.FINALIZING: {"FinalizingOrganizationException"},
    Kind.UNAVAILABLE: {
        *("ServiceException", "ServiceUnavailable", "ServiceUnavailableException", "ServiceFailure"),
        *("InternalError", "InternalErrorException", "InternalException", "InternalFailure"),
        *("InternalServerError", "InternalServerErrorException", "InternalServerException"),
        *("RequestTimeout", "RequestTimeoutException"),
        *("500", "502", "503", "504"),
    },
    Kind.EXPIRED: {"ExpiredToken", "ExpiredTokenException", "RequestExpired"},
    Kind.UNKNOWN_CALLER: {
        *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken", "InvalidAccessKeyId"),
        *("AuthFailure", "SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignatureException"),
        *("OptInRequired", "SubscriptionRequiredException"),
    },
    Kind.DENIED: {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"},
    Kind.QUOTA: {"LimitExceeded", "LimitExceededException", "ServiceQuotaExceededException"},
}
_KINDS = {code: kind for kind, codes in _CODES.items() for code in codes}
_PATTERNS = {
    Kind.ALREADY: re.compile(r"Already|^Duplicate"),
    Kind.ABSENT: re.compile(r"NotFound|^NoSuch|NotRegistered|NotEnabled|NotInUse"),
}
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_ConstraintViolationException.html
_REASONS = {
    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED": Kind.THROTTLED,
    "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED": Kind.THROTTLED,
    "ACCOUNT_CREATION_NOT_COMPLETE": Kind.CONFLICT,
}
_REMEDIES = {
    Kind.THROTTLED: "AWS throttled this for longer than the tool waits. Run it again, with less --parallelism.",
    Kind.CONFLICT: "Somebody else is changing the same. Run it again when they have finished.",
    Kind.FINALIZING: "The organization is new, and AWS has not finished it. Run it again in an hour.",
    Kind.UNAVAILABLE: "AWS did not answer as it should. See https://health.aws.amazon.com, and run it again.",
    Kind.NOT_YET: "AWS has not taken over an earlier change for longer than the tool waits. Run it again in a while.",
    Kind.EXPIRED: "The credentials have expired. Sign in again, and run it again.",
    Kind.UNKNOWN_CALLER: "Check that the credentials are right, and that the region is enabled in the account.",
    Kind.DENIED: "Allow the caller this action, and look for a service control policy that denies it.",
    Kind.QUOTA: "Ask for a higher quota: https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html",
}


def code_of(error: BaseException) -> str:
    """The code of an error of AWS; the name of its class where AWS has not answered."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__


def kind_of(error: BaseException) -> Kind:
    """What an error means, whenever it comes; `Kind.NOT_YET` depends on the time and is never the answer."""
    if isinstance(error, botocore.exceptions.ConnectionError | HTTPClientError | ResponseParserError):
        return Kind.UNAVAILABLE
    if isinstance(error, NoCredentialsError):
        return Kind.UNKNOWN_CALLER
    if isinstance(error, SSOError | TokenRetrievalError | CredentialRetrievalError):
        return Kind.EXPIRED
    return _kind_of_answer(error) if isinstance(error, ClientError) else Kind.INVALID


def _kind_of_answer(error: ClientError) -> Kind:
    reason = _answer(error).get("Reason", "")
    if reason in _REASONS:
        return _REASONS[reason]
    if reason.endswith("LIMIT_EXCEEDED"):
        return Kind.QUOTA
    code = code_of(error)
    patterns = (kind for kind, pattern in _PATTERNS.items() if pattern.search(code))
    return _KINDS.get(code) or next(patterns, Kind.INVALID)


def _answer(error: ClientError) -> Any:
    """The whole answer: an error may have members of its own, such as the `Reason` of Organizations."""
    return error.response


def request_id_of(answer: Any) -> str:
    """AWS's name for a request, out of its answer; empty where there is none."""
    return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))


def reason_of(error: BaseException) -> str:
    """One sentence for a person: which call AWS answered how, and under which request id."""
    if not isinstance(error, ClientError):
        return f"{type(error).__name__}: {error}"
    answer = _answer(error)
    reason = f" ({answer['Reason']})" if "Reason" in answer else ""
    request_id = request_id_of(answer)
    request = f" [request {request_id}]" if request_id else ""
    return f"{error.operation_name}: {code_of(error)}{reason}: {answer['Error'].get('Message', '')}{request}"


def remedy_of(error: BaseException) -> str:
    """What a person can do about an error; empty where only the message itself can tell."""
    return _REMEDIES.get(kind_of(error), "")
