"""What IAM Access Analyzer looks at, leaves out and archives: in config.yaml, as it is compared, and as it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sra_bootstrap.values import Attrs, Value

ResourceType = Literal[
    "AWS::DynamoDB::Stream",
    "AWS::DynamoDB::Table",
    "AWS::RDS::DBClusterSnapshot",
    "AWS::RDS::DBSnapshot",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
]
"""https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_InternalAccessAnalysisRuleCriteria.html"""
RuleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$")]
Values = Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]


class Section(BaseModel):
    """A part of a step's section of config.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(Section):
    """What a finding is like in one respect."""

    eq: Values | None = Field(default=None, description="It is one of these.")
    neq: Values | None = Field(default=None, description="It is none of these.")
    contains: Values | None = Field(default=None, description="It contains one of these.")
    exists: bool | None = Field(default=None, description="Whether there is such a thing.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say eq, neq, contains or exists")
        return self


Filter = Annotated[dict[str, Criterion], Field(min_length=1)]
"""Criteria by key: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html"""


class Inclusion(Section):
    """Resources of some accounts: all of some types, or some by name."""

    accounts: Annotated[tuple[str, ...], Field(min_length=1)] = Field(description="Keys of the accounts that own them.")
    types: tuple[ResourceType, ...] = Field(default=(), description="Their types.")
    arns: tuple[str, ...] = Field(default=(), description="Their ARNs, in place of types.")

    @model_validator(mode="after")
    def _is_by_type_or_by_name(self) -> Self:
        if bool(self.types) == bool(self.arns):
            raise ValueError("name either types or arns")
        return self


ArchiveRules = Annotated[
    dict[RuleName, Filter],
    Field(
        max_length=100,
        description="New findings that meet every criterion of one of these rules are archived. Each has a name and "
        "criteria, as in `trusted: {principal.AWS: {eq: ['111122223333']}}`; rules that are not named are left alone.",
    ),
]


class ExternalAccess(Section):
    """Resources that somebody outside of the organization can reach, in every governed region."""

    enabled: bool = Field(default=True, description="Whether they are looked for. It is free of charge.")
    archive_rules: ArchiveRules = {}


class UnusedAccess(Section):
    """Roles, users, keys, passwords and permissions that nobody uses."""

    enabled: bool = Field(
        default=False,
        description="Whether they are looked for. AWS charges for each IAM role and user, each month, in each region.",
    )
    regions: Literal["home", "all"] = Field(
        default="home",
        description="In which governed regions. The findings are the same in each, as IAM is global, and each is "
        "charged for; the SRA's checklist asks for all.",
    )
    age: int = Field(default=90, ge=1, le=365, description="After how many days access counts as unused.")
    exclude_accounts: tuple[str, ...] = Field(default=(), description="The keys of accounts that are left out.")
    exclude_tags: dict[str, str] = Field(
        default={}, description="Tags of roles and users that are left out; an empty value stands for any value."
    )
    archive_rules: ArchiveRules = {}


class InternalAccess(Section):
    """Who within the organization can reach some resources."""

    enabled: bool = Field(
        default=False,
        description="Whether it is looked for. AWS charges for each resource, each month, in each region.",
    )
    regions: Literal["home", "all"] = Field(default="home", description="In which governed regions.")
    resources: tuple[Inclusion, ...] = Field(
        default=(),
        description="Which resources: `accounts`, by their keys, that own them, and either `types` or `arns`.",
    )
    archive_rules: ArchiveRules = {}

    @model_validator(mode="after")
    def _has_resources(self) -> Self:
        if self.enabled and not self.resources:
            raise ValueError("name the resources to analyze")
        return self


Rule = Mapping[str, Any]
"""An analysis rule as AWS takes it, of `accountIds`, `resourceTags`, `resourceTypes` and `resourceArns`; the accounts
may go by other names than their ids."""


def exclusions(accounts: tuple[str, ...], tags: Mapping[str, str]) -> list[Rule]:
    """The rules that leave out some accounts, and what has one of some tags."""
    rules: list[Rule] = [{"accountIds": accounts}] if accounts else []
    return [*rules, {"resourceTags": tuple({key: value} for key, value in tags.items())}] if tags else rules


def inclusions(resources: Iterable[Inclusion]) -> list[Rule]:
    """The rules that look at some resources."""
    return [
        {"accountIds": one.accounts} | ({"resourceTypes": one.types} if one.types else {"resourceArns": one.arns})
        for one in resources
    ]


def accounts_in(rules: Iterable[Rule]) -> set[str]:
    """The accounts that rules name."""
    return {account for rule in rules for account in rule.get("accountIds", ())}


def renamed(rules: Iterable[Rule], names: Mapping[str, str]) -> list[Rule]:
    """The rules with other names for their accounts; what has no other keeps its own."""
    return [
        {
            key: [names.get(one, one) for one in values] if key == "accountIds" else values
            for key, values in rule.items()
        }
        for rule in rules
    ]


def comparable(rules: Iterable[Rule]) -> tuple[Value, ...]:
    """Rules in one form, however they are cut and ordered: two that say one thing each, of the same kind, are one."""
    whole: dict[str, list[Any]] = {}
    found: list[Attrs] = []
    for rule in ({key: list(values) for key, values in rule.items() if values} for rule in rules):
        if len(rule) == 1:
            ((key, values),) = rule.items()
            whole.setdefault(key, []).extend(values)
        elif rule:
            found.append({key: _sorted(values) for key, values in rule.items()})
    found += ({key: _sorted(values)} for key, values in whole.items())
    return _sorted(found)


def comparable_filter(criteria: Mapping[str, Any]) -> tuple[Value, ...]:
    """A filter in one form. It is compared as a whole: one criterion more, and it lets other findings by."""
    return tuple(
        {"key": key} | {name: value if name == "exists" else _sorted(value) for name, value in criteria[key].items()}
        for key in sorted(criteria)
    )


def sent_filter(criteria: Mapping[str, Criterion]) -> dict[str, Any]:
    """A filter as AWS takes it."""
    return {key: criterion.model_dump(mode="json", exclude_none=True) for key, criterion in criteria.items()}


def _sorted(values: Iterable[Any]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=repr))
