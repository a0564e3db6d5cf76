"""Amazon Security Lake: what it could not do, and who is told of it."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.securitylake import absent, bad_request, existing, listed, readable


@operation("securitylake", "ListDataLakeExceptions")
def list_data_lake_exceptions(
    call: Call, regions: list[str] | None = None, maxResults: int | None = None, nextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_ListDataLakeExceptions.html.

    A lake that failed is one; the texts are guessed.
    """
    failed = [
        {
            "exception": "CreateDataLakeFailed",
            "region": lake.region,
            "remediation": "Delete_the_Glue_database_that_was_left",
        }
        for lake in readable(call).regions.values()
        if lake.status == "FAILED" and (not regions or lake.region in regions)
    ]
    return listed("exceptions", failed, maxResults, nextToken)


@operation("securitylake", "CreateDataLakeExceptionSubscription")
def create_data_lake_exception_subscription(
    call: Call, notificationEndpoint: str, subscriptionProtocol: str, exceptionTimeToLive: int | None = None
) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateDataLakeExceptionSubscription.html.

    Raises:
        AwsFault: there is one already; which error that is, is guessed.
    """
    lake = existing(call)
    if lake.exceptions is not None:
        raise bad_request("There is a subscription already.")
    lake.exceptions = _subscription(notificationEndpoint, subscriptionProtocol, exceptionTimeToLive)


def _subscription(endpoint: str, protocol: str, seconds: int | None) -> dict[str, Any]:
    kept: dict[str, Any] = {"notificationEndpoint": endpoint, "subscriptionProtocol": protocol}
    return kept if seconds is None else {**kept, "exceptionTimeToLive": seconds}


@operation("securitylake", "UpdateDataLakeExceptionSubscription")
def update_data_lake_exception_subscription(
    call: Call, notificationEndpoint: str, subscriptionProtocol: str, exceptionTimeToLive: int | None = None
) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UpdateDataLakeExceptionSubscription.html.

    Raises:
        AwsFault: there is none.
    """
    lake = existing(call)
    if lake.exceptions is None:
        raise absent("subscription")
    lake.exceptions = _subscription(notificationEndpoint, subscriptionProtocol, exceptionTimeToLive)


@operation("securitylake", "GetDataLakeExceptionSubscription")
def get_data_lake_exception_subscription(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_GetDataLakeExceptionSubscription.html.

    Raises:
        AwsFault: there is none.
    """
    exceptions = readable(call).exceptions
    if exceptions is None:
        raise absent("subscription")
    return exceptions


@operation("securitylake", "DeleteDataLakeExceptionSubscription")
def delete_data_lake_exception_subscription(call: Call) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteDataLakeExceptionSubscription.html.

    Raises:
        AwsFault: there is none.
    """
    lake = existing(call)
    if lake.exceptions is None:
        raise absent("subscription")
    lake.exceptions = None
