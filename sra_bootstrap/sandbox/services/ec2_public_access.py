"""Amazon EC2: whether snapshots and images can be shared with everybody, and the serial console be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.ec2_declarative_policy import declared, manager, refuse_declared
from sra_bootstrap.sandbox.settings import Rules

_SNAPSHOTS, _IMAGES, _CONSOLE = "snapshot_block_public_access", "image_block_public_access", "serial_console_access"


@dataclass
class PublicAccess:
    """What an account has set in a region; images are blocked from the start.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html, "Default settings", and
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configure-access-to-serial-console.html: "By default, there is
    no access to the serial console".
    """

    snapshots: str = "unblocked"
    images: str = "block-new-sharing"
    console: bool = False


@operation("ec2", "GetSnapshotBlockPublicAccessState")
def get_snapshot_block_public_access_state(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSnapshotBlockPublicAccessState.html."""
    policy = declared(call, _SNAPSHOTS)
    state = call.state(PublicAccess).snapshots if policy is None else _hyphens(policy["state"])
    return {"State": state, **manager(policy)}


@operation("ec2", "EnableSnapshotBlockPublicAccess")
def enable_snapshot_block_public_access(call: Call, State: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html.

    Raises:
        AwsFault: a policy of the organization has set it; or `unblocked` is asked for, which the page calls not valid.
    """
    refuse_declared(call, _SNAPSHOTS)
    if State not in {"block-all-sharing", "block-new-sharing"}:
        raise AwsFault("InvalidParameterValue", f"Value ({State}) for parameter State is invalid.")
    call.state(PublicAccess).snapshots = State
    return {"State": State}


@operation("ec2", "DisableSnapshotBlockPublicAccess")
def disable_snapshot_block_public_access(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableSnapshotBlockPublicAccess.html."""
    refuse_declared(call, _SNAPSHOTS)
    call.state(PublicAccess).snapshots = "unblocked"
    return {"State": "unblocked"}


@operation("ec2", "GetImageBlockPublicAccessState")
def get_image_block_public_access_state(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetImageBlockPublicAccessState.html."""
    policy = declared(call, _IMAGES)
    state = call.state(PublicAccess).images if policy is None else _hyphens(policy["state"])
    return {"ImageBlockPublicAccessState": state, **manager(policy)}


@operation("ec2", "EnableImageBlockPublicAccess")
def enable_image_block_public_access(call: Call, ImageBlockPublicAccessState: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageBlockPublicAccess.html: in a while."""
    return _set_images(call, ImageBlockPublicAccessState)


@operation("ec2", "DisableImageBlockPublicAccess")
def disable_image_block_public_access(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableImageBlockPublicAccess.html: likewise."""
    return _set_images(call, "unblocked")


def _set_images(call: Call, state: str) -> dict[str, Any]:
    refuse_declared(call, _IMAGES)
    later(Rules.settings.ec2_block_seconds, partial(_images_are_set, call.state(PublicAccess), state))
    return {"ImageBlockPublicAccessState": state}


def _images_are_set(there: PublicAccess, state: str, at: float) -> None:
    there.images = state


@operation("ec2", "GetSerialConsoleAccessStatus")
def get_serial_console_access_status(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSerialConsoleAccessStatus.html."""
    policy = declared(call, _CONSOLE)
    enabled = call.state(PublicAccess).console if policy is None else policy["status"] == "enabled"
    return {"SerialConsoleAccessEnabled": enabled, **manager(policy)}


@operation("ec2", "EnableSerialConsoleAccess")
def enable_serial_console_access(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSerialConsoleAccess.html."""
    refuse_declared(call, _CONSOLE)
    call.state(PublicAccess).console = True
    return {"SerialConsoleAccessEnabled": True}


@operation("ec2", "DisableSerialConsoleAccess")
def disable_serial_console_access(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableSerialConsoleAccess.html."""
    refuse_declared(call, _CONSOLE)
    call.state(PublicAccess).console = False
    return {"SerialConsoleAccessEnabled": False}


def _hyphens(value: str) -> str:
    """A value of a policy, as the API writes it."""
    return value.replace("_", "-")
