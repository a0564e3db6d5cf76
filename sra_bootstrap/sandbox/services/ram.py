"""AWS RAM: what services share with another account, and the invitations to it; moto knows what an account shares.

Shares that Lake Formation makes are told to both sides. Those that an account makes by hand stay moto's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random
from moto.ram.models import ResourceShare, ram_backends

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, open_all_paths, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import iam_service_linked_roles as service_linked_roles

open_all_paths("ram", "ResourceAccessManagerResponse")

PRINCIPAL = "ram.amazonaws.com"


@dataclass
class Share:
    """What one account shares with another. `invitation` is how the other stands to it: None, where it is not asked."""

    arn: str
    name: str
    owner: str
    receiver: str
    resources: list[str]
    invitation: str | None
    invitation_arn: str
    created: datetime = field(default_factory=moment)


@dataclass
class _Received:
    """What others share with an account in a region."""

    shares: list[Share] = field(default_factory=list)


def _received(account_id: str, region: str) -> list[Share]:
    return store.state(_Received, account_id, region).shares


def make_share(call: Call, name: str, receiver: str, resources: list[str]) -> Share:
    """Share resources of the caller with another account.

    Within an organization that shares by AWS RAM, nobody is invited:
    https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html.
    """
    ours = receiver in membership.active_accounts(call.account_id) and shares_within_organization(call)
    share_id = mock_random.uuid4()
    prefix = f"arn:{call.partition}:ram:{call.region}:{call.account_id}"
    kept = ResourceShare(call.account_id, call.region, name=name, allowExternalPrincipals=True)
    kept.arn = f"{prefix}:resource-share/{share_id}"
    kept.principals, kept.resource_arns = [receiver], resources
    ram_backends[call.account_id][call.region].resource_shares.append(kept)
    invitation_arn = f"{prefix}:resource-share-invitation/{share_id}"
    share = Share(kept.arn, name, call.account_id, receiver, resources, None if ours else "PENDING", invitation_arn)
    _received(receiver, call.region).append(share)
    return share


def remove_share(account_id: str, region: str, share: Share) -> None:
    """Share it no longer."""
    for kept in ram_backends[account_id][region].resource_shares:
        if kept.arn == share.arn:
            kept.delete()
    _received(share.receiver, region).remove(share)


def shares_within_organization(call: Call) -> bool:
    """Whether the caller's organization shares by AWS RAM.

    "If you enable trusted access with AWS Organizations by using the AWS Organizations console or the
    enable-aws-service-access AWS CLI command, the AWSServiceRoleForResourceAccessManager service-linked role isn't
    created, and you can't share resources within your organization":
    https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html.
    """
    management_id = membership.management_account_of(call.account_id)
    if management_id is None or not membership.trusts(call.account_id, PRINCIPAL):
        return False
    linked = service_linked_roles.role_arn(management_id, call.partition, PRINCIPAL)
    return service_linked_roles.exists(management_id, call.partition, linked)


@operation("ram", "EnableSharingWithAwsOrganization")
def enable_sharing_with_aws_organization(call: Call) -> dict[str, bool]:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_EnableSharingWithAwsOrganization.html.

    It "creates a service-linked role"; that it does so too where access is trusted already is guessed.

    Raises:
        AwsFault: the caller is no management account, or its organization has no more than consolidated billing.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None or backend.org.master_account_id != call.account_id or backend.org.feature_set != "ALL":
        raise AwsFault("OperationNotPermittedException", "The requested operation is not permitted.")
    membership.trust(call.account_id, PRINCIPAL)
    service_linked_roles.ensure(call.account_id, call.partition, PRINCIPAL)
    return {"returnValue": True}


def _listed(name: str, items: list[dict[str, Any]], size: int | None, token: str | None) -> dict[str, Any]:
    refusal = AwsFault("InvalidNextTokenException", "The specified value for NextToken is not valid.")
    found, following = page(items, size or 100, token, refusal)
    return {name: found} if following is None else {name: found, "nextToken": following}


def _describe(share: Share) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": True,
        "status": "ACTIVE",
        "creationTime": share.created,
        "lastUpdatedTime": share.created,
        "featureSet": "STANDARD",
    }


@operation("ram", "GetResourceShares")
def get_resource_shares(
    call: Call,
    *,
    resourceOwner: str,
    resourceShareArns: list[str] | None = None,
    name: str | None = None,
    resourceShareStatus: str | None = None,
    maxResults: int | None = None,
    nextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShares.html.

    What is shared by others is listed once it is accepted.
    """
    if resourceOwner == "SELF":
        found = [share.describe() for share in ram_backends[call.account_id][call.region].resource_shares]
    else:
        found = [
            _describe(share)
            for share in _received(call.account_id, call.region)
            if share.invitation in {None, "ACCEPTED"}
        ]
    kept = [
        share
        for share in found
        if (not resourceShareArns or share["resourceShareArn"] in resourceShareArns)
        and name in {None, share["name"]}
        and resourceShareStatus in {None, share["status"]}
    ]
    return _listed("resourceShares", kept, maxResults, nextToken)


