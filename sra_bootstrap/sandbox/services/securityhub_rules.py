"""AWS Security Hub CSPM: the automation rules of an administrator in a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.securityhub import denied, hub_of, securityhub_of
from sra_bootstrap.sandbox.services.securityhub_administrator import invalid
from sra_bootstrap.sandbox.services.securityhub_standards import BAD_TOKEN

_MOST = 100
"""https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html: "100 automation rules"."""
_SETTINGS = ("RuleStatus", "RuleOrder", "RuleName", "Description", "IsTerminal", "Criteria", "Actions")


@dataclass
class Rule:
    """An automation rule; `settings` are what CreateAutomationRule takes, under AWS's names."""

    arn: str
    settings: dict[str, Any]
    tags: dict[str, str]
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)


@dataclass
class Rules:
    """The automation rules of an account in a region, by ARN."""

    by_arn: dict[str, Rule] = field(default_factory=dict)


def rules_of(call: Call) -> dict[str, Rule]:
    """The caller's rules.

    "Only the Security Hub CSPM administrator account" can make rules, as an account on its own can for itself:
    https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html.

    Raises:
        AwsFault: Security Hub is off, or another account is the administrator.
    """
    hub_of(call)
    if securityhub_of(call.account_id, call.region).administrator_id is not None:
        raise denied("Only the administrator account can use automation rules.")
    return store.state(Rules, call.account_id, call.region).by_arn


def _checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    if settings["RuleStatus"] not in {"ENABLED", "DISABLED"}:
        raise invalid("Invalid parameter 'RuleStatus'.")
    if not 1 <= settings["RuleOrder"] <= 1000:
        raise invalid("Invalid parameter 'RuleOrder'.")
    if not settings["Criteria"] or not settings["Actions"]:
        raise invalid("A rule has criteria and actions.")
    return dict(settings)


def _describe(call: Call, rule: Rule, *names: str) -> dict[str, Any]:
    return {name: rule.settings[name] for name in names} | {
        "RuleArn": rule.arn,
        "CreatedAt": rule.created,
        "UpdatedAt": rule.updated,
        "CreatedBy": call.account_id,
    }


@operation("securityhub", "CreateAutomationRule")
def create_automation_rule(call: Call, *, Tags: dict[str, str] | None = None, **settings: Any) -> dict[str, str]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateAutomationRule.html.

    Names need not be unique: a rule is known by its ARN.

    Raises:
        AwsFault: the rule cannot be, or there are too many.
    """
    rules = rules_of(call)
    wanted = _checked({"RuleStatus": "ENABLED", "IsTerminal": False} | settings)
    if len(rules) >= _MOST:
        raise AwsFault("LimitExceededException", "Too many automation rules.", Code="LimitExceededException")
    arn = f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:automation-rule/{mock_random.uuid4()}"
    rules[arn] = Rule(arn, wanted, Tags or {})
    return {"RuleArn": arn}


@operation("securityhub", "ListAutomationRules")
def list_automation_rules(call: Call, MaxResults: int = 100, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListAutomationRules.html."""
    rules = sorted(rules_of(call).values(), key=lambda rule: rule.settings["RuleOrder"])
    metadata = [_describe(call, rule, *_SETTINGS[:5]) for rule in rules]
    found, following = page(metadata, MaxResults, NextToken, BAD_TOKEN)
    answer: dict[str, Any] = {"AutomationRulesMetadata": found}
    return answer if following is None else answer | {"NextToken": following}


def _unprocessed(arn: str) -> dict[str, Any]:
    return {"RuleArn": arn, "ErrorCode": 404, "ErrorMessage": "The rule was not found."}


def _refuse_many(items: Sequence[Any]) -> None:
    if not 1 <= len(items) <= 100:
        raise invalid("A batch of automation rules has 1 to 100 items.")


@operation("securityhub", "BatchGetAutomationRules")
def batch_get_automation_rules(call: Call, AutomationRulesArns: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchGetAutomationRules.html."""
    rules = rules_of(call)
    _refuse_many(AutomationRulesArns)
    return {
        "Rules": [_describe(call, rules[arn], *_SETTINGS) for arn in AutomationRulesArns if arn in rules],
        "UnprocessedAutomationRules": [_unprocessed(arn) for arn in AutomationRulesArns if arn not in rules],
    }


@operation("securityhub", "BatchUpdateAutomationRules")
def batch_update_automation_rules(
    call: Call, UpdateAutomationRulesRequestItems: list[dict[str, Any]]
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateAutomationRules.html."""
    rules = rules_of(call)
    _refuse_many(UpdateAutomationRulesRequestItems)
    processed, unprocessed = [], []
    for item in UpdateAutomationRulesRequestItems:
        arn = item["RuleArn"]
        if arn not in rules:
            unprocessed.append(_unprocessed(arn))
            continue
        changes = {name: value for name, value in item.items() if name in _SETTINGS}
        rules[arn].settings = _checked(rules[arn].settings | changes)
        rules[arn].updated = moment()
        processed.append(arn)
    return {"ProcessedAutomationRules": processed, "UnprocessedAutomationRules": unprocessed}


@operation("securityhub", "BatchDeleteAutomationRules")
def batch_delete_automation_rules(call: Call, AutomationRulesArns: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchDeleteAutomationRules.html."""
    rules = rules_of(call)
    _refuse_many(AutomationRulesArns)
    processed = [arn for arn in AutomationRulesArns if rules.pop(arn, None) is not None]
    unprocessed = [_unprocessed(arn) for arn in AutomationRulesArns if arn not in processed]
    return {"ProcessedAutomationRules": processed, "UnprocessedAutomationRules": unprocessed}
