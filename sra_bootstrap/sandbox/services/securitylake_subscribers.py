"""Amazon Security Lake: subscribers, the accounts that may use what is in the lake of a region."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services import ram
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.securitylake import (
    Lake,
    absent,
    bad_request,
    conflict,
    existing,
    lake_of,
    listed,
    readable,
    regional,
    take_a_while,
)
from sra_bootstrap.sandbox.services.securitylake_resources import database, remove_queue
from sra_bootstrap.sandbox.services.securitylake_sources import resource, version_of


@dataclass
class Subscriber:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_SubscriberResource.html.

    `endpoint` is where it is told of new data: the ARN of a queue, or an address.
    """

    id: str
    arn: str
    name: str
    access: list[str]
    identity: dict[str, str]
    sources: list[dict[str, Any]]
    description: str | None
    status: str = "PENDING"
    endpoint: str | None = None
    role_arn: str | None = None
    share: ram.Share | None = None
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)

    @property
    def queue(self) -> str:
        """The name of its queue.

        https://github.com/hashicorp/terraform-provider-aws, service/securitylake/subscriber_notification_test.go
        """
        return f"AmazonSecurityLake-{self.id}-Main-Queue"


@dataclass
class Subscribers:
    """The subscribers of the lake of an account in a region, by their ids."""

    by_id: dict[str, Subscriber] = field(default_factory=dict)


def subscribers_of(account_id: str, region: str) -> dict[str, Subscriber]:
    """The subscribers of the lake of an account in a region, by their ids."""
    return store.state(Subscribers, account_id, region).by_id


def found(call: Call, subscriber_id: str) -> Subscriber:
    """A subscriber of the caller's lake in the region of the call.

    Raises:
        AwsFault: there is none such.
    """
    subscriber = subscribers_of(call.account_id, call.region).get(subscriber_id)
    if subscriber is None:
        raise absent("subscriber")
    return subscriber


def _describe(subscriber: Subscriber, call: Call) -> dict[str, Any]:
    bucket = lake_of(call.account_id, call.partition).regions[call.region].bucket
    share = subscriber.share
    description = {
        "subscriberId": subscriber.id,
        "subscriberArn": subscriber.arn,
        "subscriberName": subscriber.name,
        "subscriberDescription": subscriber.description,
        "subscriberIdentity": subscriber.identity,
        "subscriberStatus": subscriber.status,
        "subscriberEndpoint": subscriber.endpoint,
        "accessTypes": subscriber.access,
        "sources": subscriber.sources,
        "roleArn": subscriber.role_arn,
        "resourceShareArn": share and share.arn,
        "resourceShareName": share and share.name,
        "s3BucketArn": f"arn:{call.partition}:s3:::{bucket}",
        "createdAt": subscriber.created,
        "updatedAt": subscriber.updated,
    }
    return {key: value for key, value in description.items() if value is not None}


def _sources(lake: Lake, region: str, sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sources of a subscriber: ten at most, says https://docs.aws.amazon.com/security-lake/latest/userguide/subscriber-management.html.

    That they must be collected is guessed from the SRA's examples, which try again on this error.

    Raises:
        AwsFault: there are too many, or one is not collected in the region.
    """
    if len(sources) > 10:
        raise bad_request("A subscriber has 10 sources at most.")
    kept = []
    collected = [found for place, found in lake.sources.items() if place[1] == region]
    for one in sources:
        if "awsLogSource" not in one:
            raise NotImplementedError("custom sources")
        name, version = one["awsLogSource"]["sourceName"], version_of(one["awsLogSource"])
        if not any(version in found.get(name, ()) for found in collected):
            raise bad_request(f"{name} {version} isn't a source in {region}.")
        kept.append(resource(name, version))
    return kept


@operation("securitylake", "CreateSubscriber")
def create_subscriber(
    call: Call,
    *,
    sources: list[dict[str, Any]],
    subscriberIdentity: dict[str, str],
    subscriberName: str,
    accessTypes: list[str] | None = None,
    subscriberDescription: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateSubscriber.html.

    It is of the region of the call. With S3, it gets a role that its account may assume; with LAKEFORMATION, a share of
    AWS RAM. That there are no two of the same account and external id, is guessed.

    Raises:
        AwsFault: there is no lake in the region, or it cannot be as asked for.
    """
    lake = existing(call)
    regional(lake, call.region)
    kept = _sources(lake, call.region, sources)
    there = subscribers_of(call.account_id, call.region)
    if any(other.identity == subscriberIdentity for other in there.values()):
        raise conflict()
    subscriber_id = str(mock_random.uuid4())
    arn = f"arn:{call.partition}:securitylake:{call.region}:{call.account_id}:subscriber/{subscriber_id}"
    access = accessTypes or ["S3"]
    subscriber = Subscriber(subscriber_id, arn, subscriberName, access, subscriberIdentity, kept, subscriberDescription)
    if "S3" in access:
        subscriber.role_arn = _make_role(call, subscriber)
    if "LAKEFORMATION" in access:
        ensure(call.account_id, call.partition, "lakeformation.amazonaws.com")
        _share(call, subscriber)
    there[subscriber_id] = subscriber
    lake.tags[arn] = {tag["key"]: tag["value"] for tag in tags or []}
    later(take_a_while(lake), partial(_activate, subscriber))
    return {"subscriber": _describe(subscriber, call)}


def _activate(subscriber: Subscriber, at: float) -> None:
    subscriber.status = "ACTIVE"


def _make_role(call: Call, subscriber: Subscriber) -> str:
    """https://github.com/hashicorp/terraform-provider-aws, service/securitylake/subscriber_test.go, has its name.

    Its boundary: https://docs.aws.amazon.com/security-lake/latest/userguide/security-iam-awsmanpol.html.
    """
    principal = subscriber.identity["principal"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal} if principal.isdigit() else {"Service": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": [subscriber.identity["externalId"]]}},
            }
        ],
    }
    role = iam_backends[call.account_id][call.partition].create_role(
        role_name=f"AmazonSecurityLake-{subscriber.id}",
        assume_role_policy_document=json.dumps(trust),
        path="/",
        permissions_boundary=f"arn:{call.partition}:iam::aws:policy/AmazonSecurityLakePermissionsBoundary",
        description="",
        tags=[],
        max_session_duration=3600,
    )
    arn: str = role.arn
    return arn


