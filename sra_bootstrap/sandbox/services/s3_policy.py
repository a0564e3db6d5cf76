"""Amazon S3: bucket policies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

from typing import Any

from sra_bootstrap.iam.document import MalformedError, Statement, parse
from sra_bootstrap.iam.patterns import like, like_arn
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.policy.existence import refuse_unknown_principals
from sra_bootstrap.sandbox.policy.storage import compact
from sra_bootstrap.sandbox.services.s3_actions import is_of_objects
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named
from sra_bootstrap.sandbox.services.s3_public import is_public

_LARGEST = 20480
"""In bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html."""


@operation("s3", "PutBucketPolicy")
def put_bucket_policy(call: Call, *, Bucket: str, Policy: str = "", **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.

    Raises:
        AwsFault: it is no policy of this bucket, or is public where that is blocked.
    """
    bucket = bucket_named(Bucket)
    if len(Policy.encode()) > _LARGEST:
        raise AwsFault("MalformedPolicy", "Policy exceeds the maximum allowed document size.")
    try:
        statements = parse(Policy)
        refuse_unknown_principals(statements, call.partition)
        for statement in statements:
            _refuse_what_does_not_apply(statement, bucket.arn)
    except MalformedError as error:
        raise AwsFault("MalformedPolicy", str(error)) from error
    block = bucket.public_access_block
    if block is not None and block.block_public_policy and is_public(statements):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        text = "User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the "
        raise AwsFault("AccessDenied", f"{text}BlockPublicPolicy setting in S3 Block Public Access.")
    bucket.policy = compact(Policy, call.partition).encode()


def _refuse_what_does_not_apply(statement: Statement, bucket_arn: str) -> None:
    named = [name for name in statement.actions.values if name != "*"]
    if not all(name.lower().startswith("s3:") for name in named):
        raise MalformedError("Policy has invalid action")
    on_bucket = [like_arn(pattern, bucket_arn) for pattern in statement.resources.values]
    on_objects = [_has_objects(pattern, bucket_arn) for pattern in statement.resources.values]
    if not all(map(max, on_bucket, on_objects)):
        raise MalformedError("Policy has invalid resource")
    if statement.actions.negated or statement.resources.negated:
        return
    for name in (name[3:] for name in named if "*" not in name and "?" not in name):
        if not any(on_objects if is_of_objects(name) else on_bucket):
            raise MalformedError("Action does not apply to any resource(s) in statement")


def _has_objects(pattern: str, bucket_arn: str) -> bool:
    """Whether a pattern may mean objects of the bucket."""
    ahead, slash, _ = pattern.partition("/")
    if slash:
        return like_arn(ahead, bucket_arn)
    return pattern.endswith("*") and pattern != "*" and like(pattern, f"{bucket_arn}/")


@operation("s3", "GetBucketPolicy")
def get_bucket_policy(call: Call, *, Bucket: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html.

    Raises:
        AwsFault: there is none.
    """
    return {"Policy": _policy_of(Bucket)}


@operation("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(call: Call, *, Bucket: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html.

    Raises:
        AwsFault: there is none.
    """
    return {"PolicyStatus": {"IsPublic": is_public(parse(_policy_of(Bucket)))}}


def _policy_of(name: str) -> str:
    policy = bucket_named(name).policy
    if policy is None:
        raise AwsFault("NoSuchBucketPolicy", "The bucket policy does not exist")
    return str(policy.decode())


@operation("s3", "DeleteBucketPolicy")
def delete_bucket_policy(call: Call, *, Bucket: str, **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html: also where there is none."""
    bucket_named(Bucket).policy = None
