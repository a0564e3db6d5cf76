"""What the key of a data lake is used for: its queues, its queries and its subscribers.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html and
https://docs.aws.amazon.com/lake-formation/latest/dg/register-encrypted.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sra_bootstrap.org import Org
from tests.policies.cases import Delivery

_LAKE_FORMATION = "aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"


def _is_used(org: Org, region: str) -> Iterator[Delivery]:
    account_id = str(org.id_of(org.log_archive))
    queue = f"arn:{org.partition}:sqs:{region}:{account_id}:AmazonSecurityLakeManager-{region}"
    for service in ("s3.amazonaws.com", "events.amazonaws.com"):
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            more = {"kms:EncryptionContext:aws:sqs:arn": queue}
            yield Delivery(service, action, account_id, more=more)
    role = f"arn:{org.partition}:iam::{account_id}:role/"
    for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"):
        yield Delivery(f"{role}{_LAKE_FORMATION}", action, account_id)
    yield Delivery(f"{role}AmazonSecurityLake-0123456789", "kms:Decrypt", account_id)


KEYS = {"security-lake": _is_used}