def _share(call: Call, subscriber: Subscriber) -> None:
    prefix = f"arn:{call.partition}:glue:{call.region}:{call.account_id}"
    name = database(call.region)
    tables = [one["awsLogSource"] for one in subscriber.sources]
    shared = [f"{prefix}:catalog", f"{prefix}:database/{name}"]
    for table in tables:
        suffix = f"{table['sourceName'].lower()}_{table['sourceVersion'].replace('.', '_')}"
        region = call.region.replace("-", "_")
        shared.append(f"{prefix}:table/{name}/amazon_security_lake_table_{region}_{suffix}")
    if subscriber.share is None:
        name = f"LakeFormation-V3-{mock_random.get_random_hex(10).upper()}"
        subscriber.share = ram.make_share(call, name, subscriber.identity["principal"], shared)
    else:
        subscriber.share.resources = shared


@operation("securitylake", "UpdateSubscriber")
def update_subscriber(
    call: Call,
    *,
    subscriberId: str,
    sources: list[dict[str, Any]] | None = None,
    subscriberIdentity: dict[str, str] | None = None,
    subscriberName: str | None = None,
    subscriberDescription: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UpdateSubscriber.html.

    The sources that are named are all that it has. What is not named stays; that is guessed.

    Raises:
        AwsFault: there is none such, or it cannot be as asked for.
    """
    lake = existing(call)
    subscriber = found(call, subscriberId)
    if sources is not None:
        subscriber.sources = _sources(lake, call.region, sources)
    if subscriberIdentity is not None and subscriberIdentity != subscriber.identity:
        withdraw(call.account_id, call.partition, call.region, subscriber)
        subscriber.identity = subscriberIdentity
        if "S3" in subscriber.access:
            subscriber.role_arn = _make_role(call, subscriber)
    if "LAKEFORMATION" in subscriber.access:
        _share(call, subscriber)
    subscriber.name = subscriberName or subscriber.name
    subscriber.description = subscriberDescription or subscriber.description
    subscriber.updated = moment()
    take_a_while(lake)
    return {"subscriber": _describe(subscriber, call)}


@operation("securitylake", "GetSubscriber")
def get_subscriber(call: Call, subscriberId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_GetSubscriber.html."""
    readable(call)
    return {"subscriber": _describe(found(call, subscriberId), call)}


@operation("securitylake", "ListSubscribers")
def list_subscribers(call: Call, maxResults: int | None = None, nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_ListSubscribers.html: those of one region."""
    if call.region not in readable(call).regions:
        raise absent("data lake")
    there = subscribers_of(call.account_id, call.region).values()
    return listed("subscribers", [_describe(subscriber, call) for subscriber in there], maxResults, nextToken)


@operation("securitylake", "DeleteSubscriber")
def delete_subscriber(call: Call, subscriberId: str) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteSubscriber.html."""
    lake = existing(call)
    _remove(call.account_id, call.partition, call.region, found(call, subscriberId))
    take_a_while(lake)


def withdraw(account_id: str, partition: str, region: str, subscriber: Subscriber) -> None:
    """Take from a subscriber what lets it use the lake."""
    if subscriber.role_arn is not None:
        iam_backends[account_id][partition].delete_role(f"AmazonSecurityLake-{subscriber.id}")
        subscriber.role_arn = None
    if subscriber.share is not None:
        ram.remove_share(account_id, region, subscriber.share)
        subscriber.share = None


def _remove(account_id: str, partition: str, region: str, subscriber: Subscriber) -> None:
    withdraw(account_id, partition, region, subscriber)
    remove_queue(account_id, region, subscriber.queue)
    del subscribers_of(account_id, region)[subscriber.id]


def remove_subscribers(account_id: str, partition: str, region: str) -> None:
    """Remove every subscriber of a lake in a region."""
    for subscriber in list(subscribers_of(account_id, region).values()):
        _remove(account_id, partition, region, subscriber)
