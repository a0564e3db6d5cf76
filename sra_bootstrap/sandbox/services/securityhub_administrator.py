"""AWS Security Hub: who administers it for an organization, told apart for CSPM and for Security Hub (v2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, gate, open_all_paths, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.settings import Rules

open_all_paths("securityhub", "SecurityHubResponse")

PRINCIPAL = "securityhub.amazonaws.com"
CSPM, V2 = "SecurityHub", "SecurityHubV2"
"""The features that have an administrator, as the parameter Feature names them."""
_EVERYWHERE = ""
"""In place of a region, for the administrator of v2: it is one and the same in all regions, wherever it is asked for.

"Complete this step in one Region": https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-enable.html.
Seen in AWS by https://github.com/awslabs/sra-verify, its check SRA-SECURITYHUB-15.
"""


@dataclass
class Delegation:
    """Who administers a feature in one region, and when the administrator can act."""

    administrator_id: str
    effective: float


@dataclass
class Delegations:
    """The delegations of one organization, by region and feature."""

    by_place: dict[tuple[str, str], Delegation] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a feature is administered: the organization, by its management account, and the region.

    The region is empty for v2, which has one administrator for all.
    """

    management_id: str
    partition: str
    region: str
    feature: str


Follower = Callable[[Place, str], None]
"""Is told where an account, by its id, has begun or ceased to be the administrator."""

_APPOINTED: list[Follower] = []
_DISMISSED: list[Follower] = []


def appointed(follower: Follower) -> Follower:
    """Register what happens once an account is made the administrator of a feature in a region."""
    _APPOINTED.append(follower)
    return follower


def dismissed(follower: Follower) -> Follower:
    """Register what happens once an account is the administrator of a feature in a region no longer."""
    _DISMISSED.append(follower)
    return follower


def invalid(text: str) -> AwsFault:
    """The answer to a parameter that cannot be."""
    return AwsFault("InvalidInputException", text, Code="InvalidInputException")


def no_access(text: str) -> AwsFault:
    """The answer to an account that is not who may call, or has not enabled Security Hub."""
    return AwsFault("InvalidAccessException", text, Code="InvalidAccessException")


def _scope(region: str, feature: str) -> str:
    return region if feature == CSPM else _EVERYWHERE


def delegations_of(management_id: str) -> Delegations:
    """The delegations of an organization, in effect or not."""
    return store.state(Delegations, management_id, "aws")


def administrator_of(account_id: str, region: str, feature: str = CSPM) -> str | None:
    """The id of who administers a feature for an account's organization in a region, once in effect, or None."""
    management_id = membership.management_account_of(account_id)
    if management_id is None:
        return None
    delegation = delegations_of(management_id).by_place.get((_scope(region, feature), feature))
    return None if delegation is None or delegation.effective > Time.clock.now() else delegation.administrator_id


def as_administrator(call: Call, feature: str = CSPM) -> None:
    """Refuse who does not, or not yet, administer a feature here.

    The code and text: https://github.com/hashicorp/terraform-provider-aws/issues/23079.

    Raises:
        AwsFault: the caller is not the administrator.
    """
    if administrator_of(call.account_id, call.region, feature) != call.account_id:
        raise no_access(f"Account {call.account_id} is not an administrator for this organization")


def appoint(place: Place, account_id: str, seconds: float) -> None:
    """Make an account the administrator of a feature in a region; it can act after so many seconds."""
    delegation = Delegation(account_id, Time.clock.now() + seconds)
    delegations_of(place.management_id).by_place[place.region, place.feature] = delegation
    membership.register_administrator(place.management_id, account_id, PRINCIPAL)
    later(seconds, partial(_tell_appointed, place, delegation))


def _tell_appointed(place: Place, delegation: Delegation, at: float) -> None:
    if delegations_of(place.management_id).by_place.get((place.region, place.feature)) is delegation:
        for follower in _APPOINTED:
            follower(place, delegation.administrator_id)


def _dismiss(place: Place) -> None:
    delegation = delegations_of(place.management_id).by_place.pop((place.region, place.feature))
    for follower in _DISMISSED:
        follower(place, delegation.administrator_id)


