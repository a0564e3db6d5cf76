"""Amazon S3: versioning of a bucket, and the lock of what is put in it."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named

_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
_LONGEST = {"Days": 36500, "Years": 100}


@check("s3", "PutBucketVersioning")
def a_locked_bucket_stays_versioned(
    call: Call, *, Bucket: str, VersioningConfiguration: dict[str, Any] | None = None, **_: Any
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-considerations.

    Raises:
        AwsFault: it is locked, and would no longer be.
    """
    status = (VersioningConfiguration or {}).get("Status")
    if status not in {"Enabled", "Suspended"}:
        raise AwsFault("MalformedXML", _MALFORMED)
    if status == "Suspended" and bucket_named(Bucket).object_lock_enabled:
        text = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        raise AwsFault("InvalidBucketState", text)


@operation("s3", "PutObjectLockConfiguration")
def put_object_lock_configuration(
    call: Call, *, Bucket: str, ObjectLockConfiguration: dict[str, Any] | None = None, **_: Any
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html: on buckets that are there, too.

    It is never taken off again, but the default retention is: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html.

    Raises:
        AwsFault: the bucket is not versioned, or the retention is none.
    """
    bucket = bucket_named(Bucket)
    wanted = ObjectLockConfiguration or {}
    if wanted.get("ObjectLockEnabled") != "Enabled":
        raise AwsFault("MalformedXML", _MALFORMED)
    retention = wanted.get("Rule", {}).get("DefaultRetention", {})
    periods = {unit: retention[unit] for unit in _LONGEST if unit in retention}
    if "Rule" in wanted and (retention.get("Mode") not in {"GOVERNANCE", "COMPLIANCE"} or len(periods) != 1):
        raise AwsFault("MalformedXML", _MALFORMED)
    for unit, length in periods.items():
        if length < 1:
            raise AwsFault("InvalidArgument", "Default retention period must be a positive integer value.")
        if length > _LONGEST[unit]:
            text = f"Default retention period too large, maximum allowed value is {_LONGEST[unit]} {unit.lower()}."
            raise AwsFault("InvalidArgument", text)
    if not bucket.is_versioned:
        text = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise AwsFault("InvalidBucketState", text)
    bucket.object_lock_enabled = True
    bucket.default_lock_mode = retention.get("Mode")
    bucket.default_lock_days, bucket.default_lock_years = periods.get("Days", 0), periods.get("Years", 0)


@operation("s3", "GetObjectLockConfiguration")
def get_object_lock_configuration(call: Call, *, Bucket: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html.

    Raises:
        AwsFault: there is none.
    """
    bucket = bucket_named(Bucket)
    if not bucket.object_lock_enabled:
        text = "Object Lock configuration does not exist for this bucket"
        raise AwsFault("ObjectLockConfigurationNotFoundError", text)
    retention = {
        "Mode": bucket.default_lock_mode,
        "Days": bucket.default_lock_days,
        "Years": bucket.default_lock_years,
    }
    rule = {"Rule": {"DefaultRetention": {name: value for name, value in retention.items() if value}}}
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **(rule if retention["Mode"] else {})}}
