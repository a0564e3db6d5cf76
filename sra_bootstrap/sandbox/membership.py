"""Which organization an account belongs to, as every organization-wide service of AWS asks it."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import FakeDelegatedAdministrator, organizations_backends
from moto.utilities.utils import PARTITION_NAMES

from sra_bootstrap.sandbox.later import moment


def organization_of(account_id: str) -> Any | None:
    """The `OrganizationsBackend` of moto of the organization that an account belongs to, or None."""
    if account_id in organizations_backends.master_accounts:
        management_id, partition = organizations_backends.master_accounts[account_id]
        return organizations_backends[management_id][partition]
    for partition in PARTITION_NAMES:
        backend = organizations_backends[account_id][partition]
        if backend.org is not None:
            return backend
    return None


def management_account_of(account_id: str) -> str | None:
    """The id of the management account of an account's organization, or None outside of any."""
    backend = organization_of(account_id)
    return None if backend is None else str(backend.org.master_account_id)


def active_accounts(account_id: str) -> list[str]:
    """The ids of all active accounts in an account's organization, its own included."""
    backend = organization_of(account_id)
    return [] if backend is None else [account.id for account in backend.accounts if account.status == "ACTIVE"]


def trusts(account_id: str, principal: str) -> bool:
    """Whether the account's organization has trusted access enabled for a service principal."""
    backend = organization_of(account_id)
    return backend is not None and any(service["ServicePrincipal"] == principal for service in backend.services)


def trust(management_id: str, principal: str) -> None:
    """Enable trusted access for a service principal, as some services do themselves; twice changes nothing."""
    backend = organization_of(management_id)
    assert backend is not None  # noqa: S101 (only the management account of an organization can enable it)
    if not trusts(management_id, principal):
        backend.services.append({"ServicePrincipal": principal, "DateEnabled": moment()})


def state_of(account_id: str) -> str:
    """Where an account is in its life; one outside of any organization is ACTIVE.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
    """
    backend = organization_of(account_id)
    return "ACTIVE" if backend is None else str(backend.get_account_by_id(account_id).state)


def administrators(account_id: str, principal: str) -> list[str]:
    """The ids of the accounts that administer a service principal for an account's organization."""
    backend = organization_of(account_id)
    return [] if backend is None else [admin.account.id for admin in backend.admins if principal in admin.services]


def register_administrator(management_id: str, account_id: str, principal: str) -> None:
    """Make a member the delegated administrator of a service principal, unconditionally.

    What AWS requires of it is the caller's to check: RegisterDelegatedAdministrator and each service's own operation,
    such as GuardDuty's EnableOrganizationAdminAccount, require different things. Doing it twice changes nothing.
    """
    backend = organization_of(management_id)
    assert backend is not None  # noqa: S101 (only the management account of an organization can delegate)
    admin = next((admin for admin in backend.admins if admin.account.id == account_id), None)
    if admin is None:
        admin = FakeDelegatedAdministrator(backend.get_account_by_id(account_id))
        admin.enabled_date = moment()
        backend.admins.append(admin)
    admin.services.setdefault(principal, {"ServicePrincipal": principal, "DelegationEnabledDate": moment()})


def deregister_administrator(management_id: str, account_id: str, principal: str) -> None:
    """Undo `register_administrator`; what is not registered stays so."""
    backend = organization_of(management_id)
    assert backend is not None  # noqa: S101 (only the management account of an organization can delegate)
    for admin in backend.admins:
        if admin.account.id == account_id:
            admin.services.pop(principal, None)
    backend.admins = [admin for admin in backend.admins if admin.services]
