"""AWS Security Incident Response: the membership of an account or of its organization; moto lacks the service.

No page tells which error answers what; those here are guessed, out of those that the model has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, add_service, gate, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.settings import Rules

add_service("security-ir")

PRINCIPAL = "security-ir.amazonaws.com"
_TRIAGE = "triage.security-ir.amazonaws.com"


@dataclass
class Membership:
    """A membership: https://docs.aws.amazon.com/security-ir/latest/APIReference/API_GetMembership.html.

    `triage` is None where nobody has opted in to it or out of it; `token` is that of the call that has made it.
    """

    id: str
    arn: str
    name: str
    team: list[dict[str, Any]]
    triage: bool | None
    customer_type: str
    covers_all: bool
    token: str
    tags: dict[str, str]
    status: str = "Active"
    activated: datetime = field(default_factory=moment)
    deactivated: datetime | None = None

    def end(self, status: str) -> None:
        """End it, for good."""
        if self.status == "Active":
            self.status, self.deactivated = status, moment()


@dataclass
class Memberships:
    """The memberships that an account has, or has had, in a region, by their ids."""

    held: dict[str, Membership] = field(default_factory=dict)


@dataclass
class Holders:
    """Every place that may have a membership: the account and the region of each that has had one."""

    places: set[tuple[str, str]] = field(default_factory=set)


def _everywhere(partition: str) -> list[tuple[str, Membership]]:
    """Every membership, with the account that has it."""
    places = sorted(store.state(Holders, "sandbox", partition).places)
    return [
        (account, one) for account, region in places for one in store.state(Memberships, account, region).held.values()
    ]


def _may_act(account_id: str) -> bool:
    """Whether an account may have the membership of its organization: its administrator or the management account.

    https://docs.aws.amazon.com/security-ir/latest/userguide/considerations_important.html
    """
    management_id = membership.management_account_of(account_id)
    if not membership.trusts(account_id, PRINCIPAL):
        return False
    return account_id in {management_id, *membership.administrators(account_id, PRINCIPAL)}


def _in_effect(account_id: str) -> bool:
    """Whether what AWS Organizations has registered has reached the service; that this takes a while is guessed."""
    backend = membership.organization_of(account_id)
    services = [admin.services for admin in (backend.admins if backend else ()) if admin.account.id == account_id]
    since = [one[PRINCIPAL]["DelegationEnabledDate"] for one in services if PRINCIPAL in one]
    return all(moment() >= when + timedelta(seconds=Rules.settings.delegation_seconds) for when in since)


def _denied(call: Call) -> AwsFault:
    text = f"The account {call.account_id} is not authorized to perform security-ir:{call.operation}."
    return AwsFault("AccessDeniedException", text)


def _own(call: Call, membership_id: str) -> Membership:
    held = call.state(Memberships).held
    if membership_id not in held:
        raise AwsFault("ResourceNotFoundException", f"The membership {membership_id} does not exist.")
    return held[membership_id]


@gate
def end_what_is_no_longer_administered(call: Call) -> None:
    """Before any call of the service: what goes with an administrator.

    If "you use the AWS Organizations API to remove the delegated administrator designation from the account, the
    membership is terminated immediately": https://docs.aws.amazon.com/security-ir/latest/userguide/cancel-membership.html.
    That disabling trusted access does the same is guessed.
    """
    if call.service != "security-ir":
        return
    for account_id, one in _everywhere(call.partition):
        if one.customer_type == "Organization" and not _may_act(account_id):
            one.end("Terminated")


@operation("security-ir", "CreateMembership")
def create_membership(
    call: Call,
    membershipName: str,
    incidentResponseTeam: list[dict[str, Any]],
    *,
    clientToken: str = "",
    optInFeatures: list[dict[str, Any]] | None = None,
    tags: dict[str, str] | None = None,
    coverEntireOrganization: bool = False,
) -> dict[str, str]:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_CreateMembership.html.

    "The clientToken field is an idempotency key". That an organization has one membership, wherever, is guessed from
    https://docs.aws.amazon.com/security-ir/latest/userguide/considerations_important.html: "You set up your delegated
    Security Incident Response administrator account in a specific AWS Region".

    Raises:
        AwsFault: the account may not have the membership of its organization, or the organization has one.
    """
    for one in call.state(Memberships).held.values():
        if clientToken and one.token == clientToken:
            return {"membershipId": one.id}
    in_organization = membership.management_account_of(call.account_id) is not None
    if in_organization and not (_may_act(call.account_id) and _in_effect(call.account_id)):
        raise _denied(call)
    colleagues = {call.account_id, *membership.active_accounts(call.account_id)}
    for account_id, one in _everywhere(call.partition):
        if account_id in colleagues and one.status == "Active":
            text = "There is an active membership already."
            raise AwsFault("ConflictException", text, resourceId=one.id, resourceType="Membership")
    membership_id = f"m-{mock_random.get_random_hex(16)}"
    made = Membership(
        id=membership_id,
        arn=f"arn:{call.partition}:security-ir:{call.region}:{call.account_id}:membership/{membership_id}",
        name=membershipName,
        team=incidentResponseTeam,
        triage=_triage(optInFeatures),
        customer_type="Organization" if in_organization else "Standalone",
        covers_all=coverEntireOrganization,
        token=clientToken,
        tags=dict(tags or {}),
    )
    call.state(Memberships).held[membership_id] = made
    store.state(Holders, "sandbox", call.partition).places.add((call.account_id, call.region))
    ensure(call.account_id, call.partition, PRINCIPAL)
    _link(call, made)
    return {"membershipId": membership_id}


