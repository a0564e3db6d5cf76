"""AWS Organizations: trusted access, by which a service may act in every account of an organization."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import FakeServiceAccess

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.organization import acting_in, invalid, paged, violation
from sra_bootstrap.sandbox.services.organization_policy_types import SERVICE_OF_POLICY_TYPE, enabled_policy_types

_BEYOND_MOTO = {
    "agentless.inspector2.amazonaws.com",
    "billing-cost-management.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "ec2.amazonaws.com",
    "iam.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "networkmanager.amazonaws.com",
    "notifications.amazonaws.com",
    "observabilityadmin.amazonaws.com",
    "resource-explorer-2.amazonaws.com",
    "security-ir.amazonaws.com",
}
SERVICE_PRINCIPALS = _BEYOND_MOTO | set(FakeServiceAccess.TRUSTED_SERVICES)
"""The services that work with AWS Organizations.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
"""


@check("organizations", "EnableAWSServiceAccess", "DisableAWSServiceAccess")
@check("organizations", "RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator")
@check("organizations", "ListDelegatedAdministrators")
def is_service_principal(call: Call, ServicePrincipal: str | None = None, **_: Any) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_InvalidInputException.html.

    Seen in AWS: https://github.com/prowler-cloud/prowler/pull/12565.

    Raises:
        AwsFault: no service has this principal.
    """
    if ServicePrincipal is not None and ServicePrincipal not in SERVICE_PRINCIPALS:
        text = "You specified an unrecognized service principal."
        raise invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", text)


@operation("organizations", "EnableAWSServiceAccess")
def enable_aws_service_access(call: Call, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html.

    Raises:
        AwsFault: the organization has no more than consolidated billing.
    """
    backend = acting_in(call)
    if backend.org.feature_set != "ALL":
        text = "You attempted to perform an operation that requires the organization to support all features."
        raise violation("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", text)
    membership.trust(call.account_id, ServicePrincipal)


@operation("organizations", "DisableAWSServiceAccess")
def disable_aws_service_access(call: Call, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisableAWSServiceAccess.html.

    Raises:
        AwsFault: a policy type that needs it is enabled.
    """
    backend = acting_in(call)
    if ServicePrincipal in {SERVICE_OF_POLICY_TYPE.get(policy_type) for policy_type in enabled_policy_types(backend)}:
        text = "You attempted to disable service access before you disabled the policy type."
        raise violation("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE", text)
    backend.services = [service for service in backend.services if service["ServicePrincipal"] != ServicePrincipal]


@operation("organizations", "ListAWSServiceAccessForOrganization")
def list_aws_service_access_for_organization(
    call: Call, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAWSServiceAccessForOrganization.html."""
    return paged("EnabledServicePrincipals", acting_in(call).services, MaxResults, NextToken)
