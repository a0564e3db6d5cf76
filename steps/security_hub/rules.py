"""Security Hub CSPM: automation rules, which change or suppress findings as they come in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from steps.common import members

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

_BATCH = 100
"""https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchGetAutomationRules.html"""


class AutomationRule(BaseModel):
    """A rule for findings, in every governed region: a rule works in the region that it is made in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="The name of the rule; one of this name is adopted.")
    description: str = Field(min_length=1, description="What the rule is for.")
    order: int = Field(ge=1, le=1000, description="When it is applied: rules of a lower number come first.")
    enabled: bool = Field(default=True, description="Whether it is applied at all.")
    terminal: bool = Field(default=False, description="Whether it is the last rule for a finding that it applies to.")
    criteria: dict[str, tuple[dict[str, Any], ...]] = Field(
        min_length=1, description="Which findings, in the words of AWS's AutomationRulesFindingFilters."
    )
    update: dict[str, Any] = Field(
        min_length=1, description="What it changes, in the words of AWS's AutomationRulesFindingFieldsUpdate."
    )

    def parameters(self) -> dict[str, Any]:
        """The rule as AWS takes it."""
        return {
            "RuleName": self.name,
            "Description": self.description,
            "RuleOrder": self.order,
            "RuleStatus": "ENABLED" if self.enabled else "DISABLED",
            "IsTerminal": self.terminal,
            "Criteria": {name: list(filters) for name, filters in self.criteria.items()},
            "Actions": [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": self.update}],
        }


def automation_rules(wanted: Iterable[AutomationRule], org: Org) -> Iterator[Resource]:
    """Every rule in every governed region."""
    for region in org.regions:
        for rule in wanted:
            yield _resource(rule.parameters(), Target(org.security_tooling, region))


def _resource(rule: Mapping[str, Any], at: Target) -> Resource:
    """A rule as a resource. Criteria and actions are compared whole: what is added by hand would change their sense."""
    attrs = {
        "description": rule["Description"],
        "order": rule["RuleOrder"],
        "status": rule["RuleStatus"],
        "terminal": rule["IsTerminal"],
        "criteria": _text(rule["Criteria"]),
        "actions": _text(rule["Actions"]),
    }
    return Resource(Address("automation-rule", at, rule["RuleName"]), attrs)


def _text(value: Any) -> str:
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    """The same without fractions where there are none: AWS answers 5.0 to a 5."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole(one) for key, one in value.items()}
        case list() | tuple():
            return [_whole(one) for one in value]
        case _:
            return value


def observe_rules(
    wanted: Iterable[AutomationRule], at: Target, securityhub: SecurityHubClient
) -> Iterator[Observation]:
    """The rules of config.yaml that are there; of two with one name, the one that comes first."""
    arns, ours = _arns(securityhub), [rule.name for rule in wanted]
    ordered = [arns[name] for name in ours if name in arns]
    for batch in members.in_batches(ordered, _BATCH):
        answer = securityhub.batch_get_automation_rules(AutomationRulesArns=batch)
        _refuse(answer["UnprocessedAutomationRules"])
        yield from (_resource(rule, at) for rule in answer["Rules"])
    yield from (Resource(Address("automation-rule", at, name)) for name in arns if name not in ours)


def _arns(securityhub: SecurityHubClient) -> dict[str, str]:
    """The ARN of each rule, by its name: rules may share one, and the first of them counts."""
    found: dict[str, str] = {}
    token: dict[str, str] = {}
    while True:
        answer = securityhub.list_automation_rules(**token)  # type: ignore[arg-type]
        for rule in answer["AutomationRulesMetadata"]:
            found.setdefault(rule["RuleName"], rule["RuleArn"])
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def apply_rule(change: Change, wanted: Iterable[AutomationRule], securityhub: SecurityHubClient) -> None:
    """Create, update or delete one rule.

    Raises:
        RefusalError: AWS did not process it.
    """
    name = change.address.name
    arn = _arns(securityhub).get(name)
    if change.action is Action.DELETE:
        if arn is not None:
            _refuse(securityhub.batch_delete_automation_rules(AutomationRulesArns=[arn])["UnprocessedAutomationRules"])
        return
    parameters = next(rule for rule in wanted if rule.name == name).parameters()
    if arn is None:
        securityhub.create_automation_rule(**parameters)
        return
    items: Any = [{"RuleArn": arn} | parameters]
    answer = securityhub.batch_update_automation_rules(UpdateAutomationRulesRequestItems=items)
    _refuse(answer["UnprocessedAutomationRules"])


def _refuse(unprocessed: Iterable[Mapping[str, Any]]) -> None:
    reasons = [f"{one['RuleArn']}: {one.get('ErrorMessage', '')}" for one in unprocessed]
    if reasons:
        raise RefusalError(f"Security Hub did not process automation rules: {'; '.join(reasons)}", "Run it again.")
