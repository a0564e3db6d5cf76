"""Firewall Manager through the API of the sandbox: what tests of its step read, and what they change."""

from __future__ import annotations

import json
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

GLOBAL, HOME = "us-east-1", "eu-west-1"
ADMINISTRATOR = f"{MANAGEMENT}/{GLOBAL} administrator"

WAF: dict[str, Any] = {
    "type": "WAFV2",
    "resource_types": ["AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ApiGateway::Stage"],
    "data": {
        "preProcessRuleGroups": [{"ruleGroupType": "ManagedRuleGroup", "priority": 1, "ruleGroupArn": None}],
        "defaultAction": {"type": "ALLOW"},
    },
    "resource_tags": {"exposed": "yes"},
    "exclude": {"accounts": ["log-archive"], "organizational_units": ["Suspended"]},
}
NETWORK_ACL: dict[str, Any] = {
    "type": "NETWORK_ACL_COMMON",
    "regions": [HOME],
    "resource_types": ["AWS::EC2::Subnet"],
    "option": {
        "NetworkAclCommonPolicy": {
            "NetworkAclEntrySet": {
                "FirstEntries": [
                    {"Protocol": "6", "RuleAction": "deny", "Egress": False, "CidrBlock": "0.0.0.0/0"},
                ],
                "ForceRemediateForFirstEntries": True,
                "ForceRemediateForLastEntries": False,
            }
        }
    },
    "include": {"organizational_units": ["Workloads/Prod"]},
    "delete_resources": True,
}
POLICIES = {"waf": WAF, "network acls": NETWORK_ACL}
GONE = {**POLICIES, "waf": {**WAF, "delete": True}}


def fms(world: World, account: str = "security-tooling", region: str = HOME) -> Any:
    return world.client("fms", account, region)


def administrator(world: World) -> tuple[str, str]:
    """Who administers Firewall Manager, by the names of config.yaml, and the status of its role."""
    answer = fms(world, MANAGEMENT, GLOBAL).get_admin_account()
    return world.arrive().name_of(answer["AdminAccount"]), answer["RoleStatus"]


def appoint(world: World, name: str) -> None:
    """Make an account the administrator by hand, and wait until it is ready."""
    settings = world.sandbox.settings
    world.client("organizations").enable_aws_service_access(ServicePrincipal="fms.amazonaws.com")
    world.sandbox.clock.wait(settings.firewall_manager_access_seconds)
    fms(world, MANAGEMENT, GLOBAL).associate_admin_account(AdminAccount=world.arrive().id_of(name))
    world.sandbox.clock.wait(settings.firewall_manager_ready_seconds)


def revoke(world: World, name: str = "security-tooling") -> None:
    fms(world, name, GLOBAL).disassociate_admin_account()
    world.sandbox.clock.wait(world.sandbox.settings.firewall_manager_removal_seconds)


def policies(world: World, region: str = HOME) -> dict[str, Any]:
    """The policies of the administrator in a region by name, with the data parsed."""
    api = fms(world, region=region)
    found = {}
    for summary in api.list_policies()["PolicyList"]:
        policy = api.get_policy(PolicyId=summary["PolicyId"])["Policy"]
        security = policy["SecurityServicePolicyData"]
        policy["data"] = json.loads(security.get("ManagedServiceData", "null"))
        found[policy["PolicyName"]] = policy
    return found


def change(world: World, name: str, region: str = HOME, **members: Any) -> None:
    """Change members of a policy by hand."""
    policy = policies(world, region)[name]
    policy.pop("data")
    fms(world, region=region).put_policy(Policy={**policy, **members})


def add(world: World, name: str, region: str = HOME, **members: Any) -> None:
    """Make a policy by hand, which looks for security groups that nobody uses."""
    data = {"type": "SECURITY_GROUPS_USAGE_AUDIT", "deleteUnusedSecurityGroups": False}
    policy = {
        "PolicyName": name,
        "SecurityServicePolicyData": {"Type": data["type"], "ManagedServiceData": json.dumps(data)},
        "ResourceType": "AWS::EC2::SecurityGroup",
        "ExcludeResourceTags": False,
        "RemediationEnabled": False,
    }
    fms(world, region=region).put_policy(Policy={**policy, **members})


def late_drift(world: World) -> None:
    change(world, "network acls", RemediationEnabled=True)


LIFE = Life(configs=({"policies": POLICIES}, {"policies": GONE}), late_drift=late_drift)