@gate
def follow_organizations(call: Call) -> None:
    """Before any call of Security Hub: dismiss whom Organizations does not know as its administrator any longer.

    "If you use the Organizations API to remove the delegated administrator account, it is automatically removed in all
    Regions", and for both features:
    https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html and
    https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-set-da.html.
    """
    management_id = membership.management_account_of(call.account_id) if call.service == "securityhub" else None
    if management_id is None:
        return
    registered = membership.administrators(management_id, PRINCIPAL)
    for (region, feature), delegation in list(delegations_of(management_id).by_place.items()):
        if delegation.administrator_id not in registered:
            _dismiss(Place(management_id, call.partition, region, feature))


def _as_management_account(call: Call, feature: str) -> Place:
    """The code is guessed; the operations say "Can only be called by the organization management account".

    Raises:
        AwsFault: the caller is not the management account of an organization, or there is no such feature.
    """
    if membership.management_account_of(call.account_id) != call.account_id:
        raise no_access(f"Account {call.account_id} is not the management account of an organization")
    if feature not in {CSPM, V2}:
        raise invalid(f"Invalid parameter 'Feature': {feature}")
    return Place(call.account_id, call.partition, _scope(call.region, feature), feature)


@operation("securityhub", "EnableOrganizationAdminAccount")
def enable_organization_admin_account(call: Call, AdminAccountId: str, Feature: str = CSPM) -> dict[str, str]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableOrganizationAdminAccount.html.

    It "enables Security Hub CSPM as a trusted service in Organizations", and enables it for the administrator "in the
    current AWS Region": https://docs.aws.amazon.com/securityhub/latest/userguide/designate-orgs-admin-account.html.
    Another account can follow only once the first is removed in all regions, and the administrator of CSPM is the only
    one that can be that of v2: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-set-da.html.
    That the same account may be named twice is guessed, and so are the texts.

    Raises:
        AwsFault: the account is not an active member, or another is the administrator.
        NotImplementedError: the management account would administer Security Hub CSPM itself, which AWS allows.
    """
    place = _as_management_account(call, Feature)
    if AdminAccountId == call.account_id:
        if Feature == CSPM:
            raise NotImplementedError("the management account as the administrator")
        raise invalid("The organization management account cannot be the delegated administrator of Security Hub.")
    if AdminAccountId not in membership.active_accounts(call.account_id):
        raise invalid(f"Account {AdminAccountId} is not an active member of the organization.")
    if any(one != AdminAccountId for one in _administrators(call.account_id)):
        raise invalid("The organization already has another delegated administrator account for Security Hub.")
    if (place.region, Feature) not in delegations_of(call.account_id).by_place:
        membership.trust(call.account_id, PRINCIPAL)
        appoint(place, AdminAccountId, Rules.settings.delegation_seconds)
    return {"AdminAccountId": AdminAccountId, "Feature": Feature}


def _administrators(management_id: str) -> Iterable[str]:
    yield from membership.administrators(management_id, PRINCIPAL)
    for delegation in delegations_of(management_id).by_place.values():
        yield delegation.administrator_id


@operation("securityhub", "DisableOrganizationAdminAccount")
def disable_organization_admin_account(call: Call, AdminAccountId: str, Feature: str = CSPM) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableOrganizationAdminAccount.html.

    It "only removes the delegated Security Hub administrator account from the Region where the API call or command is
    issued": https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html. That the account then
    stays registered with Organizations, as with GuardDuty, is guessed.

    Raises:
        AwsFault: the account does not administer the feature in this region.
    """
    place = _as_management_account(call, Feature)
    delegation = delegations_of(call.account_id).by_place.get((place.region, Feature))
    if delegation is None or delegation.administrator_id != AdminAccountId:
        raise invalid(f"Account {AdminAccountId} is not the delegated administrator account for Security Hub.")
    _dismiss(place)


@operation("securityhub", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(
    call: Call, MaxResults: int = 10, NextToken: str | None = None, Feature: str = CSPM
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListOrganizationAdminAccounts.html.

    That v2 tells no status was seen by https://github.com/awslabs/sra-verify, its check SRA-SECURITYHUB-15.
    """
    place = _as_management_account(call, Feature)
    delegation = delegations_of(call.account_id).by_place.get((place.region, Feature))
    status = {"Status": "ENABLED"} if Feature == CSPM else {}
    accounts = [] if delegation is None else [{"AccountId": delegation.administrator_id, **status}]
    found, _ = page(accounts, MaxResults, NextToken, invalid("Invalid parameter 'NextToken'."))
    return {"AdminAccounts": found, "Feature": Feature}
