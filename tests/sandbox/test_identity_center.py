from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "sso.amazonaws.com"
ABSENT, CONFLICT, DENIED = "ResourceNotFoundException", "ConflictException", "AccessDeniedException"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@dataclass
class Company:
    """An organization with an instance, and the accounts shared, which administers it, and work."""

    aws: Aws
    shared: str
    work: str

    def sso(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("sso-admin", region, account)

    def store(self, account: str | None = None) -> Any:
        return self.aws.client("identitystore", HOME, account)

    @property
    def instance(self) -> dict[str, Any]:
        [found] = self.sso().list_instances()["Instances"]
        return dict(found)

    @property
    def arn(self) -> str:
        return str(self.instance["InstanceArn"])

    def make_set(self, name: str = "Operator", **parameters: Any) -> dict[str, str]:
        """A new permission set, as parameters name it."""
        answer = self.sso().create_permission_set(InstanceArn=self.arn, Name=name, **parameters)
        return {"InstanceArn": self.arn, "PermissionSetArn": answer["PermissionSet"]["PermissionSetArn"]}

    def make_group(self, name: str = "Operators") -> str:
        answer = self.store().create_group(IdentityStoreId=self.instance["IdentityStoreId"], DisplayName=name)
        return str(answer["GroupId"])

    def about(self, which: dict[str, str], group: str, account: str = "") -> dict[str, str]:
        principal = {"PrincipalType": "GROUP", "PrincipalId": group}
        return {**which, **principal, "TargetType": "AWS_ACCOUNT", "TargetId": account or self.work}

    def assign(self, about: dict[str, str]) -> dict[str, Any]:
        """Assign, wait for it, and give its status."""
        status = self.sso().create_account_assignment(**about)["AccountAssignmentCreationStatus"]
        assert status["Status"] == "IN_PROGRESS"
        return self.ended(status)

    def ended(self, status: dict[str, Any]) -> dict[str, Any]:
        self.wait()
        request = {"InstanceArn": self.arn, "AccountAssignmentCreationRequestId": status["RequestId"]}
        answer = self.sso().describe_account_assignment_creation_status(**request)
        return dict(answer["AccountAssignmentCreationStatus"])

    def wait(self) -> None:
        self.aws.clock.wait(self.aws.settings.enabling_seconds)


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[Aws, Company, Any]]:
    with sandbox.in_process() as running:
        aws = Aws(running)
        aws.found_organization()
        company = Company(aws, aws.add_account("shared"), aws.add_account("work"))
        running.enable_identity_center(HOME)
        organizations = aws.client("organizations")
        organizations.register_delegated_administrator(AccountId=company.shared, ServicePrincipal=PRINCIPAL)
        yield aws, company, running.save()


@pytest.fixture
def company(built: tuple[Aws, Company, Any]) -> Company:
    aws, company, saved = built
    aws.running.restore(saved)
    return company


def test_only_the_console_enables_it_for_an_organization(company: Company) -> None:
    instance = company.instance
    assert (instance["OwnerAccountId"], instance["Status"]) == (MANAGEMENT_ACCOUNT_ID, "ACTIVE")
    trusted = company.aws.client("organizations").list_aws_service_access_for_organization()
    assert PRINCIPAL in {one["ServicePrincipal"] for one in trusted["EnabledServicePrincipals"]}
    assert company.sso(company.work).list_instances()["Instances"] == [instance]
    assert company.sso(region=OTHER).list_instances()["Instances"] == []
    assert refusal(company.sso().create_instance)[0] == "ValidationException"
    company.aws.running.enable_identity_center(HOME)
    assert company.arn == instance["InstanceArn"]


def test_there_is_no_instance_without_an_organization_and_after_its_deletion(company: Company) -> None:
    assert refusal(company.sso(company.shared).delete_instance, InstanceArn=company.arn)[0] == DENIED
    company.sso().delete_instance(InstanceArn=company.arn)
    assert company.sso().list_instances()["Instances"] == []
    company.aws.running.reset()
    with pytest.raises(ValueError, match="no organization"):
        company.aws.running.enable_identity_center(HOME)
    assert company.sso().list_instances()["Instances"] == []


def test_names_of_permission_sets_and_groups_are_unique(company: Company) -> None:
    company.make_set()
    company.make_group()
    assert refusal(company.sso().create_permission_set, InstanceArn=company.arn, Name="Operator")[0] == CONFLICT
    store_id = company.instance["IdentityStoreId"]
    taken = refusal(company.store().create_group, IdentityStoreId=store_id, DisplayName="Operators")
    assert taken == (CONFLICT, "UNIQUENESS_CONSTRAINT_VIOLATION")
    other = company.make_group("Others")
    operations = [{"AttributePath": "displayName", "AttributeValue": "Operators"}]
    update = company.store().update_group
    assert refusal(update, IdentityStoreId=store_id, GroupId=other, Operations=operations)[0] == CONFLICT


