"""Amazon Detective: who administers it for an organization in a region, and which accounts join its behavior graph."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, operation
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.detective import (
    Graph,
    denied,
    detective_of,
    found_graph,
    invalid,
    listed,
    owned,
    remove_graph,
)
from sra_bootstrap.sandbox.services.detective_enrolment import settle
from sra_bootstrap.sandbox.services.trusted_access import enable_aws_service_access
from sra_bootstrap.sandbox.settings import Rules

PRINCIPAL = "detective.amazonaws.com"


@dataclass
class Delegation:
    """Who administers Detective for an organization in one region, and since when that is in effect.

    `met` are the accounts whose joining the organization is dealt with.
    """

    administrator_id: str | None = None
    since: datetime = field(default_factory=moment)
    effective: float = math.inf
    auto_enable: bool = False
    met: set[str] = field(default_factory=set)


def delegation_in(account_id: str, region: str) -> Delegation | None:
    """The delegation of an account's organization in a region, in effect or not; None outside of an organization."""
    management_id = membership.management_account_of(account_id)
    return None if management_id is None else store.state(Delegation, management_id, region)


def organization_graph(account_id: str, region: str) -> Graph | None:
    """The behavior graph of an account's organization in a region, if there is one."""
    delegation = delegation_in(account_id, region)
    if delegation is None or delegation.administrator_id is None:
        return None
    return detective_of(delegation.administrator_id, region).graph


def is_organizations(call: Call, graph: Graph) -> bool:
    """Whether a graph is that of the caller's organization.

    Raises:
        AwsFault: it is, but its administrator is not yet in effect.
    """
    if organization_graph(call.account_id, call.region) is not graph:
        return False
    _effective(call)
    return True


def _as_management_account(call: Call) -> Delegation:
    """The delegation of the caller's organization in the region of the call, in effect or not.

    Outside of an organization: https://github.com/hashicorp/terraform-provider-aws, service/detective, knows the text.

    Raises:
        AwsFault: the caller is not the management account of an organization.
    """
    management_id = membership.management_account_of(call.account_id)
    if management_id is None:
        raise invalid("The request failed because the account is not a member of an organization.")
    if management_id != call.account_id:
        raise denied()
    return call.state(Delegation)


def _effective(call: Call) -> Delegation:
    delegation = delegation_in(call.account_id, call.region)
    if delegation is None or delegation.administrator_id != call.account_id or delegation.effective > Time.clock.now():
        raise denied()
    return delegation


def _as_administrator(call: Call, arn: str) -> Delegation:
    """The delegation that makes the caller the administrator; for a while after it was made, Detective denies it.

    So https://github.com/aws-samples/aws-security-reference-architecture-examples has it, which waits before.

    Raises:
        AwsFault: the caller does not, or not yet, administer Detective for its organization.
    """
    owned(call, arn)
    return _effective(call)


@operation("detective", "EnableOrganizationAdminAccount")
def enable_organization_admin_account(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_EnableOrganizationAdminAccount.html.

    It also enables trusted access:
    https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-detective.html. Which error
    it answers is guessed, as is that it is an error to name the administrator again.

    Raises:
        AwsFault: there is an administrator in this region, another account is registered with Organizations, or this
            one is no active account of the organization, or has not enabled the region.
    """
    delegation = _as_management_account(call)
    usable = has_region(AccountId, call.partition, call.region)
    if AccountId not in membership.active_accounts(call.account_id) or not usable:
        raise invalid()
    registered = membership.administrators(call.account_id, PRINCIPAL)
    is_management = AccountId == call.account_id
    if delegation.administrator_id is not None or (registered and AccountId not in registered and not is_management):
        raise invalid()
    enable_aws_service_access(call, ServicePrincipal=PRINCIPAL)
    if not is_management:
        membership.register_administrator(call.account_id, AccountId, PRINCIPAL)
    delegation.administrator_id, delegation.since = AccountId, moment()
    delegation.effective = call.now() + Rules.settings.delegation_seconds
    delegation.auto_enable = False
    delegation.met.update(membership.active_accounts(call.account_id))
    if detective_of(AccountId, call.region).graph is None:
        later(Rules.settings.enabling_seconds, partial(_appear, delegation, AccountId, call))
    else:
        _adopt(found_graph(AccountId, call.partition, call.region))


def _appear(delegation: Delegation, account_id: str, call: Call, at: float) -> None:
    if delegation.administrator_id == account_id:
        found_graph(account_id, call.partition, call.region)


def _adopt(graph: Graph) -> None:
    """Enable the organization's accounts among the members of a graph that becomes the organization's.

    https://docs.aws.amazon.com/detective/latest/adminguide/accounts-orgs-transition.html
    """
    for member in graph.members.values():
        if member.account_id in membership.active_accounts(graph.administrator_id):
            member.by = "ORGANIZATION"
            settle(member)


@operation("detective", "DisableOrganizationAdminAccount")
def disable_organization_admin_account(call: Call) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_DisableOrganizationAdminAccount.html.

    It "deletes the organization behavior graph", and "does not affect the delegated administrator account for Detective
    in Organizations". Where there is no administrator, the error is guessed.

    Raises:
        AwsFault: there is no administrator in this region.
    """
    delegation = _as_management_account(call)
    if delegation.administrator_id is None:
        raise invalid()
    dismiss(call, delegation)


def dismiss(call: Call, delegation: Delegation) -> None:
    """End a delegation, and with it the organization's graph."""
    graph = organization_graph(call.account_id, call.region)
    if graph is not None:
        remove_graph(graph, call.region)
    delegation.administrator_id, delegation.effective, delegation.auto_enable = None, math.inf, False


@operation("detective", "DeleteGraph")
def delete_graph(call: Call, GraphArn: str) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_DeleteGraph.html.

    That the organization has no administrator in the region after its graph was deleted is guessed.
    """
    graph = owned(call, GraphArn)
    delegation = delegation_in(call.account_id, call.region)
    if delegation is not None and delegation.administrator_id == call.account_id:
        dismiss(call, delegation)
    else:
        remove_graph(graph, call.region)


@operation("detective", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(
    call: Call, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListOrganizationAdminAccounts.html.

    An administrator is listed a while after it was enabled, says what terraform-provider-aws waits for; the sandbox
    lists it once it has its graph.
    """
    delegation = _as_management_account(call)
    graph = organization_graph(call.account_id, call.region)
    administrators = []
    if graph is not None:
        administrator = {
            "AccountId": graph.administrator_id,
            "GraphArn": graph.arn,
            "DelegationTime": delegation.since,
        }
        administrators.append(administrator)
    return listed("Administrators", administrators, MaxResults, NextToken)


@operation("detective", "DescribeOrganizationConfiguration")
def describe_organization_configuration(call: Call, GraphArn: str) -> dict[str, bool]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_DescribeOrganizationConfiguration.html."""
    return {"AutoEnable": _as_administrator(call, GraphArn).auto_enable}


@operation("detective", "UpdateOrganizationConfiguration")
def update_organization_configuration(call: Call, *, GraphArn: str, AutoEnable: bool | None = None) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_UpdateOrganizationConfiguration.html."""
    delegation = _as_administrator(call, GraphArn)
    if AutoEnable is not None:
        delegation.auto_enable = AutoEnable
