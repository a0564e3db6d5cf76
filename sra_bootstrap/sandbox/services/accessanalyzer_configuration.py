"""IAM Access Analyzer: what an analyzer of unused or internal access looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sra_bootstrap.sandbox.services.accessanalyzer_faults import invalid

_KINDS = {
    "ACCOUNT_UNUSED_ACCESS": "unusedAccess",
    "ORGANIZATION_UNUSED_ACCESS": "unusedAccess",
    "ACCOUNT_INTERNAL_ACCESS": "internalAccess",
    "ORGANIZATION_INTERNAL_ACCESS": "internalAccess",
}
_TYPES = {"ACCOUNT", "ORGANIZATION", *_KINDS}
_AGE = 90
"""The age in days when none is said: what the console offers; the API documents no default."""
_RESOURCE_TYPES = {
    "AWS::DynamoDB::Stream",
    "AWS::DynamoDB::Table",
    "AWS::RDS::DBClusterSnapshot",
    "AWS::RDS::DBSnapshot",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
}
"""https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_InternalAccessAnalysisRuleCriteria.html"""


def checked(kind: str, configuration: dict[str, Any] | None, owner: str) -> dict[str, Any] | None:
    """The configuration that an analyzer of a type has when it is sent one.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerConfiguration.html. "External access
    analyzers do not support any configuration":
    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_accessanalyzer.CfnAnalyzer.AnalyzerConfigurationProperty.html.

    Raises:
        AwsFault: it is not one for this type.
    """
    if kind not in _TYPES:
        raise invalid(f"The type {kind} is invalid.", "type")
    if kind not in _KINDS:
        if configuration:
            raise invalid("External access analyzers do not support any configuration.", "configuration")
        return None
    member = _KINDS[kind]
    if configuration and list(configuration) != [member]:
        raise invalid(f"Analyzers of type {kind} have the configuration {member}.", "configuration")
    sent = (configuration or {}).get(member, {})
    if member == "internalAccess":
        _check_inclusions(sent.get("analysisRule", {}).get("inclusions", []), kind)
        return {member: sent}
    days = sent.get("unusedAccessAge", _AGE)
    if not 1 <= days <= 365:
        raise invalid("The unused access age is between 1 and 365 days.", "unusedAccessAge")
    _check_exclusions(sent.get("analysisRule", {}).get("exclusions", []), kind, owner)
    return {member: {**sent, "unusedAccessAge": days}}


def age(configuration: dict[str, Any] | None) -> int | None:
    """The unused access age of a configuration, in days; None where there is none."""
    found: int | None = (configuration or {}).get("unusedAccess", {}).get("unusedAccessAge")
    return found


def _check_exclusions(exclusions: Sequence[dict[str, Any]], kind: str, owner: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalysisRuleCriteria.html.

    Raises:
        AwsFault: accounts are excluded that cannot be, or too many of them.
    """
    for accounts in (one.get("accountIds", []) for one in exclusions):
        _check_accounts(accounts, kind)
        if owner in accounts:
            raise invalid("The accounts cannot include the organization analyzer owner account.", "accountIds")
        if len(accounts) > 2000:
            raise invalid("The list cannot include more than 2,000 account IDs.", "accountIds")


def _check_inclusions(inclusions: Sequence[dict[str, Any]], kind: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_InternalAccessAnalysisRuleCriteria.html.

    The text: https://github.com/hashicorp/terraform-provider-aws/issues/44430.

    Raises:
        AwsFault: resources are included that cannot be.
    """
    for one in inclusions:
        _check_accounts(one.get("accountIds", []), kind)
        if not set(one.get("resourceTypes", [])) <= _RESOURCE_TYPES:
            text = "Invalid InternalAccessAnalysisRuleCriteria: the provided resourceType is invalid"
            raise invalid(text, "resourceTypes")


def _check_accounts(accounts: Sequence[str], kind: str) -> None:
    if accounts and not kind.startswith("ORGANIZATION"):
        raise invalid("Account IDs can only be applied to organization-level analyzers.", "accountIds")
