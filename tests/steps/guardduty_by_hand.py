"""GuardDuty through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT, Target
from steps.guardduty import ProtectionPlans
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
PARENTS = dict.fromkeys(AGENTS, "RUNTIME_MONITORING") | {"RDS_DATA_RISK": "RDS_LOGIN_EVENTS"}
FEATURES = tuple(ProtectionPlans.model_fields)
PLANS = tuple(name for name in FEATURES if name not in PARENTS)


@dataclass
class GuardDuty:
    """GuardDuty in one region, as an account that administers it sees it through the API."""

    world: World
    region: str
    account: str = "security-tooling"

    @property
    def api(self) -> Any:
        return self.world.client("guardduty", self.account, self.region)

    @property
    def detector_id(self) -> str:
        found: str = self.api.list_detectors()["DetectorIds"][0]
        return found

    def detector(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.get_detector(DetectorId=self.detector_id)
        return answer

    def configuration(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.describe_organization_configuration(DetectorId=self.detector_id)
        return answer

    def members(self) -> dict[str, str]:
        """How the members stand, by the names of config.yaml."""
        org = self.world.arrive()
        pages = self.api.get_paginator("list_members").paginate(DetectorId=self.detector_id, OnlyAssociated="false")
        return {org.name_of(m["AccountId"]): m["RelationshipStatus"] for page in pages for m in page["Members"]}

    def member_features(self, name: str) -> dict[str, str]:
        account_id = self.world.arrive().id_of(name)
        answer = self.api.get_member_detectors(DetectorId=self.detector_id, AccountIds=[account_id])
        return flat(answer["MemberDataSourceConfigurations"][0]["Features"])

    def do(self, operation: str, **parameters: Any) -> None:
        """Something by hand; accounts go by the names of config.yaml."""
        if "AccountIds" in parameters:
            org = self.world.arrive()
            parameters["AccountIds"] = [org.id_of(name) for name in parameters["AccountIds"]]
        answer = getattr(self.api, operation)(DetectorId=self.detector_id, **parameters)
        assert answer.get("UnprocessedAccounts", []) == []


def flat(features: list[dict[str, Any]], key: str = "Status") -> dict[str, str]:
    """The value of each feature that we manage, of those too that belong to another."""
    found = {}
    for feature in features:
        for one in (feature, *feature.get("AdditionalConfiguration", ())):
            if one["Name"] in FEATURES and feature["Name"] != "EKS_RUNTIME_MONITORING":
                found[one["Name"]] = one[key]
    return found


def switched(name: str, key: str, value: str, parent_value: str) -> dict[str, Any]:
    """One feature as a parameter, and nothing beside it; one that belongs to another is sent inside that one."""
    if name not in PARENTS:
        return {"Features": [{"Name": name, key: value}]}
    additional = [{"Name": name, key: value}]
    return {"Features": [{"Name": PARENTS[name], key: parent_value, "AdditionalConfiguration": additional}]}


def loosened(guardduty: GuardDuty, operation: str, *names: str) -> None:
    """Do to members what GuardDuty refuses as long as it enrols all of them."""
    guardduty.do("update_organization_configuration", AutoEnableOrganizationMembers="NONE")
    guardduty.do(operation, AccountIds=list(names))
    guardduty.do("update_organization_configuration", AutoEnableOrganizationMembers="ALL")


def suspend_before(world: World) -> None:
    """Suspend a detector before it becomes a member's: the only one that is enabled again and not made."""
    world.connection.writer(world.wanted).client("guardduty", Target(MANAGEMENT, OTHER)).create_detector(Enable=False)


def drift(world: World) -> None:
    """Change what GuardDuty would not put right by itself."""
    guardduty = GuardDuty(world, OTHER)
    guardduty.do("update_organization_configuration", AutoEnableOrganizationMembers="NONE")
    guardduty.do("stop_monitoring_members", AccountIds=["network"])


LIFE = Life(suspend_before, drift)
