"""AWS Organizations: policies of every type, kept in moto's store. What they are attached to has a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.organizations.models import FakePolicy

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.organization import acting_in, find, invalid, paged, violation
from sra_bootstrap.sandbox.services.organization_policy_changes import about_to_change
from sra_bootstrap.sandbox.services.organization_policy_syntax import refuse_malformed

_MAX_POLICIES = {"SERVICE_CONTROL_POLICY": 10_000, "RESOURCE_CONTROL_POLICY": 2_000}
_MAX_CHARACTERS = {
    "SERVICE_CONTROL_POLICY": 10_240,
    "RESOURCE_CONTROL_POLICY": 5_120,
    "AISERVICES_OPT_OUT_POLICY": 2_500,
}
_OF_OTHER_TYPES = (1_000, 10_000)
"""How many policies of a type there may be, and how long; the newest types, not in AWS's table, are guessed alike.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""


def policy_of(backend: Any, policy_id: str) -> Any:
    """The policy with an id.

    Raises:
        AwsFault: there is none.
    """
    text = "We can't find a policy with the PolicyId that you specified."
    return find(backend.policies, policy_id, "PolicyNotFoundException", text)


def summary_of(policy: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_PolicySummary.html."""
    summary: dict[str, Any] = policy.describe()["Policy"]["PolicySummary"]
    if policy.aws_managed:
        partition = policy.arn.split(":")[1]
        # A policy of AWS's own belongs to no organization.
        summary["Arn"] = f"arn:{partition}:organizations::aws:policy/{policy.type.lower()}/{policy.id}"
    return summary


def _described(policy: Any) -> dict[str, Any]:
    return {"Policy": {"PolicySummary": summary_of(policy), "Content": policy.content}}


def _refuse_immutable(policy: Any) -> None:
    if policy.aws_managed:
        raise invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")


def _refuse_name_of_another(backend: Any, name: str, policy_id: str = "") -> None:
    if any(policy.name == name and policy.id != policy_id for policy in backend.policies):
        raise AwsFault("DuplicatePolicyException", "A policy with the same name already exists.")


def _refuse_content(policy_type: str, content: str) -> None:
    if len(content) > _MAX_CHARACTERS.get(policy_type, _OF_OTHER_TYPES[1]):
        text = "You attempted to create a policy that is larger than the maximum size."
        raise violation("POLICY_CONTENT_LIMIT_EXCEEDED", text)
    refuse_malformed(policy_type, content)


@operation("organizations", "CreatePolicy")
def create_policy(
    call: Call, *, Content: str, Description: str, Name: str, Type: str, Tags: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html.

    The type need not be enabled, since that page names no such error. That a name is taken by a policy of another type
    too is what moto thinks, and not documented.

    Raises:
        AwsFault: the organization cannot have such a policy, or not one more; the name is taken; or its text is not
            one of this type.
    """
    backend = acting_in(call)
    if backend.org.feature_set != "ALL":
        text = "You can't use the specified policy type with the feature set currently enabled for this organization."
        raise AwsFault("PolicyTypeNotAvailableForOrganizationException", text)
    _refuse_content(Type, Content)
    _refuse_name_of_another(backend, Name)
    if sum(policy.type == Type for policy in backend.policies) >= _MAX_POLICIES.get(Type, _OF_OTHER_TYPES[0]):
        text = "You attempted to exceed the number of policies that you can have in an organization."
        raise violation("POLICY_NUMBER_LIMIT_EXCEEDED", text)
    texts = {"Content": Content, "Description": Description, "Name": Name}
    # moto makes policies of four types alone, and one is as good as another in its store.
    policy = FakePolicy(backend.org, Type="TAG_POLICY", Tags=list(Tags), **texts)
    policy.type = Type
    policy._arn_format = f"arn:{{0}}:organizations::{{1}}:policy/{{2}}/{Type.lower()}/{{3}}"  # noqa: SLF001
    backend.policies.append(policy)
    return _described(policy)


@operation("organizations", "UpdatePolicy")
def update_policy(
    call: Call, PolicyId: str, Name: str | None = None, Description: str | None = None, Content: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdatePolicy.html.

    Raises:
        AwsFault: there is no such policy, or AWS owns it; the name is taken; or the text is not one of its type.
    """
    backend = acting_in(call)
    policy = policy_of(backend, PolicyId)
    _refuse_immutable(policy)
    if Name is not None:
        _refuse_name_of_another(backend, Name, PolicyId)
    if Content is not None:
        _refuse_content(policy.type, Content)
        about_to_change(backend)
    policy.name = policy.name if Name is None else Name
    policy.description = policy.description if Description is None else Description
    policy.content = policy.content if Content is None else Content
    return _described(policy)


@operation("organizations", "DescribePolicy")
def describe_policy(call: Call, PolicyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html."""
    return _described(policy_of(acting_in(call), PolicyId))


@operation("organizations", "DeletePolicy")
def delete_policy(call: Call, PolicyId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeletePolicy.html.

    Raises:
        AwsFault: there is no such policy, AWS owns it, or it is attached to something.
    """
    backend = acting_in(call)
    policy = policy_of(backend, PolicyId)
    _refuse_immutable(policy)
    if policy.attachments:
        text = "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts."
        raise AwsFault("PolicyInUseException", text)
    backend.policies.remove(policy)


@operation("organizations", "ListPolicies")
def list_policies(
    call: Call, Filter: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html."""
    policies = [summary_of(policy) for policy in acting_in(call).policies if policy.type == Filter]
    return paged("Policies", policies, MaxResults, NextToken)
