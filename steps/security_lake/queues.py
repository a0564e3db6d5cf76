"""The queues of Security Lake in a region, which it makes without a key of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Change, Resource, Target
from sra_bootstrap.org import Org
from steps.common import keys
from steps.security_lake.access import KEY
from steps.security_lake.calling import PATIENCE
from steps.security_lake.subscribers import DATA, Subscribers, called, read, read_anew

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def names(region: str, *, data: bool) -> list[str]:
    """What the queues of a lake in a region are called in a plan; that of a subscriber has an id in its name.

    https://github.com/aws-samples/aws-security-reference-architecture-examples, security_lake.py
    """
    manager = f"AmazonSecurityLakeManager-{region}"
    return [f"{manager}-Queue", f"{manager}-Dlq", *([DATA] if data else [])]


def observe(at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
    """What each queue of Security Lake in one region is encrypted with."""
    sqs: SQSClient = aws.client("sqs", at)
    told: dict[str, Any] = {}
    for name, url in _urls(read(at.region, org, aws), at, sqs).items():
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["KmsMasterKeyId"]).get("Attributes", {})
        key_id = attributes.get("KmsMasterKeyId")
        told[name] = key_id and keys.told(key_id, KEY, org, at.region, aws)
    if told:
        yield Resource(Address("queues", at), told)


def _urls(there: Subscribers, at: Target, sqs: SQSClient) -> dict[str, str]:
    """Where the queues are, by what they are called in a plan."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="AmazonSecurityLake")
    found = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
    known = {name: name for name in names(at.region, data=False)}
    if called(DATA) in there:
        known[there[called(DATA)].get("subscriberEndpoint", "").rpartition(":")[2]] = DATA
    return {known[name]: url for name, url in found.items() if name in known}


def put(change: Change, org: Org, aws: Writer) -> None:
    """Encrypt the queues that a change names.

    Raises:
        RefusalError: one is not there.
    """
    at = change.address.at
    sqs: SQSClient = aws.client("sqs", at)

    def look() -> dict[str, str]:
        return _urls(read_anew(at.region, org, aws), at, sqs)

    found = aws.poll(look, lambda urls: urls.keys() >= change.after.keys(), PATIENCE)
    if missing := change.after.keys() - found.keys():
        raise RefusalError(f"Security Lake has no queue {', '.join(sorted(missing))} in {at.region}.", "Run it again.")
    key_arn = keys.arn_of(KEY, org, at.region, aws)
    for name in change.after:
        sqs.set_queue_attributes(QueueUrl=found[name], Attributes={"KmsMasterKeyId": key_arn})
