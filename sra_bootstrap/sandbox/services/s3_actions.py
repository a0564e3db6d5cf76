"""The IAM actions that S3 asks for, which are often not named like the operations.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

import re

_OF_CONFIGURATIONS = {
    "BucketAccelerateConfiguration": "AccelerateConfiguration",
    "BucketAnalyticsConfiguration": "AnalyticsConfiguration",
    "BucketCors": "BucketCORS",
    "BucketEncryption": "EncryptionConfiguration",
    "BucketIntelligentTieringConfiguration": "IntelligentTieringConfiguration",
    "BucketInventoryConfiguration": "InventoryConfiguration",
    "BucketLifecycle": "LifecycleConfiguration",
    "BucketLifecycleConfiguration": "LifecycleConfiguration",
    "BucketMetricsConfiguration": "MetricsConfiguration",
    "BucketNotificationConfiguration": "BucketNotification",
    "BucketReplication": "ReplicationConfiguration",
    "ObjectLockConfiguration": "BucketObjectLockConfiguration",
    "PublicAccessBlock": "BucketPublicAccessBlock",
}
_DELETED_BY_PUTTING = {
    "BucketCors",
    "BucketEncryption",
    "BucketLifecycle",
    "BucketOwnershipControls",
    "BucketReplication",
    "BucketTagging",
    "PublicAccessBlock",
}
_BY_OTHER_NAMES = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
_OF_VERSIONS = {"DeleteObject", "DeleteObjectTagging", "GetObject", "GetObjectAcl", "GetObjectTagging", "PutObjectAcl"}
_OF_OBJECTS = re.compile(
    r"(?!(Get|Put)Bucket)\w*Object\w*|AbortMultipartUpload|ListMultipartUploadParts|BypassGovernanceRetention"
    r"|Replicate(Delete|Tags)"
)


def action(operation: str, *, of_version: bool = False) -> str:
    """The IAM action of an operation, without prefix, as in "GetEncryptionConfiguration"."""
    if operation in _BY_OTHER_NAMES:
        return _BY_OTHER_NAMES[operation]
    if of_version and operation in _OF_VERSIONS:
        verb, _, rest = operation.partition("Object")
        return f"{verb}ObjectVersion{rest}"
    verb, of = re.fullmatch(r"([A-Z][a-z]+)(\w*)", operation).groups()  # type: ignore[union-attr]  # as all are named
    if verb == "Delete" and of in _DELETED_BY_PUTTING:
        verb = "Put"
    return f"{verb}{_OF_CONFIGURATIONS.get(of, of)}"


def is_of_objects(name: str) -> bool:
    """Whether an IAM action, without prefix, is one on objects, and not on a bucket."""
    return _OF_OBJECTS.fullmatch(name) is not None
