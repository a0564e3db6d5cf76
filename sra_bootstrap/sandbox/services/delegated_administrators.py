"""AWS Organizations: delegated administrators, the members that administer a service for the organization."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.organization import acting_in, describe_account, find, paged, violation

_ADMINISTRATORS = {
    "access-analyzer.amazonaws.com": 1,
    "auditmanager.amazonaws.com": 1,
    "cloudtrail.amazonaws.com": 3,
    "detective.amazonaws.com": 1,
    "guardduty.amazonaws.com": 1,
    "health.amazonaws.com": 5,
    "inspector2.amazonaws.com": 1,
    "macie.amazonaws.com": 1,
    "member.org.stacksets.cloudformation.amazonaws.com": 5,
    "security-ir.amazonaws.com": 1,
    "securityhub.amazonaws.com": 1,
    "sso.amazonaws.com": 1,
}
"""How many administrators a service may have, where its user guide gives a number.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html leads to them; for
StackSets, https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html.
"""


def _member(backend: Any, account_id: str) -> Any:
    text = "You specified an account that doesn't exist."
    account = find(backend.accounts, account_id, "AccountNotFoundException", text)
    if account_id == backend.org.master_account_id:
        text = "You cannot register master account/yourself as delegated administrator for your organization."
        raise violation("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", text)
    return account


def _not_registered() -> AwsFault:
    text = "The provided account is not a registered delegated administrator for your organization."
    return AwsFault("AccountNotRegisteredException", text)


@operation("organizations", "RegisterDelegatedAdministrator")
def register_delegated_administrator(call: Call, AccountId: str, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html.

    The reasons: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ConstraintViolationException.html.

    Raises:
        AwsFault: the service may not yet act in the organization, or may have no (further) administrator; or the
            account cannot be one.
    """
    account = _member(acting_in(call), AccountId)
    if account.state != "ACTIVE":
        text = "You cannot register a suspended account as a delegated administrator."
        raise violation("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", text)
    if not membership.trusts(call.account_id, ServicePrincipal):
        text = "You attempted to register a delegated administrator before you enabled service access."
        raise violation("SERVICE_ACCESS_NOT_ENABLED", text)
    present = membership.administrators(call.account_id, ServicePrincipal)
    if AccountId in present:
        text = "The provided account is already a delegated administrator for your organization."
        raise AwsFault("AccountAlreadyRegisteredException", text)
    if len(present) >= _ADMINISTRATORS.get(ServicePrincipal, len(present) + 1):
        if len(present) == 1:
            text = "You attempted to register an account for a service that already has a delegated administrator."
            raise violation("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", text)
        text = "You attempted to register more delegated administrators than allowed for the service principal."
        raise violation("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED", text)
    membership.register_administrator(call.account_id, AccountId, ServicePrincipal)


@operation("organizations", "DeregisterDelegatedAdministrator")
def deregister_delegated_administrator(call: Call, AccountId: str, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html.

    Raises:
        AwsFault: the account does not administer the service.
    """
    _member(acting_in(call), AccountId)
    if AccountId not in membership.administrators(call.account_id, ServicePrincipal):
        raise _not_registered()
    membership.deregister_administrator(call.account_id, AccountId, ServicePrincipal)


@operation("organizations", "ListDelegatedAdministrators")
def list_delegated_administrators(
    call: Call, ServicePrincipal: str | None = None, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html."""
    backend = acting_in(call)
    administrators = []
    for admin in backend.admins:
        if ServicePrincipal is None or ServicePrincipal in admin.services:
            described = describe_account(backend, admin.account) | {"DelegationEnabledDate": admin.enabled_date}
            # A DelegatedAdministrator, unlike an Account, states no paths.
            del described["Paths"]
            administrators.append(described)
    return paged("DelegatedAdministrators", administrators, MaxResults, NextToken)


@operation("organizations", "ListDelegatedServicesForAccount")
def list_delegated_services_for_account(
    call: Call, AccountId: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedServicesForAccount.html.

    Raises:
        AwsFault: the account administers nothing, or does not exist.
    """
    backend = acting_in(call)
    text = "You specified an account that doesn't exist."
    account = find(backend.accounts, AccountId, "AccountNotFoundException", text)
    for admin in backend.admins:
        if admin.account is account:
            return paged("DelegatedServices", list(admin.services.values()), MaxResults, NextToken)
    raise _not_registered()
