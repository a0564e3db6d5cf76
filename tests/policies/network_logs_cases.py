"""What delivers flow logs of VPCs and queries to Route 53 Resolver, for the accounts whose networks are logged.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sra_bootstrap.org import Org
from tests.policies.cases import Delivery

_SERVICE = "delivery.logs.amazonaws.com"


def _asks(org: Org, *actions: str, key: str = "") -> Iterator[Delivery]:
    account_id = str(org.id_of(org.network))
    for region in org.regions:
        arn = f"arn:{org.partition}:logs:{region}:{account_id}:delivery-source/0123456789"
        for action in actions:
            yield Delivery(_SERVICE, action, account_id, arn, key)


def _encrypts(org: Org, region: str) -> Iterator[Delivery]:
    yield from _asks(org, "kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey")
    reader_id = str(org.id_of(org.log_archive))
    yield Delivery(f"arn:{org.partition}:iam::{reader_id}:role/{org.role_name}", "kms:Decrypt", reader_id)


def _delivers(folder: str) -> Callable[[Org, str], Iterator[Delivery]]:
    def delivers(org: Org, region: str) -> Iterator[Delivery]:
        yield from _asks(org, "s3:GetBucketAcl", "s3:ListBucket")
        account_id = org.id_of(org.network)
        yield from _asks(org, "s3:PutObject", key=f"AWSLogs/{account_id}/{folder}/{region}/2026/01/01/log.gz")

    return delivers


KEYS = {"flow-logs": _encrypts, "resolver-queries": _encrypts}
BUCKETS = {"flow-logs": _delivers("vpcflowlogs"), "resolver-queries": _delivers("vpcdnsquerylogs/vpc-0123456789")}
