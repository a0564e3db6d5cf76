"""AWS Firewall Manager: the administrators of an organization, and what each may administer."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.organization import ledger
from sra_bootstrap.sandbox.services.firewall_manager import (
    PRINCIPAL,
    Administrator,
    Organization,
    Policies,
    absent,
    as_administrator,
    as_management_account,
    invalid,
    listed,
    organization_of,
    refused,
)
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.trusted_access import enable_aws_service_access
from sra_bootstrap.sandbox.settings import Rules

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where administrators are appointed, in each partition; but for the first, this is guessed."""
_EVERYTHING: dict[str, Any] = {
    "AccountScope": {"Accounts": [], "AllAccountsEnabled": True, "ExcludeSpecifiedAccounts": False},
    "OrganizationalUnitScope": {
        "OrganizationalUnits": [],
        "AllOrganizationalUnitsEnabled": True,
        "ExcludeSpecifiedOrganizationalUnits": False,
    },
    "RegionScope": {"Regions": [], "AllRegionsEnabled": True},
    "PolicyTypeScope": {"PolicyTypes": [], "AllPolicyTypesEnabled": True},
}
"""https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_AdminScope.html"""
_ONBOARDING = {
    "CREATING": "ONBOARDING",
    "READY": "ONBOARDING_COMPLETE",
    "DELETING": "OFFBOARDING",
}
"""How an administrator stands by the status of its role, which is guessed from the names."""


def _appointing(call: Call) -> Organization:
    """What Firewall Manager knows of the organization of the caller, who is about to change its administrators.

    Only in one region: https://docs.aws.amazon.com/waf/latest/developerguide/fms-prereq.html. The code of that is
    guessed, and that it refuses as long as trusted access is new: the loops of
    https://github.com/aws-samples/aws-security-reference-architecture-examples, solutions/firewall_manager, retry it.

    Raises:
        AwsFault: it may not, not here, or not yet.
    """
    organization = as_management_account(call)
    if call.region != _REGIONS[call.partition]:
        raise refused(f"This operation is only available in {_REGIONS[call.partition]}.")
    services = membership.organization_of(call.account_id).services  # type: ignore[union-attr]
    for service in services:
        enabled = service["DateEnabled"].replace(tzinfo=UTC).timestamp()
        waited = round(call.now() - enabled, 3)
        if service["ServicePrincipal"] == PRINCIPAL and waited < Rules.settings.firewall_manager_access_seconds:
            raise refused("AWS Organizations is being changed. Try again later.")
    return organization


def _add(call: Call, organization: Organization, account_id: str, scope: dict[str, Any]) -> None:
    if account_id == call.account_id or account_id not in membership.active_accounts(call.account_id):
        raise invalid("The account must be a member account of the organization.")
    enable_aws_service_access(call, ServicePrincipal=PRINCIPAL)
    membership.register_administrator(call.account_id, account_id, PRINCIPAL)
    ensure(call.account_id, call.partition, PRINCIPAL)
    ensure(account_id, call.partition, PRINCIPAL)
    administrator = organization.administrators[account_id] = Administrator(account_id, scope=scope)
    later(Rules.settings.firewall_manager_ready_seconds, partial(_be_ready, administrator))


def _be_ready(administrator: Administrator, at: float) -> None:
    if administrator.status == "CREATING":
        administrator.status = "READY"


@operation("fms", "AssociateAdminAccount")
def associate_admin_account(call: Call, AdminAccount: str) -> None:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_AssociateAdminAccount.html.

    In an organization that is new, it "returns success even though it failed", says terraform-provider-aws in
    internal/service/fms/admin_account.go. That it registers the administrator with AWS Organizations is how
    PutAdminAccount is documented.

    Raises:
        AwsFault: there is a default administrator, this one included, or the account cannot be it.
    """
    organization = _appointing(call)
    founded = ledger(membership.organization_of(call.account_id)).finalized
    if call.now() < founded + Rules.settings.firewall_manager_deaf_seconds:
        return
    if organization.default is not None:
        raise refused("The operation failed because there was nothing to do or the operation wasn't possible.")
    _add(call, organization, AdminAccount, _EVERYTHING)


@operation("fms", "PutAdminAccount")
def put_admin_account(call: Call, AdminAccount: str, AdminScope: dict[str, Any] | None = None) -> None:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_PutAdminAccount.html.

    Raises:
        AwsFault: there is no default administrator, or the account cannot be one.
    """
    organization = _appointing(call)
    if organization.default is None:
        raise refused("The organization is not onboarded to AWS Firewall Manager.")
    scope = {**_EVERYTHING, **(AdminScope or {})}
    if AdminAccount in organization.administrators:
        organization.administrators[AdminAccount].scope = scope
    else:
        _add(call, organization, AdminAccount, scope)


