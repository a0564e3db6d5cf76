"""AWS Security Hub CSPM: the configuration policies of an organization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.securityhub import conflict, not_found
from sra_bootstrap.sandbox.services.securityhub_administrator import invalid
from sra_bootstrap.sandbox.services.securityhub_central import Central, Policy, as_central_administrator
from sra_bootstrap.sandbox.services.securityhub_standards import BAD_TOKEN, standards_named

_MOST = 20
"""https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html"""


def policy_named(central: Central, identifier: str) -> Policy:
    """The configuration policy of an id or ARN.

    Raises:
        AwsFault: there is none.
    """
    policy = central.policies.get(identifier.rpartition("/")[2])
    if policy is None:
        raise not_found(f"Configuration policy {identifier} not found")
    return policy


def _arn(call: Call, policy: Policy) -> str:
    return f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:configuration-policy/{policy.id}"


def _summary(call: Call, policy: Policy) -> dict[str, Any]:
    described = {"Arn": _arn(call, policy), "Id": policy.id, "Name": policy.name, "UpdatedAt": policy.updated}
    return described if policy.description is None else described | {"Description": policy.description}


def _describe(call: Call, policy: Policy) -> dict[str, Any]:
    return _summary(call, policy) | {
        "CreatedAt": policy.created,
        "ConfigurationPolicy": {"SecurityHub": policy.security_hub},
    }


def _checked(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_SecurityHubPolicy.html."""
    security_hub = dict(configuration.get("SecurityHub", {}))
    controls = security_hub.get("SecurityControlsConfiguration", {})
    if {"EnabledSecurityControlIdentifiers", "DisabledSecurityControlIdentifiers"} <= controls.keys():
        raise invalid("A policy names the enabled or the disabled controls, not both.")
    if "ServiceEnabled" not in security_hub:
        raise invalid("A policy says whether Security Hub is enabled.")
    standards_named(security_hub.get("EnabledStandardIdentifiers", []))
    return security_hub


def _named(central: Central, name: str, but: Policy | None = None) -> str:
    if re.fullmatch(r"[A-Za-z0-9\-.!*/]+", name) is None:
        raise invalid(f"Invalid parameter 'Name': {name}")
    if any(policy.name == name and policy is not but for policy in central.policies.values()):
        raise conflict(f"A configuration policy with the name {name} already exists.")
    return name


@operation("securityhub", "CreateConfigurationPolicy")
def create_configuration_policy(
    call: Call,
    Name: str,
    ConfigurationPolicy: Mapping[str, Any],
    Description: str | None = None,
    Tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateConfigurationPolicy.html.

    That a name is taken only once is guessed from its ResourceConflictException.

    Raises:
        AwsFault: the policy cannot be, there is one of its name, or there are too many.
    """
    central = as_central_administrator(call)
    security_hub = _checked(ConfigurationPolicy)
    if len(central.policies) >= _MOST:
        raise AwsFault("LimitExceededException", "Too many configuration policies.", Code="LimitExceededException")
    policy = Policy(_named(central, Name), Description, security_hub, Tags or {})
    central.policies[policy.id] = policy
    return _describe(call, policy)


@operation("securityhub", "GetConfigurationPolicy")
def get_configuration_policy(call: Call, Identifier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetConfigurationPolicy.html."""
    return _describe(call, policy_named(as_central_administrator(call), Identifier))


@operation("securityhub", "ListConfigurationPolicies")
def list_configuration_policies(call: Call, MaxResults: int = 100, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListConfigurationPolicies.html."""
    central = as_central_administrator(call)
    summaries = [
        _summary(call, policy) | {"ServiceEnabled": policy.security_hub["ServiceEnabled"]}
        for policy in central.policies.values()
    ]
    found, following = page(summaries, MaxResults, NextToken, BAD_TOKEN)
    answer: dict[str, Any] = {"ConfigurationPolicySummaries": found}
    return answer if following is None else answer | {"NextToken": following}


@operation("securityhub", "UpdateConfigurationPolicy")
def update_configuration_policy(
    call: Call,
    Identifier: str,
    *,
    Name: str | None = None,
    Description: str | None = None,
    UpdatedReason: str | None = None,
    ConfigurationPolicy: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateConfigurationPolicy.html.

    "The updated configuration replaces the current configuration."

    Raises:
        AwsFault: there is no such policy, or it cannot be so.
    """
    central = as_central_administrator(call)
    policy = policy_named(central, Identifier)
    security_hub = policy.security_hub if ConfigurationPolicy is None else _checked(ConfigurationPolicy)
    policy.name = policy.name if Name is None else _named(central, Name, policy)
    policy.description = policy.description if Description is None else Description
    if security_hub != policy.security_hub:
        policy.security_hub, policy.version = security_hub, policy.version + 1
    policy.updated = moment()
    return _describe(call, policy)


@operation("securityhub", "DeleteConfigurationPolicy")
def delete_configuration_policy(call: Call, Identifier: str) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DeleteConfigurationPolicy.html.

    "For the deletion to succeed, you must first disassociate a configuration policy from target accounts,
    organizational units, or the root by invoking the StartConfigurationPolicyDisassociation operation."

    Raises:
        AwsFault: there is no such policy, or it is associated.
    """
    central = as_central_administrator(call)
    policy = policy_named(central, Identifier)
    if any(policy.id == policy_id for policy_id, _ in central.applied.values()):
        raise conflict(f"Configuration policy {Identifier} is associated with a target.")
    del central.policies[policy.id]
