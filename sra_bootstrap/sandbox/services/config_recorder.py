"""AWS Config: the configuration recorders of an account in a region, and its delivery channel.

moto's operations on these are all replaced. The texts of refusals that it has are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.config_recorder_groups import Group, Mode, group_of, invalid, mode_of

PRINCIPAL = "config.amazonaws.com"
RESERVED = "AWSConfigurationRecorderFor"
"""What the names of service-linked recorders begin with, and of no others."""


@dataclass
class Recorder:
    """A configuration recorder.

    Attributes:
        principal: the service that it is linked to, or None for one that the customer manages.
        scope: whether what it records is charged for (PAID) or of its service only (INTERNAL).
        status: of the latest recording event, or None before the first.
    """

    name: str
    arn: str
    role_arn: str
    group: Group
    mode: Mode
    principal: str | None = None
    scope: str = "PAID"
    tags: dict[str, str] = field(default_factory=dict)
    recording: bool = False
    status: str | None = None
    started: datetime | None = None
    stopped: datetime | None = None
    changed: datetime | None = None


@dataclass
class Channel:
    """A delivery channel, as it was put, and what has been delivered through it."""

    settings: dict[str, Any]
    snapshot: dict[str, Any] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def name(self) -> str:
        """Of its own, in the account and region."""
        return str(self.settings["name"])


@dataclass
class Recording:
    """What an account has of AWS Config's recording in one region: one recorder, and one of each linked service."""

    recorder: Recorder | None = None
    linked: dict[str, Recorder] = field(default_factory=dict)
    channel: Channel | None = None

    def recorders(self) -> list[Recorder]:
        """All recorders, the customer managed first."""
        return [*([] if self.recorder is None else [self.recorder]), *self.linked.values()]


def recording_of(account_id: str, region: str) -> Recording:
    """What an account has of AWS Config's recording in a region."""
    return store.state(Recording, account_id, region)


def is_recording(account_id: str, region: str) -> bool:
    """Whether a customer managed recorder is on in an account and region, which rules stand on."""
    recorder = recording_of(account_id, region).recorder
    return recorder is not None and recorder.recording


def no_recorder(name: str) -> AwsFault:
    """How Config answers for a recorder that is not there."""
    text = f"Cannot find configuration recorder with the specified name '{name}'."
    return AwsFault("NoSuchConfigurationRecorderException", text)


def unmodifiable(name: str) -> AwsFault:
    """How Config answers what only the linked service can do; the text is guessed."""
    return AwsFault("UnmodifiableEntityException", f"The configuration recorder '{name}' is linked to a service.")


def managed(call: Call, name: str) -> Recorder:
    """The customer managed recorder of a name.

    Raises:
        AwsFault: there is none, or it is linked to a service.
    """
    here = recording_of(call.account_id, call.region)
    if any(recorder.name == name for recorder in here.linked.values()):
        raise unmodifiable(name)
    if here.recorder is None or here.recorder.name != name:
        raise no_recorder(name)
    return here.recorder


def new_arn(call: Call, name: str) -> str:
    """An ARN as in https://github.com/aws-samples/aws-control-tower-config-customization/pull/25."""
    own = mock_random.get_random_string(length=16, lower_case=True)
    return f"arn:{call.partition}:config:{call.region}:{call.account_id}:configuration-recorder/{name}/{own}"


