"""AWS Config: what is delivered through a channel, and how that went."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.config_recorder import Channel, recording_of
from sra_bootstrap.sandbox.services.config_recorder_channel import channels, deliver


@operation("config", "DeliverConfigSnapshot")
def deliver_config_snapshot(call: Call, deliveryChannelName: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeliverConfigSnapshot.html.

    It is delivered at once here. Its key: https://docs.aws.amazon.com/config/latest/developerguide/view-configuration-snapshot.html.
    What it says of the account's resources is nothing.

    Raises:
        AwsFault: there is no such channel, and no recorder that records.
    """
    [channel] = channels(call, [deliveryChannelName])
    recorder = recording_of(call.account_id, call.region).recorder
    if recorder is None:
        text = "Configuration recorder is not available to deliver a snapshot."
        raise AwsFault("NoAvailableConfigurationRecorderException", text)
    if not recorder.recording:
        raise AwsFault("NoRunningConfigurationRecorderException", "There is no configuration recorder running.")
    own, now = str(mock_random.uuid4()), moment()
    name = f"{call.account_id}_Config_{call.region}_ConfigSnapshot_{now:%Y%m%dT%H%M%SZ}_{own}.json.gz"
    key = f"{call.region}/{now.year}/{now.month}/{now.day}/ConfigSnapshot/{name}"
    body = {"fileVersion": "1.0", "configSnapshotId": own, "configurationItems": []}
    try:
        deliver(call, recorder, channel.settings, key, gzip.compress(json.dumps(body).encode(), mtime=0))
    except delivery.RefusedError as refusal:
        channel.snapshot = {**channel.snapshot, **_failed(now, refusal)}
    else:
        channel.snapshot = {"lastStatus": "SUCCESS", "lastAttemptTime": now, "lastSuccessfulTime": now}
    return {"configSnapshotId": own}


def _failed(now: datetime, refusal: delivery.RefusedError) -> dict[str, Any]:
    """How a delivery has gone that S3 or KMS has refused; the code is S3's."""
    return {
        "lastStatus": "FAILURE",
        "lastErrorCode": "AccessDenied",
        "lastErrorMessage": str(refusal),
        "lastAttemptTime": now,
    }


@operation("config", "DescribeDeliveryChannelStatus")
def describe_delivery_channel_status(call: Call, DeliveryChannelNames: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeDeliveryChannelStatus.html."""
    return {"DeliveryChannelsStatus": [_status(channel) for channel in channels(call, DeliveryChannelNames)]}


def _status(channel: Channel) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeliveryChannelStatus.html.

    What has not been tried yet has no status. No history is delivered, because here nothing happens in an account that
    it would tell of. "If the SNS delivery is turned off, the last status will be Not_Applicable".
    """
    stream = "SUCCESS" if "snsTopicARN" in channel.settings else "NOT_APPLICABLE"
    return {
        "name": channel.name,
        "configSnapshotDeliveryInfo": channel.snapshot,
        "configHistoryDeliveryInfo": {},
        "configStreamDeliveryInfo": {"lastStatus": stream, "lastStatusChangeTime": channel.since},
    }
