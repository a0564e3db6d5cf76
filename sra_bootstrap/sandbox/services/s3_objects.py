"""Amazon S3: objects, their dates and their locks, by the sandbox's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.s3.exceptions import AccessDeniedByLock
from moto.s3.models import FakeBucket, FakeKey, s3_backends

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named, may

_UNTIL = "%Y-%m-%dT%H:%M:%SZ"
_moto_makes_a_key = FakeKey.__init__


def _make_key(key: Any, *parameters: Any, **more: Any) -> None:
    _moto_makes_a_key(key, *parameters, **more)
    key.last_modified = moment()


def _is_retained(key: Any) -> bool:
    """Retention ends by itself, a legal hold does not: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html."""
    return bool(key.lock_mode) and f"{key.lock_until[:19]}Z" > f"{moment():{_UNTIL}}"


def _is_locked(key: Any, governance_bypass: bool) -> bool:  # noqa: FBT001 (as moto calls it)
    held = key.lock_legal_status == "ON"
    return held or (_is_retained(key) and not (governance_bypass and key.lock_mode == "GOVERNANCE"))


def _retain_until(bucket: Any) -> str:
    days = int(bucket.default_lock_days or 0) + 365 * int(bucket.default_lock_years or 0)
    return f"{moment() + timedelta(days=days):{_UNTIL}}"


@operation("s3", "DeleteObjects")
def delete_objects(
    call: Call, *, Bucket: str, Delete: dict[str, Any], BypassGovernanceRetention: bool = False, **_: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html: each is answered for itself."""
    bucket = bucket_named(Bucket)
    backend = s3_backends[bucket.account_id][bucket.partition]
    if not 1 <= len(Delete.get("Objects", [])) <= 1000:
        raise AwsFault("MalformedXML", "The XML you provided was not well-formed or did not validate")
    deleted, errors = [], []
    for item in Delete["Objects"]:
        named = {name: item[name] for name in ("Key", "VersionId") if name in item}
        wanted = "DeleteObjectVersion" if "VersionId" in item else "DeleteObject"
        refusal = {**named, "Code": "AccessDenied", "Message": "Access Denied"}
        if not may(call, wanted, bucket, item["Key"]):
            errors.append(refusal)
            continue
        try:
            _, found = backend.delete_object(Bucket, item["Key"], item.get("VersionId"), BypassGovernanceRetention)
        except AccessDeniedByLock:
            errors.append({**refusal, "Message": "Access Denied because object protected by object lock."})
            continue
        marker = {"DeleteMarker": True} if found.get("delete-marker") == "true" else {}
        if marker and "version-id" in found:
            marker["DeleteMarkerVersionId"] = found["version-id"]
        deleted.append({**named, **marker})
    return {"Deleted": [] if Delete.get("Quiet") else deleted, "Errors": errors}


@check("s3", "PutObjectRetention")
def keep_retention(
    call: Call,
    *,
    Bucket: str,
    Key: str,
    Retention: dict[str, Any] | None = None,
    VersionId: str | None = None,
    BypassGovernanceRetention: bool = False,
    **_: Any,
) -> None:
    """What is retained can only be retained for longer, unless governance is bypassed.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes

    Raises:
        AwsFault: it would be retained less.
    """
    bucket = bucket_named(Bucket)
    key = bucket and s3_backends[bucket.account_id][bucket.partition].get_object(Bucket, Key, VersionId)
    if not isinstance(key, FakeKey) or not _is_retained(key):
        return
    wanted = Retention or {}
    until = wanted.get("RetainUntilDate")
    longer = until is not None and f"{until:{_UNTIL}}" >= f"{key.lock_until[:19]}Z"
    stricter = wanted.get("Mode") == "COMPLIANCE" or wanted.get("Mode") == key.lock_mode
    bypassed = BypassGovernanceRetention and key.lock_mode == "GOVERNANCE"
    if not bypassed and not (longer and stricter):
        raise AwsFault("AccessDenied", "Access Denied because object protected by object lock.")


FakeKey.__init__ = _make_key
FakeKey.is_locked = _is_locked
FakeBucket.default_retention = _retain_until
