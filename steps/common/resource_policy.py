"""Statements in the organization's resource policy. There is one policy for all, so those of others are left in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Ref, filled
from steps.common import statements
from steps.common.statements import Conditions, Document, Statement, Text

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


def allowing(
    account: str, actions: Iterable[str], resources: Sequence[str], org: Org, conditions: Conditions | None = None
) -> Statement:
    """A statement that allows an account some actions of AWS Organizations.

    `resources` are given without what ARNs say of the organization, as in `ou/*`; `*` stands for everything.
    """
    account_id = org.id_of(account)
    root = account_id if isinstance(account_id, Ref) else f"arn:{org.partition}:iam::{account_id}:root"
    named = [f"organizations:{action}" for action in actions]
    return statements.allow({"AWS": [root]}, named, [_arn(resource, org) for resource in resources], conditions)


def _arn(resource: str, org: Org) -> Text:
    if resource == "*":
        return resource
    kind, _, rest = resource.partition("/")
    return filled("arn:{}:organizations::{}:{}/{}/{}", org.partition, org.management_id, kind, org.id, rest)


def observed(sids: Collection[str], aws: Reader) -> Attrs:
    """What the statements with some ids say."""
    return statements.said(_document(aws.client("organizations", Target(ORGANIZATION))), sids)


def put(wanted: Mapping[str, Statement], aws: Writer) -> None:
    """Put statements in, in place of those with the same ids."""
    organizations: OrganizationsClient = aws.client("organizations", Target(ORGANIZATION))
    _write(organizations, statements.merged(_document(organizations), wanted))


def remove(sids: Collection[str], aws: Writer) -> None:
    """Take statements out; of a policy that has no others, nothing is left."""
    organizations: OrganizationsClient = aws.client("organizations", Target(ORGANIZATION))
    document = _document(organizations)
    if document is None:
        return
    left = statements.without(document, sids)
    if left is None:
        organizations.delete_resource_policy()
    else:
        _write(organizations, left)


def _document(organizations: OrganizationsClient) -> Document | None:
    try:
        answer = organizations.describe_resource_policy()
    except organizations.exceptions.ResourcePolicyNotFoundException:
        return None
    document: Mapping[str, Any] = json.loads(answer["ResourcePolicy"]["Content"])
    return document


def _write(organizations: OrganizationsClient, document: Document) -> None:
    # White space counts to the size of the policy.
    organizations.put_resource_policy(Content=json.dumps(document, separators=(",", ":")))
