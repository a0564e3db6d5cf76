"""Security Hub (v2) through the API of the sandbox: what tests of its step read, and what they change by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
TOOLING = "security-tooling"
TYPE = "SECURITYHUB_POLICY"
NAME = "security-hub"
OURS = ("SraBootstrapSecurityHubRead", "SraBootstrapSecurityHubPolicies", "SraBootstrapSecurityHubTags")
THEIRS = {"Sid": "Backup", "Effect": "Allow", "Action": "organizations:ListRoots", "Resource": "*"}


@dataclass
class SecurityHub:
    """Security Hub, and what of AWS Organizations it stands on."""

    world: World

    @property
    def organizations(self) -> Any:
        return self.world.client("organizations")

    def hub(self, account: str = TOOLING, region: str = HOME) -> Any:
        return self.world.client("securityhub", account, region)

    def is_on(self, account: str, region: str = HOME) -> bool:
        client = self.hub(account, region)
        try:
            client.describe_security_hub_v2()
        except client.exceptions.ResourceNotFoundException:
            return False
        return True

    def administrators(self) -> list[str]:
        """Who administers Security Hub, by the names of config.yaml."""
        answer = self.hub(MANAGEMENT).list_organization_admin_accounts(Feature="SecurityHubV2")
        org = self.world.arrive()
        return [org.name_of(admin["AccountId"]) for admin in answer["AdminAccounts"]]

    def aggregator(self) -> dict[str, Any]:
        [found] = self.hub().list_aggregators_v2()["AggregatorsV2"]
        answer: dict[str, Any] = self.hub().get_aggregator_v2(**found)
        return answer

    def link(self, *regions: str) -> None:
        arn = self.aggregator()["AggregatorV2Arn"]
        links = {"RegionLinkingMode": "SPECIFIED_REGIONS", "LinkedRegions": list(regions)}
        self.hub().update_aggregator_v2(AggregatorV2Arn=arn, **links)

    def policy(self, name: str = NAME) -> dict[str, Any]:
        """The policy with its content, or nothing."""
        for policy in self.organizations.list_policies(Filter=TYPE)["Policies"]:
            if policy["Name"] == name:
                answer = self.organizations.describe_policy(PolicyId=policy["Id"])["Policy"]
                return {**policy, "Content": json.loads(answer["Content"])}
        return {}

    def write(self, content: Mapping[str, Any]) -> None:
        """Let the policy say something else."""
        self.organizations.update_policy(PolicyId=self.policy()["Id"], Content=json.dumps(content))

    def targets(self) -> list[str]:
        """What the policy is attached to, by name."""
        targets = self.organizations.list_targets_for_policy(PolicyId=self.policy()["Id"])["Targets"]
        return [target["Name"] for target in targets]

    def attach(self, target_id: str) -> None:
        self.organizations.attach_policy(PolicyId=self.policy()["Id"], TargetId=target_id)

    def detach(self, target_id: str) -> None:
        self.organizations.detach_policy(PolicyId=self.policy()["Id"], TargetId=target_id)

    def statements(self) -> dict[str, Any]:
        """The statements of the resource policy, by their ids."""
        answer = self.organizations.describe_resource_policy()["ResourcePolicy"]
        return {statement["Sid"]: statement for statement in json.loads(answer["Content"])["Statement"]}

    def delegate(self, *statements: Mapping[str, Any]) -> None:
        """Put a resource policy with these statements."""
        document = {"Version": "2012-10-17", "Statement": statements}
        self.organizations.put_resource_policy(Content=json.dumps(document))

    def settle(self) -> None:
        """Let what policies say arrive in the accounts."""
        self.world.sandbox.clock.wait(self.world.sandbox.settings.securityhub_policy_seconds)


def enabling(*regions: str) -> dict[str, Any]:
    """What a policy says that enables Security Hub in regions."""
    lists = {"enable_in_regions": {"@@assign": list(regions)}, "disable_in_regions": {"@@assign": []}}
    return {"securityhub": lists}


def theirs(world: World) -> dict[str, Any]:
    """A statement of another team's, for an account of theirs."""
    return {**THEIRS, "Principal": {"AWS": f"arn:aws:iam::{world.arrive().id_of('network')}:root"}}


def switch_off_under_the_policy(world: World) -> None:
    """Leave an account without a hub that its policy is about to enable again, and refuses to have enabled."""
    there, root_id = SecurityHub(world), world.arrive().existing.root_id
    there.detach(root_id)
    there.settle()
    there.hub(MANAGEMENT, OTHER).disable_security_hub_v2()
    there.attach(root_id)


def drift(world: World) -> None:
    """Change one thing of each kind; what only destroying uses is left."""
    there = SecurityHub(world)
    there.link("eu-west-2")
    there.write(enabling(HOME, OTHER, "eu-west-2"))
    switch_off_under_the_policy(world)


def give_up_cspm(world: World) -> None:
    """Take the administrator away from the organization, and Security Hub CSPM out of the pipeline."""
    service = {"AccountId": world.arrive().id_of(TOOLING), "ServicePrincipal": "securityhub.amazonaws.com"}
    world.client("organizations").deregister_delegated_administrator(**service)
    world.steps = [step for step in world.steps if step.id != "security_hub"]


LIFE = Life(drift=drift, configs=({"regions": "all"},), late_drift=give_up_cspm)
