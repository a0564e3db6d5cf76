"""AWS Health: its view of an organization; moto lacks the service."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, add_service, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.trusted_access import disable_aws_service_access
from sra_bootstrap.sandbox.settings import Rules

# Its endpoint names no region: https://docs.aws.amazon.com/health/latest/ug/health-api.html.
add_service("health", "global")

PRINCIPAL = "health.amazonaws.com"


@dataclass
class View:
    """Whether the view of an organization is being enabled or disabled."""

    pending: bool = False


def _view(call: Call) -> View:
    """https://docs.aws.amazon.com/health/latest/ug/health-api.html.

    The code for an account that is no management account is guessed.

    Raises:
        AwsFault: the caller has no support plan that includes the API, or is no management account.
    """
    if not Rules.settings.support_plan:
        text = "The AWS Access Key Id needs a subscription for the service"
        raise AwsFault("SubscriptionRequiredException", text)
    if membership.management_account_of(call.account_id) != call.account_id:
        raise AwsFault("AccessDeniedException", "This operation must be called from the management account.")
    return call.state(View, region=call.partition)


def _begin(view: View) -> None:
    """Be on the way for a while; how long AWS takes is guessed.

    Raises:
        AwsFault: it is on the way already.
    """
    if view.pending:
        raise AwsFault("ConcurrentModificationException", "The operation is already in progress.")
    view.pending = True
    later(Rules.settings.enabling_seconds, partial(_end, view))


def _end(view: View, at: float) -> None:
    view.pending = False


@operation("health", "EnableHealthServiceAccessForOrganization")
def enable_health_service_access_for_organization(call: Call) -> None:
    """https://docs.aws.amazon.com/health/latest/APIReference/API_EnableHealthServiceAccessForOrganization.html.

    It "also creates a service-linked role for the management account".
    """
    view = _view(call)
    _begin(view)
    membership.trust(call.account_id, PRINCIPAL)
    ensure(call.account_id, call.partition, PRINCIPAL)


@operation("health", "DisableHealthServiceAccessForOrganization")
def disable_health_service_access_for_organization(call: Call) -> None:
    """https://docs.aws.amazon.com/health/latest/APIReference/API_DisableHealthServiceAccessForOrganization.html."""
    view = _view(call)
    _begin(view)
    disable_aws_service_access(call, ServicePrincipal=PRINCIPAL)


@operation("health", "DescribeHealthServiceStatusForOrganization")
def describe_health_service_status_for_organization(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/health/latest/APIReference/API_DescribeHealthServiceStatusForOrganization.html.

    That trusted access which AWS Organizations was told to give is told too is guessed; that which it was told to take
    is: "You can also disable the organizational feature by using the Organizations DisableAWSServiceAccess API".
    """
    if _view(call).pending:
        return {"healthServiceAccessStatusForOrganization": "PENDING"}
    enabled = membership.trusts(call.account_id, PRINCIPAL)
    return {"healthServiceAccessStatusForOrganization": "ENABLED" if enabled else "DISABLED"}
