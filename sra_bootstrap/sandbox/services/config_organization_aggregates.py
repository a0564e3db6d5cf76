"""AWS Config: what an aggregator shows of the accounts and regions that it aggregates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.config.models import RESOURCE_MAP

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.config_organization import listed
from sra_bootstrap.sandbox.services.config_organization_aggregators import Aggregator, find
from sra_bootstrap.sandbox.services.config_recorder import recording_of

_ALL = 10_000
"""More than any account of the sandbox has of one type."""


def _resources(call: Call, aggregator: Aggregator, kind: str) -> Iterator[dict[str, Any]]:
    """What there is of a type, as far as moto tells it, where there is a recorder; what is global, once an account."""
    query = RESOURCE_MAP.get(kind)
    for account_id in aggregator.accounts(call.account_id) if query else ():
        found, _ = query.list_config_service_resources(
            account_id,
            partition=call.partition,
            resource_ids=None,
            resource_name=None,
            limit=_ALL,
            next_token=None,
            aggregator=_as_moto_reads_it(aggregator),
        )
        for resource in found:
            region = call.region if resource["region"] == "global" else resource["region"]
            if aggregator.covers(region) and recording_of(account_id, region).recorder is not None:
                yield {
                    "SourceAccountId": account_id,
                    "SourceRegion": resource["region"],
                    "ResourceType": resource["type"],
                    "ResourceId": resource["id"],
                    "ResourceName": resource["name"],
                }


def _as_moto_reads_it(aggregator: Aggregator) -> dict[str, Any]:
    return {"account_aggregation_sources": None, "organization_aggregation_source": aggregator.organization}


@operation("config", "ListAggregateDiscoveredResources")
def list_aggregate_discovered_resources(
    call: Call,
    *,
    ConfigurationAggregatorName: str,
    ResourceType: str,
    Filters: dict[str, str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ListAggregateDiscoveredResources.html.

    moto tells of buckets, roles, policies, topics and the block of public access of an account.

    Raises:
        AwsFault: there is no such aggregator.
    """
    aggregator = find(call, ConfigurationAggregatorName)
    keys = {"AccountId": "SourceAccountId", "Region": "SourceRegion"}
    wanted = {keys.get(key, key): value for key, value in (Filters or {}).items()}
    found = [
        resource
        for resource in _resources(call, aggregator, ResourceType)
        if all(resource[key] == value for key, value in wanted.items())
    ]
    return listed("ResourceIdentifiers", found, Limit, NextToken)


@operation("config", "DescribeAggregateComplianceByConfigRules")
def describe_aggregate_compliance_by_config_rules(
    call: Call, ConfigurationAggregatorName: str, **_: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html.

    It "does not display rules that do not have compliance results", and nothing is ever evaluated in the sandbox.

    Raises:
        AwsFault: there is no such aggregator.
    """
    find(call, ConfigurationAggregatorName)
    return {"AggregateComplianceByConfigRules": []}


@operation("config", "GetAggregateConfigRuleComplianceSummary")
def get_aggregate_config_rule_compliance_summary(
    call: Call, ConfigurationAggregatorName: str, GroupByKey: str | None = None, **_: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_GetAggregateConfigRuleComplianceSummary.html.

    Raises:
        AwsFault: there is no such aggregator.
    """
    find(call, ConfigurationAggregatorName)
    summary: dict[str, Any] = {"AggregateComplianceCounts": []}
    return summary if GroupByKey is None else {"GroupByKey": GroupByKey, **summary}
