"""Amazon S3: who owns what is put in a bucket, and whether there are ACLs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, check
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named

_PUBLIC = {"public-read", "public-read-write", "authenticated-read"}
_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


@check("s3", "CreateBucket")
def no_acl_where_there_are_none(
    call: Call, *, ACL: str = "private", ObjectOwnership: str = "BucketOwnerEnforced", **grants: Any
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html.

    Raises:
        AwsFault: an ACL is asked for, on a bucket that has none.
    """
    granted = ACL != "private" or any(name in grants for name in _GRANTS)
    if granted and ObjectOwnership == "BucketOwnerEnforced":
        text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        raise AwsFault("InvalidBucketAclWithObjectOwnership", text)


@check("s3", "PutBucketAcl", "PutObjectAcl")
def acls_are_not_disabled(call: Call, *, Bucket: str, ACL: str = "private", **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html.

    Raises:
        AwsFault: they are, or what is public is blocked.
    """
    bucket = bucket_named(Bucket)
    if bucket.ownership_rule == "BucketOwnerEnforced":
        raise AwsFault("AccessControlListNotSupported", "The bucket does not allow ACLs")
    _refuse_public(bucket, ACL)


@check("s3", "PutObject", "CopyObject", "CreateMultipartUpload")
def an_object_gives_all_to_the_owner_of_the_bucket(
    call: Call, *, Bucket: str, ACL: str = "bucket-owner-full-control", **grants: Any
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: the only ACL that an owner enforced takes.

    Raises:
        AwsFault: it has another, where there are no ACLs, or what is public is blocked.
    """
    bucket = bucket_named(Bucket)
    granted = ACL != "bucket-owner-full-control" or any(name in grants for name in _GRANTS)
    if granted and bucket.ownership_rule == "BucketOwnerEnforced":
        raise AwsFault("AccessControlListNotSupported", "The bucket does not allow ACLs")
    _refuse_public(bucket, ACL)


def _refuse_public(bucket: Any, acl: str) -> None:
    block = bucket.public_access_block
    if acl in _PUBLIC and block is not None and block.block_public_acls:
        raise AwsFault("AccessDenied", "Access Denied")
