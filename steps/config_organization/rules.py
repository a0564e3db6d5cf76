"""Rules of an organization: which managed rules AWS Config evaluates in its accounts, beyond those of packs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Value
from steps.config_organization import deployments
from steps.config_organization.deployments import EVERYWHERE, RULES

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

_MANAGED = "OrganizationManagedRuleMetadata"
RuleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ResourceType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+::[A-Za-z0-9]+::[A-Za-z0-9]+$")]


class Rule(BaseModel):
    """A managed rule of AWS Config, and to which accounts and regions it is deployed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    identifier: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,256}$")] = Field(
        description="Which managed rule, as in ENCRYPTED_VOLUMES; AWS Config's guide lists them."
    )
    parameters: dict[str, str] = Field(default_factory=dict, description="Values for the rule's parameters.")
    resource_types: tuple[ResourceType, ...] | None = Field(
        default=None, description="The types of resources that it looks at; left to AWS if not given."
    )
    frequency: Literal["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"] | None = Field(
        default=None, description="How often a periodic rule is evaluated; left to AWS if not given."
    )
    exclude_accounts: tuple[str, ...] = Field(
        default=(), description="Accounts that it is not deployed to, by their keys; `management` is one too."
    )
    regions: Literal["governed", "home"] = Field(
        default="governed", description="Whether it is deployed in every governed region, or in the home region only."
    )


def desired(name: str, rule: Rule, at: Target, org: Org) -> Resource:
    """A rule as a plan wants it."""
    wanted: dict[str, Value] = {
        "identifier": rule.identifier,
        "parameters": deployments.pairs(rule.parameters),
        "excluded": deployments.excluded(rule.exclude_accounts, org),
        "deployed": EVERYWHERE,
    }
    if rule.resource_types is not None:
        wanted["resource_types"] = tuple(sorted(rule.resource_types))
    if rule.frequency is not None:
        wanted["frequency"] = rule.frequency
    return Resource(Address(RULES.kind, at, name), wanted)


def observe(wanted: Mapping[str, Rule], at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """The rules that are there, those of others included."""
    config: ConfigServiceClient = aws.client("config", at)
    found = deployments.listed(RULES, config)
    statuses = deployments.statuses(RULES, config) if wanted.keys() & found.keys() else {}
    for name, rule in wanted.items():
        address = Address(RULES.kind, at, name)
        yield from deployments.unknown(rule.exclude_accounts, address, org)
        if name in found:
            standing = deployments.standing(RULES, address, statuses.get(name), org, aws)
            yield from standing.notes
            metadata = found[name].get(_MANAGED, {})
            seen: dict[str, Value] = {
                "identifier": _identifier(found[name]),
                "parameters": deployments.pairs(_parameters(metadata)),
                "resource_types": tuple(sorted(metadata.get("ResourceTypesScope", ()))),
                "frequency": metadata.get("MaximumExecutionFrequency"),
                "excluded": deployments.told(found[name].get("ExcludedAccounts", ()), org),
                "deployed": standing.where,
            }
            yield Resource(address, seen)
    for name in sorted(found.keys() - wanted.keys()):
        yield Resource(Address(RULES.kind, at, name), {"identifier": _identifier(found[name])})


def apply(change: Change, rules: Mapping[str, Rule], org: Org, aws: Writer) -> None:
    """Deploy a rule, bring it to what is wanted, or remove it."""
    name, at = change.address.name, change.address.at
    if change.action is Action.DELETE:
        deployments.delete(RULES, change.address, aws)
        return
    config: ConfigServiceClient = aws.client("config", at)
    rule = rules[name]
    # What of the rule is not ours, such as its description, stays; a request that leaves it out would end it.
    metadata: dict[str, Any] = {**deployments.listed(RULES, config).get(name, {}).get(_MANAGED, {})}
    metadata.pop("InputParameters", None)
    metadata["RuleIdentifier"] = rule.identifier
    if rule.parameters:
        metadata["InputParameters"] = json.dumps(rule.parameters)
    if rule.resource_types is not None:
        metadata["ResourceTypesScope"] = rule.resource_types
    if rule.frequency is not None:
        metadata["MaximumExecutionFrequency"] = rule.frequency

    def send() -> None:
        config.put_organization_config_rule(
            OrganizationConfigRuleName=name,
            OrganizationManagedRuleMetadata=metadata,  # type: ignore[arg-type]
            ExcludedAccounts=deployments.ids(rule.exclude_accounts, org),
        )

    deployments.put(RULES, change.address, send, org, aws)


def _identifier(found: Any) -> str:
    """Which managed rule it is; one of another sort is told by its sort."""
    if _MANAGED in found:
        return str(found[_MANAGED]["RuleIdentifier"])
    return "a Lambda function" if "OrganizationCustomRuleMetadata" in found else "a Guard policy"


def _parameters(metadata: Any) -> dict[str, str]:
    given: dict[str, Any] = json.loads(metadata.get("InputParameters") or "{}")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
