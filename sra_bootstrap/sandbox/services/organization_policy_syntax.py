"""AWS Organizations: what the text of a policy must look like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sra_bootstrap.sandbox.faults import AwsFault

_FIRST = {
    "AISERVICES_OPT_OUT_POLICY": "services",
    "BACKUP_POLICY": "plans",
    "BEDROCK_POLICY": "bedrock",
    "CHATBOT_POLICY": "chatbot",
    "DECLARATIVE_POLICY_EC2": "ec2_attributes",
    "GUARDDUTY_POLICY": "guardduty",
    "INSPECTOR_POLICY": "inspector",
    "NETWORK_SECURITY_DIRECTOR_POLICY": "network_security_director",
    "S3_POLICY": "s3_attributes",
    "TAG_POLICY": "tags",
    "UPGRADE_ROLLOUT_POLICY": "upgrade_rollout",
}
"""What the policies of a type begin with, as their pages of syntax say."""
_OPERATORS = {"@@assign", "@@append", "@@remove"}
_FOR_CHILDREN = "@@operators_allowed_for_child_policies"
_LISTS = {"enable_in_regions", "disable_in_regions"}


def parsed(content: str) -> Mapping[str, Any] | None:
    """The object that a text holds in JSON, or None."""
    try:
        document = json.loads(content)
    except ValueError:
        return None
    return document if isinstance(document, Mapping) else None


def refuse_malformed(policy_type: str, content: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html, its errors.

    A Security Hub policy is looked at as a whole; of SCPs and RCPs the elements of their statements are, of other types
    what they begin with.

    Raises:
        AwsFault: the text is not one of a policy of this type.
    """
    document = parsed(content)
    if document is None:
        well_formed = False
    elif policy_type == "SERVICE_CONTROL_POLICY":
        well_formed = _has_statements(document, _may_be_in_an_scp)
    elif policy_type == "RESOURCE_CONTROL_POLICY":
        well_formed = _has_statements(document, _may_be_in_an_rcp)
    elif policy_type == "SECURITYHUB_POLICY":
        well_formed = document.keys() == {"securityhub"} and _is_security_hub(document["securityhub"])
    elif policy_type in _FIRST:
        well_formed = document.keys() == {_FIRST[policy_type]} and isinstance(document[_FIRST[policy_type]], Mapping)
    else:
        well_formed = True
    if not well_formed:
        text = "The provided policy document does not meet the requirements of the specified policy type."
        raise AwsFault("MalformedPolicyDocumentException", text)


def _has_statements(document: Mapping[str, Any], is_one: Callable[[Mapping[str, Any]], bool]) -> bool:
    statements = document.get("Statement")
    listed = [statements] if isinstance(statements, Mapping) else statements
    return (
        document.get("Version") == "2012-10-17"
        and isinstance(listed, list)
        and bool(listed)
        and all(isinstance(one, Mapping) and is_one(one) for one in listed)
    )


def _may_be_in_an_scp(statement: Mapping[str, Any]) -> bool:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html."""
    elements = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
    return statement.get("Effect") in {"Allow", "Deny"} and statement.keys() <= elements and _is_about(statement)


def _may_be_in_an_rcp(statement: Mapping[str, Any]) -> bool:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html."""
    elements = {"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") == "*"
        and statement.keys() <= elements
        and statement.get("Action") not in ("*", ["*"])
        and _is_about(statement)
    )


def _is_about(statement: Mapping[str, Any]) -> bool:
    """Whether a statement says once each which actions it is about, and which resources."""
    return all(
        sum(name in statement for name in either) == 1
        for either in (("Action", "NotAction"), ("Resource", "NotResource"))
    )


def _is_security_hub(block: Any) -> bool:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_syntax.html.

    It calls both lists of regions required, and shows a child policy with neither, which has features alone.
    """
    if not isinstance(block, Mapping) or not block or not block.keys() <= _LISTS | {"features", _FOR_CHILDREN}:
        return False
    if "features" not in block and not block.keys() >= _LISTS:
        return False
    features = block.get("features", {})
    return all(_is_list_of_regions(block[name]) for name in _LISTS & block.keys()) and isinstance(features, Mapping)


def _is_list_of_regions(block: Any) -> bool:
    return (
        isinstance(block, Mapping)
        and bool(block.keys() & _OPERATORS)
        and block.keys() <= _OPERATORS | {_FOR_CHILDREN}
        and all(isinstance(values, list) for values in block.values())
    )
