"""AWS KMS: rotation of keys.

https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.kms_access import key_of


@operation("kms", "EnableKeyRotation")
def enable_key_rotation(call: Call, *, KeyId: str, RotationPeriodInDays: int = 365) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html.

    Raises:
        AwsFault: the key cannot rotate, or not in such a time.
    """
    key = key_of(call, KeyId)
    _refuse_what_cannot_rotate(key)
    if not 90 <= RotationPeriodInDays <= 2560:
        text = f"Value '{RotationPeriodInDays}' at 'rotationPeriodInDays' must be between 90 and 2560"
        raise AwsFault("ValidationException", text)
    key.key_rotation_status = True
    key.rotation = (RotationPeriodInDays, moment())


@operation("kms", "DisableKeyRotation")
def disable_key_rotation(call: Call, *, KeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html.

    Raises:
        AwsFault: the key cannot rotate.
    """
    key = key_of(call, KeyId)
    _refuse_what_cannot_rotate(key)
    key.key_rotation_status = False


@operation("kms", "GetKeyRotationStatus")
def get_key_rotation_status(call: Call, *, KeyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html.

    A key that is pending deletion does not rotate, and does again once that is cancelled.

    Raises:
        AwsFault: the key cannot rotate.
    """
    key = key_of(call, KeyId)
    _refuse_what_cannot_rotate(key)
    if not key.key_rotation_status or key.key_state == "PendingDeletion":
        return {"KeyId": key.arn, "KeyRotationEnabled": False}
    days, since = key.rotation
    next_time = {"RotationPeriodInDays": days, "NextRotationDate": since + timedelta(days=days)}
    return {"KeyId": key.arn, "KeyRotationEnabled": True, **next_time}


def _refuse_what_cannot_rotate(key: Any) -> None:
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
        raise AwsFault("UnsupportedOperationException", f"{key.arn} does not rotate by itself.")
