"""AWS Config for an organization through the API of the sandbox: what tests of its step read, and what they change."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.sandbox.services.config_organization_documents import TEMPLATES, publish
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
HOURS = 3600
SECURITY = "security-tooling"
AMAZONS = next(iter(TEMPLATES))
OWN = Path(__file__).parent / "templates" / "own.yaml"
PACKS: dict[str, Any] = {
    "pci": {
        "template": AMAZONS,
        "parameters": {"AccessKeysRotatedParamMaxAccessKeyAge": "30"},
        "exclude_accounts": ("network",),
    },
    "own": {"file": str(OWN), "regions": "home"},
}
RULES: dict[str, Any] = {
    "keys": {
        "identifier": "ACCESS_KEYS_ROTATED",
        "parameters": {"maxAccessKeyAge": "90"},
        "resource_types": ("AWS::IAM::User",),
        "frequency": "TwentyFour_Hours",
        "exclude_accounts": (MANAGEMENT,),
    }
}
CONFIG = {"conformance_packs": PACKS, "rules": RULES}


@dataclass
class Config:
    """AWS Config in one account and region, as that account sees it through the API."""

    world: World
    region: str = HOME
    account: str = SECURITY

    @property
    def api(self) -> Any:
        return self.world.client("config", self.account, self.region)

    def packs(self) -> dict[str, Any]:
        found = self.api.describe_organization_conformance_packs()["OrganizationConformancePacks"]
        return {pack["OrganizationConformancePackName"]: pack for pack in found}

    def rules(self) -> dict[str, Any]:
        found = self.api.describe_organization_config_rules()["OrganizationConfigRules"]
        return {rule["OrganizationConfigRuleName"]: rule for rule in found}

    def in_account(self) -> list[str]:
        """The names of the rules that are in the account itself."""
        return [rule["ConfigRuleName"] for rule in self.api.describe_config_rules()["ConfigRules"]]

    def aggregators(self) -> dict[str, Any]:
        found = self.api.describe_configuration_aggregators()["ConfigurationAggregators"]
        return {aggregator["ConfigurationAggregatorName"]: aggregator for aggregator in found}

    def template(self, name: str) -> str:
        """What the tag of a pack says that it was made of."""
        tags = self.api.list_tags_for_resource(ResourceArn=self.packs()[name]["OrganizationConformancePackArn"])["Tags"]
        values: dict[str, str] = {tag["Key"]: tag["Value"] for tag in tags}
        return values["sra-bootstrap:template"]

    def put_pack(self, name: str, **parameters: Any) -> None:
        parameters.setdefault("TemplateBody", OWN.read_text())
        self.api.put_organization_conformance_pack(OrganizationConformancePackName=name, **parameters)
        self.settle()

    def put_rule(self, name: str, excluded: list[str] | None = None, **metadata: Any) -> None:
        metadata.setdefault("RuleIdentifier", "ENCRYPTED_VOLUMES")
        self.api.put_organization_config_rule(
            OrganizationConfigRuleName=name, OrganizationManagedRuleMetadata=metadata, ExcludedAccounts=excluded or []
        )
        self.settle()

    def settle(self) -> None:
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)

    def record(self) -> None:
        """Have a configuration recorder."""
        iam = self.world.client("iam", self.account)
        with suppress(iam.exceptions.InvalidInputException):
            # The role is there already, for another region.
            iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
        role = iam.get_role(RoleName="AWSServiceRoleForConfig")["Role"]["Arn"]
        self.api.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})

    def stop(self) -> None:
        """Have no configuration recorder any more, nor a delivery channel."""
        for recorder in self.api.describe_configuration_recorders()["ConfigurationRecorders"]:
            self.api.stop_configuration_recorder(ConfigurationRecorderName=recorder["name"])
        for channel in self.api.describe_delivery_channels()["DeliveryChannels"]:
            self.api.delete_delivery_channel(DeliveryChannelName=channel["name"])
        for recorder in self.api.describe_configuration_recorders()["ConfigurationRecorders"]:
            self.api.delete_configuration_recorder(ConfigurationRecorderName=recorder["name"])


def publish_again(world: World) -> None:
    """Let Amazon publish a new version of its template in one region."""
    account_id = str(world.arrive().id_of(SECURITY))
    publish(account_id, OTHER, AMAZONS, TEMPLATES[AMAZONS] + "\n")


def drift_of_the_role(world: World) -> None:
    iam = world.client("iam", SECURITY)
    others = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [others]}
    iam.update_assume_role_policy(RoleName="sra-config-aggregator", PolicyDocument=json.dumps(trust))
    policies = iam.list_attached_role_policies(RoleName="sra-config-aggregator")["AttachedPolicies"]
    iam.detach_role_policy(RoleName="sra-config-aggregator", PolicyArn=policies[0]["PolicyArn"])


def drift_of_deployments(world: World) -> None:
    """Change every setting of a pack and of a rule in one region."""
    there = Config(world, OTHER)
    there.put_pack("pci", TemplateBody=TEMPLATES[AMAZONS], ConformancePackInputParameters=[])
    there.put_rule("keys", RuleIdentifier="ENCRYPTED_VOLUMES", MaximumExecutionFrequency="One_Hour")
    publish_again(world)


def drift_of_accounts(world: World) -> None:
    """Do that when an account records nothing, for so long that AWS Config does not try again by itself."""
    world.sandbox.clock.wait(7 * HOURS)
    Config(world, OTHER, "workload-prod").stop()
    drift_of_deployments(world)


LIFE = Life(drift=drift_of_the_role, configs=(CONFIG,), late_drift=drift_of_accounts)
