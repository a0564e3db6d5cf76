"""AWS Organizations: organizational units (OUs), and what is where below the root."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.organization import acting_in, ancestors, describe_account, find, paged, path, violation
from sra_bootstrap.sandbox.settings import Rules

MAX_DEPTH = 5
"""How many OUs deep a root goes: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"""


def _describe(backend: Any, unit: Any) -> dict[str, Any]:
    return {"Id": unit.id, "Arn": unit.arn, "Name": unit.name, "Path": path(backend, unit)}


def _parent(backend: Any, parent_id: str) -> Any:
    text = "You specified parent that doesn't exist."
    return find(backend.ou, parent_id, "ParentNotFoundException", text)


def _unit(backend: Any, unit_id: str) -> Any:
    text = "You specified an organizational unit that doesn't exist."
    return find(backend.ou, unit_id, "OrganizationalUnitNotFoundException", text)


def _refuse_name_of_sibling(backend: Any, parent_id: str, name: str) -> None:
    if any(unit.parent_id == parent_id and unit.name == name for unit in backend.ou):
        raise AwsFault("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


@operation("organizations", "CreateOrganizationalUnit")
def create_organizational_unit(call: Call, ParentId: str, Name: str, **parameters: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html.

    Raises:
        AwsFault: the parent does not exist or has an OU of that name, or the tree would become too deep or too large.
    """
    backend = acting_in(call)
    parent = _parent(backend, ParentId)
    _refuse_name_of_sibling(backend, ParentId, Name)
    if len(ancestors(backend, parent)) > MAX_DEPTH:
        raise violation("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the maximum depth of the OU tree.")
    # The root is one of moto's OUs.
    if len(backend.ou) > Rules.settings.organizational_unit_quota:
        raise violation("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of OUs in an organization.")
    made = backend.create_organizational_unit(ParentId=ParentId, Name=Name, **parameters)
    unit = _unit(backend, made["OrganizationalUnit"]["Id"])
    return {"OrganizationalUnit": _describe(backend, unit)}


@operation("organizations", "UpdateOrganizationalUnit")
def update_organizational_unit(call: Call, OrganizationalUnitId: str, Name: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdateOrganizationalUnit.html.

    Raises:
        AwsFault: the OU does not exist, or another below the same parent has the name.
    """
    backend = acting_in(call)
    unit = _unit(backend, OrganizationalUnitId)
    if Name is not None and Name != unit.name:
        _refuse_name_of_sibling(backend, unit.parent_id, Name)
        unit.name = Name
    return {"OrganizationalUnit": _describe(backend, unit)}


@operation("organizations", "DescribeOrganizationalUnit")
def describe_organizational_unit(call: Call, OrganizationalUnitId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganizationalUnit.html."""
    backend = acting_in(call)
    return {"OrganizationalUnit": _describe(backend, _unit(backend, OrganizationalUnitId))}


@operation("organizations", "DeleteOrganizationalUnit")
def delete_organizational_unit(call: Call, OrganizationalUnitId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganizationalUnit.html.

    Raises:
        AwsFault: the OU does not exist, or something is in it.
    """
    backend = acting_in(call)
    unit = _unit(backend, OrganizationalUnitId)
    if any(child.parent_id == unit.id for child in (*backend.ou, *backend.accounts)):
        text = "You can't delete an organizational unit that contains accounts or other organizational units."
        raise AwsFault("OrganizationalUnitNotEmptyException", text)
    for policy in unit.attached_policies:
        policy.attachments.remove(unit)
    backend.ou.remove(unit)


@operation("organizations", "ListOrganizationalUnitsForParent")
def list_organizational_units_for_parent(
    call: Call, ParentId: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListOrganizationalUnitsForParent.html."""
    backend = acting_in(call)
    parent = _parent(backend, ParentId)
    units = [_describe(backend, unit) for unit in backend.ou if unit.parent_id == parent.id]
    return paged("OrganizationalUnits", units, MaxResults, NextToken)


@operation("organizations", "ListAccountsForParent")
def list_accounts_for_parent(
    call: Call, ParentId: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html."""
    backend = acting_in(call)
    parent = _parent(backend, ParentId)
    accounts = [describe_account(backend, account) for account in backend.accounts if account.parent_id == parent.id]
    return paged("Accounts", accounts, MaxResults, NextToken)


@operation("organizations", "ListChildren")
def list_children(
    call: Call, ParentId: str, ChildType: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListChildren.html."""
    backend = acting_in(call)
    parent = _parent(backend, ParentId)
    entities = [entity for entity in (*backend.ou, *backend.accounts) if entity.parent_id == parent.id]
    children = [{"Id": entity.id, "Type": entity.type} for entity in entities if entity.type == ChildType]
    return paged("Children", children, MaxResults, NextToken)


@operation("organizations", "ListParents")
def list_parents(
    call: Call, ChildId: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html."""
    backend = acting_in(call)
    entities = (*backend.ou, *backend.accounts)
    child = find(entities, ChildId, "ChildNotFoundException", "You specified a child that doesn't exist.")
    *_, parent, _ = ancestors(backend, child)
    return paged("Parents", [{"Id": parent.id, "Type": parent.type}], MaxResults, NextToken)
