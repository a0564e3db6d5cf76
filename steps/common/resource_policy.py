"""Statements in the organization's resource policy. There is one policy for all, so those of others are left in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Ref, Value

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


def allowing(
    account: str, actions: Iterable[str], resources: Sequence[str], org: Org, condition: Mapping[str, Any] | None = None
) -> Attrs:
    """What a statement says that allows an account some actions of AWS Organizations.

    `resources` are given without what ARNs say of the organization, as in `ou/*`; `*` stands for everything.
    """
    account_id = org.id_of(account)
    principal = account_id if isinstance(account_id, Ref) else f"arn:{org.partition}:iam::{account_id}:root"
    return {
        "effect": "Allow",
        "principals": (principal,),
        "actions": tuple(sorted(f"organizations:{action}" for action in actions)),
        "resources": _arns(resources, org),
        "condition": _canonical(condition or {}),
        "others": (),
    }


def _arns(resources: Sequence[str], org: Org) -> tuple[str, ...] | Ref:
    if resources == ["*"]:
        return ("*",)
    if org.live is None:
        return Ref("organization.id")
    prefix = f"arn:{org.partition}:organizations::{org.management_id}"
    parts = (resource.partition("/") for resource in resources)
    return tuple(sorted(f"{prefix}:{kind}/{org.live.id}/{rest}" for kind, _, rest in parts))


def observed(sids: Collection[str], aws: Reader) -> dict[str, Value]:
    """What the statements with some ids say, in whatever order; `others` are elements that ours do not have."""
    document = _document(aws.client("organizations", Target(ORGANIZATION)))
    return {sid: _said(statement) for sid, statement in _statements(document) if sid in sids}


def put(statements: Mapping[str, Attrs], aws: Writer) -> None:
    """Put statements in, in place of those with the same ids; all others stay as they are and where they are."""
    organizations: OrganizationsClient = aws.client("organizations", Target(ORGANIZATION))
    document = _document(organizations) or {"Version": "2012-10-17", "Statement": []}
    found = _statements(document)
    there = [sid for sid, _ in found]
    ours = {sid: _statement(sid, attrs) for sid, attrs in statements.items()}
    kept = [ours.get(sid, statement) for sid, statement in found]
    added = [statement for sid, statement in ours.items() if sid not in there]
    _write(organizations, {**document, "Statement": [*kept, *added]})


def remove(sids: Collection[str], aws: Writer) -> None:
    """Take statements out; of a policy that has no others, nothing is left."""
    organizations: OrganizationsClient = aws.client("organizations", Target(ORGANIZATION))
    document = _document(organizations)
    if document is None:
        return
    kept = [statement for sid, statement in _statements(document) if sid not in sids]
    if kept:
        _write(organizations, {**document, "Statement": kept})
    else:
        organizations.delete_resource_policy()


def _document(organizations: OrganizationsClient) -> Mapping[str, Any] | None:
    try:
        answer = organizations.describe_resource_policy()
    except organizations.exceptions.ResourcePolicyNotFoundException:
        return None
    document: Mapping[str, Any] = json.loads(answer["ResourcePolicy"]["Content"])
    return document


def _write(organizations: OrganizationsClient, document: Mapping[str, Any]) -> None:
    # White space counts to the size of the policy.
    organizations.put_resource_policy(Content=json.dumps(document, separators=(",", ":")))


def _statements(document: Mapping[str, Any] | None) -> list[tuple[str, Mapping[str, Any]]]:
    """The statements with their ids, which are empty where there are none."""
    found = [] if document is None else document["Statement"]
    return [(one.get("Sid", ""), one) for one in ([found] if isinstance(found, Mapping) else found)]


def _said(statement: Mapping[str, Any]) -> Attrs:
    principal = statement.get("Principal", {})
    by_account = isinstance(principal, Mapping) and principal.keys() == {"AWS"}
    return {
        "effect": statement["Effect"],
        "principals": _listed(principal["AWS"]) if by_account else (_canonical(principal),),
        "actions": _listed(statement.get("Action", ())),
        "resources": _listed(statement.get("Resource", ())),
        "condition": _canonical(statement.get("Condition", {})),
        "others": tuple(sorted(statement.keys() - _ELEMENTS)),
    }


def _statement(sid: str, attrs: Attrs) -> dict[str, Any]:
    condition = json.loads(str(attrs["condition"]))
    return {
        "Sid": sid,
        "Effect": attrs["effect"],
        "Principal": {"AWS": attrs["principals"]},
        "Action": attrs["actions"],
        "Resource": attrs["resources"],
        **({"Condition": condition} if condition else {}),
    }


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(sorted(value))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
