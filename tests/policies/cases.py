"""What each key and bucket for logs must admit; who else must be denied follows from it.

A step says it in a module `<step>_cases` beside this one, with `KEYS` and `BUCKETS`: functions by purpose.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sra_bootstrap.org import Org
from tests.policies.oracle import Policy, Request

STRANGER = "999999999999"
"""An account of another organization."""
_SERVICE_OF_A_STRANGER = "sns.amazonaws.com"


@dataclass(frozen=True)
class Delivery:
    """A request of a service that a policy must admit.

    Attributes:
        service: its principal, as in "cloudtrail.amazonaws.com".
        action: as in "s3:PutObject".
        account_id: aws:SourceAccount, of which aws:SourceOrgID follows.
        arn: aws:SourceArn.
        key: the object's, for an action on one.
        more: other condition keys, such as s3:x-amz-acl or kms:EncryptionContext:….
    """

    service: str
    action: str
    account_id: str
    arn: str
    key: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


Cases = Callable[[Org, str], Iterable[Delivery]]
"""What must be admitted in an organization, and in a region of it."""


def cases(kind: str) -> dict[str, Cases]:
    """What all modules say of "KEYS" or "BUCKETS", by purpose.

    Raises:
        ValueError: two modules speak of the same.
    """
    package = importlib.import_module(__package__)
    found: dict[str, Cases] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name.endswith("_cases"):
            said: dict[str, Cases] = getattr(importlib.import_module(module.name), kind, {})
            if twice := found.keys() & said.keys():
                raise ValueError(f"{module.name} speaks of {twice}, as another module does")
            found |= said
    return found


def admitted(delivery: Delivery, policy: Policy, org: Org) -> Request:
    """The request of a delivery, with what AWS tells the policy of it."""
    resource = f"{policy.resource}/{delivery.key}" if delivery.key else policy.resource
    context: dict[str, Any] = {
        "aws:SourceAccount": delivery.account_id,
        "aws:SourceArn": delivery.arn,
        "aws:SourceOrgID": str(org.id),
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": delivery.service,
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": policy.account_id,
        "aws:ResourceOrgID": str(org.id),
        **delivery.more,
    }
    return Request(policy, delivery.service, delivery.action, resource, context)


def denied(delivery: Delivery, policy: Policy, org: Org) -> Iterator[tuple[str, Request]]:
    """Requests that differ from a delivery in one thing, each with what that is; none may be admitted."""
    request = admitted(delivery, policy, org)

    def otherwise(**context: str | None) -> dict[str, Any]:
        named = {f"aws:{name}": value for name, value in context.items()}
        return {name: value for name, value in {**request.context, **named}.items() if value is not None}

    theirs = delivery.arn.replace(f":{delivery.account_id}:", f":{STRANGER}:")
    foreign = otherwise(SourceAccount=STRANGER, SourceArn=theirs, SourceOrgID="o-stranger00")
    yield "for another organization", replace(request, context=foreign)
    yield "for nobody", replace(request, context=otherwise(SourceAccount=None, SourceArn=None, SourceOrgID=None))
    yield "by another service", replace(request, caller=_SERVICE_OF_A_STRANGER)
    if delivery.key:
        yield "elsewhere in the bucket", replace(request, resource=f"{policy.resource}/elsewhere/{delivery.key}")
    if policy.service == "s3":
        yield "without TLS", replace(request, context=otherwise(SecureTransport="false"))
    roles = {
        "by a stranger": f"arn:{org.partition}:iam::{STRANGER}:role/admin",
        "by another account of ours": f"arn:{org.partition}:iam::{org.id_of('workload-prod')}:role/admin",
    }
    for who, role in roles.items():
        yield who, replace(request, caller=role, context={"aws:SecureTransport": "true", **delivery.more})


def wrongly_encrypted(delivery: Delivery, policy: Policy, org: Org) -> Iterator[tuple[str, Request]]:
    """Requests to write what is not encrypted with the bucket's key; none may be admitted."""
    request, header = admitted(delivery, policy, org), "s3:x-amz-server-side-encryption"
    theirs = f"arn:{org.partition}:kms:{org.home_region}:{STRANGER}:key/11111111-2222-3333-4444-555555555555"
    for how, sent in {
        "with a key of S3": {header: "AES256"},
        "with the key of a stranger": {header: "aws:kms", f"{header}-aws-kms-key-id": theirs},
    }.items():
        yield how, replace(request, context={**request.context, **sent})


def administered(policy: Policy, org: Org) -> tuple[Request, Request]:
    """What who administers the account of a resource may do, and what not."""
    role = f"arn:{org.partition}:iam::{policy.account_id}:role/{org.role_name}"
    if policy.service == "kms":
        stranger = f"arn:{org.partition}:iam::{STRANGER}:role/{org.role_name}"
        may = Request(policy, role, "kms:PutKeyPolicy", policy.resource, {})
        return may, replace(may, caller=stranger)
    may = Request(policy, role, "s3:PutBucketPolicy", policy.resource, {"aws:SecureTransport": "true"})
    return may, replace(may, context={"aws:SecureTransport": "false"})
