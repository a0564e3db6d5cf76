"""The buckets of logs."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size

_SETTINGS = (
    *("GetBucketVersioning", "GetObjectLockConfiguration", "GetBucketOwnershipControls", "GetPublicAccessBlock"),
    *("GetBucketEncryption", "GetBucketLifecycleConfiguration", "GetBucketLogging", "GetBucketPolicy"),
)
"""Each is told by a call of its own."""
_PUT = (
    *("PutBucketVersioning", "PutBucketOwnershipControls", "PutPublicAccessBlock", "PutBucketEncryption"),
    *("PutBucketLifecycleConfiguration", "PutBucketPolicy"),
)


def plan_of_nothing(size: Size) -> Needs:
    """There is no log archive account to be asked."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is looked at once."""
    told = {f"s3:{name}": Need(size.buckets, "each bucket: no list tells it") for name in _SETTINGS}
    return told | {
        "s3:ListBuckets": Need(1, "1,000 to a page"),
        "kms:ListAliases": Need(1, "which keys they are encrypted with"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    told = {f"s3:{name}": Need(size.buckets, "each bucket, after") for name in _SETTINGS}
    put = {f"s3:{name}": Need(size.buckets, "each bucket") for name in _PUT}
    # Whether its name is free; whether it has a policy, and rules, is known of a new one.
    told["s3:GetBucketVersioning"] = Need(2 * size.buckets, "each bucket, before: is its name free? and after")
    return (
        told
        | put
        | {
            "s3:ListBuckets": Need(2, "before and after"),
            "kms:ListAliases": Need(2, "which keys they are encrypted with, before and after"),
            "s3:CreateBucket": Need(size.buckets, "each bucket"),
            "s3:PutObjectLockConfiguration": Need(size.locked_buckets, "each that is locked by default"),
            "s3:PutBucketLogging": Need(size.buckets - 1, "each but that of these logs"),
        }
    )
