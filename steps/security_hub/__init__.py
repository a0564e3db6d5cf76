"""AWS Security Hub CSPM, administered from the security tooling account in every governed region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import (
    MANAGEMENT,
    Action,
    Address,
    Change,
    Observation,
    Obstacle,
    Resource,
    Target,
    Unavailable,
)
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs
from steps.common import administrator
from steps.common.administrator import Service
from steps.common.offers import unoffered
from steps.security_hub.account import (
    accepted_products,
    apply_in_account,
    gathers_from,
    hub_settings,
    observe_aggregator,
    observe_integrations,
)
from steps.security_hub.central import (
    Policy,
    applies_a_policy_to,
    apply_central,
    associations,
    observe_central,
    policies,
    stop_central,
)
from steps.security_hub.local import (
    apply_members,
    apply_standards,
    local,
    observe_local,
    observe_members,
    observe_standards,
)
from steps.security_hub.rules import AutomationRule, apply_rule, automation_rules, observe_rules
from steps.security_hub.standards import RECOMMENDED, Standard

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

Product = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]

_OFF = frozenset({"InvalidAccessException"})
_SENDERS = ("access-analyzer", "config", "firewall-manager", "guardduty", "health", "inspector", "macie")


def _administrators(region: str, aws: Reader) -> list[str]:
    securityhub: SecurityHubClient = aws.client("securityhub", Target(MANAGEMENT, region))
    pages = securityhub.get_paginator("list_organization_admin_accounts").paginate()
    admins = (admin for page in pages for admin in page["AdminAccounts"])
    return [admin["AccountId"] for admin in admins if admin["Status"] == "ENABLED"]


_SERVICE = Service(
    name="Security Hub CSPM",
    client="securityhub",
    principal="securityhub.amazonaws.com",
    removal="securityhub disable-organization-admin-account --admin-account-id {account}",
    administrators=_administrators,
    # https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html
    beforehand="have it end central configuration, if it has that (aws securityhub update-organization-configuration), "
    "then ",
)


class SecurityHub(Step[StepConfig]):
    """Check every account and governed region against standards, and gather all findings in one account.

    The SRA makes the security tooling account the administrator of Security Hub CSPM. From its home region,
    configuration policies switch standards on in all accounts and linked regions, and no account can change that.
    """

    class Config(StepConfig):
        """How Security Hub CSPM is configured."""

        configuration: Literal["CENTRAL", "LOCAL"] = Field(
            default="CENTRAL",
            description="CENTRAL: policies, from the home region for all; LOCAL: in each account and region.",
        )
        policies: tuple[Policy, ...] = Field(
            default=(Policy(name="sra-baseline", description="The baseline of the SRA.", root=True),),
            description="CENTRAL: the configuration policies, and what each applies to.",
        )
        standards: tuple[Standard, ...] = Field(
            default=RECOMMENDED, description="LOCAL: the standards of every account, by the end of their ARN."
        )
        auto_enable: bool = Field(
            default=True, description="LOCAL: whether accounts that join are enrolled by themselves."
        )
        auto_enable_controls: bool = Field(
            default=True, description="LOCAL: whether new controls of a standard are switched on in the administrator."
        )
        consolidated_findings: bool = Field(
            default=True, description="LOCAL: whether a control has one finding for all standards that it is part of."
        )
        integrations: tuple[Product, ...] = Field(
            default=tuple(f"aws/{product}" for product in _SENDERS),
            description="The products, by the end of their ARN, whose findings the administrator's hubs accept.",
        )
        automation_rules: tuple[AutomationRule, ...] = Field(
            default=(), description="Rules that change findings as they come in, in every governed region."
        )

        @model_validator(mode="after")
        def _say_nothing_twice(self) -> Self:
            targets = [name for policy in self.policies for name, _ in policy.targets()]
            for what, names in (
                ("policies", [policy.name for policy in self.policies]),
                ("policies for", targets),
                ("automation rules", [rule.name for rule in self.automation_rules]),
            ):
                if twice := [name for name, times in Counter(names).items() if times > 1]:
                    raise ValueError(f"there are two {what} {twice[0]}")
            return self

    id = "security_hub"
    after = ("accounts", "organizational_units", "trusted_access")
    # Most of its controls judge by what AWS Config has recorded.
    # https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-setup-prereqs.html
    follows = ("config", "regions")
    trusted_access = (_SERVICE.principal,)
    administers = (_SERVICE.principal,)
    home_first = frozenset({"administrator", "organization-configuration"})
    kept = {
        "hub-settings": "They go with the hub.",
        "integrations": "They go with the hub.",
        "organization-configuration": "It goes with the administrator; enrolling new accounts is ended first.",
    }
    reads = frozenset(
        {
            "organizations:ListDelegatedAdministrators",
            "securityhub:BatchGetAutomationRules",
            "securityhub:DescribeHub",
            "securityhub:DescribeOrganizationConfiguration",
            "securityhub:DescribeProducts",
            "securityhub:GetConfigurationPolicy",
            "securityhub:GetEnabledStandards",
            "securityhub:GetFindingAggregator",
            "securityhub:ListAutomationRules",
            "securityhub:ListConfigurationPolicies",
            "securityhub:ListConfigurationPolicyAssociations",
            "securityhub:ListEnabledProductsForImport",
            "securityhub:ListFindingAggregators",
            "securityhub:ListMembers",
            "securityhub:ListOrganizationAdminAccounts",
        }
    )
    writes = frozenset(
        {
            "organizations:DeregisterDelegatedAdministrator",
            "securityhub:BatchDeleteAutomationRules",
            "securityhub:BatchDisableStandards",
            "securityhub:BatchEnableStandards",
            "securityhub:BatchUpdateAutomationRules",
            "securityhub:CreateAutomationRule",
            "securityhub:CreateConfigurationPolicy",
            "securityhub:CreateFindingAggregator",
            "securityhub:CreateMembers",
            "securityhub:DeleteConfigurationPolicy",
            "securityhub:DeleteFindingAggregator",
            "securityhub:DisableOrganizationAdminAccount",
            "securityhub:DisableSecurityHub",
            "securityhub:DisassociateMembers",
            "securityhub:EnableImportFindingsForProduct",
            "securityhub:EnableOrganizationAdminAccount",
            "securityhub:EnableSecurityHub",
            "securityhub:StartConfigurationPolicyAssociation",
            "securityhub:StartConfigurationPolicyDisassociation",
            "securityhub:UpdateConfigurationPolicy",
            "securityhub:UpdateFindingAggregator",
            "securityhub:UpdateOrganizationConfiguration",
            "securityhub:UpdateSecurityHubConfiguration",
        }
    )
    in_members = (reads | writes) - {
        "organizations:DeregisterDelegatedAdministrator",
        "organizations:ListDelegatedAdministrators",
        "securityhub:BatchDisableStandards",
        "securityhub:BatchEnableStandards",
        "securityhub:DescribeHub",
        "securityhub:DisableOrganizationAdminAccount",
        "securityhub:DisableSecurityHub",
        "securityhub:EnableOrganizationAdminAccount",
        "securityhub:EnableSecurityHub",
        "securityhub:GetEnabledStandards",
        "securityhub:ListOrganizationAdminAccounts",
    }
    implied = administrator.IMPLIED
    # https://github.com/hashicorp/terraform-provider-aws/issues/23079
    not_yet = {
        "securityhub:BatchEnableStandards": _OFF,
        "securityhub:CreateMembers": _OFF,
        "securityhub:DescribeOrganizationConfiguration": _OFF,
        "securityhub:UpdateOrganizationConfiguration": _OFF,
        "securityhub:StartConfigurationPolicyAssociation": frozenset({"ResourceNotFoundException"}),
    }
    considerations = (
        "The home region cannot be changed in place, and cannot be an opt-in region.",
        "A policy takes up to 24 hours to reach all accounts; where it fails, the plan notes why.",
        "Standards check by AWS Config, which must record in every account and region.",
        "Policies switch controls off; with local configuration each account has all controls of its standards.",
        "Integrations are on with the hub of any account; those of the administrator are seen to.",
        "Destroying leaves Security Hub on in the members, each on its own, and ends the delegation in all regions.",
        "Destroying ends the delegation of Security Hub (v2) too, which has the same administrator.",
    )
    costs = (
        "By the number of checks and of findings taken in, for each account and region, after 30 days free of charge."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/start-central-configuration.html",
    )

    config: Config

    @property
    def _is_central(self) -> bool:
        return self.config.configuration == "CENTRAL"

    def desired(self, org: Org) -> Iterable[Resource]:
        """Hubs and the products they hear, the administrator, its home region, and what it sets for all accounts.

        Its hub comes before the delegation, which would make one with the default standards.
        """
        config, security = self.config, org.security_tooling
        home = Target(security, org.home_region)
        for account in (MANAGEMENT, security):
            for region in org.regions:
                yield Resource(Address("hub", Target(account, region)))
        for region in org.regions if config.integrations else ():
            accepted = dict.fromkeys(sorted(config.integrations), True)
            yield Resource(Address("integrations", Target(security, region)), accepted)
        yield from (one for one in administrator.desired(org) if one.address.at.region in self._regions(org))
        linked: Attrs = dict.fromkeys((region for region in org.regions if region != org.home_region), True)
        yield Resource(Address("finding-aggregator", home), {"mode": "SPECIFIED_REGIONS", "regions": linked})
        if self._is_central:
            yield Resource(Address("central-configuration", home), {"status": "ENABLED"})
            yield from policies(config.policies, home)
            yield from associations(config.policies, home)
        else:
            settings: Attrs = {
                "auto_enable_controls": config.auto_enable_controls,
                "control_finding_generator": "SECURITY_CONTROL" if config.consolidated_findings else "STANDARD_CONTROL",
            }
            yield from local(org, settings, config.standards, auto_enable=config.auto_enable)
        yield from automation_rules(config.automation_rules, org)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What Security Hub says in one region, in the account of the place."""
        if not aws.offers("securityhub", at.region):
            yield from unoffered(self.desired(org), at, "Security Hub")
            return
        securityhub: SecurityHubClient = aws.client("securityhub", at)
        if at.account == MANAGEMENT:
            yield from self._observe_management(at, org, securityhub, aws)
        if at.account == org.security_tooling:
            yield from self._observe_administrator(at, org, securityhub, aws)
        if not self._is_central:
            yield from observe_standards(at, securityhub)

    def _observe_management(
        self, at: Target, org: Org, securityhub: SecurityHubClient, aws: Reader
    ) -> Iterator[Observation]:
        if at.region in self._regions(org):
            yield from administrator.observe(_SERVICE, at, org, aws, regions=self._regions(org))
        if hub_settings(securityhub) is not None:
            yield Resource(Address("hub", at))
        elif self._is_central and administrator.is_ours(_SERVICE, org.home_region, org, aws):
            home: SecurityHubClient = aws.client("securityhub", Target(org.security_tooling, org.home_region))
            if applies_a_policy_to(org.management_id, home) and gathers_from(at.region, home):
                # It is the policy's to switch on again.
                yield Unavailable(Address("hub", at), (), "A configuration policy has switched Security Hub off.")

    def _observe_administrator(
        self, at: Target, org: Org, securityhub: SecurityHubClient, aws: Reader
    ) -> Iterator[Observation]:
        # It tells whether there is a hub, too.
        accepted = accepted_products(securityhub)
        if accepted is None:
            return
        yield Resource(Address("hub", at))
        if self.config.integrations:
            yield from observe_integrations(self.config.integrations, accepted, at, securityhub)
        if at.region == org.home_region:
            yield from observe_aggregator(at, org, securityhub, aws)
        # Before it is the administrator, there is no configuration of the organization to read.
        if administrator.is_ours(_SERVICE, org.home_region if self._is_central else at.region, org, aws):
            if not self._is_central:
                yield from observe_local(self.config.policies, at, org, securityhub)
                yield Resource(Address("hub-settings", at), hub_settings(securityhub) or {})
                yield from observe_members(at, org, securityhub)
            elif at.region == org.home_region:
                yield from self._observe_central(at, org, securityhub)
            if self.config.automation_rules:
                yield from observe_rules(self.config.automation_rules, at, securityhub)

    def _observe_central(self, at: Target, org: Org, securityhub: SecurityHubClient) -> Iterator[Observation]:
        organization = securityhub.describe_organization_configuration()["OrganizationConfiguration"]
        address, status = Address("central-configuration", at), str(organization["Status"])
        if status == "DISABLED":
            yield Obstacle(
                address,
                "Security Hub policies of AWS Organizations manage Security Hub, so it cannot be configured centrally.",
                "Set `enabled: false` for this step; or detach these policies.",
            )
        if organization["ConfigurationType"] == "CENTRAL":
            yield Resource(address, {"status": status})
            if status == "ENABLED":
                yield from observe_central(self.config.policies, at, org, securityhub)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one account and region."""
        at, config = change.address.at, self.config
        securityhub: SecurityHubClient = aws.client("securityhub", at)
        match change.address.kind:
            case "administrator" if change.action is Action.DELETE:
                disable = securityhub.disable_organization_admin_account
                administrator.dismiss(
                    _SERVICE,
                    change,
                    lambda account: disable(AdminAccountId=account),
                    org,
                    aws,
                    regions=self._regions(org),
                )
            case "administrator":
                enable = securityhub.enable_organization_admin_account
                refused = (securityhub.exceptions.InvalidInputException, securityhub.exceptions.InvalidAccessException)
                administrator.appoint(_SERVICE, change, lambda account: enable(AdminAccountId=account), refused, aws)
            case "central-configuration" | "policy" | "association":
                apply_central(change, config.policies, org, securityhub, aws)
            case "organization-configuration" if at.region == org.home_region:
                ours = [policy.name for policy in config.policies]
                stop_central(ours, securityhub, auto_enable=config.auto_enable)
            case "organization-configuration":
                securityhub.update_organization_configuration(AutoEnable=config.auto_enable, AutoEnableStandards="NONE")
            case "members":
                apply_members(change, org, securityhub, aws)
            case "standards":
                apply_standards(change, org, securityhub)
            case "automation-rule":
                apply_rule(change, config.automation_rules, securityhub)
            case _:
                apply_in_account(change, org, securityhub)

    def _regions(self, org: Org) -> tuple[str, ...]:
        """Where the administrator is set: central configuration sets it in all linked regions, and ends it there too.

        https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html
        """
        return (org.home_region,) if self._is_central else org.regions
