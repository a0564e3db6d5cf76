"""AWS IAM: the policies that AWS manages. moto knows them all, and loads them for every account or for none.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from sra_bootstrap.sandbox.extension import Call, check


@cache
def _known() -> dict[str, tuple[str, Any]]:
    """The name of each policy and what is known of it, by the end of its ARN."""
    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {f"policy{policy['Path']}{name}": (name, policy) for name, policy in policies.items()}


@check("iam", "AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy", "GetPolicy", "GetPolicyVersion")
def have(call: Call, PolicyArn: str, **_: Any) -> None:
    """Let an account have a policy of AWS as soon as it asks for it."""
    owner, name = PolicyArn.split(":", 5)[4:]
    policies = iam_backends[call.account_id][call.partition].managed_policies
    if owner == "aws" and PolicyArn not in policies and name in _known():
        policies[PolicyArn] = AWSManagedPolicy.from_data(_known()[name][0], call.account_id, "aws", _known()[name][1])
