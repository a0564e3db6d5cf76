"""AWS Firewall Manager: who administers it for an organization, and for whom it answers; moto lacks the service.

The texts of errors are those that were seen, where a source is named, and otherwise those of the modelled errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, add_service
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.paging import page

add_service("fms")

PRINCIPAL = "fms.amazonaws.com"
PAGE = 100
"""The most that a page of any list has, and how many it has by default, which is guessed."""


@dataclass
class Administrator:
    """An account that administers Firewall Manager, within a scope.

    `status` is that of its role, `scope` AWS's own AdminScope.

    https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetAdminAccount.html
    """

    account_id: str
    status: str = "CREATING"
    scope: dict[str, Any] = field(default_factory=dict)


@dataclass
class Organization:
    """Who administers Firewall Manager for an organization: the one that came first is the default administrator."""

    administrators: dict[str, Administrator] = field(default_factory=dict)
    gone: str | None = None

    @property
    def default(self) -> Administrator | None:
        """The administrator of everything, or None."""
        return next(iter(self.administrators.values()), None)


@dataclass
class Policy:
    """A policy, as AWS's own Policy without its id and token.

    https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_Policy.html
    """

    id: str
    arn: str
    token: str
    says: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.says["PolicyName"])

    @property
    def type(self) -> str:
        """What it manages, as in WAFV2."""
        return str(self.says["SecurityServicePolicyData"]["Type"])


@dataclass
class Policies:
    """The policies of an administrator: by region, and by their ids."""

    by_region: dict[str, dict[str, Policy]] = field(default_factory=dict)


def policies_of(account_id: str, partition: str, region: str) -> dict[str, Policy]:
    """The policies of an administrator in a region, by their ids."""
    return store.state(Policies, account_id, partition).by_region.setdefault(region, {})


def refused(message: str) -> AwsFault:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_AssociateAdminAccount.html."""
    return AwsFault("InvalidOperationException", message)


def invalid(message: str = "The parameters of the request were invalid.") -> AwsFault:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_PutPolicy.html."""
    return AwsFault("InvalidInputException", message)


def absent() -> AwsFault:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetPolicy.html."""
    return AwsFault("ResourceNotFoundException", "The specified resource was not found.")


def organization_of(account_id: str, partition: str) -> Organization | None:
    """What Firewall Manager knows of an account's organization; None outside of any."""
    management_id = membership.management_account_of(account_id)
    return None if management_id is None else store.state(Organization, management_id, partition)


def as_administrator(call: Call) -> Administrator:
    """The administrator that the caller is.

    The first text: https://github.com/rebuy-de/aws-nuke/issues/992; the second:
    https://github.com/prowler-cloud/prowler, providers/aws/services/fms, which reads both.

    Raises:
        AwsFault: it is none, or its role is not there yet.
    """
    organization = organization_of(call.account_id, call.partition)
    if organization is None or organization.default is None:
        text = f"No default admin could be found for account {call.account_id}"
        raise AwsFault("AccessDeniedException", text)
    administrator = organization.administrators.get(call.account_id)
    if administrator is None or administrator.status != "READY":
        text = f"Operation {call.operation} is only available to AWS Firewall Manager Administrators"
        raise AwsFault("AccessDeniedException", text)
    return administrator


def as_management_account(call: Call) -> Organization:
    """What Firewall Manager knows of the organization of the caller.

    The text: https://github.com/crossplane-contrib/provider-upjet-aws/issues/296.

    Raises:
        AwsFault: the caller is not the management account of one.
    """
    management_id = membership.management_account_of(call.account_id)
    if management_id != call.account_id:
        text = (
            f"{call.account_id} is not the management account of the Organization but trying to AssociateAdmin, "
            f"Organization management account is {management_id}"
        )
        raise refused(text)
    return store.state(Organization, management_id, call.partition)


def listed(name: str, items: list[Any], size: int | None, token: str | None) -> dict[str, Any]:
    """One page of a list, as every list of Firewall Manager is answered."""
    found, following = page(items, size or PAGE, token, invalid())
    return {name: found} if following is None else {name: found, "NextToken": following}
