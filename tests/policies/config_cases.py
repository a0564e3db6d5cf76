"""AWS Config delivers for every account, from every governed region.

https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html and s3-kms-key-policy.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from sra_bootstrap.org import Org
from tests.policies.cases import Delivery

_OWNED = {"s3:x-amz-acl": "bucket-owner-full-control"}


def _sources(org: Org) -> Iterator[tuple[str, str]]:
    for account in ("organization", "workload-prod"):
        account_id = str(org.id_of(account))
        for region in org.regions:
            yield account_id, f"arn:{org.partition}:config:{region}:{account_id}:*"


def _encrypts(org: Org, region: str) -> Iterator[Delivery]:
    for account_id, arn in _sources(org):
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            yield Delivery("config.amazonaws.com", action, account_id, arn)


def _delivers(org: Org, region: str) -> Iterator[Delivery]:
    for account_id, arn in _sources(org):
        for action in ("s3:GetBucketAcl", "s3:ListBucket"):
            yield Delivery("config.amazonaws.com", action, account_id, arn)
        key = f"{org.id}/AWSLogs/{account_id}/Config/ConfigWritabilityCheckFile"
        yield Delivery("config.amazonaws.com", "s3:PutObject", account_id, arn, key, _OWNED)


KEYS = {"config": _encrypts}
BUCKETS = {"config": _delivers}
