"""Policies of the organization, known by their names, and what they are attached to, by the names of config.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Obstacle, Resource, Target
from sra_bootstrap.org import ROOT, Org

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.literals import PolicyTypeType

ROOT_NAME = "root"
"""The root, among the names of what a policy is attached to; OUs go by their paths, accounts by their keys."""


@dataclass(frozen=True)
class Policy:
    """A policy that is there."""

    id: str
    name: str
    description: str


def find(name: str, policy_type: PolicyTypeType, organizations: OrganizationsClient) -> Policy | None:
    """The policy of a type with a name, whoever has made it."""
    pages = organizations.get_paginator("list_policies").paginate(Filter=policy_type)
    for policy in (policy for page in pages for policy in page["Policies"]):
        if policy["Name"] == name:
            return Policy(policy["Id"], name, policy.get("Description", ""))
    return None


def put(
    name: str,
    policy_type: PolicyTypeType,
    description: str,
    content: Mapping[str, Any],
    organizations: OrganizationsClient,
) -> None:
    """Let a policy say this, and make it if it is not there."""
    # White space counts to the size of a policy.
    text = json.dumps(content, separators=(",", ":"))
    policy = find(name, policy_type, organizations)
    if policy is None:
        organizations.create_policy(Name=name, Type=policy_type, Description=description, Content=text)
    else:
        organizations.update_policy(PolicyId=policy.id, Description=description, Content=text)


def delete(name: str, policy_type: PolicyTypeType, organizations: OrganizationsClient) -> None:
    """Delete a policy, if it is there."""
    policy = find(name, policy_type, organizations)
    if policy is not None:
        organizations.delete_policy(PolicyId=policy.id)


def change_attachment(
    change: Change, policy_type: PolicyTypeType, org: Org, organizations: OrganizationsClient
) -> None:
    """Attach a policy, or detach it; a resource `attachment` names the policy.

    Raises:
        RefusalError: the policy, or what it is attached to, is not there.
    """
    name = change.address.name
    policy = find(str({**change.before, **change.after}["policy"]), policy_type, organizations)
    target = _target_id(name, org)
    if policy is None or target is None:
        raise RefusalError(f"The policy or {name} is not there.", "Run the whole pipeline.")
    if change.action is not Action.DELETE:
        organizations.attach_policy(PolicyId=policy.id, TargetId=target)
        return
    try:
        organizations.detach_policy(PolicyId=policy.id, TargetId=target)
    except organizations.exceptions.PolicyNotAttachedException:
        # An answer that got lost: it was detached before.
        return


def _target_id(name: str, org: Org) -> str | None:
    """The id of what goes by a name, or None: it is not there, or nothing goes by it."""
    if name == ROOT_NAME:
        return org.existing.root_id
    if name in org.existing.units:
        return org.existing.units[name]
    account_id = org.id_of(name)
    return account_id if isinstance(account_id, str) else None


def is_known(name: str, org: Org) -> bool:
    """Whether config.yaml says what goes by a name."""
    return name in {ROOT_NAME, MANAGEMENT, *org.units, *org.accounts}


def attachments(policy: Policy, at: Target, org: Org, organizations: OrganizationsClient) -> Iterator[Resource]:
    """What a policy is attached to, each a resource `attachment`."""
    units = {unit_id: path for path, unit_id in org.existing.units.items() if path != ROOT}
    pages = organizations.get_paginator("list_targets_for_policy").paginate(PolicyId=policy.id)
    for target in (target for page in pages for target in page["Targets"]):
        found = target["TargetId"]
        name = ROOT_NAME if found == org.existing.root_id else units.get(found) or org.name_of(found)
        yield Resource(Address("attachment", at, name), {"policy": policy.name})


def unknown(name: str, at: Target) -> Obstacle:
    """What is in the way of attaching a policy to what config.yaml does not say."""
    return Obstacle(
        Address("attachment", at, name),
        f"There is no OU and no account {name} in config.yaml.",
        f"Correct the name: the root is called {ROOT_NAME}; OUs go by their paths, accounts by their keys.",
    )
