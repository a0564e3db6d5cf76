"""AWS CloudTrail: whether a trail logs, and what it delivers."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import Any

from moto.logs.models import logs_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.delivery import NoBucketError, NoKeyError, RefusedError
from sra_bootstrap.sandbox.extension import Call, Time, operation
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.cloudtrail import Trail, changeable, seen
from sra_bootstrap.sandbox.services.cloudtrail_destinations import folders, sender_of
from sra_bootstrap.sandbox.services.cloudtrail_log_groups import group_of, may_write, streams
from sra_bootstrap.sandbox.settings import Rules

_DIGESTS = 3600
"""Every how many seconds a digest file is delivered.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
"""


@operation("cloudtrail", "StartLogging")
def start_logging(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html."""
    trail = changeable(call, Name)
    status = trail.status
    if not status.logging:
        status.logging, status.started, status.digested = True, moment(), call.now()
        deliver_soon(trail)


@operation("cloudtrail", "StopLogging")
def stop_logging(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html."""
    status = changeable(call, Name).status
    if status.logging:
        status.logging, status.stopped = False, moment()


@operation("cloudtrail", "GetTrailStatus")
def get_trail_status(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html.

    What was last delivered, and what went wrong with it. A trail that logs has always something to deliver.
    """
    trail = seen(call, Name)
    status = trail.status
    due = call.now() >= status.attempted + Rules.settings.cloudtrail_delivery_seconds
    # Before it has told of any, the first one is on its way.
    if status.logging and status.told and due:
        _deliver(trail)
    started = {} if status.started is None else {"StartLoggingTime": status.started}
    stopped = {} if status.stopped is None else {"StopLoggingTime": status.stopped}
    return {"IsLogging": status.logging, **started, **stopped, **status.told}


def deliver_soon(trail: Trail) -> None:
    """Deliver what the trail has logged, after a while."""
    later(Rules.settings.cloudtrail_delivery_seconds, partial(_deliver_at, trail))


def _deliver_at(trail: Trail, at: float) -> None:
    if trail.status.logging:
        _deliver(trail)


def _deliver(trail: Trail) -> None:
    """Try to deliver a log file, a digest file if it is time for one, and the events to CloudWatch Logs."""
    now, status = Time.clock.now(), trail.status
    status.attempted = now
    _tell(trail, "Delivery", _put(trail, "CloudTrail", json.dumps({"Records": [_event(trail)]})))
    if trail.settings["LogFileValidationEnabled"] and now >= status.digested + _DIGESTS:
        status.digested = now
        digest = {"awsAccountId": trail.account_id, "digestS3Bucket": trail.settings["S3BucketName"], "logFiles": []}
        _tell(trail, "DigestDelivery", _put(trail, "CloudTrail-Digest", json.dumps(digest)))
    if "CloudWatchLogsLogGroupArn" in trail.settings:
        _tell(trail, "CloudWatchLogsDelivery", _send(trail))


def _tell(trail: Trail, what: str, error: str | None) -> None:
    told = trail.status.told
    told.pop(f"Latest{what}Error", None)
    if error is None:
        told[f"Latest{what}Time"] = moment()
    else:
        told[f"Latest{what}Error"] = error


def _event(trail: Trail) -> dict[str, Any]:
    """The event of which there is always one: that the trail was started.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    return {
        "eventTime": f"{trail.status.started or moment():%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StartLogging",
        "awsRegion": trail.region,
        "recipientAccountId": trail.account_id,
        "requestParameters": {"name": trail.arn},
        "eventCategory": "Management",
    }


def _put(trail: Trail, kind: str, text: str) -> str | None:
    """Put a file into the bucket; the error of S3, if it did not take it.

    The errors of KMS: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; which is whose is guessed.
    """
    now = moment()
    name = f"{trail.account_id}_{kind}_{trail.region}_{now:%Y%m%dT%H%MZ}_{mock_random.get_random_string(16)}.json.gz"
    key = f"{folders(trail)[0]}{kind}/{trail.region}/{now:%Y/%m/%d}/{name}"
    try:
        delivery.put(
            sender_of(trail),
            trail.settings["S3BucketName"],
            key,
            gzip.compress(text.encode(), mtime=0),
            kms_key=trail.settings.get("KmsKeyId"),
            context={"aws:cloudtrail:arn": trail.arn},
        )
    except NoBucketError:
        return "NoSuchBucket"
    except NoKeyError:
        return "KMS.NotFoundException"
    except RefusedError:
        return "AccessDenied"
    return None


def _send(trail: Trail) -> str | None:
    """Write the event to the log group; the error, if that did not work. What the errors are called is guessed."""
    group = group_of(trail)
    if group is None:
        return "ResourceNotFoundException"
    if not may_write(trail):
        return "AccessDenied"
    stream = streams(trail)[0]
    backend = logs_backends[group.account_id][group.region]
    backend.ensure_log_stream(group.name, stream)
    event = {"timestamp": int(Time.clock.now() * 1000), "message": json.dumps(_event(trail))}
    backend.put_log_events(group.name, stream, [event])
    return None
