"""Amazon S3: who may do what with a bucket and its objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.s3.models import s3_backends

from sra_bootstrap.iam.document import parse
from sra_bootstrap.iam.request import Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge
from sra_bootstrap.sandbox import extension
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.policy import facts
from sra_bootstrap.sandbox.services.s3_actions import action, is_of_objects
from sra_bootstrap.sandbox.services.s3_public import is_public

_ONLY_OF_THE_OWNER = {"PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"}
_BY_HEADER = {
    "s3:x-amz-acl": "x-amz-acl",
    "s3:x-amz-copy-source": "x-amz-copy-source",
    "s3:x-amz-server-side-encryption": "x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-storage-class": "x-amz-storage-class",
    "s3:object-lock-mode": "x-amz-object-lock-mode",
    "s3:object-lock-legal-hold": "x-amz-object-lock-legal-hold",
}
_BY_PARAMETER = {
    "s3:prefix": "prefix",
    "s3:delimiter": "delimiter",
    "s3:max-keys": "max-keys",
    "s3:VersionId": "versionId",
}


def bucket_named(name: str | None) -> Any:
    """A bucket, whosever it is, as moto keeps it; or None."""
    partition, account_id = s3_backends.bucket_accounts.get(name, ("", ""))
    return s3_backends[account_id][partition].buckets.get(name) if account_id else None


def authorize(call: Call, response: Any, name: str | None, key: str | None) -> None:
    """Check what S3 checks before it does anything; `call` has the operation by its name.

    Raises:
        AwsFault: the caller is not allowed to do it, or there is no such bucket.
    """
    headers, parameters = response.headers, response.querystring
    sent = {known: headers[header] for known, header in _BY_HEADER.items() if header in headers}
    sent |= {known: parameters[named][0] for known, named in _BY_PARAMETER.items() if named in parameters}
    bucket = bucket_named(name)
    actions = [action(call.operation, of_version="versionId" in parameters)]
    if headers.get("If-Match", "*") != "*":
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html, and as to writes
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        actions.append("GetObject")
    if headers.get("x-amz-bypass-governance-retention", "").lower() == "true":
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-bypass
        actions.append("BypassGovernanceRetention")
    if call.operation == "GetObject" and bucket is not None and response.backend.get_object(name, key) is None:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: 403 without ListBucket, 404 with it.
        actions.append("ListBucket")
    for wanted in actions:
        _pass_gates(call, wanted)
    expected = headers.get("x-amz-expected-bucket-owner")
    if name is None or call.operation == "CreateBucket":
        return
    if bucket is None:
        raise AwsFault("NoSuchBucket", "The specified bucket does not exist")
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    if expected is not None and expected != bucket.account_id:
        raise AwsFault("AccessDenied", "Access Denied")
    for wanted in actions:
        # DeleteObjects is answered for each object: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
        if call.operation != "DeleteObjects" and not may(call, wanted, bucket, key, sent):
            raise AwsFault("AccessDenied", "Access Denied")
    if call.operation in _ONLY_OF_THE_OWNER and call.account_id != bucket.account_id:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
        raise AwsFault("MethodNotAllowed", "The specified method is not allowed against this resource.")


def may(call: Call, name: str, bucket: Any, key: str | None = None, sent: Mapping[str, str] | None = None) -> bool:
    """Whether the caller may do an IAM action, named without prefix, on a bucket or an object in it.

    In the account of the bucket everybody may what the policy does not deny, as nobody there is held by IAM policies;
    in another account one must be admitted. For the account's own root user, whom no denial keeps from the policy
    itself, the sandbox has no credentials.
    """
    if bucket.policy is None:
        return bool(call.account_id == bucket.account_id)
    statements = parse(bucket.policy.decode())
    resource = f"{bucket.arn}/{key}" if is_of_objects(name) and key else bucket.arn
    context = {
        **facts.of_caller(call),
        **facts.of_resource(bucket.account_id, bucket.region_name),
        **condition_keys({"s3:ResourceAccount": bucket.account_id, "s3:authType": "REST-HEADER", **(sent or {})}),
    }
    verdict = judge(statements, Request(facts.caller_of(call), f"s3:{name}", resource, context))
    if call.account_id == bucket.account_id:
        return verdict is not Verdict.DENIED
    block = bucket.public_access_block
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    restricted = block is not None and block.restrict_public_buckets and is_public(statements)
    return verdict is Verdict.ADMITTED and not restricted


def _pass_gates(call: Call, name: str) -> None:
    named = Call(call.service, name, call.account_id, call.region, call.partition, call.access_key)
    for admit in extension._GATES:  # noqa: SLF001 (one module in two files)
        admit(named)
