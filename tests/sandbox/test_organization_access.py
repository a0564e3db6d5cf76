"""Services that get access to the organization by an API of their own, or keep settings of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

STACKSETS = "member.org.stacksets.cloudformation.amazonaws.com"
HUB = "cost-optimization-hub.bcm.amazonaws.com"


@dataclass
class Organization:
    """An organization with one member, and who is asked."""

    aws: Aws
    member_id: str

    def ours(self, service: str, region: str = "eu-west-1") -> Any:
        return self.aws.client(service, region)

    def members(self, service: str, region: str = "eu-west-1") -> Any:
        return self.aws.client(service, region, self.member_id)

    def trusted(self) -> set[str]:
        listed = self.ours("organizations").list_aws_service_access_for_organization()
        return {service["ServicePrincipal"] for service in listed["EnabledServicePrincipals"]}

    def has_role(self, name: str, client: Any = None) -> bool:
        roles = (client or self.ours("iam")).list_roles(PathPrefix="/aws-service-role/")["Roles"]
        return name in {role["RoleName"] for role in roles}

    def wait(self) -> None:
        self.aws.clock.wait(self.aws.settings.enabling_seconds)


@pytest.fixture
def there() -> Iterator[Organization]:
    """In process only: that both carry the same is tested with other services."""
    with sandbox.in_process() as running:
        aws = Aws(running)
        aws.found_organization()
        yield Organization(aws, aws.add_account("network"))


def test_ram_is_trusted_by_its_own_api_which_makes_the_role(there: Organization) -> None:
    assert refusal(there.members("ram").enable_sharing_with_aws_organization)[0] == "OperationNotPermittedException"
    there.ours("organizations").enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    assert not there.has_role("AWSServiceRoleForResourceAccessManager")

    for _ in range(2):
        assert there.ours("ram").enable_sharing_with_aws_organization()["returnValue"]

    assert "ram.amazonaws.com" in there.trusted()
    assert there.has_role("AWSServiceRoleForResourceAccessManager")


def test_the_management_account_sets_what_every_member_may_read_of_backup(there: Organization) -> None:
    ours, members = there.ours("backup"), there.members("backup", "us-east-1")
    off = dict.fromkeys(("isCrossAccountBackupEnabled", "isMpaEnabled", "isDelegatedAdministratorEnabled"), "false")
    before = ours.describe_global_settings()
    assert before["GlobalSettings"] == off
    assert "LastUpdateTime" not in before

    ours.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    ours.update_global_settings(GlobalSettings={"isDelegatedAdministratorEnabled": "true"})

    after = members.describe_global_settings()
    on = {"isCrossAccountBackupEnabled": "true", "isDelegatedAdministratorEnabled": "true"}
    assert after["GlobalSettings"] == off | on
    assert after["LastUpdateTime"]
    assert there.has_role("AWSServiceRoleForBackup")
    update = ours.update_global_settings
    assert refusal(update)[0] == "MissingParameterValueException"
    assert refusal(update, GlobalSettings={"isX": "true"})[0] == "InvalidParameterValueException"
    assert refusal(update, GlobalSettings={"isMpaEnabled": "yes"})[0] == "InvalidParameterValueException"
    assert refusal(members.update_global_settings, GlobalSettings=on)[0] == "InvalidRequestException"


def test_outside_of_an_organization_there_is_nothing_to_set() -> None:
    with sandbox.in_process() as running:
        aws = Aws(running)
        assert refusal(aws.client("backup").describe_global_settings)[0] == "InvalidRequestException"
        alone = aws.client("cloudformation").activate_organizations_access
        assert refusal(alone)[0] == "InvalidOperationException"
        aws.client("organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
        assert refusal(alone)[0] == "InvalidOperationException"
        ram = aws.client("ram").enable_sharing_with_aws_organization
        assert refusal(ram)[0] == "OperationNotPermittedException"


def test_stacksets_is_activated_before_it_has_an_administrator(there: Organization) -> None:
    ours, members, organizations = (
        there.ours("cloudformation"),
        there.members("cloudformation"),
        there.ours("organizations"),
    )
    administrator = {"AccountId": there.member_id, "ServicePrincipal": STACKSETS}
    assert ours.describe_organizations_access()["Status"] == "DISABLED"
    assert refusal(organizations.register_delegated_administrator, **administrator)[1] == "SERVICE_ACCESS_NOT_ENABLED"

    ours.activate_organizations_access()

    assert ours.describe_organizations_access(CallAs="SELF")["Status"] == "ENABLED"
    assert there.trusted() == {STACKSETS}
    assert there.has_role("AWSServiceRoleForCloudFormationStackSetsOrgAdmin")
    as_administrator = {"CallAs": "DELEGATED_ADMIN"}
    assert refusal(members.describe_organizations_access)[0] == "InvalidOperationException"
    assert refusal(members.describe_organizations_access, **as_administrator)[0] == "InvalidOperationException"
    organizations.register_delegated_administrator(**administrator)
    assert members.describe_organizations_access(**as_administrator)["Status"] == "ENABLED"
    assert refusal(ours.deactivate_organizations_access)[0] == "InvalidOperationException"
    organizations.deregister_delegated_administrator(**administrator)
    ours.deactivate_organizations_access()
    assert there.trusted() == set()


def test_ipam_has_one_administrator_which_is_a_member(there: Organization) -> None:
    ec2, iam = there.ours("ec2"), there.members("iam")
    enable, disable = ec2.enable_ipam_organization_admin_account, ec2.disable_ipam_organization_admin_account
    of_member = {"DelegatedAdminAccountId": there.member_id}
    assert (
        refusal(there.members("ec2").enable_ipam_organization_admin_account, **of_member)[0] == "UnauthorizedOperation"
    )
    for account_id in (MANAGEMENT_ACCOUNT_ID, "999999999999"):
        assert refusal(enable, DelegatedAdminAccountId=account_id)[0] == "InvalidParameterValue"

    for _ in range(2):
        assert enable(**of_member)["Success"]

    listed = there.ours("organizations").list_delegated_administrators(ServicePrincipal="ipam.amazonaws.com")
    assert [one["Id"] for one in listed["DelegatedAdministrators"]] == [there.member_id]
    assert there.trusted() == {"ipam.amazonaws.com"}
    assert there.has_role("AWSServiceRoleForIPAM")
    assert there.has_role("AWSServiceRoleForIPAM", iam)
    another = there.aws.add_account("another")
    assert refusal(enable, DelegatedAdminAccountId=another)[0] == "InvalidParameterValue"
    assert refusal(disable, DelegatedAdminAccountId=another)[0] == "InvalidParameterValue"
    assert disable(**of_member)["Success"]
    assert there.trusted() == set()


def test_the_view_of_health_takes_a_while_and_a_support_plan(there: Organization) -> None:
    health = there.ours("health")

    def status() -> str:
        answer = health.describe_health_service_status_for_organization()
        found: str = answer["healthServiceAccessStatusForOrganization"]
        return found

    assert status() == "DISABLED"
    health.enable_health_service_access_for_organization()
    assert status() == "PENDING"
    again = health.enable_health_service_access_for_organization
    assert refusal(again)[0] == "ConcurrentModificationException"
    there.wait()
    assert status() == "ENABLED"
    assert there.trusted() == {"health.amazonaws.com"}
    assert there.has_role("AWSServiceRoleForHealth_Organizations")
    of_member = there.members("health").describe_health_service_status_for_organization
    assert refusal(of_member)[0] == "AccessDeniedException"
    there.ours("organizations").disable_aws_service_access(ServicePrincipal="health.amazonaws.com")
    assert status() == "DISABLED"
    there.aws.settings.support_plan = False
    assert refusal(again)[0] == "SubscriptionRequiredException"


def test_compute_optimizer_enrols_those_that_are_named(there: Organization) -> None:
    ours, members = there.ours("compute-optimizer"), there.members("compute-optimizer")
    assert ours.get_enrollment_status()["status"] == "Inactive"
    ours.update_enrollment_status(status="Active")
    there.wait()
    alone = ours.get_enrollment_status()
    assert (alone["status"], alone["memberAccountsEnrolled"], alone["numberOfMemberAccountsOptedIn"]) == (
        "Active",
        False,
        0,
    )

    assert ours.update_enrollment_status(status="Active", includeMemberAccounts=True)["status"] == "Pending"
    there.wait()

    together = ours.get_enrollment_status()
    assert (together["memberAccountsEnrolled"], together["numberOfMemberAccountsOptedIn"]) == (True, 1)
    assert members.get_enrollment_status()["status"] == "Active"
    active = {"filters": [{"name": "Status", "values": ["Active"]}]}
    listed = ours.get_enrollment_statuses_for_organization(**active)["accountEnrollmentStatuses"]
    assert [one["accountId"] for one in listed] == [there.member_id]
    assert there.has_role("AWSServiceRoleForComputeOptimizer", there.members("iam"))
    assert there.trusted() == {"compute-optimizer.amazonaws.com"}
    assert refusal(ours.update_enrollment_status, status="Pending")[0] == "InvalidParameterValueException"
    asked = {"status": "Active", "includeMemberAccounts": True}
    assert refusal(members.update_enrollment_status, **asked)[0] == "InvalidParameterValueException"
    assert refusal(members.get_enrollment_statuses_for_organization)[0] == "AccessDeniedException"


def test_the_hub_enrols_members_once_it_is_trusted(there: Organization) -> None:
    hub, members = there.ours("cost-optimization-hub", "us-east-1"), there.members("cost-optimization-hub", "us-east-1")
    asked = {"status": "Active", "includeMemberAccounts": True}
    assert refusal(hub.update_enrollment_status, **asked)[0] == "ValidationException"
    there.ours("organizations").enable_aws_service_access(ServicePrincipal=HUB)

    assert hub.update_enrollment_status(**asked)["status"] == "Active"

    listed = hub.list_enrollment_statuses(includeOrganizationInfo=True)
    assert {one["accountId"]: one["status"] for one in listed["items"]} == dict.fromkeys(
        (MANAGEMENT_ACCOUNT_ID, there.member_id), "Active"
    )
    assert listed["includeMemberAccounts"]
    [own] = members.list_enrollment_statuses()["items"]
    assert own["status"] == "Active"
    assert refusal(members.list_enrollment_statuses, includeOrganizationInfo=True)[0] == "AccessDeniedException"
    assert refusal(members.update_enrollment_status, **asked)[0] == "AccessDeniedException"
