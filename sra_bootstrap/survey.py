"""What AWS says of the organization, read once for all steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sra_bootstrap.aws import Caller, Connection
from sra_bootstrap.aws.failures import FAILURES, code_of, reason_of, remedy_of
from sra_bootstrap.errors import AccessError
from sra_bootstrap.model import ORGANIZATION, Target
from sra_bootstrap.org import DEEPEST, ROOT, Live, LiveAccount, Org

READS = frozenset(
    {
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
    }
)
"""The IAM actions that a survey takes; `sts:GetCallerIdentity` needs none."""


def arrive(org: Org, connection: Connection, expected_id: str | None = None) -> Org:
    """See who the caller is, and survey the organization.

    Raises:
        AccessError: AWS does not accept the caller, the caller is not in `expected_id`, is a member account, or may
            not read the organization.
    """
    caller = connection.caller()
    if expected_id is not None and caller.account_id != expected_id:
        raise AccessError(
            f"{caller.arn} is in the account {caller.account_id}; config.yaml is for the management account "
            f"{expected_id} (organization.management_account_id).",
            "Use credentials of that account, or correct config.yaml.",
        )
    return survey(replace(org, management_id=caller.account_id, partition=caller.partition), connection, caller)


def survey(org: Org, connection: Connection, caller: Caller | None = None) -> Org:
    """The organization with what is there now.

    Raises:
        AccessError: the caller is a member account, or may not read the organization. What cannot be read is not taken
            for absent.
    """
    try:
        return replace(org, live=_live(org, connection, caller))
    except FAILURES as error:
        raise AccessError(f"The organization cannot be read: {reason_of(error)}", remedy_of(error)) from error


def _live(org: Org, connection: Connection, caller: Caller | None) -> Live | None:
    organizations = connection.reader(org).client("organizations", Target(ORGANIZATION))
    try:
        described = organizations.describe_organization()["Organization"]
    except FAILURES as error:
        if code_of(error) == "AWSOrganizationsNotInUseException":
            return None
        raise
    if described["MasterAccountId"] != org.management_id:
        who = caller.arn if caller else org.management_id
        raise AccessError(
            f"{who} is in a member account of the organization {described['Id']}, whose management account is "
            f"{described['MasterAccountId']}.",
            "Use credentials of the management account.",
        )
    root = organizations.list_roots()["Roots"][0]
    units = dict(_units_below(organizations, root["Id"], ROOT, 1))
    pages = organizations.get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    parents = {account["Id"]: _parent_of(account) for account in accounts}
    if "" in parents.values():
        parents = dict(_parents(organizations, (root["Id"], *units.values())))
    paths = {unit_id: path for path, unit_id in units.items()} | {root["Id"]: ROOT}
    if not (parents.keys() >= {account["Id"] for account in accounts} and paths.keys() >= set(parents.values())):
        raise AccessError("The organization was changed while it was read.", "Run it again.")
    return Live(
        id=described["Id"],
        feature_set=described["FeatureSet"],
        root_id=root["Id"],
        policy_types={kind["Type"]: kind["Status"] for kind in root["PolicyTypes"]},
        units=units,
        accounts=tuple(_account(account, paths[parents[account["Id"]]]) for account in accounts),
    )


def _units_below(organizations: Any, parent_id: str, parent: str, depth: int) -> Iterator[tuple[str, str]]:
    pages = organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent_id)
    for page in pages:
        for unit in page["OrganizationalUnits"]:
            # A name may hold the separator of our paths; config.yaml cannot name such an OU.
            name = unit["Name"].replace("/", "//")
            path = f"{parent}/{name}" if parent else name
            yield path, unit["Id"]
            if depth < DEEPEST:
                yield from _units_below(organizations, unit["Id"], path, depth + 1)


def _parent_of(account: Any) -> str:
    """The id of the parent, out of a path like o-organization/r-root/ou-parent/111111111111/; empty if none is told.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html calls the paths optional.
    """
    return str(account["Paths"][0].split("/")[-3]) if account.get("Paths") else ""


def _parents(organizations: Any, parent_ids: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    paginator = organizations.get_paginator("list_accounts_for_parent")
    for parent_id in parent_ids:
        for page in paginator.paginate(ParentId=parent_id):
            yield from ((account["Id"], parent_id) for account in page["Accounts"])


def _account(account: Any, unit: str) -> LiveAccount:
    return LiveAccount(
        id=account["Id"],
        name=account["Name"],
        email=account["Email"],
        state=account["State"],
        unit=unit,
        joined=account["JoinedTimestamp"].timestamp(),
    )
