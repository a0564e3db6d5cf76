"""Amazon Inspector: who administers it for an organization, and what is enabled in accounts that join."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.inspector import (
    SCAN_TYPES,
    denied,
    inspector_of,
    invalid,
    not_enabled,
    refuse_missing,
    release,
)
from sra_bootstrap.sandbox.settings import Rules

PRINCIPAL = "inspector2.amazonaws.com"


@dataclass
class Delegation:
    """Who administers Inspector for an organization in one region.

    Attributes:
        effective: when the administrator can manage the organization.
        leaving: who did before, as long as that is still being ended.
        auto_enable: what is enabled in accounts that join, in the words of AutoEnable.
        met: the accounts whose joining is dealt with.
    """

    administrator_id: str | None = None
    effective: float = math.inf
    leaving: str | None = None
    auto_enable: dict[str, bool] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)


def delegation_of(account_id: str, region: str) -> Delegation | None:
    """The delegation of an account's organization in a region, if there is one, in effect or not."""
    management_id = membership.management_account_of(account_id)
    if management_id is None:
        return None
    delegation = store.state(Delegation, management_id, region)
    return delegation if delegation.administrator_id in membership.administrators(account_id, PRINCIPAL) else None


def as_administrator(call: Call) -> Delegation:
    """The delegation that makes the caller the administrator of its organization.

    That it answers so for a while after the delegation: https://github.com/hashicorp/terraform-provider-aws/issues/27646
    has it for accounts; the text is guessed.

    Raises:
        AwsFault: the caller does not, or not yet, administer Inspector for its organization.
    """
    delegation = delegation_of(call.account_id, call.region)
    if delegation is None or delegation.administrator_id != call.account_id or delegation.effective > Time.clock.now():
        raise denied("Invoking account is not the delegated administrator of an organization.")
    return delegation


def refuse_while_off(call: Call) -> None:
    """An administrator whose own Inspector is off can change nothing in the organization.

    Seen in AWS for the organization's configuration, see `not_enabled`, and in
    https://github.com/cloudposse/terraform-aws-components/pull/914 for members.

    Raises:
        AwsFault: it is off.
    """
    if inspector_of(call.account_id, call.region).status == "DISABLED":
        raise not_enabled()


def _as_management_account(call: Call) -> Delegation:
    """The delegation of the caller's organization in the region of the call; the text is guessed.

    Raises:
        AwsFault: the caller is not the management account of an organization.
    """
    if membership.management_account_of(call.account_id) != call.account_id:
        raise denied("Invoking account is not the management account of an organization.")
    return call.state(Delegation)


def _conflict(message: str) -> AwsFault:
    return AwsFault("ConflictException", message, resourceId=PRINCIPAL, resourceType="DelegatedAdminAccount")


@operation("inspector2", "EnableDelegatedAdminAccount")
def enable_delegated_admin_account(
    call: Call, delegatedAdminAccountId: str, clientToken: str | None = None
) -> dict[str, str]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_EnableDelegatedAdminAccount.html.

    One account administers all regions: https://docs.aws.amazon.com/inspector/latest/user/designating-admin.html.
    Without the console, trusted access must be enabled first:
    https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-inspector2.html. Inspector is
    not enabled in the administrator: https://github.com/cloudposse/terraform-aws-components/pull/914. The code of a
    second delegation is the one that
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/inspector2/delegated_admin_account.go
    expects; the others are guessed.

    Raises:
        AwsFault: Inspector lacks trusted access, the account is not an active member, or there is an administrator.
    """
    delegation = _as_management_account(call)
    account_id = delegatedAdminAccountId
    if not membership.trusts(call.account_id, PRINCIPAL):
        raise denied("Amazon Inspector does not have trusted access to the organization.")
    if account_id == call.account_id or account_id not in membership.active_accounts(call.account_id):
        raise invalid("The delegated administrator must be an active member account of the organization.")
    registered = membership.administrators(call.account_id, PRINCIPAL)
    if any(other != account_id for other in registered):
        raise _conflict("Another account is the delegated administrator of the organization.")
    if account_id in registered and delegation.administrator_id == account_id:
        raise _conflict("The delegated administrator is already enabled for the account.")
    if delegation.leaving is not None:
        raise _conflict("The delegated administrator of the organization is being disabled.")
    _dismiss(delegation, call.region)
    delegation.administrator_id = account_id
    delegation.effective = call.now() + Rules.settings.delegation_seconds
    delegation.met.update(membership.active_accounts(call.account_id))
    membership.register_administrator(call.account_id, account_id, PRINCIPAL)
    return {"delegatedAdminAccountId": account_id}


@operation("inspector2", "DisableDelegatedAdminAccount")
def disable_delegated_admin_account(call: Call, delegatedAdminAccountId: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_DisableDelegatedAdminAccount.html.

    Inspector stays on everywhere, and every account is on its own:
    https://docs.aws.amazon.com/inspector/latest/user/remove-delegated-admin.html. That the account stays registered
    with Organizations until that is undone there, as GuardDuty's does, is guessed.

    Raises:
        AwsFault: the account does not administer Inspector in this region.
    """
    delegation = _as_management_account(call)
    if delegation.administrator_id != delegatedAdminAccountId:
        raise AwsFault("ResourceNotFoundException", "The account is not the delegated administrator.")
    _dismiss(delegation, call.region)
    delegation.leaving = delegatedAdminAccountId
    later(Rules.settings.enabling_seconds, partial(_gone, delegation))
    return {"delegatedAdminAccountId": delegatedAdminAccountId}


