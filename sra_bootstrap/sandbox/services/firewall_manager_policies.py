"""AWS Firewall Manager: the policies of an administrator in a region."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.organization import ancestors
from sra_bootstrap.sandbox.services.firewall_manager import (
    Policy,
    absent,
    as_administrator,
    invalid,
    listed,
    policies_of,
    refused,
)

_LIMIT = 50
"""How many policies an administrator may have: https://docs.aws.amazon.com/waf/latest/developerguide/fms-limits.html"""
_ADDED: dict[str, dict[str, Any]] = {
    "WAFV2": {"overrideCustomerWebACLAssociation": False, "optimizeUnassociatedWebACL": False},
    "SECURITY_GROUPS_COMMON": {"applyToAllEC2InstanceENIs": False},
}
"""What AWS adds to the data of a policy that does not say it; that it adds these is guessed from their examples.

https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_SecurityServicePolicyData.html
"""
_OPTIONAL = ("PolicyDescription", "ResourceTypeList", "ResourceTags", "IncludeMap", "ExcludeMap", "ResourceSetIds")


def own_policy(call: Call, policy_id: str) -> Policy:
    """A policy of the caller in the region of the call.

    Raises:
        AwsFault: the caller is no administrator, or has no such policy there.
    """
    as_administrator(call)
    found = policies_of(call.account_id, call.partition, call.region).get(policy_id)
    if found is None:
        raise absent()
    return found


