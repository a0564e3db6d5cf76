"""AWS IAM: central management of root access, which the organization turns on.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault

PRINCIPAL = "iam.amazonaws.com"
CREDENTIALS, SESSIONS = "RootCredentialsManagement", "RootSessions"


@dataclass
class RootAccess:
    """The features that an organization has on; its management account keeps them.

    Disabling trusted access hides them, and enabling it again shows them as they were: that is guessed.
    """

    features: set[str] = field(default_factory=set)


def features_of(account_id: str, partition: str) -> set[str]:
    """The features that are in effect in an account's organization."""
    management_id = membership.management_account_of(account_id)
    if management_id is None or not membership.trusts(account_id, PRINCIPAL):
        return set()
    return store.state(RootAccess, management_id, partition).features


def administers(account_id: str) -> bool:
    """Whether an account may act on the root users of the others."""
    return account_id in {
        membership.management_account_of(account_id),
        *membership.administrators(account_id, PRINCIPAL),
    }


@operation("iam", "ListOrganizationsFeatures")
def list_organizations_features(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html.

    Raises:
        AwsFault: there is no organization that has all features and trusts IAM, or the caller does not administer it.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None:
        raise AwsFault("OrganizationNotFoundException", "No organization is associated with your account.")
    if not administers(call.account_id):
        text = "The account is not the management account or delegated administrator account."
        raise AwsFault("AccountNotManagementOrDelegatedAdministratorException", text)
    if backend.org.feature_set != "ALL":
        text = "Your organization does not have All features enabled."
        raise AwsFault("OrganizationNotInAllFeaturesModeException", text)
    if not membership.trusts(call.account_id, PRINCIPAL):
        text = "Trusted access is not enabled for IAM in AWS Organizations."
        raise AwsFault("ServiceAccessNotEnabledException", text)
    return {
        "OrganizationId": backend.org.id,
        "EnabledFeatures": sorted(features_of(call.account_id, call.partition)),
    }


@operation("iam", "EnableOrganizationsRootCredentialsManagement")
def enable_credentials(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html."""
    return _turn(call, CREDENTIALS, on=True)


@operation("iam", "EnableOrganizationsRootSessions")
def enable_sessions(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootSessions.html."""
    return _turn(call, SESSIONS, on=True)


@operation("iam", "DisableOrganizationsRootCredentialsManagement")
def disable_credentials(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOrganizationsRootCredentialsManagement.html."""
    return _turn(call, CREDENTIALS, on=False)


@operation("iam", "DisableOrganizationsRootSessions")
def disable_sessions(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOrganizationsRootSessions.html."""
    return _turn(call, SESSIONS, on=False)


def _turn(call: Call, feature: str, *, on: bool) -> dict[str, Any]:
    """Turn a feature on or off; twice changes nothing.

    A delegated administrator may turn it off and not on: CallerIsNotManagementAccountException is among the errors of
    the operations that enable, and not of those that disable.
    """
    list_organizations_features(call)
    if on and call.account_id != membership.management_account_of(call.account_id):
        text = "The account making the request is not the management account for the organization."
        raise AwsFault("CallerIsNotManagementAccountException", text)
    features = features_of(call.account_id, call.partition)
    (features.add if on else features.discard)(feature)
    return list_organizations_features(call)