def _gone(delegation: Delegation, at: float) -> None:
    delegation.leaving = None


def _dismiss(delegation: Delegation, region: str) -> None:
    if delegation.administrator_id is not None:
        administrator = inspector_of(delegation.administrator_id, region)
        for member in administrator.associated():
            release(inspector_of(member.account_id, region), region)
        administrator.members.clear()
        administrator.settings.organization_paths.clear()
    delegation.administrator_id, delegation.effective = None, math.inf
    delegation.auto_enable.clear()
    delegation.met.clear()


@operation("inspector2", "ListDelegatedAdminAccounts")
def list_delegated_admin_accounts(
    call: Call, maxResults: int = 5, nextToken: str | None = None
) -> dict[str, list[dict[str, str]]]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListDelegatedAdminAccounts.html.

    Only for the management account: https://github.com/DataBiosphere/azul/issues/5545 has another account's denial, and
    Terraform's delegated_admin_account.go the administrator's.
    """
    current = delegation_of(call.account_id, call.region)
    if current is not None and current.administrator_id == call.account_id:
        raise invalid(f"{call.account_id} is the delegated admin")
    delegation = _as_management_account(call)
    accounts = []
    if delegation.administrator_id in membership.administrators(call.account_id, PRINCIPAL):
        accounts.append({"accountId": str(delegation.administrator_id), "status": "ENABLED"})
    elif delegation.leaving is not None:
        accounts.append({"accountId": delegation.leaving, "status": "DISABLE_IN_PROGRESS"})
    found, _ = page(accounts, maxResults, nextToken, invalid("The nextToken is not valid."))
    return {"delegatedAdminAccounts": found}


@operation("inspector2", "GetDelegatedAdminAccount")
def get_delegated_admin_account(call: Call) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_GetDelegatedAdminAccount.html.

    That every account of the organization is told is guessed.

    Raises:
        AwsFault: there is none.
    """
    delegation = delegation_of(call.account_id, call.region)
    if delegation is None:
        raise AwsFault("ResourceNotFoundException", "The organization has no delegated administrator.")
    return {"delegatedAdmin": {"accountId": str(delegation.administrator_id), "relationshipStatus": "ENABLED"}}


def _described(delegation: Delegation) -> dict[str, bool]:
    """Everything is off at first."""
    return dict.fromkeys((*SCAN_TYPES.values(), "ami"), False) | delegation.auto_enable


@operation("inspector2", "DescribeOrganizationConfiguration")
def describe_organization_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_DescribeOrganizationConfiguration.html.

    At most 10,000 members: https://docs.aws.amazon.com/inspector/latest/user/designating-admin.html.
    """
    delegation = as_administrator(call)
    members = inspector_of(call.account_id, call.region).associated()
    return {"autoEnable": _described(delegation), "maxAccountLimitReached": len(members) >= 10_000}


@operation("inspector2", "UpdateOrganizationConfiguration")
def update_organization_configuration(call: Call, autoEnable: dict[str, bool]) -> dict[str, dict[str, bool]]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateOrganizationConfiguration.html.

    What a region does not have is refused: https://github.com/aws-samples/inspector2-enablement-with-cli/issues/7. That
    what is not named is off, and how Lambda code scanning without standard scanning is refused, is guessed.

    Raises:
        AwsFault: the administrator's own Inspector is off, the region does not have a scan type, or one lacks what it
            needs.
    """
    delegation = as_administrator(call)
    refuse_while_off(call)
    refuse_missing(call.region, [one for one, name in SCAN_TYPES.items() if autoEnable.get(name)])
    if autoEnable.get("lambdaCode") and not autoEnable.get("lambda"):
        raise invalid("lambdaCode can only be enabled together with lambda.")
    delegation.auto_enable = dict(autoEnable)
    return {"autoEnable": _described(delegation)}
