"""Organization policies through the API of the sandbox: what tests of their step read, and what they change by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.textfile import Text
from steps.common.policy_types import PolicyType
from steps.organization_policies.settings import Section
from tests.steps.by_hand import Life
from tests.world import World

STEP = "organization_policies"
SCP: PolicyType = "SERVICE_CONTROL_POLICY"
RCP: PolicyType = "RESOURCE_CONTROL_POLICY"
AI: PolicyType = "AISERVICES_OPT_OUT_POLICY"
TYPES = (SCP, RCP, AI, "DECLARATIVE_POLICY_EC2", "TAG_POLICY", "BACKUP_POLICY", "S3_POLICY")
SHIPPED: dict[str, dict[str, Any]] = Section().model_dump()["policies"]
"""What config.yaml names by default."""
LEAVING = "sra-deny-leaving-organization"


def policy(policy_type: str, content: Any, *attach_to: str, **more: Any) -> dict[str, Any]:
    """A policy of a file beside config.yaml, as config.yaml names it."""
    text = content if isinstance(content, str) else json.dumps(content)
    return {"type": policy_type, "file": Text("policies/one.yaml", text), "attach_to": attach_to, **more}


def deny(*statements: dict[str, Any]) -> dict[str, Any]:
    """What a service control policy says."""
    listed = [{"Effect": "Deny", "Action": "*", "Resource": "*", **statement} for statement in statements]
    return {"Version": "2012-10-17", "Statement": listed}


@dataclass
class Guardrails:
    """The policies of an organization."""

    world: World

    @property
    def organizations(self) -> Any:
        return self.world.client("organizations")

    def named(self, name: str) -> dict[str, Any]:
        """A policy by its name, whatever its type; or nothing."""
        for policy_type in TYPES:
            for found in self.organizations.list_policies(Filter=policy_type)["Policies"]:
                if found["Name"] == name:
                    return dict(found)
        return {}

    def id_of(self, name: str) -> str:
        return str(self.named(name)["Id"])

    def said(self, name: str) -> Any:
        """What a policy says."""
        return json.loads(self.text(name))

    def text(self, name: str) -> str:
        return str(self.organizations.describe_policy(PolicyId=self.id_of(name))["Policy"]["Content"])

    def write(self, name: str, content: Any) -> None:
        """Let a policy say something else."""
        self.organizations.update_policy(PolicyId=self.id_of(name), Content=json.dumps(content))

    def describe(self, name: str, description: str) -> None:
        self.organizations.update_policy(PolicyId=self.id_of(name), Description=description)

    def create(self, name: str, policy_type: str = SCP, content: Any = None, description: str = "") -> None:
        """A policy of somebody else's."""
        text = json.dumps(deny({"Action": "s3:DeleteBucket"}) if content is None else content)
        self.organizations.create_policy(Name=name, Type=policy_type, Content=text, Description=description)

    def target(self, name: str) -> str:
        """The id of the root, an OU or an account, by the names of config.yaml."""
        org = self.world.arrive()
        return org.existing.root_id if name == "root" else org.existing.units.get(name) or str(org.id_of(name))

    def attach(self, name: str, target: str) -> None:
        self.organizations.attach_policy(PolicyId=self.id_of(name), TargetId=self.target(target))

    def detach(self, name: str, target: str) -> None:
        self.organizations.detach_policy(PolicyId=self.id_of(name), TargetId=self.target(target))

    def targets(self, name: str) -> list[str]:
        """What a policy is attached to, as AWS names it."""
        targets = self.organizations.list_targets_for_policy(PolicyId=self.id_of(name))["Targets"]
        return sorted(target["Name"] for target in targets)

    def attached(self, target: str, policy_type: str = SCP) -> list[str]:
        """The names of the policies that are attached to something."""
        answer = self.organizations.list_policies_for_target(TargetId=self.target(target), Filter=policy_type)
        return [found["Name"] for found in answer["Policies"]]


def drift(world: World) -> None:
    """Change a policy, and attach it to something else too."""
    there = Guardrails(world)
    there.write(LEAVING, deny({"Sid": "Other", "Action": "organizations:LeaveOrganization"}))
    there.attach(LEAVING, "Workloads")


def late_drift(world: World) -> None:
    """Detach a policy of which there are more than one entity may have."""
    Guardrails(world).detach("sra-ai-opt-out", "root")


_MORE_THAN_FIT = {
    f"ai-{number}": {"baseline": "ai-opt-out", "attach_to": ("root" if number < 4 else "Workloads",)}
    for number in range(5)
}
LIFE = Life(drift=drift, configs=({"policies": {**SHIPPED, **_MORE_THAN_FIT}},), late_drift=late_drift)
