"""AWS IAM Identity Center: the policies and the permissions boundary of a permission set.

What is changed of one is not in its accounts until it is provisioned there again:
https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_AttachManagedPolicyToPermissionSet.html.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.identity_center import (
    PermissionSet,
    absent,
    conflict,
    invalid,
    managed,
    paged,
    set_of,
)

_POLICIES = 20
"""How many policies, of AWS and of customers, one has: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html."""
_INLINE = 10240
"""Likewise, how many characters an inline policy has that are no white space."""


@cache
def _of_aws() -> dict[str, Any]:
    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return policies


def _known(call: Call, arn: str) -> None:
    name = arn.rpartition("/")[2]
    one = _of_aws().get(name)
    if one is None or arn != f"arn:{call.partition}:iam::aws:policy{one.get('Path', '/')}{name}":
        raise absent(f"the policy {arn}")


def _room(one: PermissionSet) -> None:
    if len(one.managed) + len(one.customer_managed) >= _POLICIES:
        raise AwsFault("ServiceQuotaExceededException", f"A permission set has at most {_POLICIES} policies.")


def _reference(given: dict[str, str]) -> dict[str, str]:
    return {"Name": given["Name"], "Path": given.get("Path", "/")}


@operation("sso-admin", "AttachManagedPolicyToPermissionSet")
def attach_managed_policy(call: Call, InstanceArn: str, PermissionSetArn: str, ManagedPolicyArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_AttachManagedPolicyToPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    _known(call, ManagedPolicyArn)
    if ManagedPolicyArn in one.managed:
        raise conflict(f"The permission set already has an attachment of {ManagedPolicyArn}.")
    _room(one)
    one.managed.append(ManagedPolicyArn)
    one.version += 1


@operation("sso-admin", "DetachManagedPolicyFromPermissionSet")
def detach_managed_policy(call: Call, InstanceArn: str, PermissionSetArn: str, ManagedPolicyArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DetachManagedPolicyFromPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    if ManagedPolicyArn not in one.managed:
        raise absent(f"the attachment of {ManagedPolicyArn}")
    one.managed.remove(ManagedPolicyArn)
    one.version += 1


@operation("sso-admin", "ListManagedPoliciesInPermissionSet")
def list_managed_policies(
    call: Call, InstanceArn: str, PermissionSetArn: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListManagedPoliciesInPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn)
    found = [{"Name": arn.rpartition("/")[2], "Arn": arn} for arn in one.managed]
    return paged("AttachedManagedPolicies", found, MaxResults, NextToken)


@operation("sso-admin", "AttachCustomerManagedPolicyReferenceToPermissionSet")
def attach_reference(
    call: Call, InstanceArn: str, PermissionSetArn: str, CustomerManagedPolicyReference: dict[str, str]
) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_AttachCustomerManagedPolicyReferenceToPermissionSet.html.

    Nothing tells here whether any account has such a policy.
    """
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    reference = _reference(CustomerManagedPolicyReference)
    if reference in one.customer_managed:
        raise conflict(f"The permission set already has a reference to {reference['Name']}.")
    _room(one)
    one.customer_managed.append(reference)
    one.version += 1


@operation("sso-admin", "DetachCustomerManagedPolicyReferenceFromPermissionSet")
def detach_reference(
    call: Call, InstanceArn: str, PermissionSetArn: str, CustomerManagedPolicyReference: dict[str, str]
) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DetachCustomerManagedPolicyReferenceFromPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    reference = _reference(CustomerManagedPolicyReference)
    if reference not in one.customer_managed:
        raise absent(f"the reference to {reference['Name']}")
    one.customer_managed.remove(reference)
    one.version += 1


@operation("sso-admin", "ListCustomerManagedPolicyReferencesInPermissionSet")
def list_references(
    call: Call, InstanceArn: str, PermissionSetArn: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListCustomerManagedPolicyReferencesInPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn)
    return paged("CustomerManagedPolicyReferences", one.customer_managed, MaxResults, NextToken)


@operation("sso-admin", "PutInlinePolicyToPermissionSet")
def put_inline_policy(call: Call, InstanceArn: str, PermissionSetArn: str, InlinePolicy: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html.

    Raises:
        AwsFault: it is no policy, or too large; by which error is guessed.
    """
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    if len("".join(InlinePolicy.split())) > _INLINE:
        raise AwsFault("ServiceQuotaExceededException", f"An inline policy has at most {_INLINE} characters.")
    try:
        json.loads(InlinePolicy)["Statement"]
    except (ValueError, TypeError, KeyError):
        raise invalid("The policy is malformed.") from None
    one.inline = InlinePolicy
    one.version += 1


@operation("sso-admin", "GetInlinePolicyForPermissionSet")
def get_inline_policy(call: Call, InstanceArn: str, PermissionSetArn: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_GetInlinePolicyForPermissionSet.html.

    Without one, the answer is empty text.
    """
    return {"InlinePolicy": set_of(call, managed(call, InstanceArn), PermissionSetArn).inline}


@operation("sso-admin", "DeleteInlinePolicyFromPermissionSet")
def delete_inline_policy(call: Call, InstanceArn: str, PermissionSetArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteInlinePolicyFromPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    if one.inline:
        one.inline = ""
        one.version += 1


@operation("sso-admin", "PutPermissionsBoundaryToPermissionSet")
def put_boundary(call: Call, InstanceArn: str, PermissionSetArn: str, PermissionsBoundary: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutPermissionsBoundaryToPermissionSet.html.

    Raises:
        AwsFault: it is not exactly one policy.
    """
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    if len(PermissionsBoundary) != 1:
        raise invalid("The boundary must be either a customer managed policy reference or an AWS managed policy.")
    if "ManagedPolicyArn" in PermissionsBoundary:
        _known(call, PermissionsBoundary["ManagedPolicyArn"])
        one.boundary = dict(PermissionsBoundary)
    else:
        reference = _reference(PermissionsBoundary["CustomerManagedPolicyReference"])
        one.boundary = {"CustomerManagedPolicyReference": reference}
    one.version += 1


@operation("sso-admin", "GetPermissionsBoundaryForPermissionSet")
def get_boundary(call: Call, InstanceArn: str, PermissionSetArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_GetPermissionsBoundaryForPermissionSet.html.

    Raises:
        AwsFault: it has none, as HashiCorp's provider expects of the resource of this name.
    """
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn)
    if one.boundary is None:
        raise absent("the permissions boundary")
    return {"PermissionsBoundary": one.boundary}


@operation("sso-admin", "DeletePermissionsBoundaryFromPermissionSet")
def delete_boundary(call: Call, InstanceArn: str, PermissionSetArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeletePermissionsBoundaryFromPermissionSet.html."""
    one = set_of(call, managed(call, InstanceArn), PermissionSetArn, change=True)
    if one.boundary is None:
        raise absent("the permissions boundary")
    one.boundary = None
    one.version += 1
