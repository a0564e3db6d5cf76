"""Detective through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.sandbox.services.detective import detective_of
from steps.detective import DataSources
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
DAY = 24 * 3600
PACKAGES = tuple(DataSources.model_fields)


@dataclass
class Detective:
    """Detective in one region, as an account that administers it sees it through the API."""

    world: World
    region: str
    account: str = "security-tooling"

    @property
    def api(self) -> Any:
        return self.world.client("detective", self.account, self.region)

    @property
    def graph(self) -> str:
        found: str = self.api.list_graphs()["GraphList"][0]["Arn"]
        return found

    def auto_enables(self) -> bool:
        answer: bool = self.api.describe_organization_configuration(GraphArn=self.graph)["AutoEnable"]
        return answer

    def packages(self) -> dict[str, str]:
        answer = self.api.list_datasource_packages(GraphArn=self.graph)["DatasourcePackages"]
        return {name: package["DatasourcePackageIngestState"] for name, package in answer.items()}

    def members(self) -> dict[str, str]:
        """How the members stand, by the names of config.yaml."""
        org, arn = self.world.arrive(), self.graph
        page = self.api.list_members(GraphArn=arn)
        details = page["MemberDetails"]
        while "NextToken" in page:
            page = self.api.list_members(GraphArn=arn, NextToken=page["NextToken"])
            details += page["MemberDetails"]
        return {org.name_of(member["AccountId"]): member["Status"] for member in details}

    def do(self, operation: str, **parameters: Any) -> None:
        """Something by hand; accounts go by the names of config.yaml."""
        if "AccountIds" in parameters:
            org = self.world.arrive()
            parameters["AccountIds"] = [org.id_of(name) for name in parameters["AccountIds"]]
        answer = getattr(self.api, operation)(GraphArn=self.graph, **parameters)
        assert answer.get("UnprocessedAccounts", []) == []

    def stop(self, package: str) -> None:
        """Stop a data source package, as the console can and the API cannot."""
        account_id = str(self.world.arrive().id_of(self.account))
        graph = detective_of(account_id, self.region).graph
        assert graph is not None
        graph.ingest(package, "STOPPED")

    def has_too_much_data(self, *names: str) -> None:
        """Let Detective not take the data of accounts, from now on."""
        org = self.world.arrive()
        self.world.sandbox.settings.detective_too_much_data = frozenset(str(org.id_of(name)) for name in names)

    def disable(self, name: str) -> None:
        """Let Detective refuse the data of a member, and then no longer."""
        self.has_too_much_data(name)
        self.do("delete_members", AccountIds=[name])
        account_id = self.world.arrive().id_of(name)
        self.do("create_members", Accounts=[{"AccountId": account_id, "EmailAddress": f"aws+{name}@example.com"}])
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)
        assert self.members()[name] == "ACCEPTED_BUT_DISABLED"
        self.has_too_much_data()


def administrators(world: World, region: str) -> list[str]:
    """Who administers Detective in a region, by the names of config.yaml."""
    answer = world.client("detective", MANAGEMENT, region).list_organization_admin_accounts()
    return [world.arrive().name_of(one["AccountId"]) for one in answer["Administrators"]]


def drift(world: World) -> None:
    """Change every setting in one region."""
    world.sandbox.settings.auto_enable_seconds = DAY
    there = Detective(world, OTHER)
    there.do("update_organization_configuration", AutoEnable=False)
    there.do("delete_members", AccountIds=["network"])
    there.disable("log-archive")
    there.stop("EKS_AUDIT")


LIFE = Life(drift=drift)
