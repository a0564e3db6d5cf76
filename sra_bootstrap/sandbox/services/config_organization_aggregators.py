"""AWS Config: configuration aggregators, which bring together what accounts and regions record.

An aggregator is kept among moto's, whose operations describe and delete it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.config.models import config_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.config_organization import (
    AGGREGATION,
    check_name,
    invalid_parameter,
    listed,
    may_write,
)

_MOST = 50
"""https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
_POLICY = "AWSConfigRoleForOrganizations"
"""https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSConfigRoleForOrganizations.html"""


@dataclass
class Aggregator:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationAggregator.html.

    The names in lower case are those by which moto finds and reads an aggregator.
    """

    configuration_aggregator_name: str
    configuration_aggregator_arn: str
    sources: list[dict[str, Any]] | None = None
    organization: dict[str, Any] | None = None
    filters: dict[str, Any] | None = None
    created_by: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)

    def to_dict(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationAggregators.html."""
        description = {
            "ConfigurationAggregatorName": self.configuration_aggregator_name,
            "ConfigurationAggregatorArn": self.configuration_aggregator_arn,
            "AccountAggregationSources": self.sources,
            "OrganizationAggregationSource": self.organization,
            "CreationTime": _seconds(self.created),
            "LastUpdatedTime": _seconds(self.updated),
            "CreatedBy": self.created_by,
            "AggregatorFilters": self.filters,
        }
        return {key: value for key, value in description.items() if value is not None}

    @property
    def source(self) -> dict[str, Any]:
        """Where it aggregates from: an organization, or accounts."""
        return self.organization or (self.sources or [{}])[0]

    def covers(self, region: str) -> bool:
        """Whether it aggregates a region."""
        return bool(self.source.get("AllAwsRegions")) or region in self.source.get("AwsRegions", ())

    def accounts(self, account_id: str) -> list[str]:
        """The accounts that it aggregates, being an aggregator of an account; of others, only those that allow it."""
        if self.organization is not None:
            return membership.active_accounts(account_id)
        return [one for one in self.source["AccountIds"] if one == account_id or _allows(one, account_id)]


