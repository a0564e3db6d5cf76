"""AWS Config: rules of an organization, deployed to all its accounts in a region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.config_organization import (
    DEPLOYMENTS,
    Place,
    check_name,
    invalid,
    invalid_parameter,
    listed,
    may_read,
    may_write,
    random_suffix,
    roster_of,
)
from sra_bootstrap.sandbox.services.config_organization_deployments import (
    Deployment,
    begin,
    chosen,
    described,
    detailed,
    find,
    in_use,
    owned,
)
from sra_bootstrap.sandbox.services.config_organization_member_rules import (
    DeployedRule,
    check_managed,
    put,
    rules_of,
)

_MOST = 150
"""https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
_NAME = "OrganizationConfigRuleName"
_MANAGED, _CUSTOM, _POLICY = (
    "OrganizationManagedRuleMetadata",
    "OrganizationCustomRuleMetadata",
    "OrganizationCustomPolicyRuleMetadata",
)
_OWNER = "config-multiaccountsetup.amazonaws.com"


@dataclass
class OrganizationRule(Deployment):
    """https://docs.aws.amazon.com/config/latest/APIReference/API_OrganizationConfigRule.html.

    Attributes:
        sort: which of the three kinds of metadata it has.
    """

    noun: ClassVar[str] = "organization-config-rule"

    sort: str = _MANAGED
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name_in_member(self) -> str:
        """As https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html shows it."""
        return f"OrgConfigRule-{self.name}-{self.suffix}"

    def deploy(self, at: Place) -> None:
        """Make it in an account, or bring it there to what it says now."""
        properties = {
            "Description": self.metadata.get("Description"),
            "Source": self._source(),
            "Scope": self._scope(),
            "InputParameters": self.metadata.get("InputParameters"),
            "MaximumExecutionFrequency": self.metadata.get("MaximumExecutionFrequency"),
        }
        put(DeployedRule(self.name_in_member, at, properties, _OWNER))

    def withdraw(self, at: Place) -> None:
        """Remove it from an account; where it is not, nothing happens."""
        rules_of(at.account_id, at.region).pop(self.name_in_member, None)

    def _source(self) -> dict[str, Any]:
        if self.sort == _MANAGED:
            return {"Owner": "AWS", "SourceIdentifier": self.metadata["RuleIdentifier"]}
        triggers = self.metadata.get("OrganizationConfigRuleTriggerTypes", ())
        details = [{"EventSource": "aws.config", "MessageType": trigger} for trigger in triggers]
        if self.sort == _CUSTOM:
            arn = self.metadata["LambdaFunctionArn"]
            return {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": arn, "SourceDetails": details}
        policy = {"PolicyRuntime": self.metadata["PolicyRuntime"], "EnableDebugLogDelivery": False}
        return {"Owner": "CUSTOM_POLICY", "SourceDetails": details, "CustomPolicyDetails": policy}

    def _scope(self) -> dict[str, Any] | None:
        scope = {
            "ComplianceResourceTypes": self.metadata.get("ResourceTypesScope"),
            "ComplianceResourceId": self.metadata.get("ResourceIdScope"),
            "TagKey": self.metadata.get("TagKeyScope"),
            "TagValue": self.metadata.get("TagValueScope"),
        }
        return {key: value for key, value in scope.items() if value} or None


def _absent() -> AwsFault:
    text = "The AWS Config organization rule in the request does not exist."
    return AwsFault("NoSuchOrganizationConfigRuleException", text)


@operation("config", "PutOrganizationConfigRule")
def put_organization_config_rule(
    call: Call,
    *,
    OrganizationConfigRuleName: str,
    OrganizationManagedRuleMetadata: Mapping[str, Any] | None = None,
    OrganizationCustomRuleMetadata: Mapping[str, Any] | None = None,
    OrganizationCustomPolicyRuleMetadata: Mapping[str, Any] | None = None,
    ExcludedAccounts: list[str] | None = None,
    Tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConfigRule.html.

    That a rule cannot be updated either while it is being created or updated is guessed: the page tells of deletion.

    Raises:
        AwsFault: the caller may not, the rule is being worked on, there are 150, or it is not as a rule must be.
    """
    may_write(call, DEPLOYMENTS)
    roles.ensure(call.account_id, call.partition, DEPLOYMENTS)
    check_name(OrganizationConfigRuleName, "[A-Za-z0-9-_]{1,64}", "organizationConfigRuleName")
    sorts = {
        _MANAGED: OrganizationManagedRuleMetadata,
        _CUSTOM: OrganizationCustomRuleMetadata,
        _POLICY: OrganizationCustomPolicyRuleMetadata,
    }
    given = {sort: metadata for sort, metadata in sorts.items() if metadata is not None}
    if len(given) != 1:
        raise invalid(f"Exactly one of {', '.join(sorts)} must be specified.")
    ((sort, metadata),) = given.items()
    _check(sort, metadata)
    rule = find(call, OrganizationRule, OrganizationConfigRuleName)
    verb = "UPDATE"
    if rule is None:
        verb = "CREATE"
        if len(owned(call, OrganizationRule)) >= _MOST:
            text = f"You have reached the limit of {_MOST} organization AWS Config rules."
            raise AwsFault("MaxNumberOfOrganizationConfigRulesExceededException", text)
        rule = OrganizationRule(
            OrganizationConfigRuleName, call.account_id, call.region, call.partition, random_suffix()
        )
        rule.tags = {tag["Key"]: tag["Value"] for tag in Tags or ()}
        roster_of(call.account_id, call.region).deployments.append(rule)
    elif rule.in_progress:
        raise in_use("The rule's")
    rule.sort, rule.metadata = sort, metadata
    rule.excluded, rule.updated = list(ExcludedAccounts or ()), moment()
    begin(rule, verb)
    return {"OrganizationConfigRuleArn": rule.arn}


def _check(sort: str, metadata: Mapping[str, Any]) -> None:
    """Refuse what cannot be a rule.

    Raises:
        AwsFault: there is no such managed rule, or the parameters are no JSON of a mapping.
    """
    try:
        parameters = json.loads(metadata.get("InputParameters") or "{}")
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise invalid_parameter("Invalid json passed in the InputParameters field")
    if sort == _MANAGED:
        check_managed(metadata["RuleIdentifier"], parameters)


@operation("config", "DescribeOrganizationConfigRules")
def describe_organization_config_rules(
    call: Call,
    OrganizationConfigRuleNames: list[str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConfigRules.html.

    The text of a policy is told by GetOrganizationCustomRulePolicy only.
    """
    may_read(call, DEPLOYMENTS)
    found = []
    for rule in chosen(call, OrganizationRule, OrganizationConfigRuleNames, _absent()):
        key = "OrganizationCustomPolicyRuleMetadata" if rule.sort == _POLICY else rule.sort
        metadata = {name: value for name, value in rule.metadata.items() if name != "PolicyText"}
        found.append(
            {
                _NAME: rule.name,
                "OrganizationConfigRuleArn": rule.arn,
                key: metadata,
                "ExcludedAccounts": rule.excluded,
                "LastUpdateTime": rule.updated,
            }
        )
    return listed("OrganizationConfigRules", found, Limit, NextToken)


@operation("config", "DescribeOrganizationConfigRuleStatuses")
def describe_organization_config_rule_statuses(
    call: Call,
    OrganizationConfigRuleNames: list[str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConfigRuleStatuses.html."""
    may_read(call, DEPLOYMENTS)
    rules = chosen(call, OrganizationRule, OrganizationConfigRuleNames, _absent())
    statuses = [described(rule, _NAME, "OrganizationRuleStatus") for rule in rules]
    return listed("OrganizationConfigRuleStatuses", statuses, Limit, NextToken)


@operation("config", "GetOrganizationConfigRuleDetailedStatus")
def get_organization_config_rule_detailed_status(
    call: Call,
    OrganizationConfigRuleName: str,
    Filters: dict[str, str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConfigRuleDetailedStatus.html."""
    may_read(call, DEPLOYMENTS)
    (rule,) = chosen(call, OrganizationRule, [OrganizationConfigRuleName], _absent())
    keys = ("OrganizationConfigRuleDetailedStatus", "ConfigRuleName", "MemberAccountRuleStatus")
    return detailed(rule, keys, Filters, Limit, NextToken)


@operation("config", "GetOrganizationCustomRulePolicy")
def get_organization_custom_rule_policy(call: Call, OrganizationConfigRuleName: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationCustomRulePolicy.html."""
    may_read(call, DEPLOYMENTS)
    (rule,) = chosen(call, OrganizationRule, [OrganizationConfigRuleName], _absent())
    if rule.sort != _POLICY:
        raise _absent()
    return {"PolicyText": rule.metadata["PolicyText"]}


@operation("config", "DeleteOrganizationConfigRule")
def delete_organization_config_rule(call: Call, OrganizationConfigRuleName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteOrganizationConfigRule.html.

    Raises:
        AwsFault: the caller may not, there is no such rule, or it is being worked on.
    """
    may_read(call, DEPLOYMENTS)
    (rule,) = chosen(call, OrganizationRule, [OrganizationConfigRuleName], _absent())
    if rule.in_progress:
        raise in_use("The rule's")
    begin(rule, "DELETE")
