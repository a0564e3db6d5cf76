"""IAM Access Analyzer: the archive rules of an analyzer."""

from __future__ import annotations

import re
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.accessanalyzer import Analyzer, analyzers_of, by_arn, changeable, owned
from sra_bootstrap.sandbox.services.accessanalyzer_faults import absent, invalid, taken, too_many
from sra_bootstrap.sandbox.services.accessanalyzer_filters import ArchiveRule, checked

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,254}")
_QUOTA = 100
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html"""
_PAGE = 100
"""How many a page has at most: a guess, as no page of AWS says it."""


def _rule(analyzer: Analyzer, name: str) -> ArchiveRule:
    rule = analyzer.archive_rules.get(name)
    if rule is None:
        raise absent("archive rule", name)
    return rule


def _described(name: str, rule: ArchiveRule) -> dict[str, Any]:
    return {"ruleName": name, "filter": rule.filter, "createdAt": rule.created, "updatedAt": rule.updated}


@operation("accessanalyzer", "CreateArchiveRule")
def create_archive_rule(
    call: Call,
    *,
    analyzerName: str,
    ruleName: str,
    filter: dict[str, Any],  # noqa: A002 (AWS's name)
    clientToken: str | None = None,
) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateArchiveRule.html.

    Raises:
        AwsFault: a parameter is wrong, there is no such analyzer, or it has such a rule or as many as it may.
    """
    analyzer = changeable(call, analyzerName)
    if not _NAME.fullmatch(ruleName):
        raise invalid(f"The rule name {ruleName} is invalid.", "ruleName")
    if ruleName in analyzer.archive_rules:
        raise taken("archive rule", ruleName)
    if len(analyzer.archive_rules) >= _QUOTA:
        raise too_many("archive rule", analyzerName, _QUOTA)
    analyzer.archive_rules[ruleName] = ArchiveRule(checked(filter))


@operation("accessanalyzer", "GetArchiveRule")
def get_archive_rule(call: Call, analyzerName: str, ruleName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetArchiveRule.html."""
    return {"archiveRule": _described(ruleName, _rule(owned(call, analyzerName), ruleName))}


@operation("accessanalyzer", "ListArchiveRules")
def list_archive_rules(
    call: Call, analyzerName: str, maxResults: int = _PAGE, nextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListArchiveRules.html.

    Raises:
        AwsFault: there is no such analyzer; of the errors that are modelled, that this is the one is guessed.
    """
    if analyzerName not in analyzers_of(call.account_id, call.region):
        raise invalid(f"The analyzer {analyzerName} was not found.", "analyzerName")
    described = [_described(name, rule) for name, rule in owned(call, analyzerName).archive_rules.items()]
    rules, token = page(described, maxResults, nextToken, invalid("The token is invalid.", "nextToken"))
    return {"archiveRules": rules} | ({} if token is None else {"nextToken": token})


@operation("accessanalyzer", "UpdateArchiveRule")
def update_archive_rule(
    call: Call,
    *,
    analyzerName: str,
    ruleName: str,
    filter: dict[str, Any],  # noqa: A002 (AWS's name)
    clientToken: str | None = None,
) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateArchiveRule.html."""
    rule = _rule(changeable(call, analyzerName), ruleName)
    rule.filter = checked(filter)
    rule.updated = moment()


@operation("accessanalyzer", "DeleteArchiveRule")
def delete_archive_rule(call: Call, analyzerName: str, ruleName: str, clientToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteArchiveRule.html."""
    analyzer = changeable(call, analyzerName)
    _rule(analyzer, ruleName)
    del analyzer.archive_rules[ruleName]


@operation("accessanalyzer", "ApplyArchiveRule")
def apply_archive_rule(call: Call, analyzerArn: str, ruleName: str, clientToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ApplyArchiveRule.html; nothing is found."""
    _rule(by_arn(call, analyzerArn), ruleName)
