"""What each key and bucket for logs must admit; who else must be denied follows from it.

A step says it in a module `<step>_cases` beside this one, with `KEYS` and `BUCKETS`: functions by purpose.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sra_bootstrap.org import Org
from tests.policies.oracle import Policy, Request

STRANGER = "999999999999"
"""An account of another organization."""
_ANOTHER_SERVICE = "sns.amazonaws.com"


@dataclass(frozen=True)
class Delivery:
    """A request that a policy must admit: of a service, or of a role that reads what has been delivered.

    Attributes:
        caller: the principal of the service, as in "cloudtrail.amazonaws.com", or the ARN of the role.
        action: as in "s3:PutObject".
        account_id: for whom the service asks: aws:SourceAccount, of which aws:SourceOrgID follows; that of the role.
        arn: aws:SourceArn; "" of a role, and of a service that says so otherwise, as in an encryption context.
        key: the object's, for an action on one.
        more: other condition keys, such as s3:x-amz-acl or kms:EncryptionContext:….
    """

    caller: str
    action: str
    account_id: str
    arn: str = ""
    key: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_role(self) -> bool:
        """Whether it is no service that asks."""
        return self.caller.startswith("arn:")


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
    context = {
        "aws:PrincipalIsAWSService": str(not delivery.by_role).lower(),
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": policy.account_id,
        "aws:ResourceOrgID": str(org.id),
        **delivery.more,
    }
    if delivery.by_role:
        context |= _of_role(delivery.caller, str(org.id))
    else:
        context["aws:PrincipalServiceName"] = delivery.caller
    if delivery.arn:
        context |= {
            "aws:SourceAccount": delivery.account_id,
            "aws:SourceArn": delivery.arn,
            "aws:SourceOrgID": str(org.id),
        }
    return Request(policy, delivery.caller, delivery.action, resource, context)


def denied(delivery: Delivery, policy: Policy, org: Org) -> Iterator[tuple[str, Request]]:
    """Requests that differ from a delivery in one thing, each with what that is; none may be admitted."""
    request = admitted(delivery, policy, org)
    if not delivery.by_role:
        ours = {delivery.account_id: STRANGER, str(org.id): "o-stranger00"}
        yield "for another organization", replace(request, context=_renamed(request.context, ours))
        anonymous = {name: value for name, value in request.context.items() if not _tells(name, str(value), ours)}
        yield "for nobody", replace(request, context=anonymous)
        yield "by another service", replace(request, caller=_ANOTHER_SERVICE)
    if delivery.key:
        yield "elsewhere in the bucket", replace(request, resource=f"{policy.resource}/elsewhere/{delivery.key}")
    if policy.service == "s3":
        yield "without TLS", replace(request, context={**request.context, "aws:SecureTransport": "false"})
    role = f"arn:{org.partition}:iam::{STRANGER}:role/admin"
    theirs = {**request.context, **_of_role(role, "o-stranger00")}
    yield "by a stranger", replace(request, caller=role, context=theirs)
    role = f"arn:{org.partition}:iam::{org.id_of('workload-prod')}:role/admin"
    yield "by another account of ours", replace(request, caller=role, context={**theirs, **_of_role(role, str(org.id))})


def _of_role(arn: str, organization_id: str) -> dict[str, str]:
    account_id = arn.split(":")[4]
    return {
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account_id,
        "aws:PrincipalOrgID": organization_id,
        "kms:CallerAccount": account_id,
    }


def _renamed(context: Mapping[str, str | Sequence[str]], names: Mapping[str, str]) -> dict[str, str]:
    def renamed(value: str) -> str:
        for ours, theirs in names.items():
            value = value.replace(ours, theirs)
        return value

    # Where the resource is, and what it is encrypted with, is the same for a stranger.
    kept = ("aws:resource", "s3:x-amz-server-side-encryption")
    return {
        name: str(value) if name.lower().startswith(kept) else renamed(str(value)) for name, value in context.items()
    }


def _tells(name: str, value: str, names: Mapping[str, str]) -> bool:
    return name.startswith("aws:Source") or (name.startswith("kms:") and any(ours in value for ours in names))


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