def _seconds(time: datetime) -> float:
    return (time - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 (moto's times have no zone)


def _allows(account_id: str, aggregating_id: str) -> bool:
    """Whether an account lets another aggregate it, in whatever region of its own it says so."""
    regions = config_backends[account_id].values()
    return any(
        authorization.authorized_account_id == aggregating_id
        for backend in regions
        for authorization in backend.aggregation_authorizations.values()
    )


def aggregators_of(account_id: str, region: str) -> dict[str, Aggregator]:
    """The aggregators of an account in a region, by name."""
    found: dict[str, Aggregator] = config_backends[account_id][region].config_aggregators
    return found


def find(call: Call, name: str) -> Aggregator:
    """The caller's aggregator of a name.

    Raises:
        AwsFault: there is none.
    """
    aggregator = aggregators_of(call.account_id, call.region).get(name)
    if aggregator is None:
        text = "The configuration aggregator does not exist. Check the configuration aggregator name and try again."
        raise AwsFault("NoSuchConfigurationAggregatorException", text)
    return aggregator


@operation("config", "PutConfigurationAggregator")
def put_configuration_aggregator(
    call: Call,
    *,
    ConfigurationAggregatorName: str,
    AccountAggregationSources: list[dict[str, Any]] | None = None,
    OrganizationAggregationSource: dict[str, Any] | None = None,
    Tags: list[dict[str, str]] | None = None,
    AggregatorFilters: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationAggregator.html.

    Tags are taken at the creation only. That filters which are not given are gone is guessed.

    Raises:
        AwsFault: the caller may not, it is no aggregator that can be, there are 50, or it belongs to a service.
    """
    check_name(ConfigurationAggregatorName, r"[\w\-]{1,256}", "configurationAggregatorName")
    if bool(AccountAggregationSources) == bool(OrganizationAggregationSource):
        raise invalid_parameter("Include exactly one of AccountAggregationSource and OrganizationAggregationSource.")
    for source in filter(None, (OrganizationAggregationSource, *(AccountAggregationSources or ()))):
        if bool(source.get("AllAwsRegions")) == bool(source.get("AwsRegions")):
            raise invalid_parameter("Include exactly one of AllAwsRegions and AwsRegions in the aggregation source.")
    if OrganizationAggregationSource is not None:
        may_write(call, AGGREGATION)
        _check_role(call, OrganizationAggregationSource["RoleArn"])
    aggregators = aggregators_of(call.account_id, call.region)
    aggregator = aggregators.get(ConfigurationAggregatorName)
    if aggregator is None:
        if len(aggregators) >= _MOST:
            text = f"You have reached the limit of {_MOST} configuration aggregators."
            raise AwsFault("LimitExceededException", text)
        aggregator = Aggregator(ConfigurationAggregatorName, _new_arn(call))
        aggregator.tags = {tag["Key"]: tag["Value"] for tag in Tags or ()}
        aggregators[ConfigurationAggregatorName] = aggregator
    elif aggregator.created_by is not None:
        text = "An AWS service owns the configuration aggregator. You do not have permissions to take action on it."
        raise AwsFault("AccessDeniedException", text)
    aggregator.sources, aggregator.organization = AccountAggregationSources, OrganizationAggregationSource
    aggregator.filters, aggregator.updated = AggregatorFilters, moment()
    return {"ConfigurationAggregator": aggregator.to_dict()}


def _new_arn(call: Call) -> str:
    own = mock_random.get_random_string(length=8, lower_case=True)
    return f"arn:{call.partition}:config:{call.region}:{call.account_id}:config-aggregator/config-aggregator-{own}"


def _check_role(call: Call, arn: str) -> None:
    """Refuse a role of which Config cannot learn the accounts; with which words is guessed.

    https://docs.aws.amazon.com/config/latest/developerguide/aggregated-create.html says what the role must have.

    Raises:
        AwsFault: the caller's account has no such role, Config may not assume it, or it may not list accounts.
    """
    roles = iam_backends[call.account_id][call.partition].get_roles()
    role = next((role for role in roles if role.arn == arn), None)
    if role is None or AGGREGATION not in _services(role) or not _lists_accounts(role):
        text = "You have provided an IAM role that AWS Config cannot use to retrieve the details of your organization."
        raise AwsFault("InvalidRoleException", text)


def _services(role: Any) -> set[str]:
    services: set[str] = set()
    for statement in _listed(json.loads(role.assume_role_policy_document)["Statement"]):
        if statement["Effect"] == "Allow" and isinstance(statement["Principal"], Mapping):
            services.update(_listed(statement["Principal"].get("Service", ())))
    return services


def _lists_accounts(role: Any) -> bool:
    """Whether AWS's policy is attached, or one of the role's own says as much."""
    if any(arn.rpartition("/")[2] == _POLICY for arn in role.managed_policies):
        return True
    documents = (json.loads(text) for text in role.policies.values())
    statements = (one for document in documents for one in _listed(document["Statement"]))
    return any("organizations:ListAccounts" in _listed(one.get("Action", ())) for one in statements)


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | Mapping) else list(value)


@operation("config", "DescribeConfigurationAggregatorSourcesStatus")
def describe_configuration_aggregator_sources_status(
    call: Call,
    ConfigurationAggregatorName: str,
    UpdateStatus: list[str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationAggregatorSourcesStatus.html.

    Of an organization, one source is told, under the name that its API reference gives as an example of none; so the
    name is guessed.

    Raises:
        AwsFault: there is no such aggregator.
    """
    aggregator = find(call, ConfigurationAggregatorName)
    kind = "ACCOUNT" if aggregator.organization is None else "ORGANIZATION"
    allowed = aggregator.accounts(call.account_id)
    ids = ["Organization"] if aggregator.organization is not None else aggregator.source["AccountIds"]
    statuses = []
    for source_id in ids:
        succeeded = kind == "ORGANIZATION" or source_id in allowed
        status: dict[str, Any] = {
            "SourceId": source_id,
            "SourceType": kind,
            "AwsRegion": call.region,
            "LastUpdateStatus": "SUCCEEDED" if succeeded else "FAILED",
            "LastUpdateTime": aggregator.updated,
        }
        if not succeeded:
            status |= {"LastErrorCode": "AccessDenied", "LastErrorMessage": "The source has not authorized it."}
        if not UpdateStatus or status["LastUpdateStatus"] in UpdateStatus:
            statuses.append(status)
    return listed("AggregatedSourceStatusList", statuses, Limit, NextToken)
