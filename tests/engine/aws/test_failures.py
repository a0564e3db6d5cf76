from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)

from sra_bootstrap.aws.failures import FAILURES, Kind, code_of, kind_of, reason_of, remedy_of

URL = "https://organizations.us-east-1.amazonaws.com"


def failure(code: str, message: str = "AWS says so.", request_id: str = "", **members: Any) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": request_id},
        **members,
    }
    return ClientError(answer, "CreateAccount")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TooManyRequestsException", Kind.THROTTLED),
        ("ThrottlingException", Kind.THROTTLED),
        ("RequestLimitExceeded", Kind.THROTTLED),
        ("SlowDown", Kind.THROTTLED),
        ("ConcurrentModificationException", Kind.CONFLICT),
        ("OperationAborted", Kind.CONFLICT),
        ("FinalizingOrganizationException", Kind.FINALIZING),
        ("ServiceException", Kind.UNAVAILABLE),
        ("InternalServerErrorException", Kind.UNAVAILABLE),
        ("ServiceUnavailable", Kind.UNAVAILABLE),
        ("500", Kind.UNAVAILABLE),
        ("503", Kind.UNAVAILABLE),
        ("ExpiredToken", Kind.EXPIRED),
        ("ExpiredTokenException", Kind.EXPIRED),
        ("RequestExpired", Kind.EXPIRED),
        ("InvalidClientTokenId", Kind.UNKNOWN_CALLER),
        ("UnrecognizedClientException", Kind.UNKNOWN_CALLER),
        ("AuthFailure", Kind.UNKNOWN_CALLER),
        ("SignatureDoesNotMatch", Kind.UNKNOWN_CALLER),
        ("AccessDenied", Kind.DENIED),
        ("AccessDeniedException", Kind.DENIED),
        ("UnauthorizedOperation", Kind.DENIED),
        ("LimitExceededException", Kind.QUOTA),
        ("ServiceQuotaExceededException", Kind.QUOTA),
        ("DuplicateAccountException", Kind.ALREADY),
        ("DuplicateOrganizationalUnitException", Kind.ALREADY),
        ("AlreadyInOrganizationException", Kind.ALREADY),
        ("PolicyTypeAlreadyEnabledException", Kind.ALREADY),
        ("EntityAlreadyExists", Kind.ALREADY),
        ("AccountNotFoundException", Kind.ABSENT),
        ("NoSuchBucket", Kind.ABSENT),
        ("AccountNotRegisteredException", Kind.ABSENT),
        ("AWSOrganizationsNotInUseException", Kind.ABSENT),
        ("BadRequestException", Kind.INVALID),
        ("ValidationException", Kind.INVALID),
        ("ConstraintViolationException", Kind.INVALID),
        ("SomethingThatNobodyHasEverSeen", Kind.INVALID),
    ],
)
def test_an_answer_means_what_its_code_says(code: str, kind: Kind) -> None:
    assert kind_of(failure(code)) is kind
    assert code_of(failure(code)) == code


def test_a_policy_type_that_is_disabled_already_is_absent() -> None:
    assert kind_of(failure("PolicyTypeNotEnabledException")) is Kind.ABSENT


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", Kind.THROTTLED),
        ("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED", Kind.THROTTLED),
        ("ACCOUNT_CREATION_NOT_COMPLETE", Kind.CONFLICT),
        ("ACCOUNT_NUMBER_LIMIT_EXCEEDED", Kind.QUOTA),
        ("OU_DEPTH_LIMIT_EXCEEDED", Kind.QUOTA),
        ("WAIT_PERIOD_ACTIVE", Kind.INVALID),
    ],
)
def test_the_reason_of_a_violation_says_more_than_its_code(reason: str, kind: Kind) -> None:
    assert kind_of(failure("ConstraintViolationException", Reason=reason)) is kind


def test_a_reason_that_says_nothing_of_limits_leaves_it_to_the_code() -> None:
    assert kind_of(failure("AccessDeniedException", Reason="SOMETHING")) is Kind.DENIED


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL),
        ConnectTimeoutError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
        ProxyConnectionError(proxy_url=URL),
        SSLError(endpoint_url=URL, error=OSError("broken")),
        HTTPClientError(error="broken"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_at_all_is_unavailable(error: BotoCoreError) -> None:
    assert kind_of(error) is Kind.UNAVAILABLE
    assert code_of(error) == type(error).__name__
    assert remedy_of(error).startswith("AWS did not answer as it should.")


def test_to_have_no_credentials_is_to_be_unknown() -> None:
    assert kind_of(NoCredentialsError()) is Kind.UNKNOWN_CALLER


@pytest.mark.parametrize("error", [ParamValidationError(report="broken"), ValueError("broken")])
def test_whatever_else_is_raised_is_invalid(error: Exception) -> None:
    assert kind_of(error) is Kind.INVALID
    assert remedy_of(error) == ""


def test_what_a_call_may_raise_is_caught_by_one_name() -> None:
    assert isinstance(failure("AccessDenied"), FAILURES)
    assert isinstance(ReadTimeoutError(endpoint_url=URL), FAILURES)
    assert isinstance(NoCredentialsError(), FAILURES)
    assert not isinstance(ValueError("broken"), FAILURES)


def test_an_answer_is_told_with_its_operation_its_code_its_reason_and_its_request_id() -> None:
    error = failure("ConstraintViolationException", "Too many.", "req-1", Reason="ACCOUNT_NUMBER_LIMIT_EXCEEDED")

    assert reason_of(error) == (
        "CreateAccount: ConstraintViolationException (ACCOUNT_NUMBER_LIMIT_EXCEEDED): Too many. [request req-1]"
    )


def test_an_answer_without_a_reason_a_message_or_a_request_id_is_told_without() -> None:
    answer: Any = {"Error": {"Code": "503"}}

    assert reason_of(failure("AccessDenied", "No.")) == "CreateAccount: AccessDenied: No."
    assert reason_of(ClientError(answer, "ListAccounts")) == "ListAccounts: 503: "


def test_an_error_without_an_answer_is_told_by_its_class() -> None:
    assert (
        reason_of(ConnectTimeoutError(endpoint_url=URL))
        == f'ConnectTimeoutError: Connect timeout on endpoint URL: "{URL}"'
    )


@pytest.mark.parametrize(
    ("code", "remedy"),
    [("ExpiredToken", "Sign in again"), ("AccessDenied", "Allow the caller"), ("LimitExceededException", "quota")],
)
def test_where_a_person_can_help_the_remedy_says_how(code: str, remedy: str) -> None:
    assert remedy in remedy_of(failure(code))
