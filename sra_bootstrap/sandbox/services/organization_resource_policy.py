"""AWS Organizations: the resource policy, by which the management account delegates policies to members."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.organization import acting_in, invalid
from sra_bootstrap.sandbox.services.organization_policy_syntax import parsed

_DELEGABLE = {
    *("CreatePolicy", "UpdatePolicy", "DeletePolicy", "AttachPolicy", "DetachPolicy"),
    *("EnablePolicyType", "DisablePolicyType", "TagResource", "UntagResource"),
}
"""What can be delegated beyond reading.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""


@dataclass
class ResourcePolicy:
    """The only resource policy that an organization can have. `content` is its text as it was put."""

    id: str
    content: str
    tags: dict[str, str] = field(default_factory=dict)

    def statements(self) -> Sequence[Mapping[str, Any]]:
        """What it says, statement by statement."""
        found = (parsed(self.content) or {})["Statement"]
        return [found] if isinstance(found, Mapping) else found


@dataclass
class _Holder:
    policy: ResourcePolicy | None = None


def _holder(backend: Any) -> _Holder:
    return store.state(_Holder, backend.account_id, backend.partition)


def can_be_delegated(operation_name: str) -> bool:
    """Whether members can be allowed an operation by the resource policy."""
    return operation_name in _DELEGABLE or operation_name.startswith(("Describe", "List"))


def resource_policy_of(backend: Any) -> ResourcePolicy | None:
    """The resource policy of an organization, if it has one."""
    return _holder(backend).policy


def forget_resource_policy(backend: Any) -> None:
    """Let the resource policy go with its organization."""
    _holder(backend).policy = None


def _described(backend: Any, policy: ResourcePolicy) -> dict[str, Any]:
    arn = f"arn:{backend.partition}:organizations::{backend.org.master_account_id}:resourcepolicy/{backend.org.id}"
    summary = {"Id": policy.id, "Arn": f"{arn}/{policy.id}"}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": policy.content}}


def _existing(backend: Any) -> ResourcePolicy:
    policy = resource_policy_of(backend)
    if policy is None:
        text = "We can't find a resource policy request with the parameter that you specified."
        raise AwsFault("ResourcePolicyNotFoundException", text)
    return policy


@operation("organizations", "DescribeResourcePolicy")
def describe_resource_policy(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeResourcePolicy.html.

    Raises:
        AwsFault: there is none.
    """
    backend = acting_in(call)
    return _described(backend, _existing(backend))


def _refuse_unless_policy(content: str) -> None:
    document = parsed(content)
    statements = None if document is None else document.get("Statement")
    listed = [statements] if isinstance(statements, Mapping) else statements
    if not (
        isinstance(listed, list)
        and listed
        and all(
            isinstance(statement, Mapping)
            and statement.get("Effect") in {"Allow", "Deny"}
            and statement.keys() & {"Principal", "NotPrincipal"}
            and statement.keys() & {"Action", "NotAction"}
            for statement in listed
        )
    ):
        raise invalid("INVALID_RESOURCE_POLICY_JSON", "The provided resource policy is not valid.")
    ids = [statement["Sid"] for statement in listed if "Sid" in statement]
    if len(ids) != len(set(ids)):
        raise invalid("INVALID_RESOURCE_POLICY_JSON", "Statement IDs (Sid) in a policy must be unique.")
    for statement in listed:
        actions = statement.get("Action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            service, _, name = action.partition(":")
            if service != "organizations" or not ("*" in name or can_be_delegated(name)):
                text = "The provided resource policy has an action that is not supported."
                raise invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", text)


@operation("organizations", "PutResourcePolicy")
def put_resource_policy(call: Call, Content: str, Tags: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_PutResourcePolicy.html.

    Tags are for "the newly created resource policy"; that those sent with a later text are ignored is guessed. The
    40,000 characters that there may be are in the service's model. What each statement needs:
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate.html. An action with a wildcard is
    let through.

    Raises:
        AwsFault: the text is no resource policy.
    """
    _refuse_unless_policy(Content)
    backend = acting_in(call)
    policy = resource_policy_of(backend)
    if policy is None:
        suffix = "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(8))
        policy = ResourcePolicy(f"rp-{suffix}", Content, {tag["Key"]: tag["Value"] for tag in Tags})
        _holder(backend).policy = policy
    policy.content = Content
    return _described(backend, policy)


@operation("organizations", "DeleteResourcePolicy")
def delete_resource_policy(call: Call) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteResourcePolicy.html.

    Raises:
        AwsFault: there is none.
    """
    backend = acting_in(call)
    _existing(backend)
    forget_resource_policy(backend)
