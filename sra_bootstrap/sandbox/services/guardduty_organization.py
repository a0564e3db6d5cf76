"""Amazon GuardDuty: who administers it for an organization, and what is enabled in the organization's accounts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, operation
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import guardduty_features
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.guardduty import Detector, guardduty_of, owned
from sra_bootstrap.sandbox.services.guardduty_features import ORGANIZATION_FEATURES, Features, rejected
from sra_bootstrap.sandbox.settings import Rules

PRINCIPAL = "guardduty.amazonaws.com"
_NO_PERMISSION = "The request failed because you do not have required AWS Organization master permission."


@dataclass
class Configuration:
    """What GuardDuty enables in an organization's accounts: in NEW ones, in ALL, or in NONE.

    `met` are the accounts whose joining is dealt with; `next_round` is when all accounts are next looked after.
    """

    auto_enable: str = "NONE"
    features: Features = field(default_factory=lambda: guardduty_features.all_set_to("NONE", ORGANIZATION_FEATURES))
    met: set[str] = field(default_factory=set)
    next_round: float = math.inf


@dataclass
class Delegation:
    """Who administers GuardDuty for an organization in one region, and when that has come into effect."""

    administrator_id: str | None = None
    effective: float = math.inf
    configuration: Configuration = field(default_factory=Configuration)


@dataclass
class FirstDelegation:
    """Where an organization has first delegated GuardDuty, and when other regions can follow."""

    region: str = ""
    settled: float = 0.0


def delegation_of(account_id: str, region: str) -> Delegation | None:
    """The delegation of an account's organization in a region, if there is one in effect."""
    management_id = membership.management_account_of(account_id)
    if management_id is None:
        return None
    delegation = store.state(Delegation, management_id, region)
    registered = delegation.administrator_id in membership.administrators(account_id, PRINCIPAL)
    return delegation if registered and delegation.effective <= Time.clock.now() else None


def administered_by(account_id: str, region: str) -> Delegation | None:
    """The delegation that makes an account the administrator of its organization, or None."""
    delegation = delegation_of(account_id, region)
    return delegation if delegation is not None and delegation.administrator_id == account_id else None


def _as_management_account(call: Call) -> Delegation:
    """The delegation of the caller's organization in the region of the call, in effect or not.

    Raises:
        AwsFault: the caller is not the management account of an organization.
    """
    if membership.management_account_of(call.account_id) != call.account_id:
        raise rejected(_NO_PERMISSION)
    return call.state(Delegation)


def _as_administrator(call: Call, detector_id: str) -> Configuration:
    """https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/141 has the text.

    Raises:
        AwsFault: the caller does not, or not yet, administer GuardDuty for its organization.
    """
    owned(call, detector_id)
    delegation = administered_by(call.account_id, call.region)
    if delegation is None:
        raise rejected(_NO_PERMISSION)
    return delegation.configuration


@operation("guardduty", "EnableOrganizationAdminAccount")
def enable_organization_admin_account(call: Call, AdminAccountId: str) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_EnableOrganizationAdminAccount.html.

    One account administers all regions: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html.
    Without the console, trusted access must be enabled first:
    https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-guardduty.html. Other regions
    must wait for the first: https://github.com/aws-samples/aws-secure-environment-accelerator/issues/778.

    Raises:
        AwsFault: GuardDuty lacks trusted access, the account is not an active member, or there is an administrator; or
            the organization's first delegation is still settling.
        NotImplementedError: the management account would administer GuardDuty itself, which AWS allows.
    """
    delegation = _as_management_account(call)
    if AdminAccountId == call.account_id:
        raise NotImplementedError("the management account as the administrator")
    trusted = membership.trusts(call.account_id, PRINCIPAL)
    if not trusted or AdminAccountId not in membership.active_accounts(call.account_id):
        raise rejected()
    _refuse_second(call, delegation, AdminAccountId)
    _take_turn(call)
    _dismiss(delegation, call.region)
    delegation.administrator_id = AdminAccountId
    delegation.effective = call.now() + Rules.settings.guardduty_delegation_seconds
    delegation.configuration.met.update(membership.active_accounts(call.account_id))
    membership.register_administrator(call.account_id, AdminAccountId, PRINCIPAL)
    later(Rules.settings.guardduty_detector_seconds, partial(_appear, delegation, AdminAccountId, call))


def _refuse_second(call: Call, delegation: Delegation, account_id: str) -> None:
    """The text for the same account is in https://github.com/aws-samples/aws-secure-environment-accelerator's code."""
    registered = membership.administrators(call.account_id, PRINCIPAL)
    if any(administrator != account_id for administrator in registered):
        text = "another account is already enabled as GuardDuty delegated administrator for the organization."
        raise rejected(f"The request failed because {text}")
    if account_id in registered and delegation.administrator_id == account_id:
        text = "the account is already enabled as the GuardDuty delegated administrator for the organization."
        raise rejected(f"The request failed because {text}")


