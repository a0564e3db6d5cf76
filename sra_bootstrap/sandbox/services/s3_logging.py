"""Amazon S3: server access logging.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.delivery import RefusedError, Sender
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named

_LOG = "2026-01-01-00-00-00-0123456789ABCDEF"


@operation("s3", "PutBucketLogging")
def put_bucket_logging(call: Call, *, Bucket: str, BucketLoggingStatus: dict[str, Any] | None = None, **_: Any) -> None:
    """The target is in the same account and region, and admits the logging service.

    A target with Object Lock, or encrypted by default with KMS, is refused here, which is guessed; AWS says that no log
    arrives there: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html.

    Raises:
        AwsFault: the target cannot be used.
    """
    bucket = bucket_named(Bucket)
    wanted = (BucketLoggingStatus or {}).get("LoggingEnabled")
    if wanted is None:
        bucket.logging = {}
        return
    target = bucket_named(wanted["TargetBucket"])
    if target is None:
        raise _unusable("The target bucket for logging does not exist")
    if target.account_id != bucket.account_id:
        raise _unusable("The owner for the bucket to be logged and the target bucket must be the same.")
    if target.region_name != bucket.region_name:
        raise AwsFault("CrossLocationLoggingProhibited", "Cross S3 location logging not allowed.")
    if target.object_lock_enabled:
        raise _unusable("The target bucket for logging has Object Lock enabled")
    if target.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256":
        raise _unusable("The target bucket for logging is encrypted with a key of AWS KMS")
    sender = Sender("logging.s3.amazonaws.com", bucket.account_id, bucket.arn)
    try:
        delivery.may(sender, "s3:PutObject", target.name, f"{wanted.get('TargetPrefix', '')}{_LOG}")
    except RefusedError as refused:
        text = (
            "You must either provide the necessary permissions to the logging service using a bucket policy or give "
            "the log-delivery group WRITE and READ_ACP permissions to the target bucket"
        )
        raise _unusable(text) from refused
    bucket.logging = {"TargetPrefix": "", **wanted}


def _unusable(text: str) -> AwsFault:
    return AwsFault("InvalidTargetBucketForLogging", text)


@operation("s3", "GetBucketLogging")
def get_bucket_logging(call: Call, *, Bucket: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html."""
    logging = bucket_named(Bucket).logging
    return {"LoggingEnabled": logging} if logging else {}
