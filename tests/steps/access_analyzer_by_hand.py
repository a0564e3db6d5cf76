"""IAM Access Analyzer through the API of the sandbox: what tests read, and what they change behind the tool's back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
TRUSTED = {"principal.AWS": {"eq": ["111122223333"]}, "isPublic": {"eq": ["false"]}}
EVERYTHING: dict[str, Any] = {
    "external_access": {"archive_rules": {"trusted": TRUSTED}},
    "unused_access": {
        "enabled": True,
        "regions": "all",
        "exclude_accounts": ("network", "log-archive"),
        "exclude_tags": {"team": "red", "temporary": ""},
        "archive_rules": {"keys": {"findingType": {"eq": ["UnusedIAMUserAccessKey"]}}},
    },
    "internal_access": {
        "enabled": True,
        "regions": "all",
        "resources": (
            {"accounts": ("log-archive",), "types": ("AWS::S3::Bucket", "AWS::DynamoDB::Table")},
            {"accounts": ("network",), "arns": ("arn:aws:s3:::secret",)},
        ),
    },
    "account_analyzers": True,
}
OTHERWISE: dict[str, Any] = EVERYTHING | {
    "external_access": {"archive_rules": {"trusted": {"isPublic": {"eq": ["false"]}}}},
    "unused_access": EVERYTHING["unused_access"] | {"age": 30},
}
NAMES = {kind: f"sra-{kind}" for kind in ("external-access", "unused-access", "internal-access")}


@dataclass
class AccessAnalyzer:
    """IAM Access Analyzer in one region, as one account sees it through the API."""

    world: World
    region: str = HOME
    account: str = "security-tooling"

    @property
    def api(self) -> Any:
        return self.world.client("accessanalyzer", self.account, self.region)

    def types(self) -> dict[str, str]:
        """The type of each analyzer, by name."""
        return {one["name"]: one["type"] for one in self.api.list_analyzers()["analyzers"]}

    def get(self, name: str) -> dict[str, Any]:
        analyzer: dict[str, Any] = self.api.get_analyzer(analyzerName=name)["analyzer"]
        return analyzer

    def configuration(self, name: str) -> Any:
        """The one member of an analyzer's configuration, with the names of config.yaml for account ids."""
        org = self.world.arrive()
        ((_, configuration),) = self.get(name)["configuration"].items()
        rules = [dict(rule) for kind in configuration["analysisRule"].values() for rule in kind]
        for rule in rules:
            if "accountIds" in rule:
                rule["accountIds"] = [org.name_of(account_id) for account_id in rule["accountIds"]]
        return {"age": configuration.get("unusedAccessAge"), "rules": rules}

    def configure(self, name: str, kind: str, rules: list[Any], **more: Any) -> None:
        """Set the configuration of an analyzer by hand; accounts go by the names of config.yaml."""
        org = self.world.arrive()
        sent = [
            rule | ({"accountIds": [org.id_of(key) for key in rule["accountIds"]]} if "accountIds" in rule else {})
            for rule in rules
        ]
        member, key = ("unusedAccess", "exclusions") if kind == "unused" else ("internalAccess", "inclusions")
        configuration = {member: {"analysisRule": {key: sent}, **more}}
        self.api.update_analyzer(analyzerName=name, configuration=configuration)

    def archive_rules(self, name: str) -> dict[str, Any]:
        rules = self.api.list_archive_rules(analyzerName=name)["archiveRules"]
        return {rule["ruleName"]: rule["filter"] for rule in rules}


def delete_one(world: World) -> None:
    there = AccessAnalyzer(world, OTHER)
    for name in there.types():
        there.api.delete_analyzer(analyzerName=name)


LIFE = Life(drift=delete_one, configs=(EVERYTHING, OTHERWISE))
