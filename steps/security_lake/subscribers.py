"""The security tooling account as a subscriber: of the data itself, told by a queue, and of queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Address, Change, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, nested
from steps.security_lake.calling import client, persist, when_free

if TYPE_CHECKING:
    from mypy_boto3_securitylake.type_defs import SubscriberResourceTypeDef

Subscribers = Mapping[str, "SubscriberResourceTypeDef"]
DATA, QUERY = "data-access", "query-access"
ACCESS: dict[str, Any] = {DATA: "S3", QUERY: "LAKEFORMATION"}
"""What our subscribers are for, and what Security Lake calls it."""


def called(name: str) -> str:
    """What a subscriber is called, and also its external id, which is no secret within an organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
    """
    return f"sra-{name}"


def read(region: str, org: Org, aws: Reader) -> Subscribers:
    """The subscribers in a region, by what they are called; asked once for all of a round."""

    def ask() -> dict[str, SubscriberResourceTypeDef]:
        return read_anew(region, org, aws)

    return aws.once(f"subscribers in {region}", ask)


def read_anew(region: str, org: Org, aws: Reader) -> dict[str, SubscriberResourceTypeDef]:
    """The subscribers in a region, by what they are called."""
    securitylake = client(org, aws, region)
    try:
        pages = list(securitylake.get_paginator("list_subscribers").paginate())
    except securitylake.exceptions.ResourceNotFoundException:
        # There is no lake in the region yet.
        return {}
    return {subscriber["subscriberName"]: subscriber for page in pages for subscriber in page["subscribers"]}


def observe(at: Target, org: Org, aws: Reader) -> Iterator[Obstacle | Resource]:
    """Our subscribers in one region."""
    for name, access in ACCESS.items():
        found, address = read(at.region, org, aws).get(called(name)), Address("subscriber", at, name)
        if found is None:
            continue
        if found.get("accessTypes") != [access]:
            yield Obstacle(
                address,
                f"The subscriber {called(name)} in {at.region} has another access than {access}, which cannot change.",
                f"Delete it: aws securitylake delete-subscriber --region {at.region} --subscriber-id "
                f"{found['subscriberId']}",
            )
        yield Resource(address, _told(found))


def _told(found: SubscriberResourceTypeDef) -> Attrs:
    identity, endpoint = found["subscriberIdentity"], found.get("subscriberEndpoint")
    return {
        "account": identity["principal"],
        "external_id": identity["externalId"],
        "sources": {one["sourceName"]: one["sourceVersion"] for one in map(_source, found["sources"]) if one},
        "notification": endpoint and ("SQS" if ":sqs:" in endpoint else "HTTPS"),
    }


def _source(source: Any) -> Any:
    return source.get("awsLogSource")


def put(change: Change, org: Org, aws: Writer) -> None:
    """Make a subscriber, or set what of it differs."""
    name, region, wanted = change.address.name, change.address.at.region, change.after
    securitylake = client(org, aws, region)
    refused = (securitylake.exceptions.BadRequestException, securitylake.exceptions.ConflictException)
    named = nested(wanted, "sources")
    identity: Any = {"principal": str(org.id_of(org.security_tooling)), "externalId": called(name)}

    def make() -> str:
        found = read_anew(region, org, aws).get(called(name))
        if found is None:
            answer = securitylake.create_subscriber(
                subscriberName=called(name),
                subscriberIdentity=identity,
                accessTypes=[ACCESS[name]],
                sources=_sources({}, named),
            )
            return answer["subscriber"]["subscriberId"]
        if wanted.keys() & {"account", "external_id", "sources"}:
            securitylake.update_subscriber(
                subscriberId=found["subscriberId"],
                subscriberIdentity=identity,
                sources=_sources(found, named),
            )
        return found["subscriberId"]

    def notify() -> None:
        found = read_anew(region, org, aws).get(called(name))
        notification = found and _told(found)["notification"]
        if notification == "SQS":
            return
        notifying = securitylake.update_subscriber_notification
        if notification is None:
            notifying = securitylake.create_subscriber_notification
        notifying(subscriberId=subscriber_id, configuration={"sqsNotificationConfiguration": {}})

    subscriber_id = persist(make, refused, aws)
    if "notification" in wanted:
        persist(notify, refused, aws)


def _sources(found: Any, named: Attrs) -> Any:
    """All sources of a subscriber, as those that are sent are all that it has then; ours instead of other versions."""
    others = [one for one in found.get("sources", []) if (_source(one) or {}).get("sourceName") not in named]
    ours = [{"awsLogSource": {"sourceName": name, "sourceVersion": version}} for name, version in named.items()]
    return [*others, *ours]


def delete(change: Change, org: Org, aws: Writer) -> None:
    """Delete a subscriber, if it is there."""
    region = change.address.at.region
    securitylake = client(org, aws, region)

    def remove() -> None:
        found = read_anew(region, org, aws).get(called(change.address.name))
        if found is not None:
            securitylake.delete_subscriber(subscriberId=found["subscriberId"])

    when_free(remove, securitylake, aws)
