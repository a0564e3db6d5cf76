"""AWS CloudTrail: its delegated administrators, and what becomes of trails without trusted access."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.cloudtrail import PRINCIPAL, delegations_of, no_organization, trails_of
from sra_bootstrap.sandbox.settings import Rules

_MOST = 3
"""https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html."""


def check_organization(management_id: str, now: float) -> None:
    """See to it that CloudTrail may act in an organization.

    For a while after it was enabled, it is not known to be: https://github.com/hashicorp/terraform-provider-aws/issues/31401.

    Raises:
        AwsFault: not all features are enabled, or there is no trusted access, or not yet.
    """
    backend: Any = membership.organization_of(management_id)
    if backend.org.feature_set != "ALL":
        text = "Organizations is not configured to support all features."
        raise AwsFault("OrganizationNotInAllFeaturesModeException", text)
    since = [one["DateEnabled"] for one in backend.services if one["ServicePrincipal"] == PRINCIPAL]
    if not since or _seconds_after(since[0], now) < Rules.settings.cloudtrail_access_seconds:
        text = (
            "The request could not be processed because your organization hasn't enabled CloudTrail service access. "
            "Enable service access for CloudTrail, and then try again."
        )
        raise AwsFault("CloudTrailAccessNotEnabledException", text)


def _seconds_after(when: datetime, now: float) -> float:
    """How long ago something was, which is known to the microsecond only."""
    return round(now - when.replace(tzinfo=UTC).timestamp(), 3)


def link_roles(management_id: str, partition: str, *, members: bool) -> None:
    """Make AWSServiceRoleForCloudTrail in the management account, and with a trail in every member.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html

    Raises:
        AwsFault: the caller may not.
    """
    if "iam:CreateServiceLinkedRole" in Rules.settings.denied:
        text = "The IAM identity lacks permissions that are required in a required service."
        raise AwsFault("InsufficientDependencyServiceAccessPermissionException", text)
    for account_id in membership.active_accounts(management_id) if members else [management_id]:
        roles.ensure(account_id, partition, PRINCIPAL)


def _as_management_account(call: Call) -> None:
    management_id = membership.management_account_of(call.account_id)
    if management_id is None:
        raise no_organization()
    if management_id != call.account_id:
        text = "The account making the request is not the organization's management account."
        raise AwsFault("NotOrganizationManagementAccountException", text)
    check_organization(call.account_id, call.now())


@operation("cloudtrail", "RegisterOrganizationDelegatedAdmin")
def register_organization_delegated_admin(call: Call, MemberAccountId: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RegisterOrganizationDelegatedAdmin.html.

    In which order AWS checks all this is guessed.

    Raises:
        AwsFault: the caller may not; or the account is no member, or is one already, or there are three.
    """
    _as_management_account(call)
    if MemberAccountId == call.account_id:
        text = "The management account cannot be registered as the CloudTrail delegated administrator."
        raise AwsFault("CannotDelegateManagementAccountException", text)
    if MemberAccountId not in membership.active_accounts(call.account_id):
        raise AwsFault("AccountNotFoundException", "The account is not found or not part of an organization.")
    present = membership.administrators(call.account_id, PRINCIPAL)
    if MemberAccountId in present:
        text = "The account is already registered as the CloudTrail delegated administrator."
        raise AwsFault("AccountRegisteredException", text)
    if len(present) >= _MOST:
        text = "The maximum number of CloudTrail delegated administrators is reached."
        raise AwsFault("DelegatedAdminAccountLimitExceededException", text)
    link_roles(call.account_id, call.partition, members=False)
    membership.register_administrator(call.account_id, MemberAccountId, PRINCIPAL)
    delegations_of(call.account_id)[MemberAccountId] = call.now() + Rules.settings.delegation_seconds


@operation("cloudtrail", "DeregisterOrganizationDelegatedAdmin")
def deregister_organization_delegated_admin(call: Call, DelegatedAdminAccountId: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeregisterOrganizationDelegatedAdmin.html.

    The trails that it has made stay: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html.

    Raises:
        AwsFault: the caller may not, or the account is no administrator.
    """
    _as_management_account(call)
    if DelegatedAdminAccountId not in membership.administrators(call.account_id, PRINCIPAL):
        text = "The account is not registered as the CloudTrail delegated administrator."
        raise AwsFault("AccountNotRegisteredException", text)
    membership.deregister_administrator(call.account_id, DelegatedAdminAccountId, PRINCIPAL)
    delegations_of(call.account_id).pop(DelegatedAdminAccountId, None)


@check("organizations", "DisableAWSServiceAccess")
def lose_organization(call: Call, ServicePrincipal: str) -> None:
    """Turn the organization's trails into the management account's own, which members no longer have.

    Enabling trusted access again does not turn them back:
    https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudtrail.html.
    """
    if ServicePrincipal == PRINCIPAL and membership.management_account_of(call.account_id) == call.account_id:
        for trail in trails_of(call.account_id):
            trail.settings["IsOrganizationTrail"] = False
