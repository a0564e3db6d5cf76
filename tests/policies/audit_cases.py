"""The log that no service writes: see `tests.steps.logs_by_hand`."""

from __future__ import annotations

from collections.abc import Iterator

from sra_bootstrap.org import Org
from tests.policies.cases import Delivery
from tests.steps.logs_by_hand import WRITER


def _delivery(org: Org, action: str, key: str = "") -> Delivery:
    account_id = str(org.management_id)
    [service] = WRITER["Service"]
    arn = f"arn:{org.partition}:cloudtrail:{org.home_region}:{account_id}:trail/all"
    return Delivery(service, action, account_id, arn, key)


def _encrypts(org: Org, region: str) -> Iterator[Delivery]:
    yield _delivery(org, "kms:GenerateDataKey")


def _delivers(org: Org, region: str) -> Iterator[Delivery]:
    yield _delivery(org, "s3:PutObject", f"AWSLogs/{org.id}/audit")


KEYS = {"audit": _encrypts, "regional": _encrypts}
BUCKETS = {"audit": _delivers, "plain": _delivers}