@operation("fms", "DisassociateAdminAccount")
def disassociate_admin_account(call: Call) -> None:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_DisassociateAdminAccount.html.

    An administrator revokes itself, the default one last, and all its policies are deleted:
    https://docs.aws.amazon.com/waf/latest/developerguide/fms-deleting-administrators.html. That AWS Organizations does
    not have it registered any longer then is guessed.

    Raises:
        AwsFault: the caller is no administrator, or there are others that have to go before it.
    """
    as_administrator(call)
    organization = organization_of(call.account_id, call.partition)
    assert organization is not None  # noqa: S101 (the caller administers it)
    administrator = organization.administrators[call.account_id]
    if organization.default is administrator and len(organization.administrators) > 1:
        raise refused("All other administrators within the organization must first disassociate their accounts.")
    administrator.status = "DELETING"
    later(Rules.settings.firewall_manager_removal_seconds, partial(_be_gone, organization, call))


def _be_gone(organization: Organization, call: Call, at: float) -> None:
    if organization.administrators[call.account_id] is organization.default:
        organization.gone = call.account_id
    del organization.administrators[call.account_id]
    store.state(Policies, call.account_id, call.partition).by_region.clear()
    management_id = membership.management_account_of(call.account_id)
    if management_id is not None:
        membership.deregister_administrator(management_id, call.account_id, PRINCIPAL)


@operation("fms", "GetAdminAccount")
def get_admin_account(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetAdminAccount.html.

    That the status DELETED stays until there is another administrator is guessed: terraform-provider-aws takes it for
    absence. Where there never was one, it is seen to answer in two ways; see `firewall_manager_denies_nobody`.

    Raises:
        AwsFault: there is no administrator.
    """
    organization = organization_of(call.account_id, call.partition)
    if organization is not None and organization.default is not None:
        return {"AdminAccount": organization.default.account_id, "RoleStatus": organization.default.status}
    if organization is not None and organization.gone is not None:
        return {"AdminAccount": organization.gone, "RoleStatus": "DELETED"}
    if organization is None or Rules.settings.firewall_manager_denies_nobody:
        raise AwsFault("AccessDeniedException", f"Account: {call.account_id} is not currently delegated by AWS FM.")
    raise absent()


@operation("fms", "ListAdminAccountsForOrganization")
def list_admin_accounts_for_organization(
    call: Call, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListAdminAccountsForOrganization.html.

    Raises:
        AwsFault: the caller is not the management account, or there is no administrator, whose error is guessed.
    """
    organization = as_management_account(call)
    if organization.default is None:
        raise absent()
    found = [
        {
            "AdminAccount": one.account_id,
            "DefaultAdmin": one is organization.default,
            "Status": _ONBOARDING[one.status],
        }
        for one in organization.administrators.values()
    ]
    return listed("AdminAccounts", found, MaxResults, NextToken)


@operation("fms", "ListAdminsManagingAccount")
def list_admins_managing_account(
    call: Call, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListAdminsManagingAccount.html.

    The sandbox knows of scopes that name accounts, and not of those that name OUs.
    """
    organization = organization_of(call.account_id, call.partition)
    administrators = [] if organization is None else list(organization.administrators.values())
    found = [one.account_id for one in administrators if _manages(one, call.account_id)]
    return listed("AdminAccounts", found, MaxResults, NextToken)


def _manages(administrator: Administrator, account_id: str) -> bool:
    scope = administrator.scope["AccountScope"]
    named = account_id in scope.get("Accounts", ())
    excluded: bool = scope.get("ExcludeSpecifiedAccounts", False)
    return bool(scope.get("AllAccountsEnabled")) or named is not excluded


@operation("fms", "GetAdminScope")
def get_admin_scope(call: Call, AdminAccount: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetAdminScope.html.

    Raises:
        AwsFault: the account is no administrator, or the caller may not ask, whose error is guessed.
    """
    organization = organization_of(call.account_id, call.partition)
    administrator = organization.administrators.get(AdminAccount) if organization is not None else None
    if administrator is None:
        raise absent()
    if call.account_id not in {AdminAccount, membership.management_account_of(call.account_id)}:
        raise AwsFault("AccessDeniedException", f"Account: {call.account_id} is not currently delegated by AWS FM.")
    return {"AdminScope": administrator.scope, "Status": _ONBOARDING[administrator.status]}
