"""What others do to buckets of logs: `LIFE`."""

from __future__ import annotations

from steps.common import buckets
from tests.steps.by_hand import Life
from tests.world import World


def drift(world: World) -> None:
    """Take away whatever of the buckets can be taken away."""
    org = world.arrive()
    s3 = world.client("s3", org.log_archive, org.home_region)
    for bucket in buckets.needed(org):
        name = str(buckets.name_of(bucket, org))
        s3.delete_bucket_policy(Bucket=name)
        s3.delete_bucket_lifecycle(Bucket=name)
        s3.delete_public_access_block(Bucket=name)
        s3.delete_bucket_ownership_controls(Bucket=name)
        s3.delete_bucket_encryption(Bucket=name)
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
        if bucket.object_lock:
            s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
        else:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})


LIFE = Life(drift=drift)