def test_accounts_of_the_organization_read_the_store_and_there_is_no_other(company: Company) -> None:
    group, store_id = company.make_group(), company.instance["IdentityStoreId"]
    [seen] = company.store(company.shared).list_groups(IdentityStoreId=store_id)["Groups"]
    assert seen["GroupId"] == group
    assert refusal(company.store().list_groups, IdentityStoreId="d-0000000000")[0] == ABSENT
    by_name = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "Nobody"}}
    missing = refusal(company.store().get_group_id, IdentityStoreId=store_id, AlternateIdentifier=by_name)
    assert missing[0] == ABSENT


def test_a_permission_set_is_described_updated_tagged_and_deleted(company: Company) -> None:
    sso, which = (
        company.sso(),
        company.make_set(Description="It", RelayState="https://a", Tags=[{"Key": "a", "Value": "b"}]),
    )
    tags = {"InstanceArn": company.arn, "ResourceArn": which["PermissionSetArn"]}

    # A relay state that is not sent is cleared.
    sso.update_permission_set(**which, SessionDuration="PT2H")
    sso.tag_resource(**tags, Tags=[{"Key": "c", "Value": "d"}])
    sso.untag_resource(**tags, TagKeys=["a"])

    described = sso.describe_permission_set(**which)["PermissionSet"]
    assert (described["Description"], described["SessionDuration"]) == ("It", "PT2H")
    assert "RelayState" not in described
    assert sso.list_tags_for_resource(**tags)["Tags"] == [{"Key": "c", "Value": "d"}]
    sso.delete_permission_set(**which)
    assert sso.list_permission_sets(InstanceArn=company.arn)["PermissionSets"] == []
    assert refusal(sso.describe_permission_set, **which)[0] == ABSENT


def test_policies_and_the_boundary_of_a_permission_set(company: Company) -> None:
    sso, which, reference = company.sso(), company.make_set(), {"Name": "Build", "Path": "/"}
    custom = {"CustomerManagedPolicyReference": {"Name": "Build"}}
    inline = json.dumps({"Version": "2012-10-17", "Statement": []})

    assert sso.get_inline_policy_for_permission_set(**which)["InlinePolicy"] == ""
    assert refusal(sso.get_permissions_boundary_for_permission_set, **which)[0] == ABSENT
    sso.attach_managed_policy_to_permission_set(**which, ManagedPolicyArn=READ_ONLY)
    sso.attach_customer_managed_policy_reference_to_permission_set(**which, **custom)
    sso.put_inline_policy_to_permission_set(**which, InlinePolicy=inline)
    sso.put_permissions_boundary_to_permission_set(**which, PermissionsBoundary=custom)

    again = refusal(sso.attach_managed_policy_to_permission_set, **which, ManagedPolicyArn=READ_ONLY)
    assert again[0] == CONFLICT
    unknown = refusal(sso.attach_managed_policy_to_permission_set, **which, ManagedPolicyArn=f"{READ_ONLY}No")
    assert unknown[0] == ABSENT
    attached = sso.list_managed_policies_in_permission_set(**which)["AttachedManagedPolicies"]
    assert attached == [{"Name": "ReadOnlyAccess", "Arn": READ_ONLY}]
    listed = sso.list_customer_managed_policy_references_in_permission_set(**which)
    assert listed["CustomerManagedPolicyReferences"] == [reference]
    boundary = sso.get_permissions_boundary_for_permission_set(**which)["PermissionsBoundary"]
    assert boundary == {"CustomerManagedPolicyReference": reference}
    large = json.dumps({"Statement": "x" * 10240})
    too_large = refusal(sso.put_inline_policy_to_permission_set, **which, InlinePolicy=large)
    assert too_large[0] == "ServiceQuotaExceededException"
    for name in ("delete_inline_policy_from_permission_set", "delete_permissions_boundary_from_permission_set"):
        getattr(sso, name)(**which)
    sso.detach_managed_policy_from_permission_set(**which, ManagedPolicyArn=READ_ONLY)
    sso.detach_customer_managed_policy_reference_from_permission_set(**which, **custom)
    assert sso.get_inline_policy_for_permission_set(**which)["InlinePolicy"] == ""


