"""Macie through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"


@dataclass
class Macie:
    """Macie in one region, as an account sees it through the API; by default the one that administers it."""

    world: World
    region: str
    account: str = "security-tooling"

    @property
    def api(self) -> Any:
        return self.world.client("macie2", self.account, self.region)

    def session(self) -> tuple[str, str]:
        """Its status and its frequency."""
        answer = self.api.get_macie_session()
        return answer["status"], answer["findingPublishingFrequency"]

    def published(self) -> dict[str, bool]:
        answer: dict[str, bool] = self.api.get_findings_publication_configuration()["securityHubConfiguration"]
        return answer

    def discovery(self) -> tuple[str, str]:
        """Its status, and for whom it is enabled by itself."""
        answer = self.api.get_automated_discovery_configuration()
        return answer["status"], answer["autoEnableOrganizationMembers"]

    def discovered(self) -> dict[str, str]:
        """Who is subject to automated discovery, by the names of config.yaml."""
        org = self.world.arrive()
        pages = self.api.get_paginator("list_automated_discovery_accounts").paginate()
        return {org.name_of(one["accountId"]): one["status"] for page in pages for one in page["items"]}

    def members(self) -> dict[str, str]:
        """How the members stand, by the names of config.yaml."""
        org = self.world.arrive()
        pages = self.api.get_paginator("list_members").paginate(onlyAssociated="false")
        return {org.name_of(m["accountId"]): m["relationshipStatus"] for page in pages for m in page["members"]}

    def id_of(self, name: str) -> str:
        return str(self.world.arrive().id_of(name))

    def publish(self, *, policy: bool, classification: bool) -> None:
        wanted = {"publishPolicyFindings": policy, "publishClassificationFindings": classification}
        self.api.put_findings_publication_configuration(securityHubConfiguration=wanted)

    def pause(self, name: str) -> None:
        """Suspend Macie for a member."""
        self.api.update_member_session(id=self.id_of(name), status="PAUSED")

    def remove(self, name: str) -> None:
        """Disassociate a member, which stays listed."""
        self.api.disassociate_member(id=self.id_of(name))

    def delete(self, name: str) -> None:
        """Disassociate a member, and forget it."""
        self.remove(name)
        self.api.delete_member(id=self.id_of(name))

    def leave_out(self, *names: str) -> None:
        """Have no sensitive data of members discovered."""
        org = self.world.arrive()
        accounts = [{"accountId": str(org.id_of(name)), "status": "DISABLED"} for name in names]
        for start in range(0, len(accounts), 50):
            answer = self.api.batch_update_automated_discovery_accounts(accounts=accounts[start : start + 50])
            assert answer["errors"] == []


def drift(world: World) -> None:
    """Change what Macie does not put right by itself."""
    there = Macie(world, OTHER)
    there.api.update_organization_configuration(autoEnable=False)
    there.pause("network")
    there.remove("log-archive")
    Macie(world, OTHER, MANAGEMENT).api.update_macie_session(findingPublishingFrequency="SIX_HOURS")


def late_drift(world: World) -> None:
    """Leave one member out of what is wanted for all."""
    Macie(world, OTHER).leave_out("network")


LIFE = Life(
    drift=drift,
    configs=[{"automated_discovery": {"enabled": True}, "security_hub": {"members": True}}],
    late_drift=late_drift,
)
