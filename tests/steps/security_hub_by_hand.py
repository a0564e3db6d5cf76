"""Security Hub CSPM through the API of the sandbox: what tests of its step read, and what they change by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from steps.security_hub.standards import CIS, FSBP, arn_of, standard_of
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
POLICY = "sra-baseline"
NIST = "nist-800-53/v/5.0.0"
RULE: dict[str, Any] = {
    "name": "quiet sandbox",
    "description": "Informational findings are not looked at",
    "order": 1,
    "criteria": {"SeverityLabel": [{"Value": "INFORMATIONAL", "Comparison": "EQUALS"}]},
    "update": {"Workflow": {"Status": "SUPPRESSED"}, "Criticality": 5},
}
LOCAL: dict[str, Any] = {"configuration": "LOCAL"}


@dataclass
class SecurityHub:
    """Security Hub in one region, as an account sees it through the API."""

    world: World
    region: str = HOME
    account: str = "security-tooling"

    @property
    def api(self) -> Any:
        return self.world.client("securityhub", self.account, self.region)

    def id_of(self, name: str) -> str:
        return str(self.world.arrive().id_of(name))

    def settle(self) -> None:
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)

    def administrators(self) -> list[str]:
        admins = self.world.client("securityhub", MANAGEMENT, self.region).list_organization_admin_accounts()
        org = self.world.arrive()
        return [org.name_of(admin["AccountId"]) for admin in admins["AdminAccounts"]]

    def standards(self) -> set[str]:
        subscriptions = self.api.get_enabled_standards()["StandardsSubscriptions"]
        return {standard_of(one["StandardsArn"]) for one in subscriptions}

    def members(self) -> dict[str, str]:
        """How the members stand, by the names of config.yaml."""
        org = self.world.arrive()
        pages = self.api.get_paginator("list_members").paginate(OnlyAssociated=False)
        return {org.name_of(m["AccountId"]): m["MemberStatus"] for page in pages for m in page["Members"]}

    def configuration(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.describe_organization_configuration()
        return answer

    def aggregator(self) -> dict[str, Any]:
        [named] = self.api.list_finding_aggregators()["FindingAggregators"]
        answer: dict[str, Any] = self.api.get_finding_aggregator(**named)
        return answer

    def link(self, mode: str, *regions: str) -> None:
        arn = self.aggregator()["FindingAggregatorArn"]
        self.api.update_finding_aggregator(FindingAggregatorArn=arn, RegionLinkingMode=mode, Regions=list(regions))

    def policy_ids(self) -> dict[str, str]:
        summaries = self.api.list_configuration_policies()["ConfigurationPolicySummaries"]
        return {summary["Name"]: summary["Id"] for summary in summaries}

    def policy(self, name: str = POLICY) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get_configuration_policy(Identifier=self.policy_ids()[name])
        return found

    def change_policy(self, name: str = POLICY, **security_hub: Any) -> None:
        """Change a policy, and what is not named of it not."""
        current = self.policy(name)
        changed = current["ConfigurationPolicy"]["SecurityHub"] | security_hub
        self.api.update_configuration_policy(Identifier=current["Id"], ConfigurationPolicy={"SecurityHub": changed})

    def make_policy(self, name: str, *standards: str) -> str:
        arns = [arn_of(standard, HOME, "aws") for standard in standards or (FSBP,)]
        security_hub = {"ServiceEnabled": True, "EnabledStandardIdentifiers": arns}
        answer = self.api.create_configuration_policy(Name=name, ConfigurationPolicy={"SecurityHub": security_hub})
        found: str = answer["Id"]
        return found

    def associate(self, policy: str, **target: str) -> None:
        identifier = self.policy_ids().get(policy, policy)
        self.api.start_configuration_policy_association(ConfigurationPolicyIdentifier=identifier, Target=target)
        self.settle()

    def end(self, policy: str, **target: str) -> None:
        identifier = self.policy_ids().get(policy, policy)
        self.api.start_configuration_policy_disassociation(ConfigurationPolicyIdentifier=identifier, Target=target)
        self.settle()

    def root(self) -> str:
        return self.world.arrive().existing.root_id

    def associations(self) -> dict[str, tuple[str, str]]:
        """What is applied to a target, and how that has gone, by the target's id."""
        names = {policy_id: name for name, policy_id in self.policy_ids().items()}
        pages = self.api.get_paginator("list_configuration_policy_associations").paginate(
            Filters={"AssociationType": "APPLIED"}
        )
        found = [one for page in pages for one in page["ConfigurationPolicyAssociationSummaries"]]
        return {
            one["TargetId"]: (
                names.get(one["ConfigurationPolicyId"], one["ConfigurationPolicyId"]),
                one["AssociationStatus"],
            )
            for one in found
        }

    def products(self) -> set[str]:
        pages = self.api.get_paginator("list_enabled_products_for_import").paginate()
        return {arn.partition("/")[2] for page in pages for arn in page["ProductSubscriptions"]}

    def reject(self, product: str) -> None:
        account_id = self.id_of(self.account)
        arn = f"arn:aws:securityhub:{self.region}:{account_id}:product-subscription/{product}"
        self.api.disable_import_findings_for_product(ProductSubscriptionArn=arn)

    def rules(self) -> dict[str, dict[str, Any]]:
        arns = [rule["RuleArn"] for rule in self.api.list_automation_rules()["AutomationRulesMetadata"]]
        found = self.api.batch_get_automation_rules(AutomationRulesArns=arns)["Rules"] if arns else []
        return {rule["RuleName"]: rule for rule in found}

    def change_rule(self, **changes: Any) -> None:
        arn = self.rules()[RULE["name"]]["RuleArn"]
        items = [{"RuleArn": arn} | changes]
        self.api.batch_update_automation_rules(UpdateAutomationRulesRequestItems=items)

    def disable_standard(self, standard: str) -> None:
        account_id = self.id_of(self.account)
        arn = f"arn:aws:securityhub:{self.region}:{account_id}:subscription/{standard}"
        self.api.batch_disable_standards(StandardsSubscriptionArns=[arn])

    def enable_standard(self, standard: str) -> None:
        arn = arn_of(standard, self.region, "aws")
        self.api.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn}])


def drift(world: World) -> None:
    """Change everything by hand that can be under central configuration."""
    home, other = SecurityHub(world), SecurityHub(world, OTHER)
    home.change_policy(SecurityControlsConfiguration={"DisabledSecurityControlIdentifiers": ["IAM.6"]})
    other.reject("aws/guardduty")
    home.link("NO_REGIONS")
    home.end(POLICY, RootId=home.root())


def late_drift(world: World) -> None:
    """Take a member away, under local configuration."""
    other = SecurityHub(world, OTHER)
    other.api.disassociate_members(AccountIds=[other.id_of("network")])


LIFE = Life(
    drift=drift,
    configs=(
        {"automation_rules": [RULE], "integrations": ["aws/guardduty", "aws/elsewhere"]},
        {"automation_rules": [RULE | {"order": 2}]},
        LOCAL
        | {"consolidated_findings": False, "standards": [FSBP, CIS, NIST], "automation_rules": [RULE | {"order": 2}]},
    ),
    late_drift=late_drift,
)
