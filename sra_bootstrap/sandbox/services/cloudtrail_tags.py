"""AWS CloudTrail: the tags of trails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.cloudtrail import administered, changeable

_MOST = 50


def tagged(tags: Mapping[str, str], added: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Tags with more of them; a tag without a value has an empty one.

    Raises:
        AwsFault: these are too many.
    """
    found = {**tags, **{tag["Key"]: tag.get("Value", "") for tag in added}}
    if len(found) > _MOST:
        text = f"The number of tags per trail has exceeded the permitted amount, {_MOST}."
        raise AwsFault("TagsLimitExceededException", text)
    return found


@operation("cloudtrail", "AddTags")
def add_tags(call: Call, ResourceId: str, TagsList: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html."""
    trail = changeable(call, ResourceId)
    trail.tags = tagged(trail.tags, TagsList)


@operation("cloudtrail", "RemoveTags")
def remove_tags(call: Call, ResourceId: str, TagsList: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html."""
    trail = changeable(call, ResourceId)
    for tag in TagsList:
        trail.tags.pop(tag["Key"], None)


@operation("cloudtrail", "ListTags")
def list_tags(call: Call, ResourceIdList: list[str], NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html.

    "Lists the tags in the current Region"; a trail of another region is taken for one that is there.
    """
    trails = [administered(call, arn) for arn in ResourceIdList]
    listed = [[{"Key": key, "Value": value} for key, value in trail.tags.items()] for trail in trails]
    pairs = zip(ResourceIdList, listed, strict=True)
    return {"ResourceTagList": [{"ResourceId": arn, "TagsList": tags} for arn, tags in pairs]}
