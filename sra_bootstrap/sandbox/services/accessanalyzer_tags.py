"""IAM Access Analyzer: the tags of an analyzer."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.accessanalyzer import by_arn


@operation("accessanalyzer", "ListTagsForResource")
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListTagsForResource.html."""
    return {"tags": by_arn(call, resourceArn).tags}


@operation("accessanalyzer", "TagResource")
def tag_resource(call: Call, resourceArn: str, tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_TagResource.html."""
    by_arn(call, resourceArn).tags.update(tags)


@operation("accessanalyzer", "UntagResource")
def untag_resource(call: Call, resourceArn: str, tagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UntagResource.html."""
    tags = by_arn(call, resourceArn).tags
    for key in tagKeys:
        tags.pop(key, None)
