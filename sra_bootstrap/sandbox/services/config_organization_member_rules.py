"""AWS Config: the rules that an organization has deployed to an account, which belong to the service there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.config.models import MANAGED_RULES_CONSTRAINTS, config_backends

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.config_organization import Place, invalid_parameter, listed, random_suffix
from sra_bootstrap.sandbox.services.config_organization_templates import input_parameters


@dataclass
class DeployedRule:
    """A rule as https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html has it.

    The names in lower case are those by which moto finds a rule; it is kept among moto's own.
    """

    config_rule_name: str
    at: Place
    properties: Mapping[str, Any]
    created_by: str
    config_rule_id: str = field(default_factory=lambda: f"config-rule-{random_suffix()[:6]}")
    config_rule_state: str = "ACTIVE"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def config_rule_arn(self) -> str:
        """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsconfig.html."""
        return f"arn:{self.at.partition}:config:{self.at.region}:{self.at.account_id}:config-rule/{self.config_rule_id}"

    def to_dict(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html."""
        description = {
            "ConfigRuleName": self.config_rule_name,
            "ConfigRuleArn": self.config_rule_arn,
            "ConfigRuleId": self.config_rule_id,
            "Description": self.properties.get("Description"),
            "Scope": self.properties.get("Scope"),
            "Source": self.properties["Source"],
            "InputParameters": input_parameters(self.properties) or "{}",
            "MaximumExecutionFrequency": self.properties.get("MaximumExecutionFrequency"),
            "ConfigRuleState": self.config_rule_state,
            "CreatedBy": self.created_by,
        }
        return {key: value for key, value in description.items() if value is not None}


def rules_of(account_id: str, region: str) -> dict[str, Any]:
    """Every rule of an account in a region, its own and those of services."""
    rules: dict[str, Any] = config_backends[account_id][region].config_rules
    return rules


def put(rule: DeployedRule) -> None:
    """Put a rule into its account; one that is there keeps its id."""
    rules = rules_of(rule.at.account_id, rule.at.region)
    if rule.config_rule_name in rules:
        rule.config_rule_id = rules[rule.config_rule_name].config_rule_id
    rules[rule.config_rule_name] = rule


def check_managed(identifier: str, parameters: Mapping[str, Any]) -> None:
    """Refuse a managed rule that there is not, or parameters that it has not; which there are is moto's knowledge.

    Raises:
        AwsFault: there is none with this identifier, or the parameters are not its own, or some are missing.
    """
    if identifier not in MANAGED_RULES_CONSTRAINTS:
        raise invalid_parameter(f"The sourceIdentifier {identifier} is invalid.")
    known = {one["Name"]: one["Optional"] for one in MANAGED_RULES_CONSTRAINTS[identifier]["Parameters"]}
    if parameters.keys() - known.keys():
        raise invalid_parameter(f"Unknown parameters provided in the inputParameters: {json.dumps(dict(parameters))}")
    if missing := [name for name, optional in known.items() if not optional and name not in parameters]:
        raise invalid_parameter(f"The required parameter {missing} is not present in the inputParameters")


@check("config", "PutConfigRule", "DeleteConfigRule")
def belongs_to_a_service(
    call: Call, ConfigRuleName: str = "", ConfigRule: Mapping[str, Any] | None = None, **_: Any
) -> None:
    """https://docs.aws.amazon.com/config/latest/developerguide/service-linked-awsconfig-rules.html.

    Raises:
        AwsFault: the rule is one that a service has made.
    """
    name = (ConfigRule or {}).get("ConfigRuleName", ConfigRuleName)
    if isinstance(rules_of(call.account_id, call.region).get(name), DeployedRule):
        text = "An AWS service owns ServiceLinkedConfigRule. You do not have permissions to take action on this rule."
        raise AwsFault("AccessDeniedException", text)


@operation("config", "DescribeComplianceByConfigRule")
def describe_compliance_by_config_rule(
    call: Call,
    ConfigRuleNames: list[str] | None = None,
    ComplianceTypes: list[str] | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html.

    Nothing is ever evaluated in the sandbox.

    Raises:
        AwsFault: there is no rule of one of the names.
    """
    rules = rules_of(call.account_id, call.region)
    for name in ConfigRuleNames or ():
        if name not in rules:
            text = f"The ConfigRule '{name}' provided in the request is invalid."
            raise AwsFault("NoSuchConfigRuleException", text)
    wanted = not ComplianceTypes or "INSUFFICIENT_DATA" in ComplianceTypes
    found = [
        {"ConfigRuleName": name, "Compliance": {"ComplianceType": "INSUFFICIENT_DATA"}}
        for name in sorted(ConfigRuleNames or rules)
        if wanted
    ]
    return listed("ComplianceByConfigRules", found, None, NextToken)
