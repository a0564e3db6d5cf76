"""AWS IAM Identity Center: the tags of a permission set and of the instance."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.identity_center import managed, paged, set_of


def _tags(call: Call, instance_arn: str | None, arn: str) -> dict[str, str]:
    if instance_arn is None:
        raise NotImplementedError("no InstanceArn")
    center = managed(call, instance_arn)
    return center.tags if arn == center.arn else set_of(call, center, arn).tags


@operation("sso-admin", "ListTagsForResource")
def list_tags(call: Call, ResourceArn: str, InstanceArn: str | None = None, NextToken: str | None = None) -> Any:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListTagsForResource.html."""
    tags = [{"Key": key, "Value": value} for key, value in _tags(call, InstanceArn, ResourceArn).items()]
    return paged("Tags", tags, None, NextToken)


@operation("sso-admin", "TagResource")
def tag(call: Call, ResourceArn: str, Tags: list[dict[str, str]], InstanceArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_TagResource.html."""
    _tags(call, InstanceArn, ResourceArn).update({one["Key"]: one["Value"] for one in Tags})


@operation("sso-admin", "UntagResource")
def untag(call: Call, ResourceArn: str, TagKeys: list[str], InstanceArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UntagResource.html."""
    tags = _tags(call, InstanceArn, ResourceArn)
    for key in TagKeys:
        tags.pop(key, None)
