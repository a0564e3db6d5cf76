"""Inspector through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
TYPES = {
    "ec2": "EC2",
    "ecr": "ECR",
    "lambda_standard": "LAMBDA",
    "lambda_code": "LAMBDA_CODE",
    "code_repository": "CODE_REPOSITORY",
}
FIELDS = {
    "ec2": "ec2",
    "ecr": "ecr",
    "lambda_standard": "lambda",
    "lambda_code": "lambdaCode",
    "code_repository": "codeRepository",
}


@dataclass
class Inspector:
    """Inspector in one region, as an account that administers it sees it through the API."""

    world: World
    region: str
    account: str = "security-tooling"

    @property
    def api(self) -> Any:
        return self.world.client("inspector2", self.account, self.region)

    def id_of(self, name: str) -> str:
        return str(self.world.arrive().id_of(name))

    def scans(self, name: str) -> dict[str, str]:
        """What is scanned in an account, by the names of config.yaml."""
        [account] = self.api.batch_get_account_status(accountIds=[self.id_of(name)])["accounts"]
        states = account["resourceState"]
        return {name: states[field]["status"] for name, field in FIELDS.items() if field in states}

    def members(self) -> dict[str, str]:
        """How the members stand, by the names of config.yaml."""
        org = self.world.arrive()
        pages = self.api.get_paginator("list_members").paginate(onlyAssociated=True)
        return {org.name_of(m["accountId"]): m["relationshipStatus"] for page in pages for m in page["members"]}

    def auto_enable(self) -> dict[str, bool]:
        found: dict[str, bool] = self.api.describe_organization_configuration()["autoEnable"]
        return found

    def configuration(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get_configuration()
        return found

    def enable(self, name: str, *types: str) -> None:
        self._switch("enable", name, types)

    def disable(self, name: str, *types: str) -> None:
        """Disable scans; in the order that AWS takes them, Lambda code scanning with or before standard scanning."""
        self._switch("disable", name, types)

    def _switch(self, operation: str, name: str, types: tuple[str, ...]) -> None:
        sent = [TYPES[one] for one in types]
        answer = getattr(self.api, operation)(accountIds=[self.id_of(name)], resourceTypes=sent)
        assert answer["failedAccounts"] == []
        self.wait()

    def enroll(self, **on: bool) -> None:
        """Change what is enabled in accounts that join, and nothing beside it."""
        changed = {FIELDS[name]: value for name, value in on.items()}
        self.api.update_organization_configuration(autoEnable=self.auto_enable() | changed)

    def let_go(self, name: str) -> None:
        self.api.disassociate_member(accountId=self.id_of(name))

    def inspect_deeply(self, name: str, *, active: bool) -> None:
        wanted = [{"accountId": self.id_of(name), "activateDeepInspection": active}]
        answer = self.api.batch_update_member_ec2_deep_inspection_status(accountIds=wanted)
        assert answer["failedAccountIds"] == []
        self.wait()

    def wait(self) -> None:
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)


def drift(world: World) -> None:
    """Change what Inspector would not put right by itself."""
    inspector = Inspector(world, OTHER)
    inspector.enroll(ec2=False)
    inspector.let_go("network")
    inspector.inspect_deeply("log-archive", active=False)
    inspector.api.update_configuration(ec2Configuration={"scanMode": "EC2_SSM_AGENT_BASED"})
    inspector.api.update_ec2_deep_inspection_configuration(activateDeepInspection=False)
    inspector.wait()


LIFE = Life(drift=drift, configs=({"deep_inspection_paths": ["/opt/libraries"], "scan_types": {"ecr": False}},))
