"""AWS Organizations: what the policies of a type that reach an account add up to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.organization import acting_in, ancestors, find
from sra_bootstrap.sandbox.services.organization_policy_attachments import attached_to
from sra_bootstrap.sandbox.services.organization_policy_changes import last_change
from sra_bootstrap.sandbox.services.organization_policy_syntax import parsed

_FOR_CHILDREN = "@@operators_allowed_for_child_policies"
_ALL = {"@@all", "@@assign", "@@append", "@@remove"}

Path = tuple[str, ...]


def effective_policy(backend: Any, account: Any, policy_type: str) -> dict[str, Any] | None:
    """The policies on the way from the root to an account, each inherited by the next; None when there are none.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_mgmt.html. That those
    attached to the same entity follow each other by their names is guessed.
    """
    values: dict[Path, Any] = {}
    allowed: dict[Path, set[str]] = {}
    found = False
    for entity in ancestors(backend, account):
        restrictions: dict[Path, set[str]] = {}
        for policy in sorted(attached_to(backend, entity, policy_type), key=lambda policy: str(policy.name)):
            found = True
            for path, node in _nodes((), parsed(policy.content) or {}):
                if _FOR_CHILDREN in node:
                    restrictions[path] = set(node[_FOR_CHILDREN])
                _inherit(values, path, node, _permitted(allowed, path))
        allowed |= restrictions
    return _nested(values) if found else None


def _nodes(path: Path, node: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    yield path, node
    for key, child in node.items():
        if not key.startswith("@@") and isinstance(child, Mapping):
            yield from _nodes((*path, key), child)


def _permitted(allowed: Mapping[Path, set[str]], path: Path) -> set[str]:
    permitted = set(_ALL)
    for end in range(len(path) + 1):
        operators = allowed.get(path[:end], _ALL)
        permitted &= _ALL if "@@all" in operators else operators
    return permitted


def _inherit(values: dict[Path, Any], path: Path, node: Mapping[str, Any], permitted: set[str]) -> None:
    if "@@assign" in node and "@@assign" in permitted:
        values[path] = node["@@assign"]
    if "@@append" in node and "@@append" in permitted:
        inherited = values.get(path, [])
        values[path] = [*inherited, *(value for value in node["@@append"] if value not in inherited)]
    if "@@remove" in node and "@@remove" in permitted:
        values[path] = [value for value in values.get(path, []) if value not in node["@@remove"]]


def _nested(values: Mapping[Path, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in values.items():
        parent = document
        for key in path[:-1]:
            parent = parent.setdefault(key, {})
        parent[path[-1]] = value
    return document


@operation("organizations", "DescribeEffectivePolicy")
def describe_effective_policy(call: Call, PolicyType: str, TargetId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html.

    That a member gets no other account's is guessed from "When you're signed in as the management account, specify the
    ID of the account".

    Raises:
        AwsFault: there is no such account, it is not the caller's to ask for, or no policy of the type reaches it.
    """
    backend = acting_in(call)
    account_id = TargetId or call.account_id
    administers = any(admin.account.id == call.account_id for admin in backend.admins)
    if account_id != call.account_id != backend.org.master_account_id and not administers:
        raise AwsFault("AccessDeniedException", "You don't have permissions to access this resource.")
    text = "We can't find a root, OU, account, or policy with the TargetId that you specified."
    account = find(backend.accounts, account_id, "TargetNotFoundException", text)
    document = effective_policy(backend, account, PolicyType)
    if document is None:
        text = "The account doesn't have an effective policy of this type."
        raise AwsFault("EffectivePolicyNotFoundException", text)
    policy = {
        "PolicyContent": json.dumps(document),
        "LastUpdatedTimestamp": moment(last_change(backend)),
        "TargetId": account_id,
        "PolicyType": PolicyType,
    }
    return {"EffectivePolicy": policy}
