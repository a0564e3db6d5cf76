"""What is shared with the security tooling account for its queries: it may be asked to accept it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Change, Resource, Target
from sra_bootstrap.org import Org
from steps.security_lake.calling import PATIENCE
from steps.security_lake.subscribers import QUERY, Subscribers, called, read, read_anew

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient


def observe(at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
    """Whether what is shared for queries is accepted, as the account sees it that it is shared with."""
    if share := _share(read(at.region, org, aws)):
        ram: RAMClient = aws.client("ram", at)
        yield Resource(Address("resource-share", at, QUERY), {"accepted": _accepted(share, ram)})


def _share(there: Subscribers) -> str:
    """The ARN of what is shared for queries; empty where nothing is."""
    return there[called(QUERY)].get("resourceShareArn", "") if called(QUERY) in there else ""


def _accepted(share: str, ram: RAMClient) -> bool:
    return bool(ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])["resourceShares"])


def put(change: Change, org: Org, aws: Writer) -> None:
    """Accept what is shared for queries. Within an organization that shares by AWS RAM, nobody is asked.

    https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html

    Raises:
        RefusalError: there is nothing to accept.
    """
    at = change.address.at
    ram: RAMClient = aws.client("ram", at)
    share = _share(read_anew(at.region, org, aws))

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