def test_an_assignment_is_made_and_taken_away_after_its_answer(company: Company) -> None:
    sso, which, group = company.sso(), company.make_set(), company.make_group()
    about = company.about(which, group)

    status = sso.create_account_assignment(**about)["AccountAssignmentCreationStatus"]
    principal = {"InstanceArn": company.arn, "PrincipalType": "GROUP", "PrincipalId": group}
    assert sso.list_account_assignments_for_principal(**principal)["AccountAssignments"] == []
    assert refusal(sso.create_account_assignment, **about)[0] == CONFLICT
    assert company.ended(status)["Status"] == "SUCCEEDED"

    [made] = sso.list_account_assignments_for_principal(**principal)["AccountAssignments"]
    assert made["AccountId"] == company.work
    assert len(sso.list_account_assignments(**which, AccountId=company.work)["AccountAssignments"]) == 1
    there = sso.list_permission_sets_provisioned_to_account(InstanceArn=company.arn, AccountId=company.work)
    assert there["PermissionSets"] == [which["PermissionSetArn"]]
    assert refusal(sso.delete_permission_set, **which)[0] == CONFLICT
    only = company.sso(company.shared).list_account_assignments_for_principal
    assert refusal(only, **principal)[0] == DENIED
    assert company.assign(about)["Status"] == "SUCCEEDED"
    deletion = sso.delete_account_assignment(**about)["AccountAssignmentDeletionStatus"]
    company.wait()
    asked = {"InstanceArn": company.arn, "AccountAssignmentDeletionRequestId": deletion["RequestId"]}
    told = sso.describe_account_assignment_deletion_status(**asked)["AccountAssignmentDeletionStatus"]
    assert told["Status"] == "SUCCEEDED"
    assert refusal(sso.delete_account_assignment, **about)[0] == ABSENT
    listed = sso.list_account_assignment_deletion_status(InstanceArn=company.arn, Filter={"Status": "SUCCEEDED"})
    assert len(listed["AccountAssignmentsDeletionStatus"]) == 1
    sso.delete_permission_set(**which)


def test_what_an_assignment_cannot_be_of(company: Company) -> None:
    which, group = company.make_set(), company.make_group()
    create = company.sso().create_account_assignment
    nobody = company.about(which, "00000000-0000-0000-0000-000000000000")
    assert refusal(create, **nobody)[0] == ABSENT
    assert refusal(create, **company.about(which, group, "999999999999"))[0] == "ValidationException"
    reference = {"CustomerManagedPolicyReference": {"Name": "Build"}}
    company.sso().attach_customer_managed_policy_reference_to_permission_set(**which, **reference)
    failed = company.assign(company.about(which, group))
    assert failed["Status"] == "FAILED"
    assert "policy/Build does not exist" in failed["FailureReason"]
    company.aws.client("iam", HOME, company.work).create_policy(
        PolicyName="Build",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
        ),
    )
    assert company.assign(company.about(which, group))["Status"] == "SUCCEEDED"


def test_ten_assignments_are_on_their_way_at_a_time(company: Company) -> None:
    group, create = company.make_group(), company.sso().create_account_assignment
    for number in range(10):
        create(**company.about(company.make_set(f"Set{number}"), group))
    last = company.about(company.make_set("Last"), group)

    assert refusal(create, **last)[0] == CONFLICT
    company.wait()
    create(**last)


def test_a_change_is_in_accounts_once_it_is_provisioned(company: Company) -> None:
    sso, which, group = company.sso(), company.make_set(), company.make_group()
    company.assign(company.about(which, group))
    sso.attach_managed_policy_to_permission_set(**which, ManagedPolicyArn=READ_ONLY)

    def outdated() -> list[str]:
        status = "LATEST_PERMISSION_SET_NOT_PROVISIONED"
        answer = sso.list_accounts_for_provisioned_permission_set(**which, ProvisioningStatus=status)
        return list(answer["AccountIds"])

    assert outdated() == [company.work]
    everywhere = {**which, "TargetType": "ALL_PROVISIONED_ACCOUNTS"}
    request = sso.provision_permission_set(**everywhere)["PermissionSetProvisioningStatus"]
    assert request["Status"] == "IN_PROGRESS"
    assert refusal(sso.provision_permission_set, **everywhere)[0] == CONFLICT
    company.wait()
    asked = {"InstanceArn": company.arn, "ProvisionPermissionSetRequestId": request["RequestId"]}
    told = sso.describe_permission_set_provisioning_status(**asked)["PermissionSetProvisioningStatus"]
    assert (told["Status"], outdated()) == ("SUCCEEDED", [])
    assert refusal(sso.provision_permission_set, **which, TargetType="AWS_ACCOUNT")[0] == "ValidationException"


def test_the_administrator_manages_all_but_what_is_in_the_management_account(company: Company) -> None:
    which, group = company.make_set(), company.make_group()
    ours = company.sso(company.shared)
    ours.update_permission_set(**which, Description="By the administrator")
    ours.create_account_assignment(**company.about(which, group))
    company.wait()
    here = company.about(which, group, MANAGEMENT_ACCOUNT_ID)
    assert refusal(ours.create_account_assignment, **here)[0] == DENIED
    company.assign(here)
    assert refusal(ours.update_permission_set, **which, Description="No")[0] == DENIED
    assert refusal(company.sso(company.work).list_permission_sets, InstanceArn=company.arn)[0] == DENIED
    company.aws.client("organizations").disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    assert refusal(company.sso().list_permission_sets, InstanceArn=company.arn)[0] == DENIED
