"""CloudTrail delivers for one trail, of the management account, what happens in all accounts.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html and
create-kms-key-policy-for-cloudtrail.html. Of its log group, CloudWatch Logs encrypts:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sra_bootstrap.org import Org
from tests.policies.cases import Delivery

_SERVICE = "cloudtrail.amazonaws.com"


def _trail(org: Org) -> str:
    name = org.sections["cloudtrail"].name
    return f"arn:{org.partition}:cloudtrail:{org.home_region}:{org.management_id}:trail/{name}"


def _asks(org: Org, action: str, key: str = "", **more: str) -> Delivery:
    return Delivery(_SERVICE, action, str(org.management_id), _trail(org), key, more)


def _encrypts(org: Org, region: str) -> Iterator[Delivery]:
    context: Any = {"kms:EncryptionContext:aws:cloudtrail:arn": _trail(org)}
    yield _asks(org, "kms:GenerateDataKey", **context)
    yield _asks(org, "kms:DescribeKey")
    reader_id = str(org.id_of(org.log_archive))
    reader = f"arn:{org.partition}:iam::{reader_id}:role/{org.role_name}"
    yield Delivery(reader, "kms:Decrypt", reader_id, more=context)


def _delivers(org: Org, region: str) -> Iterator[Delivery]:
    header, key_owner = "s3:x-amz-server-side-encryption", org.id_of(org.security_tooling)
    key = f"arn:{org.partition}:kms:{region}:{key_owner}:key/11111111-2222-3333-4444-555555555555"
    sent: Any = {"s3:x-amz-acl": "bucket-owner-full-control", header: "aws:kms", f"{header}-aws-kms-key-id": key}
    yield _asks(org, "s3:GetBucketAcl")
    for folder in (org.management_id, f"{org.id}/{org.id_of('workload-prod')}"):
        yield _asks(org, "s3:PutObject", f"AWSLogs/{folder}/CloudTrail/{region}/2026/01/01/log.json.gz", **sent)


def _encrypts_log_group(org: Org, region: str) -> Iterator[Delivery]:
    account_id, name = str(org.management_id), org.sections["cloudtrail"].cloudwatch_logs.log_group
    group = f"arn:{org.partition}:logs:{region}:{account_id}:log-group:{name}"
    context = {"kms:EncryptionContext:aws:logs:arn": group}
    for action in ("kms:GenerateDataKey", "kms:Encrypt", "kms:Decrypt"):
        yield Delivery(f"logs.{region}.amazonaws.com", action, account_id, more=context)


KEYS = {"cloudtrail": _encrypts, "cloudtrail-logs": _encrypts_log_group}
BUCKETS = {"cloudtrail": _delivers}
