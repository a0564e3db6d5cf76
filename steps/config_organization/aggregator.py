"""The organization's aggregator: what AWS Config records in all accounts and regions, seen in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Note, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Value
from steps.common.roles import Role
from steps.common.statements import allow

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import ConfigurationAggregatorTypeDef

PRINCIPAL = "config.amazonaws.com"
"""Who aggregates, and whose administrator may aggregate an organization.

https://docs.aws.amazon.com/config/latest/developerguide/aggregated-register-delegated-administrator.html
"""
KIND = "aggregator"
_NAME = "sra-organization"
_ROLE = "sra-config-aggregator"
_ALL = "all"


def role(org: Org) -> Role:
    """The role by which AWS Config learns the accounts of the organization.

    https://docs.aws.amazon.com/config/latest/developerguide/aggregated-create.html
    """
    trust = allow({"Service": [PRINCIPAL]}, ["sts:AssumeRole"], [])
    policy = f"arn:{org.partition}:iam::aws:policy/service-role/AWSConfigRoleForOrganizations"
    return Role(_ROLE, {"AWSConfigAssumesIt": trust}, managed=(policy,))


def desired(at: Target) -> Resource:
    """The aggregator as a plan wants it; under what name is left open."""
    return Resource(Address(KIND, at), {"regions": _ALL, "role": _ROLE, "filtered": False})


def observe(at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """The aggregator of the organization, and those of others beside it."""
    aggregators = _aggregators(aws.client("config", at))
    adopted = _adopted(aggregators)
    if adopted is not None:
        source = adopted["OrganizationAggregationSource"]
        regions: Value = _ALL if source.get("AllAwsRegions") else tuple(sorted(source.get("AwsRegions", ())))
        seen: dict[str, Value] = {
            "regions": regions,
            "role": _told(source["RoleArn"], at, org),
            "filtered": "AggregatorFilters" in adopted,
        }
        yield Resource(Address(KIND, at), seen)
    for other in aggregators:
        name = other["ConfigurationAggregatorName"]
        if "CreatedBy" in other:
            yield Note(f"{other['CreatedBy']} has the aggregator {name} in {at}, which is its own; it is left alone.")
        elif other is not adopted:
            of = "organization" if "OrganizationAggregationSource" in other else "accounts"
            yield Resource(Address(KIND, at, name), {"aggregates": of})


def apply(change: Change, org: Org, aws: Writer) -> None:
    """Make the aggregator, bring it to what is wanted, or delete it."""
    config: ConfigServiceClient = aws.client("config", change.address.at)
    adopted = _adopted(_aggregators(config))
    name = _NAME if adopted is None else adopted["ConfigurationAggregatorName"]
    if change.action is not Action.DELETE:
        role_arn = f"arn:{org.partition}:iam::{org.id_of(change.address.at.account)}:role/{_ROLE}"
        config.put_configuration_aggregator(
            ConfigurationAggregatorName=name,
            OrganizationAggregationSource={"RoleArn": role_arn, "AllAwsRegions": True},
        )
    elif adopted is not None:
        config.delete_configuration_aggregator(ConfigurationAggregatorName=name)


def _aggregators(config: ConfigServiceClient) -> list[ConfigurationAggregatorTypeDef]:
    pages = config.get_paginator("describe_configuration_aggregators").paginate()
    return [aggregator for page in pages for aggregator in page["ConfigurationAggregators"]]


def _adopted(aggregators: list[ConfigurationAggregatorTypeDef]) -> Any | None:
    """The aggregator that is managed: of several of an organization, ours or the oldest; never one of a service."""
    ours = [one for one in aggregators if "OrganizationAggregationSource" in one and "CreatedBy" not in one]
    order = sorted(ours, key=lambda one: (one["ConfigurationAggregatorName"] != _NAME, one["CreationTime"]))
    return next(iter(order), None)


def _told(role_arn: str, at: Target, org: Org) -> str:
    """A role of the aggregator's own account by its name, any other by its ARN."""
    own = f"arn:{org.partition}:iam::{org.id_of(at.account)}:role/"
    return role_arn.removeprefix(own)
