"""Policies of the organization, known by their names, and what they are attached to, by the names of config.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Obstacle, Target
from sra_bootstrap.org import ROOT, Org
from steps.common.policy_types import PolicyType

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.literals import PolicyTypeType

ROOT_NAME = "root"
"""The root, among the names of what a policy is attached to; OUs go by their paths, accounts by their keys."""

OF_A_SERVICE = "managed by sra-bootstrap."
"""What the description of a policy ends with that the step of a service has made."""


@dataclass(frozen=True)
class Policy:
    """A policy that is there."""

    id: str
    name: str
    description: str
    by_aws: bool = False


def as_known(policy_type: PolicyType) -> PolicyTypeType:
    """A type as the stubs of the SDK know it, which are behind the SDK itself."""
    return cast("PolicyTypeType", policy_type)


def listed(policy_type: PolicyType, organizations: OrganizationsClient) -> Iterator[Policy]:
    """The policies of a type, whoever has made them."""
    for page in organizations.get_paginator("list_policies").paginate(Filter=as_known(policy_type)):
        for policy in page["Policies"]:
            yield Policy(policy["Id"], policy["Name"], policy.get("Description", ""), policy["AwsManaged"])


def find(name: str, policy_type: PolicyType, organizations: OrganizationsClient) -> Policy | None:
    """The policy of a type with a name, whoever has made it."""
    return next((policy for policy in listed(policy_type, organizations) if policy.name == name), None)


def said(policy: Policy, organizations: OrganizationsClient) -> dict[str, Any]:
    """What a policy says."""
    content: dict[str, Any] = json.loads(organizations.describe_policy(PolicyId=policy.id)["Policy"]["Content"])
    return content


def written(content: Mapping[str, Any]) -> str:
    """The text of a policy. Its size counts, and white space to it."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def put(
    name: str,
    policy_type: PolicyType,
    description: str,
    content: Mapping[str, Any],
    organizations: OrganizationsClient,
) -> None:
    """Let a policy say this, and make it if it is not there."""
    text = written(content)
    policy = find(name, policy_type, organizations)
    if policy is None:
        kind = as_known(policy_type)
        organizations.create_policy(Name=name, Type=kind, Description=description, Content=text)
    else:
        organizations.update_policy(PolicyId=policy.id, Description=description, Content=text)


def delete(name: str, policy_type: PolicyType, organizations: OrganizationsClient) -> None:
    """Delete a policy, if it is there."""
    policy = find(name, policy_type, organizations)
    if policy is not None:
        organizations.delete_policy(PolicyId=policy.id)


def change_attachment(
    action: Action, name: str, policy_type: PolicyType, target: str, *, org: Org, organizations: OrganizationsClient
) -> None:
    """Attach a policy to what goes by a name, or detach it.

    Raises:
        RefusalError: the policy, or what it is to be attached to, is not there.
    """
    policy, target_id = find(name, policy_type, organizations), target_id_of(target, org)
    if policy is None or target_id is None:
        raise RefusalError(f"The policy {name} or {target} is not there.", "Run the whole pipeline.")
    if action is Action.DELETE:
        detach(policy, target_id, organizations)
    else:
        organizations.attach_policy(PolicyId=policy.id, TargetId=target_id)


def detach(policy: Policy, target_id: str, organizations: OrganizationsClient) -> None:
    """Detach a policy, which may be detached already."""
    try:
        organizations.detach_policy(PolicyId=policy.id, TargetId=target_id)
    except organizations.exceptions.PolicyNotAttachedException:
        # An answer that got lost: it was detached before.
        return


def target_id_of(name: str, org: Org) -> str | None:
    """The id of what goes by a name, or None: it is not there, or nothing goes by it."""
    if name == ROOT_NAME:
        return org.existing.root_id
    if name in org.existing.units:
        return org.existing.units[name]
    # A policy may be attached to a suspended account too.
    return next((account.id for account in org.live_accounts() if org.name_of(account.id) == name), None)


def is_known(name: str, org: Org) -> bool:
    """Whether config.yaml says what goes by a name."""
    return name in {ROOT_NAME, MANAGEMENT, *org.units, *org.accounts}


def targets(policy: Policy, org: Org, organizations: OrganizationsClient) -> dict[str, str]:
    """What a policy is attached to: the ids by the names."""
    units = {unit_id: path for path, unit_id in org.existing.units.items() if path != ROOT}
    pages = organizations.get_paginator("list_targets_for_policy").paginate(PolicyId=policy.id)
    ids = [target["TargetId"] for page in pages for target in page["Targets"]]
    return {ROOT_NAME if one == org.existing.root_id else units.get(one) or org.name_of(one): one for one in ids}


def unknown(name: str, at: Target) -> Obstacle:
    """What is in the way of attaching a policy to what config.yaml does not say."""
    return Obstacle(
        Address("attachment", at, name),
        f"There is no OU and no account {name} in config.yaml.",
        f"Correct the name: the root is called {ROOT_NAME}; OUs go by their paths, accounts by their keys.",
    )
