"""AWS Firewall Manager: the tags of a policy."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.firewall_manager import Policy
from sra_bootstrap.sandbox.services.firewall_manager_policies import own_policy


def _tagged(call: Call, arn: str) -> Policy:
    return own_policy(call, arn.rpartition("/")[2])


@operation("fms", "ListTagsForResource")
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListTagsForResource.html."""
    tags = _tagged(call, ResourceArn).tags
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation("fms", "TagResource")
def tag_resource(call: Call, ResourceArn: str, TagList: list[dict[str, str]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_TagResource.html."""
    _tagged(call, ResourceArn).tags.update({tag["Key"]: tag["Value"] for tag in TagList})
    return {}


@operation("fms", "UntagResource")
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_UntagResource.html."""
    tags = _tagged(call, ResourceArn).tags
    for key in TagKeys:
        tags.pop(key, None)
    return {}
