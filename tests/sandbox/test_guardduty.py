from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "guardduty.amazonaws.com"
INVALID = "The request is rejected because an invalid or out-of-range value is specified as an input parameter."
NO_PERMISSION = "The request failed because you do not have required AWS Organization master permission."
NOT_OWNED = "The request is rejected because the input detectorId is not owned by the current account."
MANAGED = "The request is rejected because the current account is managed by its administrator account."
PLANS = {"S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"}


def rejection(call: Any, **parameters: Any) -> str:
    """The message with which GuardDuty refuses a call; code and type are always the same."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer: Any = raised.value.response
    assert (answer["Error"]["Code"], answer["Type"]) == ("BadRequestException", "InvalidInputException")
    message: str = answer["Error"]["Message"]
    return message


def by_name(features: list[dict[str, Any]], key: str = "Status") -> dict[str, str]:
    """The features, and what is configured additionally as feature/name, with their values."""
    found = {}
    for feature in features:
        found[feature["Name"]] = feature[key]
        for one in feature.get("AdditionalConfiguration", []):
            found[f"{feature['Name']}/{one['Name']}"] = one[key]
    return found


@dataclass
class Company:
    """An organization with the accounts audit and log, where GuardDuty has trusted access."""

    aws: Aws
    audit: str
    log: str

    def guardduty(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("guardduty", region, account)

    def delegate(self, region: str = HOME) -> None:
        self.guardduty(region=region).enable_organization_admin_account(AdminAccountId=self.audit)
        self.aws.clock.wait(self.aws.settings.guardduty_first_delegation_seconds)

    def detector(self, account: str | None = None, region: str = HOME) -> str:
        [detector_id] = self.guardduty(account, region).list_detectors()["DetectorIds"]
        found: str = detector_id
        return found

    def configure(self, region: str = HOME, **configuration: Any) -> None:
        client = self.guardduty(self.audit, region)
        client.update_organization_configuration(DetectorId=self.detector(self.audit, region), **configuration)

    def create_members(self, *account_ids: str) -> dict[str, str]:
        """Add members; give why accounts were not processed."""
        details = [{"AccountId": account_id, "Email": "a@example.com"} for account_id in account_ids]
        client = self.guardduty(self.audit)
        answer = client.create_members(DetectorId=self.detector(self.audit), AccountDetails=details)
        return unprocessed(answer)

    def members(self, *, associated: bool = True) -> dict[str, str]:
        client = self.guardduty(self.audit)
        only = str(associated).lower()
        members = client.list_members(DetectorId=self.detector(self.audit), OnlyAssociated=only)["Members"]
        return {member["AccountId"]: member["RelationshipStatus"] for member in members}

    def call(self, operation: str, *account_ids: str, **parameters: Any) -> Any:
        """Call an operation on members, as the administrator."""
        call = getattr(self.guardduty(self.audit), operation)
        return call(DetectorId=self.detector(self.audit), AccountIds=list(account_ids), **parameters)

    def features(self, account: str | None) -> dict[str, str]:
        client = self.guardduty(account)
        return by_name(client.get_detector(DetectorId=self.detector(account))["Features"])


def unprocessed(answer: Any) -> dict[str, str]:
    return {one["AccountId"]: one["Result"] for one in answer["UnprocessedAccounts"]}


@pytest.fixture
def company(aws: Aws) -> Company:
    aws.found_organization()
    found = Company(aws, aws.add_account("audit"), aws.add_account("log"))
    aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    return found


@pytest.fixture
def delegated(company: Company) -> Company:
    company.delegate()
    return company


def test_an_account_has_one_detector_in_a_region(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]

    assert len(detector_id) == 32
    assert guardduty.list_detectors()["DetectorIds"] == [detector_id]
    text = "The request is rejected because a detector already exists for the current account."
    assert rejection(guardduty.create_detector, Enable=True) == text
    elsewhere = aws.client("guardduty", OTHER)
    assert elsewhere.list_detectors()["DetectorIds"] == []
    assert rejection(elsewhere.get_detector, DetectorId=detector_id) == NOT_OWNED
    guardduty.delete_detector(DetectorId=detector_id)
    assert guardduty.list_detectors()["DetectorIds"] == []
    assert rejection(guardduty.get_detector, DetectorId=detector_id) == NOT_OWNED


def test_a_new_detector_enables_everything_but_runtime_monitoring(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    detector_id = guardduty.create_detector(Enable=True, Tags={"team": "security"})["DetectorId"]

    detector = guardduty.get_detector(DetectorId=detector_id)

    features = by_name(detector["Features"])
    assert {features[name] for name in ("FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS", *PLANS)} == {"ENABLED"}
    assert {features["EKS_RUNTIME_MONITORING"], features["RUNTIME_MONITORING"]} == {"DISABLED"}
    agents = [name for name in features if name.startswith("RUNTIME_MONITORING/")]
    assert agents == [
        "RUNTIME_MONITORING/EKS_ADDON_MANAGEMENT",
        "RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT",
        "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT",
    ]
    assert {features[agent] for agent in agents} == {"DISABLED"}
    assert (detector["Status"], detector["FindingPublishingFrequency"]) == ("ENABLED", "SIX_HOURS")
    assert detector["Tags"] == {"team": "security"}
    assert detector["DataSources"]["S3Logs"] == {"Status": "ENABLED"}


def test_features_named_at_creation_leave_the_others_at_their_default(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    wanted = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    detector_id = guardduty.create_detector(Enable=False, Features=wanted)["DetectorId"]

    detector = guardduty.get_detector(DetectorId=detector_id)

    features = by_name(detector["Features"])
    assert features["S3_DATA_EVENTS"] == "DISABLED"
    assert {features[name] for name in PLANS - {"S3_DATA_EVENTS"}} == {"ENABLED"}
    assert detector["Status"] == "DISABLED"


def test_an_update_changes_what_it_names_and_nothing_else(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
    before = guardduty.get_detector(DetectorId=detector_id)
    agent = {"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}
    runtime = {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": [agent]}
    aws.clock.wait(60)

    s3 = {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}
    guardduty.update_detector(DetectorId=detector_id, Features=[runtime, s3])
    guardduty.update_detector(DetectorId=detector_id, FindingPublishingFrequency="FIFTEEN_MINUTES")

    after = guardduty.get_detector(DetectorId=detector_id)
    changed = {"RUNTIME_MONITORING": "ENABLED", "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT": "ENABLED"}
    assert by_name(after["Features"]) == by_name(before["Features"]) | changed
    assert after["FindingPublishingFrequency"] == "FIFTEEN_MINUTES"
    assert after["Status"] == "ENABLED"
    touched = [new["Name"] for old, new in zip(before["Features"], after["Features"], strict=True) if old != new]
    assert touched == ["RUNTIME_MONITORING"]


@pytest.mark.parametrize(
    "features",
    [
        [{"Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED"}, {"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}],
        [{"Name": "FLOW_LOGS", "Status": "DISABLED"}],
        [{"Name": "S3_DATA_EVENTS", "Status": "NEW"}],
        [
            {
                "Name": "S3_DATA_EVENTS",
                "Status": "DISABLED",
                "AdditionalConfiguration": [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}],
            }
        ],
        [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}, {"Name": "NO_SUCH_PLAN", "Status": "ENABLED"}],
    ],
    ids=["both runtime monitorings", "foundational", "wrong value", "foreign additional", "unknown"],
)
def test_features_that_cannot_be_are_refused_and_nothing_changes(aws: Aws, features: Any) -> None:
    guardduty = aws.client("guardduty")
    assert rejection(guardduty.create_detector, Enable=True, Features=features) == INVALID
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
    before = guardduty.get_detector(DetectorId=detector_id)

    assert rejection(guardduty.update_detector, DetectorId=detector_id, Features=features) == INVALID
    assert guardduty.get_detector(DetectorId=detector_id)["Features"] == before["Features"]


def test_an_unknown_publishing_frequency_is_refused(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    assert rejection(guardduty.create_detector, Enable=True, FindingPublishingFrequency="DAILY") == INVALID
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
    assert rejection(guardduty.update_detector, DetectorId=detector_id, FindingPublishingFrequency="DAILY") == INVALID


def test_data_sources_cannot_be_set_in_the_sandbox(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    sources = {"S3Logs": {"Enable": False}}
    assert refusal(guardduty.create_detector, Enable=True, DataSources=sources)[0] == "SandboxNotImplemented"


def test_taipei_lacks_rds_protection(aws: Aws) -> None:
    aws.client("account").enable_region(RegionName="ap-east-2")
    aws.clock.wait(aws.settings.region_seconds)
    guardduty = aws.client("guardduty", "ap-east-2")
    wanted = [{"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]

    assert rejection(guardduty.create_detector, Enable=True, Features=wanted) == INVALID
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
    features = by_name(guardduty.get_detector(DetectorId=detector_id)["Features"])
    assert "RDS_LOGIN_EVENTS" not in features
    assert "S3_DATA_EVENTS" in features


def test_a_feature_that_a_region_lacks_is_neither_shown_nor_taken_there(delegated: Company) -> None:
    delegated.aws.settings.guardduty_missing_features = {HOME: frozenset({"LAMBDA_NETWORK_LOGS"})}
    delegated.create_members(delegated.log)
    administrator, detector_id = delegated.guardduty(delegated.audit), delegated.detector(delegated.audit)

    described = administrator.describe_organization_configuration(DetectorId=detector_id)["Features"]
    [member] = delegated.call("get_member_detectors", delegated.log)["MemberDataSourceConfigurations"]
    assert "LAMBDA_NETWORK_LOGS" not in {one["Name"] for one in (*described, *member["Features"])}
    feature = {"Name": "LAMBDA_NETWORK_LOGS"}
    update = administrator.update_organization_configuration
    parameters = {"DetectorId": detector_id, "AutoEnable": True, "Features": [feature | {"AutoEnable": "ALL"}]}
    assert rejection(update, **parameters) == INVALID
    update = administrator.update_member_detectors
    parameters = {
        "DetectorId": detector_id,
        "AccountIds": [delegated.log],
        "Features": [feature | {"Status": "ENABLED"}],
    }
    assert rejection(update, **parameters) == INVALID


def test_a_detector_carries_tags(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
    arn = f"arn:aws:guardduty:{HOME}:{MANAGEMENT_ACCOUNT_ID}:detector/{detector_id}"

    guardduty.tag_resource(ResourceArn=arn, Tags={"team": "security", "stage": "prod"})
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["stage"])

    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "security"}
    assert guardduty.get_detector(DetectorId=detector_id)["Tags"] == {"team": "security"}
    foreign = arn.replace(HOME, OTHER)
    assert rejection(guardduty.list_tags_for_resource, ResourceArn=foreign) == INVALID


def test_only_the_management_account_delegates(company: Company) -> None:
    member = company.guardduty(company.log)
    assert rejection(member.enable_organization_admin_account, AdminAccountId=company.audit) == NO_PERMISSION
    assert rejection(member.disable_organization_admin_account, AdminAccountId=company.audit) == NO_PERMISSION
    assert rejection(member.list_organization_admin_accounts) == NO_PERMISSION


def test_outside_of_an_organization_nobody_delegates(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    assert rejection(guardduty.enable_organization_admin_account, AdminAccountId="1" * 12) == NO_PERMISSION


def test_a_delegation_needs_trusted_access(company: Company) -> None:
    company.aws.client("organizations").disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    guardduty = company.guardduty()
    assert rejection(guardduty.enable_organization_admin_account, AdminAccountId=company.audit) == INVALID
    assert guardduty.list_organization_admin_accounts()["AdminAccounts"] == []


def test_only_an_active_member_can_administer(company: Company) -> None:
    company.aws.client("organizations").close_account(AccountId=company.log)
    company.aws.clock.wait(company.aws.settings.account_closure_seconds)
    enable = company.guardduty().enable_organization_admin_account

    assert rejection(enable, AdminAccountId=company.log) == INVALID
    assert rejection(enable, AdminAccountId="999999999999") == INVALID
    assert refusal(enable, AdminAccountId=MANAGEMENT_ACCOUNT_ID)[0] == "SandboxNotImplemented"


def test_a_delegation_registers_the_administrator_and_a_detector_appears_after_a_while(company: Company) -> None:
    guardduty = company.guardduty()
    guardduty.enable_organization_admin_account(AdminAccountId=company.audit)

    expected = [{"AdminAccountId": company.audit, "AdminStatus": "ENABLED"}]
    assert guardduty.list_organization_admin_accounts()["AdminAccounts"] == expected
    assert company.guardduty(region=OTHER).list_organization_admin_accounts()["AdminAccounts"] == []
    organizations = company.aws.client("organizations")
    [registered] = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert registered["Id"] == company.audit
    assert company.guardduty(company.audit).list_detectors()["DetectorIds"] == []
    company.aws.clock.wait(company.aws.settings.guardduty_detector_seconds)
    assert company.features(company.audit)["S3_DATA_EVENTS"] == "ENABLED"
    assert company.guardduty(company.audit, OTHER).list_detectors()["DetectorIds"] == []


def test_a_detector_that_the_administrator_has_stays(company: Company) -> None:
    detector_id = company.guardduty(company.audit).create_detector(Enable=True)["DetectorId"]
    company.delegate()
    assert company.detector(company.audit) == detector_id


def test_no_detector_appears_where_the_administrator_has_not_enabled_the_region(company: Company) -> None:
    company.aws.client("account").enable_region(RegionName="eu-south-1")
    company.aws.clock.wait(company.aws.settings.region_seconds)
    company.delegate("eu-south-1")
    organizations = company.aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    company.aws.client("account").enable_region(RegionName="eu-south-1", AccountId=company.audit)
    company.aws.clock.wait(company.aws.settings.region_seconds)
    assert company.guardduty(company.audit, "eu-south-1").list_detectors()["DetectorIds"] == []


def test_accounts_that_have_not_enabled_the_region_are_no_members(company: Company) -> None:
    region = "eu-south-1"
    account = company.aws.client("account")
    company.aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    account.enable_region(RegionName=region)
    account.enable_region(RegionName=region, AccountId=company.audit)
    company.aws.clock.wait(company.aws.settings.region_seconds)
    company.delegate(region)
    administrator, own = company.guardduty(company.audit, region), company.detector(company.audit, region)
    company.configure(region, AutoEnableOrganizationMembers="ALL")
    company.aws.clock.wait(company.aws.settings.guardduty_auto_enable_seconds)

    assert administrator.list_members(DetectorId=own)["Members"] == []
    details = [{"AccountId": company.log, "Email": "log@example.com"}]
    answer = administrator.create_members(DetectorId=own, AccountDetails=details)
    assert unprocessed(answer) == {company.log: INVALID}


def test_there_is_one_administrator_for_all_regions(delegated: Company) -> None:
    same = "The request failed because the account is already enabled as the GuardDuty delegated administrator"
    enable, elsewhere = (
        delegated.guardduty(region=region).enable_organization_admin_account for region in (HOME, OTHER)
    )

    assert rejection(enable, AdminAccountId=delegated.audit).startswith(same)
    assert "another account" in rejection(enable, AdminAccountId=delegated.log)
    assert "another account" in rejection(elsewhere, AdminAccountId=delegated.log)
    elsewhere(AdminAccountId=delegated.audit)


def test_other_regions_wait_for_the_first_delegation_to_settle(company: Company) -> None:
    company.guardduty().enable_organization_admin_account(AdminAccountId=company.audit)
    elsewhere = company.guardduty(region=OTHER)

    assert rejection(elsewhere.enable_organization_admin_account, AdminAccountId=company.audit) == INVALID
    company.aws.clock.wait(company.aws.settings.guardduty_first_delegation_seconds)
    elsewhere.enable_organization_admin_account(AdminAccountId=company.audit)
    company.guardduty(region="eu-west-3").enable_organization_admin_account(AdminAccountId=company.audit)


def test_the_first_region_takes_a_delegation_again_without_waiting(company: Company) -> None:
    guardduty = company.guardduty()
    guardduty.enable_organization_admin_account(AdminAccountId=company.audit)
    guardduty.disable_organization_admin_account(AdminAccountId=company.audit)
    guardduty.enable_organization_admin_account(AdminAccountId=company.audit)
    assert len(guardduty.list_organization_admin_accounts()["AdminAccounts"]) == 1


def test_a_delegation_begins_anew_with_nothing_enabled(delegated: Company) -> None:
    delegated.configure(AutoEnable=True, Features=[{"Name": "S3_DATA_EVENTS", "AutoEnable": "ALL"}])
    delegated.guardduty().disable_organization_admin_account(AdminAccountId=delegated.audit)
    delegated.delegate()
    client, own = delegated.guardduty(delegated.audit), delegated.detector(delegated.audit)
    found = client.describe_organization_configuration(DetectorId=own)
    assert {found["AutoEnableOrganizationMembers"], *by_name(found["Features"], "AutoEnable").values()} == {"NONE"}


def test_a_new_administrator_takes_over_from_one_that_lost_its_registration(delegated: Company) -> None:
    other = delegated.aws.add_account("other")
    delegated.create_members(other)
    organizations = delegated.aws.client("organizations")
    organizations.deregister_delegated_administrator(AccountId=delegated.audit, ServicePrincipal=PRINCIPAL)
    delegated.guardduty().enable_organization_admin_account(AdminAccountId=delegated.log)
    assert delegated.members(associated=False) == {}
    member, own = delegated.guardduty(other), delegated.detector(other)
    assert "Administrator" not in member.get_administrator_account(DetectorId=own)


def test_the_end_of_a_delegation_leaves_guardduty_on_and_the_registration_to_organizations(
    delegated: Company,
) -> None:
    delegated.create_members(delegated.log)
    management, organizations = delegated.guardduty(), delegated.aws.client("organizations")
    assert rejection(management.disable_organization_admin_account, AdminAccountId=delegated.log) == INVALID

    management.disable_organization_admin_account(AdminAccountId=delegated.audit)

    assert management.list_organization_admin_accounts()["AdminAccounts"] == []
    assert delegated.members(associated=False) == {}
    member, detector_id = delegated.guardduty(delegated.log), delegated.detector(delegated.log)
    assert "Administrator" not in member.get_administrator_account(DetectorId=detector_id)
    registration = {"AccountId": delegated.audit, "ServicePrincipal": PRINCIPAL}
    assert "another account" in rejection(management.enable_organization_admin_account, AdminAccountId=delegated.log)
    organizations.deregister_delegated_administrator(**registration)
    management.enable_organization_admin_account(AdminAccountId=delegated.log)


def test_a_delegation_ends_in_its_region_only(delegated: Company) -> None:
    delegated.delegate(OTHER)

    delegated.guardduty().disable_organization_admin_account(AdminAccountId=delegated.audit)

    assert rejection(delegated.configure, AutoEnable=True) == NO_PERMISSION
    delegated.configure(OTHER, AutoEnable=True)


def test_without_its_registration_an_administrator_has_no_permission(delegated: Company) -> None:
    organizations = delegated.aws.client("organizations")
    organizations.deregister_delegated_administrator(AccountId=delegated.audit, ServicePrincipal=PRINCIPAL)
    assert rejection(delegated.configure, AutoEnable=True) == NO_PERMISSION
    assert delegated.guardduty().list_organization_admin_accounts()["AdminAccounts"] == []


def test_the_organization_is_configured_by_its_administrator_once_the_delegation_is_in_effect(
    company: Company,
) -> None:
    company.guardduty().enable_organization_admin_account(AdminAccountId=company.audit)
    company.aws.clock.wait(company.aws.settings.guardduty_detector_seconds)
    administrator, detector_id = company.guardduty(company.audit), company.detector(company.audit)
    describe = administrator.describe_organization_configuration

    assert rejection(describe, DetectorId=detector_id) == NO_PERMISSION
    assert rejection(company.configure, AutoEnableOrganizationMembers="ALL") == NO_PERMISSION
    company.aws.clock.wait(company.aws.settings.guardduty_delegation_seconds)
    company.configure(AutoEnableOrganizationMembers="ALL")
    assert describe(DetectorId=detector_id)["AutoEnableOrganizationMembers"] == "ALL"
    member = company.guardduty(company.log)
    assert rejection(member.describe_organization_configuration, DetectorId=detector_id) == NOT_OWNED
    own = member.create_detector(Enable=True)["DetectorId"]
    assert rejection(member.describe_organization_configuration, DetectorId=own) == NO_PERMISSION


def test_at_first_nothing_is_enabled_in_an_organization(delegated: Company) -> None:
    client, detector_id = delegated.guardduty(delegated.audit), delegated.detector(delegated.audit)

    found = client.describe_organization_configuration(DetectorId=detector_id)

    assert (found["AutoEnable"], found["AutoEnableOrganizationMembers"]) == (False, "NONE")
    features = by_name(found["Features"], "AutoEnable")
    assert set(features) >= PLANS
    assert set(features.values()) == {"NONE"}
    assert not found["MemberAccountLimitReached"]
    first = client.describe_organization_configuration(DetectorId=detector_id, MaxResults=2)
    rest = client.describe_organization_configuration(DetectorId=detector_id, NextToken=first["NextToken"])
    assert first["Features"] + rest["Features"] == found["Features"]


def test_a_configuration_names_what_is_enabled_once_and_merges_features(delegated: Company) -> None:
    s3, eks = ({"Name": name, "AutoEnable": "ALL"} for name in ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS"))

    assert rejection(delegated.configure, Features=[s3]) == INVALID
    assert rejection(delegated.configure, AutoEnable=True, AutoEnableOrganizationMembers="NEW") == INVALID
    assert rejection(delegated.configure, AutoEnableOrganizationMembers="SOME") == INVALID
    assert rejection(delegated.configure, AutoEnable=True, Features=[{"Name": "AI_ANALYST", "AutoEnable": "ALL"}])
    delegated.configure(AutoEnable=True, Features=[s3])
    delegated.configure(AutoEnableOrganizationMembers="NEW", Features=[eks])
    found = delegated.guardduty(delegated.audit).describe_organization_configuration(
        DetectorId=delegated.detector(delegated.audit)
    )
    features = by_name(found["Features"], "AutoEnable")
    assert {name for name, value in features.items() if value == "ALL"} == {"S3_DATA_EVENTS", "EKS_AUDIT_LOGS"}
    assert (found["AutoEnable"], found["AutoEnableOrganizationMembers"]) == (True, "NEW")


def test_all_enables_guardduty_in_existing_accounts_after_a_while(delegated: Company) -> None:
    closed = delegated.aws.add_account("closed")
    delegated.aws.client("organizations").close_account(AccountId=closed)
    delegated.aws.clock.wait(delegated.aws.settings.account_closure_seconds)

    agent = {"Name": "EC2_AGENT_MANAGEMENT", "AutoEnable": "ALL"}
    runtime = {"Name": "RUNTIME_MONITORING", "AutoEnable": "ALL", "AdditionalConfiguration": [agent]}
    delegated.configure(AutoEnableOrganizationMembers="ALL", Features=[runtime])

    assert delegated.guardduty(delegated.log).list_detectors()["DetectorIds"] == []
    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    features = delegated.features(delegated.log)
    on = {name for name, value in features.items() if value == "ENABLED"}
    runtime_on = {"RUNTIME_MONITORING", "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"}
    assert on == {"FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS"} | runtime_on
    assert delegated.members(associated=False) == {delegated.log: "Enabled"}


def test_the_management_account_becomes_a_member_only_with_a_detector_of_its_own(delegated: Company) -> None:
    text = "Operation failed because your organization master must first enable GuardDuty to be added as a member"
    assert delegated.create_members(MANAGEMENT_ACCOUNT_ID) == {MANAGEMENT_ACCOUNT_ID: text}
    delegated.configure(AutoEnableOrganizationMembers="ALL")
    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    assert MANAGEMENT_ACCOUNT_ID not in delegated.members()

    delegated.guardduty().create_detector(Enable=True)

    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    assert delegated.members()[MANAGEMENT_ACCOUNT_ID] == "Enabled"
    assert delegated.features(None)["S3_DATA_EVENTS"] == "ENABLED"


def test_all_for_a_feature_reaches_the_members_there_are_and_new_does_not(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    s3 = {"Name": "S3_DATA_EVENTS", "AutoEnable": "ALL"}
    eks = {"Name": "EKS_AUDIT_LOGS", "AutoEnable": "NEW"}

    delegated.configure(AutoEnableOrganizationMembers="NONE", Features=[s3, eks])

    assert delegated.features(delegated.log)["S3_DATA_EVENTS"] == "DISABLED"
    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    features = delegated.features(delegated.log)
    assert (features["S3_DATA_EVENTS"], features["EKS_AUDIT_LOGS"]) == ("ENABLED", "DISABLED")


def test_new_enables_guardduty_in_accounts_that_join_and_in_no_others(delegated: Company) -> None:
    s3 = {"Name": "S3_DATA_EVENTS", "AutoEnable": "NEW"}
    delegated.configure(AutoEnableOrganizationMembers="NEW", Features=[s3])
    delegated.aws.settings.guardduty_auto_enable_seconds = 100

    joined = delegated.aws.add_account("joined")

    assert delegated.members() == {}
    delegated.aws.clock.wait(100)
    assert delegated.members() == {joined: "Enabled"}
    features = delegated.features(joined)
    assert (features["S3_DATA_EVENTS"], features["EKS_AUDIT_LOGS"]) == ("ENABLED", "DISABLED")


def test_accounts_from_before_the_delegation_are_no_new_ones(company: Company) -> None:
    company.aws.settings.guardduty_auto_enable_seconds = 1000
    company.delegate()
    company.configure(AutoEnableOrganizationMembers="NEW")
    company.aws.clock.wait(1000)
    assert company.members() == {}


def test_accounts_that_joined_while_nothing_was_enabled_are_no_new_ones_later(delegated: Company) -> None:
    delegated.aws.add_account("early")
    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    delegated.configure(AutoEnableOrganizationMembers="NEW")
    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    assert delegated.members() == {}


def test_an_account_of_the_organization_becomes_a_member_at_once_with_what_the_organization_enables(
    delegated: Company,
) -> None:
    delegated.configure(
        AutoEnableOrganizationMembers="NONE",
        Features=[{"Name": "S3_DATA_EVENTS", "AutoEnable": "ALL"}, {"Name": "EKS_AUDIT_LOGS", "AutoEnable": "NEW"}],
    )

    assert delegated.create_members(delegated.log) == {}

    features = delegated.features(delegated.log)
    assert {name for name in PLANS if features[name] == "ENABLED"} == {"S3_DATA_EVENTS", "EKS_AUDIT_LOGS"}
    [member] = delegated.call("get_members", delegated.log)["Members"]
    assert member["RelationshipStatus"] == "Enabled"
    assert member["DetectorId"] == delegated.detector(delegated.log)
    assert member["AdministratorId"] == member["MasterId"] == delegated.audit
    assert "Email" not in member


def test_a_detector_that_a_new_member_has_keeps_what_the_organization_does_not_enable(delegated: Company) -> None:
    detector_id = delegated.guardduty(delegated.log).create_detector(Enable=False)["DetectorId"]
    delegated.create_members(delegated.log)
    detector = delegated.guardduty(delegated.log).get_detector(DetectorId=detector_id)
    assert detector["Status"] == "ENABLED"
    assert by_name(detector["Features"])["S3_DATA_EVENTS"] == "ENABLED"


def test_creating_an_existing_member_applies_the_configuration_again(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    delegated.configure(
        AutoEnableOrganizationMembers="NONE", Features=[{"Name": "S3_DATA_EVENTS", "AutoEnable": "NEW"}]
    )
    assert delegated.create_members(delegated.log) == {}
    assert delegated.features(delegated.log)["S3_DATA_EVENTS"] == "ENABLED"


def test_an_account_outside_of_the_organization_must_be_invited(delegated: Company) -> None:
    outsider = "999999999999"
    text = (
        "The request is rejected because the given account ID is already a member or associated member of the "
        "current account."
    )

    assert delegated.create_members(outsider) == {}
    assert delegated.create_members(outsider) == {outsider: text}
    assert delegated.members() == {}
    assert delegated.members(associated=False) == {outsider: "Created"}
    [member] = delegated.call("get_members", outsider)["Members"]
    assert member["Email"] == "a@example.com"
    assert "DetectorId" not in member
    assert set(unprocessed(delegated.call("get_member_detectors", outsider))) == {outsider}
    delegated.call("delete_members", outsider)
    assert delegated.members(associated=False) == {}


def test_who_does_not_administer_the_organization_can_only_invite(company: Company) -> None:
    client = company.guardduty(company.audit)
    detector_id = client.create_detector(Enable=True)["DetectorId"]
    details = [{"AccountId": one, "Email": "a@example.com"} for one in (company.log, company.audit)]
    answer = client.create_members(DetectorId=detector_id, AccountDetails=details)
    assert unprocessed(answer) == {company.audit: INVALID}
    assert company.members(associated=False) == {company.log: "Created"}
    assert company.guardduty(company.log).list_detectors()["DetectorIds"] == []
    company.delegate()
    assert company.create_members(company.log) == {}
    assert company.members() == {company.log: "Enabled"}


def test_the_administrator_and_closed_accounts_cannot_be_members(delegated: Company) -> None:
    delegated.aws.client("organizations").close_account(AccountId=delegated.log)
    delegated.aws.clock.wait(delegated.aws.settings.account_closure_seconds)
    accounts = (delegated.audit, delegated.log)
    assert delegated.create_members(*accounts) == dict.fromkeys(accounts, INVALID)


def test_no_call_takes_more_than_50_accounts(delegated: Company) -> None:
    many = [f"{number:012}" for number in range(51)]
    text = "The request failed because the length provided for the {} array was 51. Max allowed length is 50."

    details = [{"AccountId": account_id, "Email": "a@example.com"} for account_id in many]
    client, detector_id = delegated.guardduty(delegated.audit), delegated.detector(delegated.audit)
    refused = rejection(client.create_members, DetectorId=detector_id, AccountDetails=details)
    assert refused == text.format("accountDetails")
    features = [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]
    for operation, more in (
        ("get_members", {}),
        ("get_member_detectors", {}),
        ("update_member_detectors", {"Features": features}),
        ("disassociate_members", {}),
    ):
        refused = rejection(getattr(client, operation), DetectorId=detector_id, AccountIds=many, **more)
        assert refused == text.format("accountIds")


def test_members_come_in_pages_of_50(delegated: Company) -> None:
    client, detector_id = delegated.guardduty(delegated.audit), delegated.detector(delegated.audit)
    everyone = [f"{number:012}" for number in range(70)]
    delegated.create_members(*everyone[:50])
    delegated.create_members(*everyone[50:])

    pages = list(client.get_paginator("list_members").paginate(DetectorId=detector_id, OnlyAssociated="false"))

    assert [len(page["Members"]) for page in pages] == [50, 20]
    assert [member["AccountId"] for page in pages for member in page["Members"]] == everyone
    assert rejection(client.list_members, DetectorId=detector_id, OnlyAssociated="True") == INVALID
    assert rejection(client.list_members, DetectorId=detector_id, NextToken="made up") == INVALID


def test_by_default_only_associated_members_are_listed(delegated: Company) -> None:
    delegated.create_members(delegated.log, "999999999999")
    client = delegated.guardduty(delegated.audit)
    members = client.list_members(DetectorId=delegated.detector(delegated.audit))["Members"]
    assert [member["AccountId"] for member in members] == [delegated.log]


def test_the_administrator_reads_and_changes_the_features_of_its_members(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    s3 = {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}

    answer = delegated.call("update_member_detectors", delegated.log, "999999999999", Features=[s3])

    text = (
        "The request is rejected because the given account ID is not an associated member of account the current "
        "account."
    )
    assert unprocessed(answer) == {"999999999999": text}
    answer = delegated.call("get_member_detectors", delegated.log, "999999999999")
    assert unprocessed(answer) == {"999999999999": text}
    [found] = answer["MemberDataSourceConfigurations"]
    assert found["AccountId"] == delegated.log
    features = by_name(found["Features"])
    assert {name for name, value in features.items() if value == "ENABLED"} == {"S3_DATA_EVENTS"}
    assert "FLOW_LOGS" not in features
    assert found["DataSources"]["S3Logs"] == {"Status": "ENABLED"}
    assert delegated.features(delegated.log)["S3_DATA_EVENTS"] == "ENABLED"


def test_a_member_cannot_change_or_delete_its_detector_nor_leave_its_administrator(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    member, own = delegated.guardduty(delegated.log), {"DetectorId": delegated.detector(delegated.log)}

    s3 = [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]
    assert rejection(member.update_detector, **own, Features=s3) == MANAGED
    assert rejection(member.update_detector, **own, FindingPublishingFrequency="ONE_HOUR") == MANAGED
    assert rejection(member.update_detector, **own, Enable=False) == MANAGED
    assert rejection(member.delete_detector, **own) == MANAGED
    assert "cannot disassociate itself" in rejection(member.disassociate_from_administrator_account, **own)
    delegated.call("disassociate_members", delegated.log)
    member.update_detector(**own, Features=s3)
    member.delete_detector(**own)


def test_the_administrator_decides_how_often_its_members_publish(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    administrator, detector_id = delegated.guardduty(delegated.audit), delegated.detector(delegated.audit)
    administrator.update_detector(DetectorId=detector_id, FindingPublishingFrequency="ONE_HOUR")
    member = delegated.guardduty(delegated.log)
    found = member.get_detector(DetectorId=delegated.detector(delegated.log))
    assert found["FindingPublishingFrequency"] == "ONE_HOUR"


def test_an_administrator_with_members_can_neither_suspend_nor_delete_its_detector(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    administrator, own = delegated.guardduty(delegated.audit), {"DetectorId": delegated.detector(delegated.audit)}
    text = "while it has invited or associated members."

    assert rejection(administrator.delete_detector, **own).endswith(f"cannot delete detector {text}")
    assert rejection(administrator.update_detector, **own, Enable=False).endswith(f"cannot suspend detector {text}")
    delegated.call("disassociate_members", delegated.log)
    administrator.delete_detector(**own)
    administrator.create_detector(Enable=True)
    assert delegated.members(associated=False) == {}


def test_a_member_is_disassociated_then_deleted_and_keeps_guardduty(delegated: Company) -> None:
    delegated.create_members(delegated.log)

    assert set(unprocessed(delegated.call("delete_members", delegated.log))) == {delegated.log}
    assert unprocessed(delegated.call("disassociate_members", delegated.log)) == {}
    assert delegated.members() == {}
    assert delegated.members(associated=False) == {delegated.log: "Removed"}
    assert set(unprocessed(delegated.call("disassociate_members", delegated.log))) == {delegated.log}
    assert unprocessed(delegated.call("delete_members", delegated.log)) == {}
    assert delegated.members(associated=False) == {}
    assert delegated.detector(delegated.log)


@pytest.mark.parametrize("operation", ["disassociate_members", "delete_members", "stop_monitoring_members"])
def test_members_cannot_be_let_go_while_all_accounts_are_to_be_members(delegated: Company, operation: str) -> None:
    delegated.create_members(delegated.log)
    delegated.configure(AutoEnableOrganizationMembers="ALL")

    call, own = getattr(delegated.guardduty(delegated.audit), operation), delegated.detector(delegated.audit)
    assert "ALL" in rejection(call, DetectorId=own, AccountIds=[delegated.log])
    assert delegated.members() == {delegated.log: "Enabled"}


def test_all_brings_back_removed_and_suspended_members(delegated: Company) -> None:
    other = delegated.aws.add_account("other")
    delegated.create_members(delegated.log, other)
    delegated.call("disassociate_members", delegated.log)
    delegated.call("stop_monitoring_members", other)
    delegated.configure(AutoEnableOrganizationMembers="ALL")
    delegated.aws.clock.wait(delegated.aws.settings.guardduty_auto_enable_seconds)
    assert delegated.members() == {delegated.log: "Enabled", other: "Enabled"}


def test_monitoring_of_a_member_stops_and_starts(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    member, own = delegated.guardduty(delegated.log), {"DetectorId": delegated.detector(delegated.log)}

    delegated.call("stop_monitoring_members", delegated.log)
    assert delegated.members() == {delegated.log: "Disabled"}
    assert member.get_detector(**own)["Status"] == "DISABLED"
    delegated.call("start_monitoring_members", delegated.log)
    assert delegated.members() == {delegated.log: "Enabled"}
    assert member.get_detector(**own)["Status"] == "ENABLED"


def test_a_member_sees_its_administrator_and_others_see_none(delegated: Company) -> None:
    delegated.create_members(delegated.log)
    member, own = delegated.guardduty(delegated.log), {"DetectorId": delegated.detector(delegated.log)}

    expected = {"AccountId": delegated.audit, "RelationshipStatus": "Enabled"}
    assert member.get_administrator_account(**own)["Administrator"] == expected
    assert member.get_master_account(**own)["Master"] == expected
    administrator = delegated.guardduty(delegated.audit)
    own = {"DetectorId": delegated.detector(delegated.audit)}
    assert "Administrator" not in administrator.get_administrator_account(**own)
    assert "Master" not in administrator.get_master_account(**own)
