"""AWS Audit Manager: whether an account uses it in a region, and who administers it; moto lacks the service.

It "is no longer open to new customers" since April 30, 2026:
https://docs.aws.amazon.com/audit-manager/latest/userguide/audit-manager-availability-change.html. With which error it
refuses these is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, add_service, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.trusted_access import enable_aws_service_access
from sra_bootstrap.sandbox.settings import Rules

add_service("auditmanager")

PRINCIPAL = "auditmanager.amazonaws.com"


@dataclass
class AuditManager:
    """What Audit Manager knows of an account in a region: whether it is used, and who administers it."""

    active: bool = False
    administrator: str | None = None


def _denied(text: str) -> AwsFault:
    return AwsFault("AccessDeniedException", text)


def _invalid(text: str) -> AwsFault:
    return AwsFault("ValidationException", text, reason="other")


def _open_to(call: Call, account_id: str) -> AuditManager:
    """Have an account use the service in the caller's region.

    Raises:
        AwsFault: it does not yet, and no more accounts are taken.
    """
    one = store.state(AuditManager, account_id, call.region)
    if not one.active and not Rules.settings.auditmanager_takes_new_customers:
        raise _denied("AWS Audit Manager is no longer open to new customers.")
    one.active = True
    ensure(account_id, call.partition, PRINCIPAL)
    return one


@operation("auditmanager", "GetAccountStatus")
def get_account_status(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_GetAccountStatus.html."""
    return {"status": "ACTIVE" if call.state(AuditManager).active else "INACTIVE"}


@operation("auditmanager", "RegisterAccount")
def register_account(call: Call, kmsKey: str | None = None, delegatedAdminAccount: str | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_RegisterAccount.html.

    Raises:
        NotImplementedError: a key is given.
    """
    if kmsKey is not None:
        raise NotImplementedError("a key")
    _open_to(call, call.account_id)
    if delegatedAdminAccount is not None:
        register_organization_admin_account(call, delegatedAdminAccount)
    return {"status": "ACTIVE"}


def _managing(call: Call) -> AuditManager:
    """What the management account has set up in the region.

    The text was seen in AWS: https://github.com/awslabs/sra-verify.

    Raises:
        AwsFault: the caller is another account, or has set up nothing.
    """
    one = call.state(AuditManager)
    if membership.management_account_of(call.account_id) != call.account_id:
        raise _denied("The account is not the management account of an organization.")
    if not one.active:
        text = "Please complete AWS Audit Manager setup from home page to enable this action in this account."
        raise _denied(text)
    return one


@operation("auditmanager", "GetOrganizationAdminAccount")
def get_organization_admin_account(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_GetOrganizationAdminAccount.html.

    Which account nobody is, is guessed from the errors that it has.

    Raises:
        AwsFault: there is no administrator in the region.
    """
    administrator = _managing(call).administrator
    if administrator is None:
        text = "There is no delegated administrator."
        raise AwsFault("ResourceNotFoundException", text, resourceId=call.account_id, resourceType="DelegatedAdmin")
    return {"adminAccountId": administrator, "organizationId": _organization_id(call)}


def _organization_id(call: Call) -> str:
    backend = membership.organization_of(call.account_id)
    assert backend is not None  # noqa: S101 (the caller is a management account)
    return str(backend.org.id)


@operation("auditmanager", "RegisterOrganizationAdminAccount")
def register_organization_admin_account(call: Call, adminAccountId: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_RegisterOrganizationAdminAccount.html.

    It enables trusted access too: https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-audit-manager.html.
    "You can't use your AWS Organizations management account as a delegated administrator":
    https://docs.aws.amazon.com/audit-manager/latest/userguide/add-delegated-admin.html. That an account which did not
    use the service is refused is guessed from its being closed.

    Raises:
        AwsFault: the account cannot be the administrator, or another one is.
    """
    one = _managing(call)
    if adminAccountId == call.account_id or adminAccountId not in membership.active_accounts(call.account_id):
        raise _invalid("The account can't be the delegated administrator.")
    others = {one.administrator, *membership.administrators(call.account_id, PRINCIPAL)} - {None, adminAccountId}
    if others:
        raise _invalid(f"Cannot change delegated Admin from {', '.join(map(str, others))} to {adminAccountId}")
    _open_to(call, adminAccountId)
    enable_aws_service_access(call, ServicePrincipal=PRINCIPAL)
    membership.register_administrator(call.account_id, adminAccountId, PRINCIPAL)
    one.administrator = adminAccountId
    return {"adminAccountId": adminAccountId, "organizationId": _organization_id(call)}


@operation("auditmanager", "DeregisterOrganizationAdminAccount")
def deregister_organization_admin_account(call: Call, adminAccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_DeregisterOrganizationAdminAccount.html.

    That it leaves the registration with AWS Organizations to whoever calls it is guessed.

    Raises:
        AwsFault: there is no administrator, or another.
    """
    one = _managing(call)
    if one.administrator is None or adminAccountId not in {None, one.administrator}:
        raise _invalid("The account is not the delegated administrator.")
    one.administrator = None
