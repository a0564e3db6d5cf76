"""AWS Security Hub CSPM: the tags of a hub, of configuration policies and of automation rules."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.securityhub import hub_of, not_found
from sra_bootstrap.sandbox.services.securityhub_central import as_central_administrator
from sra_bootstrap.sandbox.services.securityhub_policies import policy_named
from sra_bootstrap.sandbox.services.securityhub_rules import rules_of


def _tags(call: Call, arn: str) -> dict[str, str]:
    prefix = f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:"
    kind = arn.removeprefix(prefix).partition("/")[0] if arn.startswith(prefix) else ""
    if kind == "hub":
        return hub_of(call).tags
    if kind == "configuration-policy":
        return policy_named(as_central_administrator(call), arn).tags
    rules = rules_of(call) if kind == "automation-rule" else {}
    if arn not in rules:
        raise not_found(f"Resource {arn} not found")
    return rules[arn].tags


@operation("securityhub", "ListTagsForResource")
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListTagsForResource.html."""
    return {"Tags": _tags(call, ResourceArn)}


@operation("securityhub", "TagResource")
def tag_resource(call: Call, ResourceArn: str, Tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_TagResource.html."""
    _tags(call, ResourceArn).update(Tags)


@operation("securityhub", "UntagResource")
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UntagResource.html."""
    tags = _tags(call, ResourceArn)
    for key in TagKeys:
        tags.pop(key, None)
