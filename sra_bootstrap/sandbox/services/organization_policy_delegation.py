"""AWS Organizations: what members may do with policies, because the organization's resource policy says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.services.organization_resource_policy import can_be_delegated, resource_policy_of


def resource_policy_allows(backend: Any, call: Call, parameters: Mapping[str, Any]) -> bool:
    """Whether a member's call is allowed, and not denied, by the organization's resource policy.

    Of conditions, those on `organizations:PolicyType` are understood; a statement with any other allows nothing.
    """
    policy = resource_policy_of(backend)
    if policy is None or not can_be_delegated(call.operation):
        return False
    matching = [one for one in policy.statements() if _matches(one, backend, call, parameters)]
    return bool(matching) and all(statement["Effect"] == "Allow" for statement in matching)


def _matches(statement: Mapping[str, Any], backend: Any, call: Call, parameters: Mapping[str, Any]) -> bool:
    principals = statement.get("Principal", {})
    named = set(_listed(principals.get("AWS", ()) if isinstance(principals, Mapping) else principals))
    caller = {"*", call.account_id, f"arn:{call.partition}:iam::{call.account_id}:root"}
    action = f"organizations:{call.operation}".lower()
    policies = [one for one in backend.policies if one.id == parameters.get("PolicyId", parameters.get("ResourceId"))]
    resources = [one.arn for one in policies] + _targets(backend, parameters)
    allowed = tuple(_listed(statement.get("Resource", "*")))
    return (
        bool(named & caller)
        and any(fnmatchcase(action, pattern.lower()) for pattern in _listed(statement.get("Action", ())))
        and all(any(fnmatchcase(arn, pattern) for pattern in allowed) for arn in resources)
        and _holds(statement.get("Condition", {}), _policy_type(policies, parameters))
    )


def _targets(backend: Any, parameters: Mapping[str, Any]) -> list[str]:
    ids = {parameters.get("TargetId"), parameters.get("RootId"), parameters.get("ResourceId")}
    return [entity.arn for entity in (*backend.ou, *backend.accounts) if entity.id in ids]


def _policy_type(policies: list[Any], parameters: Mapping[str, Any]) -> str | None:
    named: str | None = parameters.get("Type", parameters.get("PolicyType", parameters.get("Filter")))
    return str(policies[0].type) if policies else named


def _holds(condition: Mapping[str, Mapping[str, Any]], policy_type: str | None) -> bool:
    for operator, tests in condition.items():
        base = operator.removesuffix("IfExists")
        for key, patterns in tests.items():
            if base not in {"StringEquals", "StringLike"} or key.lower() != "organizations:policytype":
                return False
            if policy_type is None:
                if not operator.endswith("IfExists"):
                    return False
            elif not any(fnmatchcase(policy_type, pattern) for pattern in _listed(patterns)):
                return False
    return True


def _listed(value: Any) -> Iterable[str]:
    return [value] if isinstance(value, str) else value