@operation("config", "PutConfigurationRecorder")
def put_configuration_recorder(
    call: Call, ConfigurationRecorder: dict[str, Any], Tags: list[dict[str, str]] | None = None
) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html.

    A second recorder: https://github.com/trussworks/terraform-aws-config/issues/69. "The role does not exist in the
    account": https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/857; the code for it is guessed. "If a
    following request has different tags values, Config will ignore these differences".

    Raises:
        AwsFault: there is a recorder of another name; or the name, the role, the group or the mode are not valid.
    """
    here = recording_of(call.account_id, call.region)
    name = ConfigurationRecorder.get("name", "default")
    if name == "" or name.startswith(RESERVED):
        text = f"The configuration recorder name '{name}' is not valid."
        raise AwsFault("InvalidConfigurationRecorderNameException", text)
    if ConfigurationRecorder.get("servicePrincipal"):
        raise unmodifiable(name)
    if here.recorder is not None and here.recorder.name != name:
        text = (
            f"Failed to put configuration recorder '{name}' because the maximum number of configuration recorders: 1 "
            "is reached."
        )
        raise AwsFault("MaxNumberOfConfigurationRecordersExceededException", text)
    role_arn = ConfigurationRecorder.get("roleARN", "")
    if not roles.exists(call.account_id, call.partition, role_arn):
        raise AwsFault("InvalidRoleException", "The role does not exist in the account")
    group = group_of(ConfigurationRecorder.get("recordingGroup"))
    mode = mode_of(ConfigurationRecorder.get("recordingMode"))
    if here.recorder is None:
        tags = {tag["Key"]: tag["Value"] for tag in Tags or ()}
        here.recorder = Recorder(name, new_arn(call, name), role_arn, group, mode, tags=tags)
    else:
        here.recorder.role_arn, here.recorder.group, here.recorder.mode = role_arn, group, mode


def chosen(
    call: Call,
    ConfigurationRecorderNames: list[str] | None = None,
    ServicePrincipal: str | None = None,
    Arn: str | None = None,
) -> list[Recorder]:
    """The recorder that one of the Describe operations asks for; by default the customer managed one.

    Raises:
        AwsFault: there is no such recorder, or more than one is asked for.
    """
    here, names = recording_of(call.account_id, call.region), ConfigurationRecorderNames or []
    if len(names) > 1:
        raise invalid("You can specify only one configuration recorder.")
    wanted = names[0] if names else ServicePrincipal or Arn
    if wanted is None:
        return [] if here.recorder is None else [here.recorder]
    found = [one for one in here.recorders() if wanted in (one.name, one.principal, one.arn)]
    if not found:
        raise no_recorder(wanted)
    return found


@operation("config", "DescribeConfigurationRecorders")
def describe_configuration_recorders(call: Call, **which: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorders.html."""
    return {"ConfigurationRecorders": [described(recorder) for recorder in chosen(call, **which)]}


def described(recorder: Recorder) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html."""
    return {
        **_summary(recorder),
        "roleARN": recorder.role_arn,
        "recordingGroup": recorder.group,
        "recordingMode": recorder.mode,
    }


def _summary(recorder: Recorder) -> dict[str, Any]:
    linked = {} if recorder.principal is None else {"servicePrincipal": recorder.principal}
    return {"arn": recorder.arn, "name": recorder.name, "recordingScope": recorder.scope, **linked}


@operation("config", "ListConfigurationRecorders")
def list_configuration_recorders(
    call: Call, Filters: list[dict[str, Any]] | None = None, MaxResults: int = 20, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ListConfigurationRecorders.html.

    All types of recorders, and 20 to a page at most.
    """
    found = [
        _summary(recorder)
        for recorder in recording_of(call.account_id, call.region).recorders()
        if all(recorder.scope in wanted["filterValue"] for wanted in Filters or ())
    ]
    shown, following = page(found, MaxResults or 20, NextToken, invalid("The NextToken is not valid."))
    return {"ConfigurationRecorderSummaries": shown} | ({} if following is None else {"NextToken": following})


@operation("config", "DeleteConfigurationRecorder")
def delete_configuration_recorder(call: Call, ConfigurationRecorderName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteConfigurationRecorder.html.

    One that records may be deleted too, as https://docs.aws.amazon.com/cli/latest/reference/configservice/delete-configuration-recorder.html
    says of no condition.
    """
    managed(call, ConfigurationRecorderName)
    recording_of(call.account_id, call.region).recorder = None
