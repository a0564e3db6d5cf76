"""AWS Organizations: what policies are attached to, the root, OUs and accounts."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.organization import acting_in, find, invalid, paged, violation
from sra_bootstrap.sandbox.services.organization_policies import policy_of, summary_of
from sra_bootstrap.sandbox.services.organization_policy_changes import about_to_change
from sra_bootstrap.sandbox.services.organization_policy_types import has_policy_type

_MOST = {"RESOURCE_CONTROL_POLICY": 5, "CHATBOT_POLICY": 5, "AISERVICES_OPT_OUT_POLICY": 5}
_MOST_OF_OTHERS = 10
"""How many policies of a type an entity may have; the newest types, not in AWS's table, are guessed alike.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""


def target_of(backend: Any, target_id: str) -> Any:
    """The root, OU or account with an id.

    Raises:
        AwsFault: there is none.
    """
    text = "We can't find a root, OU, account, or policy with the TargetId that you specified."
    return find([*backend.ou, *backend.accounts], target_id, "TargetNotFoundException", text)


def attached_to(backend: Any, target: Any, policy_type: str) -> list[Any]:
    """The policies of a type attached to an entity itself; a type that is not enabled has no attachments.

    moto attaches AWS's own policies from the start, AWS when their type is enabled.
    """
    if not has_policy_type(backend, policy_type):
        return []
    return [policy for policy in target.attached_policies if policy.type == policy_type]


@operation("organizations", "AttachPolicy")
def attach_policy(call: Call, PolicyId: str, TargetId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html.

    Raises:
        AwsFault: the policy or the target does not exist; the type is not enabled; the policy is attached to the target
            already, or as many others of its type as can be.
    """
    backend = acting_in(call)
    policy, target = policy_of(backend, PolicyId), target_of(backend, TargetId)
    if not has_policy_type(backend, policy.type):
        text = "The specified policy type isn't currently enabled in this root."
        raise AwsFault("PolicyTypeNotEnabledException", text)
    attached = attached_to(backend, target, policy.type)
    if policy in attached:
        text = "The selected policy is already attached to the specified target."
        raise AwsFault("DuplicatePolicyAttachmentException", text)
    if len(attached) >= _MOST.get(policy.type, _MOST_OF_OTHERS):
        text = "You attempted to exceed the number of policies of a certain type that can be attached to an entity."
        raise violation("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", text)
    about_to_change(backend)
    target.attached_policies.append(policy)
    policy.attachments.append(target)


@operation("organizations", "DetachPolicy")
def detach_policy(call: Call, PolicyId: str, TargetId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html.

    Raises:
        AwsFault: the policy or the target does not exist, or the one is not attached to the other; or it is the last
            SCP, or AWS's own RCP, which stay.
    """
    backend = acting_in(call)
    policy, target = policy_of(backend, PolicyId), target_of(backend, TargetId)
    attached = attached_to(backend, target, policy.type)
    if policy not in attached:
        text = "The policy isn't attached to the specified target in the specified root."
        raise AwsFault("PolicyNotAttachedException", text)
    if policy.type == "RESOURCE_CONTROL_POLICY" and policy.aws_managed:
        raise invalid("NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.")
    if policy.type == "SERVICE_CONTROL_POLICY" and len(attached) == 1:
        text = "You attempted to detach a policy from an entity that needs at least one of its type."
        raise violation("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", text)
    about_to_change(backend)
    target.attached_policies.remove(policy)
    policy.attachments.remove(target)


@operation("organizations", "ListPoliciesForTarget")
def list_policies_for_target(
    call: Call, TargetId: str, Filter: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html."""
    backend = acting_in(call)
    policies = attached_to(backend, target_of(backend, TargetId), Filter)
    return paged("Policies", [summary_of(policy) for policy in policies], MaxResults, NextToken)


@operation("organizations", "ListTargetsForPolicy")
def list_targets_for_policy(
    call: Call, PolicyId: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html."""
    backend = acting_in(call)
    policy = policy_of(backend, PolicyId)
    attached = policy.attachments if has_policy_type(backend, policy.type) else []
    targets = [{"TargetId": one.id, "Arn": one.arn, "Name": one.name, "Type": one.type} for one in attached]
    return paged("Targets", targets, MaxResults, NextToken)