def _triage(features: list[dict[str, Any]] | None) -> bool | None:
    return next((bool(one["isEnabled"]) for one in features or () if one["featureName"] == "Triage"), None)


def _covered(call: Call, one: Membership) -> list[str]:
    return membership.active_accounts(call.account_id) if one.covers_all else [call.account_id]


def _link(call: Call, one: Membership) -> None:
    """Make the roles of triage in the accounts that are covered.

    "Security Incident Response cannot automatically create the triage service-linked role in the management account":
    https://docs.aws.amazon.com/security-ir/latest/userguide/using-service-linked-roles.html.
    """
    if not one.triage:
        return
    for account_id in _covered(call, one):
        if account_id != membership.management_account_of(account_id):
            ensure(account_id, call.partition, _TRIAGE)


@operation("security-ir", "ListMemberships")
def list_memberships(call: Call, nextToken: str | None = None, maxResults: int = 25) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_ListMemberships.html.

    In any region but that of the membership, the list is empty: AWS's own assessment of an organization,
    https://github.com/awslabs/sra-verify, asks one region after the other for it.
    """
    listed = [
        {
            "membershipId": one.id,
            "accountId": call.account_id,
            "region": call.region,
            "membershipArn": one.arn,
            "membershipStatus": one.status,
        }
        for one in call.state(Memberships).held.values()
    ]
    invalid = AwsFault("InvalidTokenException", "The nextToken is not valid.")
    found, following = page(listed, maxResults, nextToken, invalid)
    return {"items": found} if following is None else {"items": found, "nextToken": following}


@operation("security-ir", "GetMembership")
def get_membership(call: Call, membershipId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_GetMembership.html."""
    one = _own(call, membershipId)
    answer: dict[str, Any] = {
        "membershipId": one.id,
        "accountId": call.account_id,
        "region": call.region,
        "membershipName": one.name,
        "membershipArn": one.arn,
        "membershipStatus": one.status,
        "membershipActivationTimestamp": one.activated,
        "customerType": one.customer_type,
        "numberOfAccountsCovered": len(_covered(call, one)),
        "incidentResponseTeam": one.team,
        "membershipAccountsConfigurations": {"coverEntireOrganization": one.covers_all, "organizationalUnits": []},
    }
    if one.triage is not None:
        answer["optInFeatures"] = [{"featureName": "Triage", "isEnabled": one.triage}]
    if one.deactivated is not None:
        answer["membershipDeactivationTimestamp"] = one.deactivated
    return answer


@operation("security-ir", "UpdateMembership")
def update_membership(
    call: Call,
    membershipId: str,
    *,
    membershipName: str | None = None,
    incidentResponseTeam: list[dict[str, Any]] | None = None,
    optInFeatures: list[dict[str, Any]] | None = None,
    membershipAccountsConfigurationsUpdate: dict[str, Any] | None = None,
    undoMembershipCancellation: bool = False,
) -> None:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_UpdateMembership.html.

    That the team is replaced is guessed: there is no other way to take somebody out of it.

    Raises:
        AwsFault: the membership has ended.
        NotImplementedError: organizational units are named, or a cancellation is to be undone.
    """
    coverage = membershipAccountsConfigurationsUpdate or {}
    if undoMembershipCancellation or coverage.keys() - {"coverEntireOrganization"}:
        raise NotImplementedError("organizational units and undone cancellations")
    one = _own(call, membershipId)
    if one.status != "Active":
        raise AwsFault(
            "ConflictException", "The membership is not active.", resourceId=one.id, resourceType="Membership"
        )
    one.name = membershipName or one.name
    one.team = incidentResponseTeam or one.team
    one.triage = one.triage if optInFeatures is None else _triage(optInFeatures)
    one.covers_all = bool(coverage.get("coverEntireOrganization", one.covers_all))
    _link(call, one)


@operation("security-ir", "CancelMembership")
def cancel_membership(call: Call, membershipId: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_CancelMembership.html.

    "When you cancel a membership, your membership is deleted immediately", and the roles stay:
    https://docs.aws.amazon.com/security-ir/latest/userguide/cancel-membership.html. That it is still listed, as
    Cancelled, is guessed from the states that the model has.
    """
    _own(call, membershipId).end("Cancelled")
    return {"membershipId": membershipId}


@operation("security-ir", "BatchGetMemberAccountDetails")
def batch_get_member_account_details(call: Call, membershipId: str, accountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_BatchGetMemberAccountDetails.html."""
    one = _own(call, membershipId)
    covered, colleagues = _covered(call, one), membership.active_accounts(call.account_id)
    items = [
        {
            "accountId": account_id,
            "relationshipStatus": "Associated" if account_id in covered else "Unassociated",
            "relationshipType": "Organization" if account_id in colleagues else "Unrelated",
        }
        for account_id in accountIds
    ]
    return {"items": items, "errors": []}


def _tagged(call: Call, arn: str) -> dict[str, str]:
    return _own(call, arn.rpartition("/")[2]).tags


@operation("security-ir", "ListTagsForResource")
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_ListTagsForResource.html."""
    return {"tags": _tagged(call, resourceArn)}


@operation("security-ir", "TagResource")
def tag_resource(call: Call, resourceArn: str, tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/security-ir/latest/APIReference/API_TagResource.html."""
    _tagged(call, resourceArn).update(tags)
