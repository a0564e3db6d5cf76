"""Amazon Security Lake: how a subscriber is told of new data."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.securitylake import absent, bad_request, existing
from sra_bootstrap.sandbox.services.securitylake_resources import make_queue, remove_queue
from sra_bootstrap.sandbox.services.securitylake_subscribers import Subscriber, found


def _notify(call: Call, subscriber: Subscriber, configuration: dict[str, Any]) -> dict[str, str]:
    """Tell a subscriber of new data by a queue that is made for it, or at an address of its own.

    https://docs.aws.amazon.com/security-lake/latest/userguide/create-subscriber-data-access.html; that subscribers with
    query access alone are told of nothing, is guessed.

    Raises:
        AwsFault: it cannot be told as asked for.
    """
    if "S3" not in subscriber.access:
        raise bad_request("Only subscribers with data access are notified.")
    https = configuration.get("httpsNotificationConfiguration")
    if https is None:
        subscriber.endpoint = make_queue(call.account_id, call.region, subscriber.queue)
    else:
        remove_queue(call.account_id, call.region, subscriber.queue)
        subscriber.endpoint = https["endpoint"]
    return {"subscriberEndpoint": subscriber.endpoint}


@operation("securitylake", "CreateSubscriberNotification")
def create_subscriber_notification(call: Call, subscriberId: str, configuration: dict[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateSubscriberNotification.html.

    "You can create only one subscriber notification per subscriber"; which error the second is, is guessed.

    Raises:
        AwsFault: it has one already.
    """
    existing(call)
    subscriber = found(call, subscriberId)
    if subscriber.endpoint is not None:
        raise AwsFault("ConflictException", "The subscriber has a notification already.")
    return _notify(call, subscriber, configuration)


@operation("securitylake", "UpdateSubscriberNotification")
def update_subscriber_notification(call: Call, subscriberId: str, configuration: dict[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UpdateSubscriberNotification.html.

    Raises:
        AwsFault: it has none.
    """
    existing(call)
    subscriber = found(call, subscriberId)
    if subscriber.endpoint is None:
        raise absent("subscriber notification")
    return _notify(call, subscriber, configuration)


@operation("securitylake", "DeleteSubscriberNotification")
def delete_subscriber_notification(call: Call, subscriberId: str) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteSubscriberNotification.html.

    Raises:
        AwsFault: it has none.
    """
    existing(call)
    subscriber = found(call, subscriberId)
    if subscriber.endpoint is None:
        raise absent("subscriber notification")
    remove_queue(call.account_id, call.region, subscriber.queue)
    subscriber.endpoint = None
