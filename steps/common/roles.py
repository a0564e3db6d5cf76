"""IAM roles that services act by, known by their names: a resource `role` in the account that has it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Address, Change, Resource, Target
from sra_bootstrap.values import nested
from steps.common import statements
from steps.common.statements import Document, Statement

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

READS = frozenset({"iam:GetRole"})
"""The IAM actions that seeing a role takes; and, where it has some, seeing its managed and its inline policies."""
MANAGED_READS = frozenset({"iam:ListAttachedRolePolicies"})
INLINE_READS = frozenset({"iam:GetRolePolicy"})
WRITES = frozenset({"iam:CreateRole", "iam:DeleteRole", "iam:UpdateAssumeRolePolicy"})
"""Likewise, the IAM actions that making, changing and deleting it takes."""
MANAGED_WRITES = frozenset({"iam:AttachRolePolicy", "iam:DetachRolePolicy"})
INLINE_WRITES = frozenset({"iam:DeleteRolePolicy", "iam:PutRolePolicy"})
NOT_YET = dict.fromkeys(("iam:CreateRole", "iam:UpdateAssumeRolePolicy"), frozenset({"MalformedPolicyDocument"}))
"""An account that has just been made is not a valid principal at once."""


@dataclass(frozen=True)
class Role:
    """What a role should be.

    Attributes:
        name: of the role.
        trust: who may assume it, by the ids of statements, which name no resources.
        managed: the ARNs of the managed policies that are attached to it.
        inline: what its own policies say, by their names and the ids of statements, which name no principals.
        path: under which it is made; one that is there stays where it is.
    """

    name: str
    trust: Mapping[str, Statement]
    managed: tuple[str, ...] = ()
    inline: Mapping[str, Mapping[str, Statement]] = field(default_factory=dict)
    path: str = "/"


def desired(role: Role, at: Target) -> Resource:
    """The role as a plan wants it."""
    return Resource(
        Address("role", at, role.name),
        {
            "trust": statements.planned(role.trust),
            "managed": dict.fromkeys(role.managed, "attached"),
            "inline": {name: statements.planned(policy) for name, policy in role.inline.items()},
        },
    )


def observe(role: Role, at: Target, aws: Reader) -> Iterator[Resource]:
    """The role as it is, if it is there; policies that are not ours are not looked at."""
    iam: IAMClient = aws.client("iam", at)
    try:
        found = iam.get_role(RoleName=role.name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return
    trust: Any = found["AssumeRolePolicyDocument"]
    said = {name: statements.said(_inline(role, name, iam), policy) for name, policy in role.inline.items()}
    yield Resource(
        Address("role", at, role.name),
        {
            "trust": statements.said(trust, role.trust),
            "managed": dict.fromkeys(_attached(role, iam) if role.managed else (), "attached"),
            "inline": {name: policy for name, policy in said.items() if policy},
        },
    )


def put(role: Role, change: Change, aws: Writer) -> None:
    """Make the role, or what of it a change names."""
    iam: IAMClient = aws.client("iam", change.address.at)
    wanted = change.after
    try:
        iam.create_role(
            RoleName=role.name,
            Path=role.path,
            AssumeRolePolicyDocument=_text(statements.merged(None, role.trust)),
            Description="Managed by sra-bootstrap.",
        )
    except iam.exceptions.EntityAlreadyExistsException:
        if changed := nested(wanted, "trust"):
            there: Any = iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
            document = statements.merged(there, {sid: role.trust[sid] for sid in changed})
            iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=_text(document))
    for arn in nested(wanted, "managed"):
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    for name in nested(wanted, "inline"):
        document = statements.merged(_inline(role, name, iam), role.inline[name])
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=_text(document))


def delete(role: Role, change: Change, aws: Writer) -> None:
    """Delete the role with its policies, if it is there; IAM refuses it as long as it has policies of others."""
    iam: IAMClient = aws.client("iam", change.address.at)
    try:
        for arn in _there(change, "managed"):
            iam.detach_role_policy(RoleName=role.name, PolicyArn=arn)
        for name in _there(change, "inline"):
            iam.delete_role_policy(RoleName=role.name, PolicyName=name)
        iam.delete_role(RoleName=role.name)
    except iam.exceptions.NoSuchEntityException:
        # An answer that got lost: it, or what of it was to go, went before.
        if any(True for _ in observe(role, change.address.at, aws)):
            raise


def _there(change: Change, which: str) -> list[str]:
    """What of a deletion is there: what is wanted and was not seen is in it too, as nothing."""
    return [name for name, seen in nested(change.before, which).items() if seen is not None]


def _attached(role: Role, iam: IAMClient) -> list[str]:
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=role.name)
    return [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]


def _inline(role: Role, name: str, iam: IAMClient) -> Document | None:
    try:
        document: Any = iam.get_role_policy(RoleName=role.name, PolicyName=name)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return None
    found: Document = document
    return found


def _text(document: Document) -> str:
    return json.dumps(document, separators=(",", ":"))