@operation("fms", "PutPolicy")
def put_policy(call: Call, Policy: dict[str, Any], TagList: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_PutPolicy.html.

    "The PolicyUpdateToken in the request must match the PolicyUpdateToken of the current policy version." Which error
    it is otherwise is guessed, as is that a name may be given once in a region.

    Raises:
        AwsFault: the policy is not as it must be, or not the current one.
    """
    administrator = as_administrator(call)
    _check(call, Policy, administrator.scope)
    there = policies_of(call.account_id, call.partition, call.region)
    twin = next((one for one in there.values() if one.name == Policy["PolicyName"]), None)
    policy_id = Policy.get("PolicyId")
    if policy_id is None:
        _refuse_another(twin, len(there))
        policy = _made(call, TagList or [])
        there[policy.id] = policy
    elif policy_id not in there:
        raise absent()
    else:
        policy = there[policy_id]
        if Policy.get("PolicyUpdateToken") != policy.token:
            raise refused("The policy update token is not that of the current version of the policy.")
        if twin not in (None, policy) or policy.type != Policy["SecurityServicePolicyData"]["Type"]:
            raise invalid()
    policy.says = _completed(Policy)
    policy.token = _token()
    return {"Policy": describe(policy), "PolicyArn": policy.arn}


def _refuse_another(twin: Policy | None, count: int) -> None:
    if twin is not None:
        raise invalid(f"A policy with the name {twin.name} already exists.")
    if count >= _LIMIT:
        raise AwsFault("LimitExceededException", "The operation exceeds a resource limit.")


def _made(call: Call, tags: list[dict[str, str]]) -> Policy:
    policy_id = str(mock_random.uuid4())
    arn = f"arn:{call.partition}:fms:{call.region}:{call.account_id}:policy/{policy_id}"
    return Policy(policy_id, arn, "", {}, {tag["Key"]: tag["Value"] for tag in tags})


def _token() -> str:
    return f"1:{mock_random.get_random_hex(20)}"


def _completed(says: dict[str, Any]) -> dict[str, Any]:
    """A policy with what AWS adds by default."""
    security = dict(says["SecurityServicePolicyData"])
    if "ManagedServiceData" in security:
        data = {**_ADDED.get(security["Type"], {}), **json.loads(security["ManagedServiceData"])}
        security["ManagedServiceData"] = json.dumps(data, sort_keys=True)
    kept = {key: value for key, value in says.items() if key not in {"PolicyId", "PolicyUpdateToken"}}
    kept = {key: value for key, value in kept.items() if value or key not in _OPTIONAL}
    return {
        "DeleteUnusedFMManagedResources": False,
        "ResourceTagLogicalOperator": "AND",
        **kept,
        "SecurityServicePolicyData": security,
        "PolicyStatus": "ACTIVE",
    }


def _check(call: Call, says: dict[str, Any], scope: dict[str, Any]) -> None:
    """What the page of Policy says of its members; which error each has is guessed.

    Raises:
        AwsFault: it is not so.
    """
    security = says["SecurityServicePolicyData"]
    several = says.get("ResourceTypeList", [])
    if (says["ResourceType"] == "ResourceTypeList") != bool(several):
        raise invalid("ResourceTypeList must be specified with the resource type ResourceTypeList.")
    if says.get("DeleteUnusedFMManagedResources") and security["Type"] == "SHIELD_ADVANCED":
        raise invalid("DeleteUnusedFMManagedResources is not available for this policy type.")
    if says.get("IncludeMap") and says.get("ExcludeMap"):
        raise invalid("You can specify inclusions or exclusions, but not both.")
    try:
        data = json.loads(security.get("ManagedServiceData", "null"))
    except ValueError as error:
        raise invalid("ManagedServiceData is not valid JSON.") from error
    if data is not None and data.get("type") != security["Type"]:
        raise invalid("The type of ManagedServiceData does not match the policy type.")
    types = scope["PolicyTypeScope"]
    if not types.get("AllPolicyTypesEnabled") and security["Type"] not in types.get("PolicyTypes", ()):
        raise refused("The policy type is out of the scope of the administrator.")
    known = set(membership.active_accounts(call.account_id))
    named = {
        account_id for side in ("IncludeMap", "ExcludeMap") for account_id in says.get(side, {}).get("ACCOUNT", ())
    }
    if not named <= known:
        raise invalid("An account is not part of the organization.")


def describe(policy: Policy) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_Policy.html."""
    return {"PolicyId": policy.id, "PolicyUpdateToken": policy.token, **policy.says}


@operation("fms", "GetPolicy")
def get_policy(call: Call, PolicyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetPolicy.html."""
    policy = own_policy(call, PolicyId)
    return {"Policy": describe(policy), "PolicyArn": policy.arn}


@operation("fms", "DeletePolicy")
def delete_policy(call: Call, *, PolicyId: str, DeleteAllPolicyResources: bool = False) -> None:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_DeletePolicy.html.

    The sandbox has no resources that policies are for.
    """
    policy = own_policy(call, PolicyId)
    del policies_of(call.account_id, call.partition, call.region)[policy.id]


@operation("fms", "ListPolicies")
def list_policies(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListPolicies.html."""
    as_administrator(call)
    summaries = [
        {
            "PolicyArn": policy.arn,
            "PolicyId": policy.id,
            "PolicyName": policy.name,
            "ResourceType": policy.says["ResourceType"],
            "SecurityServiceType": policy.type,
            "RemediationEnabled": policy.says["RemediationEnabled"],
            "DeleteUnusedFMManagedResources": policy.says["DeleteUnusedFMManagedResources"],
            "PolicyStatus": policy.says["PolicyStatus"],
        }
        for policy in policies_of(call.account_id, call.partition, call.region).values()
    ]
    return listed("PolicyList", summaries, MaxResults, NextToken)


def accounts_in_scope(policy: Policy, account_id: str) -> Iterator[str]:
    """The accounts of an organization that a policy is for: https://docs.aws.amazon.com/waf/latest/developerguide/policy-scope.html."""
    backend: Any = membership.organization_of(account_id)
    include, exclude = policy.says.get("IncludeMap"), policy.says.get("ExcludeMap", {})
    for account in backend.accounts:
        if account.status != "ACTIVE":
            continue
        within = {account.id, *(one.id for one in ancestors(backend, account))}
        named = {one for ids in (include or exclude).values() for one in ids}
        if bool(within & named) == (include is not None):
            yield account.id
