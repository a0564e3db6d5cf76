"""Amazon S3 Control: whether an account's buckets can be public. What an account has set itself is moto's."""

from __future__ import annotations

from typing import Any

from moto.s3control.models import s3control_backends

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.organization_effective_policies import effective_policy

_ATTRIBUTES = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


def _of_organization(call: Call) -> str | None:
    """`all` or `none`, as an S3 policy of the organization says it for the account, or None where there is none.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html. That the management
    account gets it too is guessed: its kind, the management policies, does.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None:
        return None
    policy = effective_policy(backend, backend.get_account_by_id(call.account_id), "S3_POLICY") or {}
    block: str | None = policy.get("s3_attributes", {}).get("public_access_block_configuration")
    return block


@check("s3control", "GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock")
def own_account_only(call: Call, AccountId: str, **_: Any) -> None:
    """An account answers for itself alone.

    Raises:
        AwsFault: it is asked for another one's.
    """
    if AccountId != call.account_id:
        raise AwsFault("AccessDenied", "Access Denied")


@check("s3control", "PutPublicAccessBlock", "DeletePublicAccessBlock")
def refuse_what_the_organization_has_set(call: Call, **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html.

    "You might get an Access Denied (403) error when the account is managed by organization-level Block Public Access
    policies."

    Raises:
        AwsFault: it is.
    """
    if _of_organization(call) is not None:
        raise AwsFault("AccessDenied", "Access Denied")


@operation("s3control", "GetPublicAccessBlock")
def get_public_access_block(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html.

    "This operation returns the effective account-level configuration, which may inherit from organization-level
    policies"; what the account itself has set is kept, and is so again without the policy:
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html.

    Raises:
        AwsFault: nothing has been set.
    """
    organization = _of_organization(call)
    if organization is not None:
        return {"PublicAccessBlockConfiguration": dict.fromkeys(_ATTRIBUTES, organization == "all")}
    own = s3control_backends[call.account_id][call.partition].public_access_block
    if own is None:
        text = "The public access block configuration was not found"
        raise AwsFault("NoSuchPublicAccessBlockConfiguration", text)
    # What a request leaves out is off.
    return {
        "PublicAccessBlockConfiguration": {
            name: getattr(own, attribute) in {True, "true"} for name, attribute in _ATTRIBUTES.items()
        }
    }
