"""AWS Config: whether a recorder records."""

from __future__ import annotations

from functools import partial
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.config_recorder import Recorder, chosen, managed, recording_of
from sra_bootstrap.sandbox.settings import Rules


@operation("config", "StartConfigurationRecorder")
def start_configuration_recorder(call: Call, ConfigurationRecorderName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigurationRecorder.html.

    Raises:
        AwsFault: there is no such recorder, or no delivery channel.
    """
    recorder = managed(call, ConfigurationRecorderName)
    if recording_of(call.account_id, call.region).channel is None:
        text = "Delivery channel is not available to start configuration recorder."
        raise AwsFault("NoAvailableDeliveryChannelException", text)
    if not recorder.recording:
        start(recorder)


def start(recorder: Recorder) -> None:
    """Let a recorder record; the status of its first event is PENDING for a while.

    "lastStatus": "SUCCESS" is of https://docs.aws.amazon.com/cli/latest/reference/configservice/describe-configuration-recorder-status.html.
    """
    recorder.recording, recorder.status = True, "PENDING"
    recorder.started = recorder.changed = moment()
    later(Rules.settings.enabling_seconds, partial(_recorded, recorder))


def _recorded(recorder: Recorder, at: float) -> None:
    if recorder.recording and recorder.status == "PENDING":
        recorder.status, recorder.changed = "SUCCESS", moment(at)


@operation("config", "StopConfigurationRecorder")
def stop_configuration_recorder(call: Call, ConfigurationRecorderName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_StopConfigurationRecorder.html."""
    recorder = managed(call, ConfigurationRecorderName)
    if recorder.recording:
        recorder.recording, recorder.stopped = False, moment()


@operation("config", "DescribeConfigurationRecorderStatus")
def describe_configuration_recorder_status(call: Call, **which: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorderStatus.html."""
    return {"ConfigurationRecordersStatus": [_status(recorder) for recorder in chosen(call, **which)]}


def _status(recorder: Recorder) -> dict[str, Any]:
    optional = {
        "lastStartTime": recorder.started,
        "lastStopTime": recorder.stopped,
        "lastStatus": recorder.status,
        "lastStatusChangeTime": recorder.changed,
        "servicePrincipal": recorder.principal,
    }
    told = {name: value for name, value in optional.items() if value is not None}
    return {"arn": recorder.arn, "name": recorder.name, "recording": recorder.recording, **told}
