"""AWS Organizations: what the text of a policy must look like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sra_bootstrap.sandbox.faults import AwsFault

_AUTHORIZATION = {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}
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

    Of SCPs and RCPs no more is looked at than that they have statements, and of other types nothing but that they are
    JSON; a Security Hub policy is looked at as a whole.

    Raises:
        AwsFault: the text is not one of a policy of this type.
    """
    document = parsed(content)
    if document is None:
        well_formed = False
    elif policy_type in _AUTHORIZATION:
        well_formed = "Statement" in document
    elif policy_type == "SECURITYHUB_POLICY":
        well_formed = document.keys() == {"securityhub"} and _is_security_hub(document["securityhub"])
    else:
        well_formed = True
    if not well_formed:
        text = "The provided policy document does not meet the requirements of the specified policy type."
        raise AwsFault("MalformedPolicyDocumentException", text)


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
