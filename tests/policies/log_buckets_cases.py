"""What `log_buckets` itself needs: that Amazon S3 writes who has asked for what."""

from __future__ import annotations

from collections.abc import Iterator

from sra_bootstrap.org import Org
from steps.common import buckets
from steps.log_buckets import ACCESS_LOGS
from tests.policies.cases import Delivery


def _access_logs(org: Org, region: str) -> Iterator[Delivery]:
    account_id = str(org.id_of(org.log_archive))
    for bucket in buckets.needed(org):
        if bucket is not ACCESS_LOGS:
            arn, key = str(buckets.arn_of(bucket, org)), f"{bucket.name}/2026-01-01-00-00-00-0123456789ABCDEF"
            yield Delivery("logging.s3.amazonaws.com", "s3:PutObject", account_id, arn, key)


BUCKETS = {"access-logs": _access_logs}
