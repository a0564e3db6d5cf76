"""IAM Identity Center through its API: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.steps.by_hand import Life
from tests.world import World

HOME = "eu-west-1"
INLINE = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], "Resource": "*"}]}
CONFIG: dict[str, Any] = {
    "permission_sets": {
        "Operator": {
            "description": "Runs it.",
            "session_duration": "PT4H",
            "relay_state": "https://console.aws.amazon.com/cloudwatch",
            "aws_managed_policies": ["ReadOnlyAccess", "job-function/ViewOnlyAccess"],
            "inline_policy": INLINE,
            "permissions_boundary": {"aws_managed": "PowerUserAccess"},
            "tags": {"team": "platform"},
        },
        "Developer": {"customer_managed_policies": [{"name": "Build", "path": "/teams/"}, {"name": "Ship"}]},
    },
    "groups": {"Operators": {"description": "Who runs it."}},
    "assignments": [{"group": "Operators", "permission_set": "Operator", "accounts": ["all", "management"]}],
}
LESS: dict[str, Any] = {
    "permission_sets": {
        "Operator": {
            "session_duration": "PT1H",
            "aws_managed_policies": ["ReadOnlyAccess"],
            "tags": {"team": "operations"},
        },
        "Developer": {"customer_managed_policies": [{"name": "Ship"}]},
    },
    "groups": {"Operators": {"description": "Who runs all of it."}},
    "assignments": [{"group": "Operators", "permission_set": "Operator", "accounts": ["Workloads"]}],
}


@dataclass
class Center:
    """The instance through its API; groups and permission sets go by their names."""

    world: World
    account: str = "organization"

    @property
    def api(self) -> Any:
        return self.world.client("sso-admin", self.account, HOME)

    @property
    def store(self) -> Any:
        return self.world.client("identitystore", self.account, HOME)

    @property
    def instance(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.list_instances()["Instances"][0]
        return found

    @cached_property
    def arn(self) -> str:
        return str(self.instance["InstanceArn"])

    @cached_property
    def store_id(self) -> str:
        return str(self.instance["IdentityStoreId"])

    def sets(self) -> dict[str, dict[str, Any]]:
        api = self.api
        arns = api.list_permission_sets(InstanceArn=self.arn)["PermissionSets"]
        described = (api.describe_permission_set(InstanceArn=self.arn, PermissionSetArn=arn) for arn in arns)
        return {one["PermissionSet"]["Name"]: one["PermissionSet"] for one in described}

    def which(self, name: str) -> dict[str, str]:
        return {"InstanceArn": self.arn, "PermissionSetArn": self.sets()[name]["PermissionSetArn"]}

    def do(self, operation: str, permission_set: str, **parameters: Any) -> Any:
        """Something with a permission set."""
        return getattr(self.api, operation)(**self.which(permission_set), **parameters)

    def make_set(self, name: str, **parameters: Any) -> None:
        self.api.create_permission_set(InstanceArn=self.arn, Name=name, **parameters)

    def make_group(self, name: str) -> str:
        group_id: str = self.store.create_group(IdentityStoreId=self.store_id, DisplayName=name)["GroupId"]
        return group_id

    def group(self, name: str) -> str:
        by_name = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}}
        answer = self.store.get_group_id(IdentityStoreId=self.store_id, AlternateIdentifier=by_name)
        return str(answer["GroupId"])

    def _about(self, group: str, account: str) -> dict[str, Any]:
        target = {"TargetType": "AWS_ACCOUNT", "TargetId": self.world.arrive().id_of(account)}
        return {**target, "PrincipalType": "GROUP", "PrincipalId": self.group(group)}

    def assign(self, group: str, permission_set: str, account: str) -> None:
        self.do("create_account_assignment", permission_set, **self._about(group, account))
        self.wait()

    def unassign(self, group: str, permission_set: str, account: str) -> None:
        self.do("delete_account_assignment", permission_set, **self._about(group, account))
        self.wait()

    def assigned(self, group: str) -> set[tuple[str, str]]:
        """The permission sets that a group has, each with an account."""
        org, names = self.world.arrive(), {one["PermissionSetArn"]: name for name, one in self.sets().items()}
        answer = self.api.list_account_assignments_for_principal(
            InstanceArn=self.arn, PrincipalId=self.group(group), PrincipalType="GROUP"
        )
        return {(names[a["PermissionSetArn"]], org.name_of(a["AccountId"])) for a in answer["AccountAssignments"]}

    def outdated(self, permission_set: str) -> list[str]:
        status = "LATEST_PERMISSION_SET_NOT_PROVISIONED"
        operation = "list_accounts_for_provisioned_permission_set"
        found: list[str] = self.do(operation, permission_set, ProvisioningStatus=status)["AccountIds"]
        return found

    def wait(self) -> None:
        """Let AWS finish."""
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)


def enable(world: World) -> Center:
    """Enable it in the console; that it is enabled already changes nothing."""
    world.sandbox.enable_identity_center(HOME)
    return Center(world)


def enable_it(world: World) -> None:
    enable(world)


LIFE = Life(drift=enable_it, stands=enable_it, configs=(CONFIG, {**LESS, "assignments": CONFIG["assignments"]}))
