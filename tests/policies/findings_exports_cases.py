"""GuardDuty and Macie deliver for the account that administers them, from every governed region.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html and
https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from sra_bootstrap.org import Org
from tests.policies.cases import Delivery

_DETECTOR = "detector/0123456789abcdef0123456789abcdef"
_MACIE = ("export-configuration:*", "classification-job/0123456789abcdef0123456789abcdef")


def _asks(org: Org, client: str, source: str, service: str, *actions: str, key: str = "") -> Iterator[Delivery]:
    account_id = str(org.id_of(org.security_tooling))
    for region in org.regions:
        arn = f"arn:{org.partition}:{client}:{region}:{account_id}:{source}"
        for action in actions:
            yield Delivery(service, action, account_id, arn, key)


def _reads(org: Org) -> Delivery:
    reader_id = str(org.id_of(org.log_archive))
    return Delivery(f"arn:{org.partition}:iam::{reader_id}:role/{org.role_name}", "kms:Decrypt", reader_id)


def _guardduty_encrypts(org: Org, region: str) -> Iterator[Delivery]:
    yield from _asks(org, "guardduty", _DETECTOR, "guardduty.amazonaws.com", "kms:GenerateDataKey")
    yield _reads(org)


def _guardduty_delivers(org: Org, region: str) -> Iterator[Delivery]:
    service = "guardduty.amazonaws.com"
    key = f"AWSLogs/{org.id_of('workload-prod')}/GuardDuty/{region}/2026/01/01/findings.jsonl.gz"
    yield from _asks(org, "guardduty", _DETECTOR, service, "s3:GetBucketLocation")
    yield from _asks(org, "guardduty", _DETECTOR, service, "s3:PutObject", key=key)


def _macie_encrypts(org: Org, region: str) -> Iterator[Delivery]:
    for source in _MACIE:
        yield from _asks(org, "macie2", source, "macie.amazonaws.com", "kms:GenerateDataKey", "kms:Encrypt")
    yield _reads(org)


def _macie_delivers(org: Org, region: str) -> Iterator[Delivery]:
    account_id, service = org.id_of(org.security_tooling), "macie.amazonaws.com"
    key = f"AWSLogs/{account_id}/Macie/{region}/0123456789abcdef/{account_id}/results.jsonl.gz"
    for source in _MACIE:
        yield from _asks(org, "macie2", source, service, "s3:GetBucketLocation")
        yield from _asks(org, "macie2", source, service, "s3:PutObject", key=key)


KEYS = {"guardduty": _guardduty_encrypts, "macie": _macie_encrypts}
BUCKETS = {"guardduty": _guardduty_delivers, "macie": _macie_delivers}
