"""Which organization an account belongs to, as every organization-wide service of AWS asks it."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import organizations_backends
from moto.utilities.utils import PARTITION_NAMES


def organization_of(account_id: str) -> Any | None:
    """moto's `OrganizationsBackend` of the organization that an account belongs to, or None."""
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
