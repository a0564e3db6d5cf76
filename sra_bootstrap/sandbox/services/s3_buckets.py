"""Amazon S3: buckets as they are made and listed."""

from __future__ import annotations

import re
from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.s3_encryption import OWN_KEYS

_OWNER = "bcaf1ffd86f41161ca5fb16fd081034f"
_NAME = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_moto_makes_a_bucket = FakeBucket.__init__


def _make_bucket(bucket: Any, *parameters: Any, **more: Any) -> None:
    """All that is public is blocked, there are no ACLs, and S3 encrypts with keys of its own.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    """
    _moto_makes_a_bucket(bucket, *parameters, **more)
    bucket.creation_date = moment()
    bucket.public_access_block = PublicAccessBlock(True, True, True, True)  # noqa: FBT003 (moto's own order)
    bucket.ownership_rule = "BucketOwnerEnforced"
    bucket.encryption = OWN_KEYS


@check("s3", "CreateBucket")
def name_is_valid(call: Call, *, Bucket: str, **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.

    Raises:
        AwsFault: it is none.
    """
    if _NAME.fullmatch(Bucket) is None:
        raise AwsFault("InvalidBucketName", "The specified bucket is not valid.")


@operation("s3", "ListBuckets")
def list_buckets(
    call: Call,
    *,
    MaxBuckets: int = 10000,
    ContinuationToken: str | None = None,
    Prefix: str = "",
    BucketRegion: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html: those of the caller's account."""
    buckets = [
        {"Name": bucket.name, "CreationDate": bucket.creation_date, "BucketRegion": bucket.region_name}
        for name, bucket in sorted(s3_backends[call.account_id][call.partition].buckets.items())
        if name.startswith(Prefix) and BucketRegion in {None, bucket.region_name}
    ]
    refusal = AwsFault("InvalidArgument", "The continuation token provided is incorrect")
    found, following = page(buckets, MaxBuckets, ContinuationToken, refusal)
    answer = {"Buckets": found, "Owner": {"ID": _OWNER}}
    return answer if following is None else {**answer, "ContinuationToken": following}


FakeBucket.__init__ = _make_bucket
