"""The security tooling account as a subscriber: of the data itself, told by a queue, and of queries by Athena."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Change, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, nested
from steps.common import keys
from steps.security_lake.access import KEY
from steps.security_lake.calling import PATIENCE, client, persist

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_securitylake.type_defs import SubscriberResourceTypeDef
    from mypy_boto3_sqs import SQSClient

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
        return _read(region, org, aws)

    return aws.once(f"subscribers in {region}", ask)


def _read(region: str, org: Org, aws: Reader) -> dict[str, SubscriberResourceTypeDef]:
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

    def make() -> None:
        found = _read(region, org, aws).get(called(name))
        if found is None:
            securitylake.create_subscriber(
                subscriberName=called(name),
                subscriberIdentity=identity,
                accessTypes=[ACCESS[name]],
                sources=_sources({}, named),
            )
        elif wanted.keys() & {"account", "external_id", "sources"}:
            securitylake.update_subscriber(
                subscriberId=found["subscriberId"],
                subscriberIdentity=identity,
                sources=_sources(found, named),
            )

    def notify() -> None:
        found = _read(region, org, aws)[called(name)]
        notification = _told(found)["notification"]
        if notification == "SQS":
            return
        notifying = securitylake.update_subscriber_notification
        if notification is None:
            notifying = securitylake.create_subscriber_notification
        notifying(subscriberId=found["subscriberId"], configuration={"sqsNotificationConfiguration": {}})

    persist(make, refused, aws)
    if "notification" in wanted:
        persist(notify, (*refused, KeyError), aws)


def _sources(found: Any, named: Attrs) -> Any:
    """All sources of a subscriber, as those that are sent are all that it has then; ours instead of other versions."""
    others = [one for one in found.get("sources", []) if (_source(one) or {}).get("sourceName") not in named]
    ours = [{"awsLogSource": {"sourceName": name, "sourceVersion": version}} for name, version in named.items()]
    return [*others, *ours]


def delete(change: Change, org: Org, aws: Writer) -> None:
    """Delete a subscriber, if it is there."""
    region = change.address.at.region
    found = _read(region, org, aws).get(called(change.address.name))
    if found is not None:
        client(org, aws, region).delete_subscriber(subscriberId=found["subscriberId"])


def queues(region: str, *, data: bool) -> list[str]:
    """What the queues of a lake in a region are called in a plan; that of a subscriber has an id in its name.

    https://github.com/aws-samples/aws-security-reference-architecture-examples, security_lake.py
    """
    manager = f"AmazonSecurityLakeManager-{region}"
    return [f"{manager}-Queue", f"{manager}-Dlq", *([DATA] if data else [])]


def observe_queues(at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
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
    known = {name: name for name in queues(at.region, data=False)}
    if called(DATA) in there:
        known[there[called(DATA)].get("subscriberEndpoint", "").rpartition(":")[2]] = DATA
    return {known[name]: url for name, url in found.items() if name in known}


def encrypt(change: Change, org: Org, aws: Writer) -> None:
    """Encrypt the queues that a change names.

    Raises:
        RefusalError: one is not there.
    """
    at = change.address.at
    sqs: SQSClient = aws.client("sqs", at)

    def look() -> dict[str, str]:
        return _urls(_read(at.region, org, aws), at, sqs)

    found = aws.poll(look, lambda urls: urls.keys() >= change.after.keys(), PATIENCE)
    if missing := change.after.keys() - found.keys():
        raise RefusalError(f"Security Lake has no queue {', '.join(sorted(missing))} in {at.region}.", "Run it again.")
    key_arn = keys.arn_of(KEY, org, at.region, aws)
    for name in change.after:
        sqs.set_queue_attributes(QueueUrl=found[name], Attributes={"KmsMasterKeyId": key_arn})


def observe_share(at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
    """Whether what is shared for queries is accepted, as the account sees it that it is shared with."""
    if share := _share(read(at.region, org, aws)):
        ram: RAMClient = aws.client("ram", at)
        yield Resource(Address("resource-share", at, QUERY), {"accepted": _accepted(share, ram)})


def _share(there: Subscribers) -> str:
    """The ARN of what is shared for queries; empty where nothing is."""
    return there[called(QUERY)].get("resourceShareArn", "") if called(QUERY) in there else ""


def _accepted(share: str, ram: RAMClient) -> bool:
    return bool(ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])["resourceShares"])


def accept(change: Change, org: Org, aws: Writer) -> None:
    """Accept what is shared for queries. Within an organization that shares by AWS RAM, nobody is asked.

    https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html

    Raises:
        RefusalError: there is nothing to accept.
    """
    at = change.address.at
    ram: RAMClient = aws.client("ram", at)
    share = _share(_read(at.region, org, aws))

    def attempt() -> str:
        if _accepted(share, ram):
            return "ACCEPTED"
        [*found] = ram.get_resource_share_invitations(resourceShareArns=[share])["resourceShareInvitations"]
        if found and found[0]["status"] == "PENDING":
            ram.accept_resource_share_invitation(resourceShareInvitationArn=found[0]["resourceShareInvitationArn"])
        return found[0]["status"].replace("PENDING", "ACCEPTED") if found else ""

    status = aws.poll(attempt, bool, PATIENCE)
    if status != "ACCEPTED":
        raise RefusalError(
            f"The invitation to what Security Lake shares in {at.region} is {status.lower() or 'not there'}.",
            f"Delete the subscriber {called(QUERY)} there, and run it again: both are made anew.",
        )
