"""The policies that ship and restrict what may be done, as AWS is given them."""

from __future__ import annotations

from collections.abc import Mapping

from sra_bootstrap.values import Value
from steps.common.policy_types import PolicyType
from steps.organization_policies.documents import parsed
from steps.organization_policies.shipped import shipped
from steps.organization_policies.variables import filled
from tests.policies.oracle import Control


def of_type(policy_type: PolicyType, values: Mapping[str, Value]) -> list[Control]:
    """Those of a type, with the values of their variables."""
    ours = {name: one for name, one in shipped().items() if one.type == policy_type}
    return [Control(name, one.type, filled(parsed(one.text).data, values)) for name, one in ours.items()]
