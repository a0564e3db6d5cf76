"""Amazon Security Lake: who administers it for an organization."""

from __future__ import annotations

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, gate, operation
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.securitylake import PRINCIPAL, Delegation, bad_request, denied, lake_of
from sra_bootstrap.sandbox.services.securitylake_subscribers import remove_subscribers
from sra_bootstrap.sandbox.services.trusted_access import enable_aws_service_access
from sra_bootstrap.sandbox.settings import Rules


def _as_management_account(call: Call) -> None:
    if membership.management_account_of(call.account_id) != call.account_id:
        raise denied(call)


@operation("securitylake", "RegisterDataLakeDelegatedAdministrator")
def register_data_lake_delegated_administrator(call: Call, accountId: str) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_RegisterDataLakeDelegatedAdministrator.html.

    It enables trusted access too, makes the role that is linked to the service in the management account, and is the
    same in all regions:
    https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-sl.html. Which error it
    answers is guessed, as is that it is none to name the administrator again.

    Raises:
        AwsFault: another account administers it, or this one cannot.
    """
    _as_management_account(call)
    if accountId == call.account_id or accountId not in membership.active_accounts(call.account_id):
        raise bad_request("The account can't be the delegated Security Lake administrator of the organization.")
    registered = membership.administrators(call.account_id, PRINCIPAL)
    if registered == [accountId]:
        return
    if registered:
        raise bad_request("The organization has a delegated Security Lake administrator already.")
    enable_aws_service_access(call, ServicePrincipal=PRINCIPAL)
    ensure(call.account_id, call.partition, PRINCIPAL)
    membership.register_administrator(call.account_id, accountId, PRINCIPAL)
    delegation = store.state(Delegation, call.account_id, call.partition)
    delegation.effective = call.now() + Rules.settings.delegation_seconds
    lake_of(accountId, call.partition).met.update(membership.active_accounts(call.account_id))


@operation("securitylake", "DeregisterDataLakeDelegatedAdministrator")
def deregister_data_lake_delegated_administrator(call: Call) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeregisterDataLakeDelegatedAdministrator.html.

    It "deletes your data lake and disables Security Lake for the accounts in your organization":
    https://docs.aws.amazon.com/security-lake/latest/userguide/multi-account-management.html.

    Raises:
        AwsFault: there is no administrator; which error that is, is guessed.
    """
    _as_management_account(call)
    registered = membership.administrators(call.account_id, PRINCIPAL)
    if not registered:
        raise bad_request("The organization has no delegated Security Lake administrator.")
    for account_id in registered:
        membership.deregister_administrator(call.account_id, account_id, PRINCIPAL)
        dissolve(account_id, call.partition)


def dissolve(account_id: str, partition: str) -> None:
    """Delete a lake; the data in its buckets stays."""
    lake = lake_of(account_id, partition)
    for region in list(lake.regions):
        remove_subscribers(account_id, partition, region)
    lake.regions.clear()
    lake.sources.clear()
    lake.auto_enable = None


@gate
def follow_organizations(call: Call) -> None:
    """Before any call of Security Lake: an administrator whom AWS Organizations has deregistered is none any more.

    That its lake goes with it then too is guessed from what the service's own operation does.
    """
    if call.service != "securitylake":
        return
    management_id = membership.management_account_of(call.account_id)
    if management_id is None:
        return
    delegation = store.state(Delegation, management_id, call.partition)
    registered = membership.administrators(management_id, PRINCIPAL)
    for account_id in delegation.were - set(registered):
        dissolve(account_id, call.partition)
    delegation.were = set(registered)
