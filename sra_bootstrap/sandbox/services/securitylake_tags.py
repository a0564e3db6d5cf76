"""Amazon Security Lake: the tags of a lake in a region, and of a subscriber."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.securitylake import absent, readable


def _tags(call: Call, arn: str) -> dict[str, str]:
    """Of what is in the region of the call alone.

    https://github.com/hashicorp/terraform-provider-aws, service/securitylake/data_lake.go, was told so.
    """
    tags = readable(call).tags
    if arn not in tags or arn.split(":")[3] != call.region:
        raise absent()
    return tags[arn]


@operation("securitylake", "ListTagsForResource")
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, list[dict[str, str]]]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_ListTagsForResource.html."""
    return {"tags": [{"key": key, "value": value} for key, value in _tags(call, resourceArn).items()]}


@operation("securitylake", "TagResource")
def tag_resource(call: Call, resourceArn: str, tags: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_TagResource.html."""
    _tags(call, resourceArn).update((tag["key"], tag["value"]) for tag in tags)


@operation("securitylake", "UntagResource")
def untag_resource(call: Call, resourceArn: str, tagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UntagResource.html."""
    tags = _tags(call, resourceArn)
    for key in tagKeys:
        tags.pop(key, None)
