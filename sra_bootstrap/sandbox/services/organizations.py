"""AWS Organizations: who may call what, what input is accepted, and the organization itself.

Policies, OUs, accounts, trusted access, delegated administrators and the resource policy have files of their own.
"""

from __future__ import annotations

import re
from typing import Any

from moto.core.utils import get_service_model
from moto.organizations.models import organizations_backends
from moto.organizations.responses import OrganizationsResponse

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.organization import Ledger, acting_in, invalid, ledger
from sra_bootstrap.sandbox.services.account import Profile
from sra_bootstrap.sandbox.services.organization_policy_delegation import resource_policy_allows
from sra_bootstrap.sandbox.services.organization_resource_policy import forget_resource_policy
from sra_bootstrap.sandbox.settings import Rules

_MODEL = get_service_model("organizations")
_FOR_ANYONE = {
    "CreateOrganization",
    "AcceptHandshake",
    "CancelHandshake",
    "DeclineHandshake",
    "DescribeHandshake",
    "ListHandshakesForAccount",
}
_FOR_MEMBERS = {"DescribeOrganization", "DescribeEffectivePolicy", "LeaveOrganization"}

# moto answers from the organization that the caller manages; a delegated administrator reads the one it belongs to.
OrganizationsResponse.organizations_backend = property(
    lambda response: (
        membership.organization_of(response.current_account)
        or organizations_backends[response.current_account][response.partition]
    )
)


@check("organizations", *_MODEL.operation_names)
def who_may_call(call: Call, **parameters: Any) -> None:
    """Members may describe the organization; delegated administrators read it; all else is the management account's.

    Beyond that, a member may do what the organization's resource policy says.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html and the sentence "You
    can only call this operation from ..." of each operation of the API reference.

    Raises:
        AwsFault: the caller is outside of an organization, or may not call this operation.
    """
    if call.operation in _FOR_ANYONE:
        return
    backend = membership.organization_of(call.account_id)
    if backend is None:
        raise AwsFault("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if call.operation in _FOR_MEMBERS or call.account_id == backend.org.master_account_id:
        return
    administers = any(admin.account.id == call.account_id for admin in backend.admins)
    if administers and call.operation.startswith(("Describe", "List")):
        return
    if not resource_policy_allows(backend, call, parameters):
        raise AwsFault("AccessDeniedException", "You don't have permissions to access this resource.")


@check("organizations", *_MODEL.operation_names)
def what_may_be_sent(call: Call, **parameters: Any) -> None:
    """Strings and numbers keep to the bounds, the patterns and the enumerations of the service's model.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_InvalidInputException.html.

    Raises:
        AwsFault: one does not.
    """
    model = _MODEL.operation_model(call.operation)
    for name, value in parameters.items():
        bounds = model.input_shape.members[name].metadata
        if isinstance(value, int):
            if "max" in bounds and value > bounds["max"]:
                raise invalid("MAX_VALUE_EXCEEDED")
        elif isinstance(value, str):
            if "enum" in bounds and value not in bounds["enum"]:
                raise invalid("INVALID_ENUM_POLICY_TYPE" if name == "PolicyType" else "INVALID_ENUM")
            if len(value) > bounds.get("max", len(value)):
                raise invalid("MAX_LENGTH_EXCEEDED")
            if len(value) < bounds.get("min", 0):
                raise invalid("MIN_LENGTH_EXCEEDED")
            if not re.fullmatch(bounds.get("pattern", r"[\s\S]*"), value):
                text = "You provided a value that does not match the required pattern."
                raise invalid("INVALID_PATTERN", text)


@operation("organizations", "CreateOrganization")
def create_organization(call: Call, FeatureSet: str = "ALL") -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html.

    That page says that service control policies are enabled from the start. They are not when the API makes the
    organization: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1901.

    Raises:
        AwsFault: the account is in an organization already.
    """
    if membership.organization_of(call.account_id) is not None:
        text = "The AWS account is already a member of an organization."
        raise AwsFault("AlreadyInOrganizationException", text)
    backend = organizations_backends[call.account_id][call.partition]
    backend.create_organization(call.region, FeatureSet=FeatureSet)
    profile = call.state(Profile, region=call.partition)
    backend.org.master_account_email = profile.email
    account = backend.get_account_by_id(call.account_id)
    account.name, account.email = profile.name, profile.email
    account.joined_method, account.create_time = "INVITED", moment()
    ledger(backend).finalized = call.now() + Rules.settings.finalizing_seconds
    return dict(backend.org.describe())


@operation("organizations", "DescribeOrganization")
def describe_organization(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html."""
    return dict(acting_in(call).org.describe())


@check("organizations", "CreateAccount", "CreateGovCloudAccount", "InviteAccountToOrganization")
def is_finalized(call: Call, **_: Any) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html, its errors.

    Raises:
        AwsFault: the organization is too new.
    """
    if call.now() < ledger(acting_in(call)).finalized:
        text = (
            "AWS Organizations couldn't perform the operation because your organization hasn't finished initializing. "
            "This can take up to an hour. Try again later."
        )
        raise AwsFault("FinalizingOrganizationException", text)


@operation("organizations", "DeleteOrganization")
def delete_organization(call: Call) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganization.html.

    Raises:
        AwsFault: a member account, an OU or a policy remains.
    """
    backend = acting_in(call)
    policies = [policy for policy in backend.policies if not policy.aws_managed]
    if len(backend.accounts) > 1 or len(backend.ou) > 1 or policies:
        text = "To delete an organization you must first remove all member accounts, OUs and policies."
        raise AwsFault("OrganizationNotEmptyException", text)
    remembered = ledger(backend)
    remembered.finalized, remembered.creations = Ledger().finalized, []
    forget_resource_policy(backend)
    backend._reset()  # noqa: SLF001 (moto deletes only an organization whose management account is named "master")
