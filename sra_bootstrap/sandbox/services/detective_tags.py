"""Amazon Detective: the tags of a behavior graph."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.detective import owned


@operation("detective", "ListTagsForResource")
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListTagsForResource.html."""
    return {"Tags": owned(call, ResourceArn).tags}


@operation("detective", "TagResource")
def tag_resource(call: Call, ResourceArn: str, Tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_TagResource.html."""
    owned(call, ResourceArn).tags.update(Tags)


@operation("detective", "UntagResource")
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_UntagResource.html."""
    tags = owned(call, ResourceArn).tags
    for key in TagKeys:
        tags.pop(key, None)
