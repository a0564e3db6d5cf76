"""AWS CloudFormation: trusted access of StackSets to an organization; stacks and stack sets are moto's."""

from __future__ import annotations

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.trusted_access import disable_aws_service_access

PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"
_ROLE_OF = "stacksets.cloudformation.amazonaws.com"


def _refused(text: str) -> AwsFault:
    return AwsFault("InvalidOperationException", text)


def _as_management_account(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html.

    "You must be an administrator user in the management account", and of an organization with all features. Which error
    is answered otherwise is guessed: the operations have two, and one is about ids.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None or backend.org.master_account_id != call.account_id:
        raise _refused("You must be the management account of an organization to operate on its access.")
    if backend.org.feature_set != "ALL":
        raise _refused("The organization must have all features enabled.")


@operation("cloudformation", "ActivateOrganizationsAccess")
def activate_organizations_access(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ActivateOrganizationsAccess.html.

    "This action allows CloudFormation to create a service-linked role in the management account":
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html. When it
    does is guessed, and that the second time is no error.
    """
    _as_management_account(call)
    membership.trust(call.account_id, PRINCIPAL)
    ensure(call.account_id, call.partition, _ROLE_OF)


@operation("cloudformation", "DeactivateOrganizationsAccess")
def deactivate_organizations_access(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeactivateOrganizationsAccess.html.

    That administrators must go before is guessed from what registering them needs.
    """
    _as_management_account(call)
    if membership.administrators(call.account_id, PRINCIPAL):
        raise _refused("You must deregister all delegated administrators first.")
    disable_aws_service_access(call, ServicePrincipal=PRINCIPAL)


@operation("cloudformation", "DescribeOrganizationsAccess")
def describe_organizations_access(call: Call, CallAs: str = "SELF") -> dict[str, str]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeOrganizationsAccess.html.

    That access which AWS Organizations was told to give is told too is guessed.
    """
    if CallAs == "SELF":
        _as_management_account(call)
    elif call.account_id not in membership.administrators(call.account_id, PRINCIPAL):
        raise _refused("The account is not registered as a delegated administrator.")
    return {"Status": "ENABLED" if membership.trusts(call.account_id, PRINCIPAL) else "DISABLED"}
