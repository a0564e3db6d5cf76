"""AWS Config: tags. Those of recorders are kept here, those of whatever else has an ARN by moto or who registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.config.exceptions import ResourceNotFoundException
from moto.config.models import config_backends

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.config_recorder import recording_of

Tags = dict[str, str]

TAGGED: list[Callable[[Call, str], Tags | None]] = []
"""Who knows the tags of an ARN, each asked in turn; what is given is changed in place."""

_MOST = 50
"""https://docs.aws.amazon.com/config/latest/developerguide/tagging.html"""


def _of_recorder(call: Call, arn: str) -> Tags | None:
    found = (one.tags for one in recording_of(call.account_id, call.region).recorders() if one.arn == arn)
    return next(found, None)


def _of_moto(call: Call, arn: str) -> Tags | None:
    try:
        tags: Tags = config_backends[call.account_id][call.region]._match_arn(arn).tags  # noqa: SLF001 (no public way)
    except ResourceNotFoundException:
        return None
    return tags


def _tags(call: Call, arn: str) -> Tags:
    """The tags of a resource, to be changed.

    Raises:
        AwsFault: there is no such resource.
    """
    for tell in (_of_recorder, *TAGGED, _of_moto):
        tags = tell(call, arn)
        if tags is not None:
            return tags
    raise AwsFault("ResourceNotFoundException", f"The resource {arn} does not exist.")


@operation("config", "ListTagsForResource")
def list_tags_for_resource(call: Call, ResourceArn: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ListTagsForResource.html.

    There are no more of a resource than a page holds.
    """
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tags(call, ResourceArn).items()]}


@operation("config", "TagResource")
def tag_resource(call: Call, ResourceArn: str, Tags: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_TagResource.html.

    Raises:
        AwsFault: there is no such resource, or it would have too many tags.
    """
    there = _tags(call, ResourceArn)
    added = {tag["Key"]: tag["Value"] for tag in Tags}
    if len({**there, **added}) > _MOST:
        raise AwsFault("TooManyTagsException", "You have reached the limit of the number of tags you can use.")
    there.update(added)


@operation("config", "UntagResource")
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_UntagResource.html."""
    there = _tags(call, ResourceArn)
    for key in TagKeys:
        there.pop(key, None)