def _take_turn(call: Call) -> None:
    first = call.state(FirstDelegation, region=call.partition)
    if not membership.administrators(call.account_id, PRINCIPAL):
        first.region = call.region
        first.settled = call.now() + Rules.settings.guardduty_first_delegation_seconds
    elif first.region != call.region and call.now() < first.settled:
        raise rejected()


def _appear(delegation: Delegation, account_id: str, call: Call, at: float) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/ug/organizations_permissions.html."""
    state = guardduty_of(account_id, call.region)
    usable = has_region(account_id, call.partition, call.region)
    if delegation.administrator_id == account_id and state.detector is None and usable:
        state.detector = Detector(guardduty_features.of_new_detector())


@operation("guardduty", "DisableOrganizationAdminAccount")
def disable_organization_admin_account(call: Call, AdminAccountId: str) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DisableOrganizationAdminAccount.html.

    GuardDuty stays on in the members, and the account stays registered with Organizations until that is undone there:
    https://docs.aws.amazon.com/guardduty/latest/ug/change-guardduty-delegated-admin.html.

    Raises:
        AwsFault: the account does not administer GuardDuty in this region.
    """
    delegation = _as_management_account(call)
    if delegation.administrator_id != AdminAccountId:
        raise rejected()
    _dismiss(delegation, call.region)


def _dismiss(delegation: Delegation, region: str) -> None:
    if delegation.administrator_id is not None:
        administrator = guardduty_of(delegation.administrator_id, region)
        for member in administrator.associated():
            guardduty_of(member.account_id, region).administrator_id = None
            del administrator.members[member.account_id]
    delegation.administrator_id, delegation.effective = None, math.inf
    delegation.configuration = Configuration()


@operation("guardduty", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(
    call: Call, MaxResults: int = 50, NextToken: str | None = None
) -> dict[str, list[dict[str, str]]]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListOrganizationAdminAccounts.html."""
    administrator_id = _as_management_account(call).administrator_id
    registered = membership.administrators(call.account_id, PRINCIPAL)
    accounts = [{"AdminAccountId": one, "AdminStatus": "ENABLED"} for one in registered if one == administrator_id]
    found, _ = page(accounts, MaxResults, NextToken, rejected())
    return {"AdminAccounts": found}


@operation("guardduty", "DescribeOrganizationConfiguration")
def describe_organization_configuration(
    call: Call, DetectorId: str, MaxResults: int = 50, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DescribeOrganizationConfiguration.html.

    At most 50,000 members: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html.
    """
    configuration = _as_administrator(call, DetectorId)
    features = guardduty_features.describe(configuration.features, "AutoEnable", call.region)
    found, following = page(features, MaxResults, NextToken, rejected())
    answer = {
        "AutoEnable": configuration.auto_enable != "NONE",
        "AutoEnableOrganizationMembers": configuration.auto_enable,
        "MemberAccountLimitReached": len(guardduty_of(call.account_id, call.region).associated()) >= 50_000,
        "Features": found,
    }
    return answer if following is None else answer | {"NextToken": following}


@operation("guardduty", "UpdateOrganizationConfiguration")
def update_organization_configuration(
    call: Call,
    DetectorId: str,
    *,
    AutoEnable: bool | None = None,
    AutoEnableOrganizationMembers: str | None = None,
    Features: list[dict[str, Any]] | None = None,
    DataSources: Mapping[str, Any] | None = None,
) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html.

    Raises:
        AwsFault: what is enabled in accounts is said twice or not at all, or a feature cannot be.
        NotImplementedError: features are named in the words of before March 2023.
    """
    if DataSources is not None:
        raise NotImplementedError("DataSources")
    configuration = _as_administrator(call, DetectorId)
    if (AutoEnable is None) == (AutoEnableOrganizationMembers is None):
        raise rejected()
    auto_enable = AutoEnableOrganizationMembers or ("NEW" if AutoEnable else "NONE")
    if auto_enable not in {"NEW", "ALL", "NONE"}:
        raise rejected()
    guardduty_features.merge(configuration.features, Features or [], "AutoEnable", call.region)
    configuration.auto_enable = auto_enable
    configuration.next_round = call.now() + Rules.settings.guardduty_auto_enable_seconds
