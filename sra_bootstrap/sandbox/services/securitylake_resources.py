"""Amazon Security Lake: what it makes in the account that has the lake, in a region, in moto's other services."""

from __future__ import annotations

import string
from typing import Any

from moto.glue.models import glue_backends
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from sra_bootstrap.sandbox.extension import Call

_CHARACTERS = string.ascii_lowercase + string.digits
_LONGEST = 63
"""How long the name of a bucket may be; in regions whose names have nine letters, that leaves the 30 that were seen."""


def database(region: str) -> str:
    """The name of the database of Glue that a lake has in a region.

    https://github.com/hashicorp/terraform-provider-aws/issues/40363
    """
    return f"amazon_security_lake_glue_db_{region.replace('-', '_')}"


def has_leftovers(account_id: str, region: str) -> bool:
    """Whether there is a database of an earlier lake."""
    return database(region) in glue_backends[account_id][region].databases


def make_resources(call: Call, region: str) -> str:
    """Make what a lake consists of in a region, and give the name of its bucket.

    The bucket: https://github.com/hashicorp/terraform-provider-aws, service/securitylake/subscriber_test.go. The
    queues: https://github.com/aws-samples/aws-security-reference-architecture-examples, security_lake.py.
    """
    beginning = f"aws-security-data-lake-{region}-"
    bucket = beginning + "".join(mock_random.choice(_CHARACTERS) for _ in range(_LONGEST - len(beginning)))
    s3_backends[call.account_id][call.partition].create_bucket(bucket, region)
    glue_backends[call.account_id][region].create_database(database(region), {"Name": database(region)})
    for name in ("Dlq", "Queue"):
        make_queue(call.account_id, region, f"AmazonSecurityLakeManager-{region}-{name}")
    return bucket


def set_bucket(call: Call, region: str, bucket: str, configuration: dict[str, Any]) -> None:
    """Encrypt the bucket of a lake as its configuration says."""
    key_id = configuration["encryptionConfiguration"]["kmsKeyId"]
    by = (
        {"SSEAlgorithm": "AES256"}
        if key_id == "S3_MANAGED_KEY"
        else {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_id}
    )
    rule = {"Rule": {"ApplyServerSideEncryptionByDefault": by}}
    s3_backends[call.account_id][call.partition].put_bucket_encryption(bucket, rule)


def make_queue(account_id: str, region: str, name: str) -> str:
    """Make a queue, if it is not there, and give its ARN."""
    queues = sqs_backends[account_id][region]
    if name not in queues.queues:
        queues.create_queue(name)
    arn: str = queues.queues[name].queue_arn
    return arn


def remove_queue(account_id: str, region: str, name: str) -> None:
    """Remove a queue, if it is there."""
    sqs_backends[account_id][region].queues.pop(name, None)
