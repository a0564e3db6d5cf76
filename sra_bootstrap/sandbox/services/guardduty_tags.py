"""Amazon GuardDuty: the tags of a detector, and of where it publishes."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.guardduty import owned
from sra_bootstrap.sandbox.services.guardduty_features import rejected
from sra_bootstrap.sandbox.services.guardduty_publishing import destination_of


def _tags(call: Call, arn: str) -> dict[str, str]:
    prefix = f"arn:{call.partition}:guardduty:{call.region}:{call.account_id}:detector/"
    if not arn.startswith(prefix):
        raise rejected()
    detector_id, _, rest = arn.removeprefix(prefix).partition("/")
    if rest:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonguardduty.html
        return destination_of(call, detector_id, rest.removeprefix("publishingDestination/")).tags
    _, detector = owned(call, detector_id)
    return detector.tags


@operation("guardduty", "ListTagsForResource")
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListTagsForResource.html."""
    return {"Tags": _tags(call, ResourceArn)}


@operation("guardduty", "TagResource")
def tag_resource(call: Call, ResourceArn: str, Tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_TagResource.html."""
    _tags(call, ResourceArn).update(Tags)


@operation("guardduty", "UntagResource")
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UntagResource.html."""
    tags = _tags(call, ResourceArn)
    for key in TagKeys:
        tags.pop(key, None)
