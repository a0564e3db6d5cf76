"""Amazon S3: what a bucket encrypts with by default."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named

OWN_KEYS = {
    "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False},
}
"""The least that a bucket encrypts with, as moto keeps it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
"""


@operation("s3", "PutBucketEncryption")
def put_bucket_encryption(
    call: Call, *, Bucket: str, ServerSideEncryptionConfiguration: dict[str, Any] | None = None, **_: Any
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html: the key itself is not looked at.

    Raises:
        AwsFault: the rule is none.
    """
    rules = (ServerSideEncryptionConfiguration or {}).get("Rules", [])
    if len(rules) != 1 or not rules[0].get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm"):
        raise AwsFault("MalformedXML", "The XML you provided was not well-formed or did not validate")
    default = rules[0]["ApplyServerSideEncryptionByDefault"]
    if default["SSEAlgorithm"] not in {"AES256", "aws:kms", "aws:kms:dsse"}:
        raise AwsFault("MalformedXML", "The XML you provided was not well-formed or did not validate")
    if default["SSEAlgorithm"] == "AES256" and "KMSMasterKeyID" in default:
        text = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
        raise AwsFault("InvalidArgument", text)
    bucket_named(Bucket).encryption = {"Rule": {"BucketKeyEnabled": False, **rules[0]}}


@operation("s3", "GetBucketEncryption")
def get_bucket_encryption(call: Call, *, Bucket: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html."""
    return {"ServerSideEncryptionConfiguration": {"Rules": [bucket_named(Bucket).encryption["Rule"]]}}


@operation("s3", "DeleteBucketEncryption")
def delete_bucket_encryption(call: Call, *, Bucket: str, **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html: back to keys of S3."""
    bucket_named(Bucket).encryption = OWN_KEYS
