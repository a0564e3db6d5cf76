"""Amazon VPC IP Address Manager: who administers it for an organization."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.trusted_access import disable_aws_service_access, enable_aws_service_access

PRINCIPAL = "ipam.amazonaws.com"


def _as_management_account(call: Call) -> None:
    """The code is that of what EC2 does not allow: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html."""
    if membership.management_account_of(call.account_id) != call.account_id:
        raise AwsFault("UnauthorizedOperation", "You are not authorized to perform this operation.")


def _invalid(text: str) -> AwsFault:
    return AwsFault("InvalidParameterValue", text)


@operation("ec2", "EnableIpamOrganizationAdminAccount")
def enable_ipam_organization_admin_account(call: Call, DelegatedAdminAccountId: str, **_: Any) -> dict[str, bool]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableIpamOrganizationAdminAccount.html.

    It "automatically enables trusted access", and makes the role of IPAM in the management account and each member:
    https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-ipam.html. That there is one
    administrator, with which error another is refused, and that naming it again is no error is guessed.

    Raises:
        AwsFault: the account cannot administer it, or another one does.
    """
    _as_management_account(call)
    if DelegatedAdminAccountId == call.account_id:
        raise _invalid("You cannot select the Organizations management account as the IPAM admin account.")
    accounts = membership.active_accounts(call.account_id)
    if DelegatedAdminAccountId not in accounts:
        raise _invalid(f"The account {DelegatedAdminAccountId} is not a member of your organization.")
    if set(membership.administrators(call.account_id, PRINCIPAL)) - {DelegatedAdminAccountId}:
        raise _invalid("Your organization has an IPAM admin account already.")
    enable_aws_service_access(call, ServicePrincipal=PRINCIPAL)
    for account_id in accounts:
        ensure(account_id, call.partition, PRINCIPAL)
    membership.register_administrator(call.account_id, DelegatedAdminAccountId, PRINCIPAL)
    return {"Success": True}


@operation("ec2", "DisableIpamOrganizationAdminAccount")
def disable_ipam_organization_admin_account(call: Call, DelegatedAdminAccountId: str, **_: Any) -> dict[str, bool]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableIpamOrganizationAdminAccount.html.

    That trusted access goes with it is guessed: IPAM's own tools are the only ones to enable it.

    Raises:
        AwsFault: the account does not administer it.
    """
    _as_management_account(call)
    if DelegatedAdminAccountId not in membership.administrators(call.account_id, PRINCIPAL):
        raise _invalid(f"The account {DelegatedAdminAccountId} is not the IPAM admin account.")
    membership.deregister_administrator(call.account_id, DelegatedAdminAccountId, PRINCIPAL)
    disable_aws_service_access(call, ServicePrincipal=PRINCIPAL)
    return {"Success": True}
