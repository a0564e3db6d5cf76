"""AWS KMS: keys, in which state they are, and for how long they stay; who may use one is in `kms_access`.

Symmetric keys have no private key here: moto makes one of RSA for each, which takes 42 ms and cannot be put aside with
the rest of what the sandbox remembers.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from moto.kms import models
from moto.kms.models import kms_backends

from sra_bootstrap.sandbox.extension import Call, Time, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.kms_access import key_of
from sra_bootstrap.sandbox.services.kms_policy import validated

_DAY = 86400
_moto_makes_a_private_key = models.generate_private_key


def _make_private_key(key_spec: str) -> Any:
    return None if key_spec == "SYMMETRIC_DEFAULT" else _moto_makes_a_private_key(key_spec)


def _seconds(moment: float | None = None) -> float:
    return Time.clock.now() if moment is None else moment


@operation("kms", "CreateKey")
def create_key(
    call: Call,
    *,
    Policy: str | None = None,
    BypassPolicyLockoutSafetyCheck: bool = False,
    KeySpec: str | None = None,
    CustomerMasterKeySpec: str | None = None,
    KeyUsage: str = "ENCRYPT_DECRYPT",
    Description: str = "",
    Tags: list[dict[str, str]] | None = None,
    MultiRegion: bool = False,
    Origin: str = "AWS_KMS",
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html.

    Raises:
        AwsFault: the policy is none, or keeps the caller from changing it.
    """
    policy = None if Policy is None else validated(call, Policy, "*", bypass=BypassPolicyLockoutSafetyCheck)
    spec = KeySpec or CustomerMasterKeySpec or "SYMMETRIC_DEFAULT"
    backend = kms_backends[call.account_id][call.region]
    return dict(backend.create_key(policy, KeyUsage, spec, Description, Tags, MultiRegion, Origin).to_dict())


@operation("kms", "DescribeKey")
def describe_key(call: Call, *, KeyId: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html: of another account's key too."""
    return dict(key_of(call, KeyId).to_dict())


@operation("kms", "ListKeys")
def list_keys(call: Call, *, Limit: int = 100, Marker: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html."""
    keys = [{"KeyId": key.id, "KeyArn": key.arn} for key in kms_backends[call.account_id][call.region].keys.values()]
    return paged("Keys", keys, Limit, Marker)


def paged(name: str, items: list[dict[str, Any]], limit: int, marker: str | None) -> dict[str, Any]:
    """A page as KMS gives it.

    Raises:
        AwsFault: the marker is none of a page.
    """
    found, following = page(items, limit, marker, AwsFault("InvalidMarkerException", "The marker is not valid."))
    answer: dict[str, Any] = {name: found, "Truncated": following is not None}
    return answer if following is None else {**answer, "NextMarker": following}


@operation("kms", "EnableKey")
def enable_key(call: Call, *, KeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html."""
    _set_state(key_of(call, KeyId), "Enabled")


@operation("kms", "DisableKey")
def disable_key(call: Call, *, KeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html."""
    _set_state(key_of(call, KeyId), "Disabled")


@operation("kms", "ScheduleKeyDeletion")
def schedule_key_deletion(call: Call, *, KeyId: str, PendingWindowInDays: int = 30) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html: the aliases go with the key.

    Raises:
        AwsFault: the time is too short or too long.
    """
    if not 7 <= PendingWindowInDays <= 30:
        raise AwsFault("ValidationException", "PendingWindowInDays must be between 7 and 30.")
    key = key_of(call, KeyId)
    key.deletion_date = call.now() + PendingWindowInDays * _DAY
    _set_state(key, "PendingDeletion")
    later(PendingWindowInDays * _DAY, partial(_delete, key.account_id, key.region, key.id))
    when = {"DeletionDate": key.deletion_date, "PendingWindowInDays": PendingWindowInDays}
    return {"KeyId": key.arn, "KeyState": key.key_state, **when}


@operation("kms", "CancelKeyDeletion")
def cancel_key_deletion(call: Call, *, KeyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html: it is disabled then."""
    key = key_of(call, KeyId)
    key.deletion_date = None
    _set_state(key, "Disabled")
    return {"KeyId": key.arn}


def _set_state(key: Any, state: str) -> None:
    key.key_state, key.enabled = state, state == "Enabled"


def _delete(account_id: str, region: str, key_id: str, at: float) -> None:
    backend = kms_backends[account_id][region]
    key = backend.keys.get(key_id)
    if key is not None and key.key_state == "PendingDeletion" and key.deletion_date <= at:
        backend.delete_key(key_id)


models.generate_private_key = _make_private_key
models.unix_time = _seconds