def _describe_invitation(share: Share) -> dict[str, Any]:
    return {
        "resourceShareInvitationArn": share.invitation_arn,
        "resourceShareName": share.name,
        "resourceShareArn": share.arn,
        "senderAccountId": share.owner,
        "receiverAccountId": share.receiver,
        "invitationTimestamp": share.created,
        "status": share.invitation,
    }


@operation("ram", "GetResourceShareInvitations")
def get_resource_share_invitations(
    call: Call,
    resourceShareInvitationArns: list[str] | None = None,
    resourceShareArns: list[str] | None = None,
    maxResults: int | None = None,
    nextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShareInvitations.html."""
    found = [
        _describe_invitation(share)
        for share in _received(call.account_id, call.region)
        if share.invitation is not None
        and (not resourceShareArns or share.arn in resourceShareArns)
        and (not resourceShareInvitationArns or share.invitation_arn in resourceShareInvitationArns)
    ]
    return _listed("resourceShareInvitations", found, maxResults, nextToken)


@operation("ram", "AcceptResourceShareInvitation")
def accept_resource_share_invitation(
    call: Call, resourceShareInvitationArn: str, clientToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_AcceptResourceShareInvitation.html."""
    return {"resourceShareInvitation": _describe_invitation(_answer(call, resourceShareInvitationArn, "ACCEPTED"))}


@operation("ram", "RejectResourceShareInvitation")
def reject_resource_share_invitation(
    call: Call, resourceShareInvitationArn: str, clientToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_RejectResourceShareInvitation.html."""
    return {"resourceShareInvitation": _describe_invitation(_answer(call, resourceShareInvitationArn, "REJECTED"))}


def _answer(call: Call, invitation_arn: str, status: str) -> Share:
    """Answer an invitation.

    Raises:
        AwsFault: there is none such, or it was answered before.
    """
    for share in _received(call.account_id, call.region):
        if share.invitation is not None and share.invitation_arn == invitation_arn:
            if share.invitation != "PENDING":
                kind = "Already" + share.invitation.capitalize()
                text = f"The invitation was {share.invitation.lower()} before."
                raise AwsFault(f"ResourceShareInvitation{kind}Exception", text)
            share.invitation = status
            return share
    text = f"ResourceShareInvitation {invitation_arn} could not be found."
    raise AwsFault("ResourceShareInvitationArnNotFoundException", text)


@operation("ram", "ListResources")
def list_resources(
    call: Call,
    *,
    resourceOwner: str,
    resourceShareArns: list[str] | None = None,
    resourceType: str | None = None,
    maxResults: int | None = None,
    nextToken: str | None = None,
    **others: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_ListResources.html."""
    if others:
        raise NotImplementedError(", ".join(others))
    shares: list[tuple[str, list[str]]] = [
        (share.arn, share.resource_arns) for share in ram_backends[call.account_id][call.region].resource_shares
    ]
    if resourceOwner == "OTHER-ACCOUNTS":
        received = _received(call.account_id, call.region)
        shares = [(share.arn, share.resources) for share in received if share.invitation in {None, "ACCEPTED"}]
    found = [
        {"arn": arn, "type": _type(arn), "resourceShareArn": share_arn, "status": "AVAILABLE"}
        for share_arn, arns in shares
        for arn in arns
        if (not resourceShareArns or share_arn in resourceShareArns) and resourceType in {None, _type(arn)}
    ]
    return _listed("resources", found, maxResults, nextToken)


def _type(arn: str) -> str:
    _, _, service, _, _, rest = arn.split(":", 5)
    return f"{service}:{rest.partition('/')[0].capitalize()}"
