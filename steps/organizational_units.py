"""Organizational units (OUs)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import ORGANIZATION, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import ROOT, Org
from sra_bootstrap.step import Step, StepConfig

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_HERE = Target(ORGANIZATION)
_PATIENCE = 30
"""How many seconds a new OU may take to be listed."""


class OrganizationalUnits(Step[StepConfig]):
    """Make the tree of organizational units (OUs), which policies are attached to.

    The SRA keeps security accounts, infrastructure and workloads apart, because they need different guardrails. OUs are
    known by their path below the root; an OU that config.yaml does not name is left alone.
    """

    id = "organizational_units"
    after = ("organization",)
    Config = StepConfig
    surveyed = frozenset({"organizational-unit"})
    reads = frozenset({"organizations:ListOrganizationalUnitsForParent", "organizations:ListRoots"})
    writes = frozenset({"organizations:CreateOrganizationalUnit", "organizations:DeleteOrganizationalUnit"})
    considerations = (
        "An OU that is renamed by hand is another one: the plan shows the old path as missing, the new as unmanaged.",
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/organizations.html",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html",
    )

    def keeps(self, address: Address, org: Org) -> bool:
        """An OU stays as long as there is an account in it, or below it, or an OU that config.yaml does not name."""
        others = set(org.live.units) - set(org.units) if org.live else set()
        inside = (*(live.unit for live in org.live_accounts()), *others)
        return any(f"{unit}/".startswith(f"{address.name}/") for unit in inside)

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every OU of config.yaml, parents first."""
        for path in org.units:
            yield Resource(Address("organizational-unit", _HERE, path))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Every OU that the survey found."""
        for path in org.live.units if org.live else ():
            yield Resource(Address("organizational-unit", at, path))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Create one OU in its parent, or delete it."""
        organizations = aws.client("organizations", change.address.at)
        path = change.address.name
        if change.action is Action.DELETE:
            organizations.delete_organizational_unit(OrganizationalUnitId=org.existing.units[path])
            return
        parent, _, name = path.rpartition("/")
        organizations.create_organizational_unit(ParentId=_id_of(parent, org, organizations, aws), Name=name)


def _id_of(path: str, org: Org, organizations: OrganizationsClient, aws: Writer) -> str:
    """The id of an OU, or of the root; one that was made a moment ago is in no survey, and in no list at once."""
    if path == ROOT:
        return org.existing.root_id
    if path in org.existing.units:
        return org.existing.units[path]
    parent, _, name = path.rpartition("/")
    parent_id = _id_of(parent, org, organizations, aws)
    unit_id = aws.poll(lambda: _child(parent_id, name, organizations), lambda found: found is not None, _PATIENCE)
    if unit_id is None:
        raise RefusalError(f"Its parent, the OU {path}, does not exist.", "Run it again.")
    return unit_id


def _child(parent_id: str, name: str, organizations: OrganizationsClient) -> str | None:
    pages = organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent_id)
    return next((unit["Id"] for page in pages for unit in page["OrganizationalUnits"] if unit["Name"] == name), None)
