"""AWS Config for the organization as a whole: its aggregator, its conformance packs and its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import roles
from steps.common.delegations import administrator_of, registered
from steps.common.offers import unoffered
from steps.config_organization import aggregator, deployments, packs, rules
from steps.config_organization.deployments import PACKS, RULES
from steps.config_organization.packs import Pack, PackName
from steps.config_organization.rules import Rule, RuleName

_NOT_ADMINISTRATOR = frozenset({"OrganizationAccessDeniedException"})


class ConfigOrganization(Step[StepConfig]):
    """See what AWS Config records of all accounts and regions in one place, and deploy its rules to all of them.

    The SRA makes the security tooling account the administrator of AWS Config: it aggregates what is recorded in the
    whole organization, and deploys conformance packs and rules that accounts cannot change.
    """

    class Config(StepConfig):
        """What is deployed by way of the organization."""

        conformance_packs: dict[PackName, Pack] = Field(
            default_factory=dict,
            description="Conformance packs by name. None by default: the SRA names none, AWS charges by evaluation, "
            "and the standards of Security Hub evaluate much of the same.",
        )
        rules: dict[RuleName, Rule] = Field(
            default_factory=dict, description="Managed rules by name, beyond those of packs; likewise none by default."
        )

    id = "config_organization"
    after = ("delegated_administrators",)
    # What is deployed needs a configuration recorder in every account, whoever has made it.
    follows = ("config",)
    trusted_access = (aggregator.PRINCIPAL, deployments.PRINCIPAL)
    delegates = (aggregator.PRINCIPAL, deployments.PRINCIPAL)
    reads = frozenset(
        {
            "config:DescribeConfigurationAggregators",
            "config:DescribeOrganizationConfigRuleStatuses",
            "config:DescribeOrganizationConfigRules",
            "config:DescribeOrganizationConformancePackStatuses",
            "config:DescribeOrganizationConformancePacks",
            "config:GetOrganizationConfigRuleDetailedStatus",
            "config:GetOrganizationConformancePackDetailedStatus",
            "config:ListTagsForResource",
            "organizations:ListDelegatedAdministrators",
            "ssm:DescribeDocument",
            *roles.READS,
            *roles.MANAGED_READS,
        }
    )
    writes = frozenset(
        {
            "config:DeleteConfigurationAggregator",
            "config:DeleteOrganizationConfigRule",
            "config:DeleteOrganizationConformancePack",
            "config:PutConfigurationAggregator",
            "config:PutOrganizationConfigRule",
            "config:PutOrganizationConformancePack",
            "config:TagResource",
            "ssm:GetDocument",
            *roles.WRITES,
            *roles.MANAGED_WRITES,
        }
    )
    in_members = (reads | writes) - {"organizations:ListDelegatedAdministrators"}
    implied = frozenset({"iam:CreateServiceLinkedRole", "iam:PassRole", "organizations:DescribeOrganization"})
    # https://github.com/aws-samples/aws-security-reference-architecture-examples retries these too.
    not_yet = {
        **roles.NOT_YET,
        "config:PutConfigurationAggregator": frozenset({*_NOT_ADMINISTRATOR, "InvalidRoleException"}),
        "config:DescribeOrganizationConfigRules": _NOT_ADMINISTRATOR,
        "config:DescribeOrganizationConfigRuleStatuses": _NOT_ADMINISTRATOR,
        "config:DescribeOrganizationConformancePacks": _NOT_ADMINISTRATOR,
        "config:DescribeOrganizationConformancePackStatuses": _NOT_ADMINISTRATOR,
        "config:PutOrganizationConfigRule": _NOT_ADMINISTRATOR,
        "config:PutOrganizationConformancePack": _NOT_ADMINISTRATOR,
    }
    considerations = (
        "An aggregator of the organization that is there is adopted, whatever its name; Control Tower's is left alone.",
        "Packs and rules are deployed to every account with a configuration recorder, the management account included.",
        "AWS Config deploys to accounts that join by itself, and tries for 7 hours where there is no recorder yet.",
        "AWS tells no pack's template. The tag sra-bootstrap:template says of what a pack was last made by this tool.",
        "Another file, or a newer template of AWS, is a change; a template that somebody else has put is not seen.",
        "Nobody sees what another account has deployed: packs and rules of the management account are not listed.",
    )
    costs = "Nothing for the aggregator. Packs and rules: for every evaluation in every account and region."
    irreversible = "Removing a pack or a rule deletes the results of its evaluations in every account."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/conformance-pack-organization-apis.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/config-rule-multi-account-deployment.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """The role, the aggregator, and each pack and each rule in each of its regions."""
        aggregating = administrator_of(aggregator.PRINCIPAL, org)
        yield roles.desired(aggregator.role(org), Target(aggregating))
        yield aggregator.desired(Target(aggregating, org.home_region))
        deploying = administrator_of(deployments.PRINCIPAL, org)
        for name, pack in self.config.conformance_packs.items():
            for region in _regions(pack.regions, org):
                yield packs.desired(name, pack, Target(deploying, region), org)
        for name, rule in self.config.rules.items():
            for region in _regions(rule.regions, org):
                yield rules.desired(name, rule, Target(deploying, region), org)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What there is in the account that administers AWS Config, in one region."""
        if not at.region:
            yield from roles.observe(aggregator.role(org), at, aws)
        elif not aws.offers("config", at.region):
            yield from unoffered(self.desired(org), at, "AWS Config")
        else:
            if at == Target(administrator_of(aggregator.PRINCIPAL, org), org.home_region):
                yield from aggregator.observe(at, org, aws)
            yield from self._observe_deployments(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change."""
        match change.address.kind, change.action:
            case "role", Action.DELETE:
                roles.delete(aggregator.role(org), change, aws)
            case "role", _:
                roles.put(aggregator.role(org), change, aws)
            case aggregator.KIND, _:
                aggregator.apply(change, org, aws)
            case PACKS.kind, _:
                packs.apply(change, self.config.conformance_packs, org, aws)
            case RULES.kind, _:
                rules.apply(change, self.config.rules, org, aws)

    def _observe_deployments(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        ours = at.account == administrator_of(deployments.PRINCIPAL, org)
        if ours and org.live is not None and org.id_of(at.account) in registered(deployments.PRINCIPAL, aws):
            # Before it is the administrator, there is nothing that it could have deployed, and nothing to read.
            here = at.region
            yield from packs.observe(_in(here, self.config.conformance_packs, org), at, org, aws)
            yield from rules.observe(_in(here, self.config.rules, org), at, org, aws)


def _regions(which: Literal["governed", "home"], org: Org) -> tuple[str, ...]:
    return (org.home_region,) if which == "home" else org.regions


def _in(region: str, wanted: dict[str, Any], org: Org) -> dict[str, Any]:
    """What is wanted in a region."""
    return {name: one for name, one in wanted.items() if region in _regions(one.regions, org)}
