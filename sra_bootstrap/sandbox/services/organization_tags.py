"""AWS Organizations: the tags of the resource policy. Those of the root, OUs, accounts and policies are moto's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.organization import acting_in, find, paged
from sra_bootstrap.sandbox.services.organization_resource_policy import resource_policy_of


def _tags(call: Call, resource_id: str) -> dict[str, str]:
    backend = acting_in(call)
    policy = resource_policy_of(backend)
    resources = [*backend.ou, *backend.accounts, *backend.policies, *([] if policy is None else [policy])]
    text = "We can't find a root, OU, account, or policy with the TargetId that you specified."
    tags: dict[str, str] = find(resources, resource_id, "TargetNotFoundException", text).tags
    return tags


@operation("organizations", "TagResource")
def tag_resource(call: Call, ResourceId: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html."""
    _tags(call, ResourceId).update({tag["Key"]: tag["Value"] for tag in Tags})


@operation("organizations", "UntagResource")
def untag_resource(call: Call, ResourceId: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_UntagResource.html."""
    tags = _tags(call, ResourceId)
    for key in TagKeys:
        tags.pop(key, None)


@operation("organizations", "ListTagsForResource")
def list_tags_for_resource(call: Call, ResourceId: str, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html."""
    tags = [{"Key": key, "Value": value} for key, value in _tags(call, ResourceId).items()]
    return paged("Tags", tags, None, NextToken)
