"""Amazon S3: which bucket policies are public.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.iam.conditions import Condition
from sra_bootstrap.iam.document import Statement

_NARROWING = {
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceip",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}


def is_public(statements: Iterable[Statement]) -> bool:
    """Whether a policy admits everybody: whoever asks, and under no condition on fixed values."""
    return any(
        statement.effect == "Allow"
        and (statement.principals.negated or "*" in statement.principals.named.get("AWS", ()))
        and not any(_narrows(condition) for condition in statement.conditions)
        for statement in statements
    )


def _narrows(condition: Condition) -> bool:
    fixed = not any(sign in value for value in condition.values for sign in ("*", "?", "${"))
    compares = condition.name != "Null" and not condition.negated and not condition.if_exists
    return compares and condition.key in _NARROWING and fixed
