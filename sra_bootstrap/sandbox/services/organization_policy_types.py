"""AWS Organizations: the root, and the policy types enabled in it."""

from __future__ import annotations

from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.organization import acting_in, find, paged, violation
from sra_bootstrap.sandbox.services.organization_policy_changes import about_to_change
from sra_bootstrap.sandbox.settings import Rules

SERVICE_OF_POLICY_TYPE = {
    "INSPECTOR_POLICY": "inspector2.amazonaws.com",
    "SECURITYHUB_POLICY": "securityhub.amazonaws.com",
}
"""The policy types that need trusted access of a service first, and keep it from being disabled.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ConstraintViolationException.html
"""


def enabled_policy_types(backend: Any) -> list[str]:
    """The policy types of an organization's root, those included that are about to be enabled or disabled."""
    return [policy_type["Type"] for policy_type in _root(backend, backend.org.root_id).policy_types]


def has_policy_type(backend: Any, policy_type: str) -> bool:
    """Whether policies of a type can be attached in an organization: one that is about to be enabled cannot yet."""
    return {"Type": policy_type, "Status": "ENABLED"} in _root(backend, backend.org.root_id).policy_types


def _root(backend: Any, root_id: str) -> Any:
    roots = [entity for entity in backend.ou if entity.type == "ROOT"]
    return find(roots, root_id, "RootNotFoundException", "You specified a root that doesn't exist.")


@operation("organizations", "ListRoots")
def list_roots(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListRoots.html."""
    backend = acting_in(call)
    return paged("Roots", [_root(backend, backend.org.root_id).describe()], MaxResults, NextToken)


@operation("organizations", "EnablePolicyType")
def enable_policy_type(call: Call, RootId: str, PolicyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html.

    Raises:
        AwsFault: it is enabled, or about to be; or what it needs is missing.
    """
    backend = acting_in(call)
    root = _root(backend, RootId)
    if backend.org.feature_set != "ALL":
        text = "You can't use the specified policy type with the feature set currently enabled for this organization."
        raise AwsFault("PolicyTypeNotAvailableForOrganizationException", text)
    if any(known["Type"] == PolicyType for known in root.policy_types):
        _refuse_while_changing(root, PolicyType)
        text = "The specified policy type is already enabled."
        raise AwsFault("PolicyTypeAlreadyEnabledException", text)
    service = SERVICE_OF_POLICY_TYPE.get(PolicyType)
    if service is not None and not membership.trusts(call.account_id, service):
        text = "You attempted to enable a policy type before you enabled service access."
        raise violation("SERVICE_ACCESS_NOT_ENABLED", text)
    pending = {"Type": PolicyType, "Status": "PENDING_ENABLE"}
    root.policy_types.append(pending)
    later(Rules.settings.policy_type_seconds, partial(_enabled, backend, pending))
    return {"Root": root.describe()}


def _enabled(backend: Any, policy_type: dict[str, str], at: float) -> None:
    """AWS attaches its own policy of the type to everything that has it not.

    https://docs.aws.amazon.com/organizations/latest/userguide/enable-policy-type.html
    """
    policy_type["Status"] = "ENABLED"
    for policy in (one for one in backend.policies if one.aws_managed and one.type == policy_type["Type"]):
        for entity in (*backend.ou, *backend.accounts):
            if policy not in entity.attached_policies:
                entity.attached_policies.append(policy)
                policy.attachments.append(entity)


@operation("organizations", "DisablePolicyType")
def disable_policy_type(call: Call, RootId: str, PolicyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisablePolicyType.html.

    It detaches every policy of the type: https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html.

    Raises:
        AwsFault: it is not enabled, or still changing.
    """
    backend = acting_in(call)
    root = _root(backend, RootId)
    for policy_type in root.policy_types:
        if policy_type["Type"] == PolicyType:
            _refuse_while_changing(root, PolicyType)
            about_to_change(backend)
            _detach_all(backend, PolicyType)
            policy_type["Status"] = "PENDING_DISABLE"
            later(Rules.settings.policy_type_seconds, partial(_disabled, root, policy_type))
            return {"Root": root.describe()}
    text = "This operation can be performed only for enabled policy types."
    raise AwsFault("PolicyTypeNotEnabledException", text)


def _detach_all(backend: Any, policy_type: str) -> None:
    for policy in backend.policies:
        # AWS's own are attached to everything again when their type is enabled.
        if policy.type == policy_type and not policy.aws_managed:
            for target in policy.attachments:
                target.attached_policies.remove(policy)
            policy.attachments.clear()


def _disabled(root: Any, policy_type: dict[str, str], at: float) -> None:
    root.policy_types.remove(policy_type)


def _refuse_while_changing(root: Any, policy_type: str) -> None:
    if {"Type": policy_type, "Status": "ENABLED"} not in root.policy_types:
        text = "Changes to the effective policy are in progress, and its contents can't be returned. Try again later."
        raise AwsFault("PolicyChangesInProgressException", text)
