from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "macie.amazonaws.com"
OUTSIDER = "999999999999"
OFF = ("AccessDeniedException", "Macie is not enabled.")
NO_ADMINISTRATOR = (
    "AccessDeniedException",
    "The request failed because you must be the Macie administrator for an organization to perform this operation",
)
DENIED, INVALID, CONFLICT = "AccessDeniedException", "ValidationException", "ConflictException"
MISSING = "ResourceNotFoundException"


def rejection(call: Any, **parameters: Any) -> tuple[str, str]:
    """The code and the message with which Macie refuses a call."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer: Any = raised.value.response["Error"]
    return answer["Code"], answer["Message"]


@dataclass
class Company:
    """An organization with the accounts audit and log."""

    aws: Aws
    audit: str
    log: str

    def macie(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("macie2", region, account)

    def delegate(self, region: str = HOME) -> None:
        self.macie(region=region).enable_organization_admin_account(adminAccountId=self.audit)
        self.aws.clock.wait(self.aws.settings.macie_first_delegation_seconds)

    def add(self, *account_ids: str) -> None:
        """Add members, and wait for them."""
        for account_id in account_ids:
            self.macie(self.audit).create_member(account={"accountId": account_id, "email": "a@example.com"})
        self.aws.clock.wait(self.aws.settings.enabling_seconds)

    def members(self, *, associated: bool = True) -> dict[str, str]:
        pages = self.macie(self.audit).get_paginator("list_members")
        found = [m for page in pages.paginate(onlyAssociated=str(associated).lower()) for m in page["members"]]
        return {member["accountId"]: member["relationshipStatus"] for member in found}

    def discovered(self) -> dict[str, str]:
        items = self.macie(self.audit).list_automated_discovery_accounts()["items"]
        return {item["accountId"]: item["status"] for item in items}


@pytest.fixture
def company(aws: Aws) -> Company:
    aws.found_organization()
    return Company(aws, aws.add_account("audit"), aws.add_account("log"))


@pytest.fixture
def delegated(company: Company) -> Company:
    company.delegate()
    return company


READS = (
    "get_macie_session",
    "get_administrator_account",
    "get_master_account",
    "list_members",
    "get_findings_publication_configuration",
    "get_classification_export_configuration",
    "get_automated_discovery_configuration",
    "list_automated_discovery_accounts",
    "list_classification_jobs",
    "list_findings",
    "list_invitations",
    "get_usage_statistics",
    "get_usage_totals",
    "disable_macie",
)


@pytest.mark.parametrize("operation", READS)
def test_an_account_that_has_not_enabled_macie_is_told_so(aws: Aws, operation: str) -> None:
    assert rejection(getattr(aws.client("macie2"), operation)) == OFF


def test_a_session_is_enabled_updated_and_disabled(aws: Aws) -> None:
    macie = aws.client("macie2")
    macie.enable_macie()

    session = macie.get_macie_session()
    assert (session["status"], session["findingPublishingFrequency"]) == ("ENABLED", "FIFTEEN_MINUTES")
    assert session["serviceRole"].endswith("/AWSServiceRoleForAmazonMacie")
    assert rejection(macie.enable_macie) == (CONFLICT, "Macie has already been enabled")
    aws.clock.wait(60)
    macie.update_macie_session(findingPublishingFrequency="ONE_HOUR")
    macie.update_macie_session(status="PAUSED")
    after = macie.get_macie_session()
    assert (after["status"], after["findingPublishingFrequency"]) == ("PAUSED", "ONE_HOUR")
    assert (after["updatedAt"] - after["createdAt"]).total_seconds() == 60
    assert rejection(aws.client("macie2", OTHER).get_macie_session) == OFF
    macie.disable_macie()
    assert rejection(macie.get_macie_session) == OFF
    macie.enable_macie(status="PAUSED", findingPublishingFrequency="SIX_HOURS")
    again = macie.get_macie_session()
    assert (again["status"], again["findingPublishingFrequency"]) == ("PAUSED", "SIX_HOURS")


@pytest.mark.parametrize("wrong", [{"status": "ON"}, {"findingPublishingFrequency": "DAILY"}])
def test_values_that_there_are_not_are_refused(aws: Aws, wrong: dict[str, str]) -> None:
    macie = aws.client("macie2")
    assert refusal(macie.enable_macie, **wrong)[0] == INVALID
    macie.enable_macie()
    assert refusal(macie.update_macie_session, **wrong)[0] == INVALID


def test_findings_are_published_as_the_account_says(aws: Aws) -> None:
    macie = aws.client("macie2")
    macie.enable_macie()
    get = macie.get_findings_publication_configuration
    at_first = {"publishClassificationFindings": False, "publishPolicyFindings": True}
    assert get()["securityHubConfiguration"] == at_first
    wanted = {"publishClassificationFindings": True, "publishPolicyFindings": False}
    macie.put_findings_publication_configuration(securityHubConfiguration=wanted)
    macie.put_findings_publication_configuration()
    assert get()["securityHubConfiguration"] == wanted


def test_scanners_find_nothing_that_nobody_has_made(aws: Aws) -> None:
    macie = aws.client("macie2")
    macie.enable_macie()
    assert macie.list_classification_jobs()["items"] == []
    assert macie.list_findings()["findingIds"] == []
    assert macie.list_invitations()["invitations"] == []
    assert macie.get_usage_totals()["usageTotals"] == []
    assert [one["accountId"] for one in macie.get_usage_statistics()["records"]] == [MANAGEMENT_ACCOUNT_ID]


@pytest.mark.parametrize("operation", ["create_invitations", "decline_invitations"])
def test_nobody_is_invited_in_the_sandbox(aws: Aws, operation: str) -> None:
    call = getattr(aws.client("macie2"), operation)
    assert refusal(call, accountIds=[OUTSIDER])[0] == "SandboxNotImplemented"


def test_only_the_management_account_delegates(company: Company) -> None:
    member = company.macie(company.log)
    assert refusal(member.enable_organization_admin_account, adminAccountId=company.audit)[0] == DENIED
    assert refusal(member.disable_organization_admin_account, adminAccountId=company.audit)[0] == DENIED
    assert refusal(member.list_organization_admin_accounts)[0] == DENIED


def test_outside_of_an_organization_nobody_delegates(aws: Aws) -> None:
    assert refusal(aws.client("macie2").list_organization_admin_accounts)[0] == DENIED


def test_only_an_active_member_can_administer(company: Company) -> None:
    company.aws.client("organizations").close_account(AccountId=company.log)
    company.aws.clock.wait(company.aws.settings.account_closure_seconds)
    enable = company.macie().enable_organization_admin_account

    assert refusal(enable, adminAccountId=company.log)[0] == INVALID
    assert refusal(enable, adminAccountId=OUTSIDER)[0] == INVALID
    assert refusal(enable, adminAccountId=MANAGEMENT_ACCOUNT_ID)[0] == "SandboxNotImplemented"


def test_a_delegation_gives_trusted_access_registers_and_enables_macie_in_the_administrator(company: Company) -> None:
    macie, audit = company.macie(), company.macie(company.audit)
    macie.enable_organization_admin_account(adminAccountId=company.audit)

    expected = [{"accountId": company.audit, "status": "ENABLED"}]
    assert macie.list_organization_admin_accounts()["adminAccounts"] == expected
    assert company.macie(region=OTHER).list_organization_admin_accounts()["adminAccounts"] == []
    organizations = company.aws.client("organizations")
    trusted = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert PRINCIPAL in {service["ServicePrincipal"] for service in trusted}
    [registered] = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert registered["Id"] == company.audit
    assert rejection(audit.get_macie_session) == OFF
    company.aws.clock.wait(company.aws.settings.enabling_seconds)
    assert audit.get_macie_session()["status"] == "ENABLED"
    assert rejection(macie.get_macie_session) == OFF


def test_an_administrator_that_has_paused_macie_is_left_so(company: Company) -> None:
    company.macie(company.audit).enable_macie(status="PAUSED", findingPublishingFrequency="ONE_HOUR")
    company.delegate()
    assert company.macie(company.audit).get_macie_session()["status"] == "PAUSED"


def test_the_administrator_acts_a_while_after_the_delegation(company: Company) -> None:
    company.macie(company.audit).enable_macie()
    describe = company.macie(company.audit).describe_organization_configuration
    company.macie().enable_organization_admin_account(adminAccountId=company.audit)

    assert rejection(describe) == NO_ADMINISTRATOR
    company.aws.clock.wait(company.aws.settings.delegation_seconds)
    assert describe()["autoEnable"] is False
    assert describe()["maxAccountLimitReached"] is False
    company.macie(company.audit).update_organization_configuration(autoEnable=True)
    assert describe()["autoEnable"] is True


@pytest.mark.parametrize("on", [True, False])
def test_who_does_not_administer_is_told_the_same_whether_macie_is_on_or_off(delegated: Company, on: bool) -> None:
    member = delegated.macie(delegated.log)
    if on:
        member.enable_macie()
    assert rejection(member.describe_organization_configuration) == NO_ADMINISTRATOR
    assert rejection(member.update_organization_configuration, autoEnable=True) == NO_ADMINISTRATOR


def test_there_is_one_administrator_in_all_regions(delegated: Company) -> None:
    for region in (HOME, OTHER):
        enable = delegated.macie(region=region).enable_organization_admin_account
        assert refusal(enable, adminAccountId=delegated.log)[0] == CONFLICT
    enable = delegated.macie().enable_organization_admin_account
    assert refusal(enable, adminAccountId=delegated.audit)[0] == CONFLICT
    delegated.delegate(OTHER)


def test_other_regions_wait_for_the_first(company: Company) -> None:
    company.macie().enable_organization_admin_account(adminAccountId=company.audit)
    enable = company.macie(region=OTHER).enable_organization_admin_account
    assert refusal(enable, adminAccountId=company.audit)[0] == INVALID
    company.aws.clock.wait(company.aws.settings.macie_first_delegation_seconds)
    enable(adminAccountId=company.audit)


def test_a_member_is_being_enabled_then_enabled_in_its_account_too(delegated: Company) -> None:
    member = delegated.macie(delegated.log)
    account = {"accountId": delegated.log, "email": "log@example.com"}
    arn = delegated.macie(delegated.audit).create_member(account=account, tags={"team": "security"})["arn"]

    assert arn == f"arn:aws:macie2:{HOME}:{delegated.audit}:member/{delegated.log}"
    assert delegated.members() == {}
    assert delegated.members(associated=False) == {delegated.log: "Created"}
    assert rejection(member.get_macie_session) == OFF
    delegated.aws.clock.wait(delegated.aws.settings.enabling_seconds)
    assert delegated.members() == {delegated.log: "Enabled"}
    assert member.get_macie_session()["status"] == "ENABLED"
    seen = {"accountId": delegated.audit, "relationshipStatus": "Enabled"}
    assert member.get_administrator_account()["administrator"] == seen
    assert member.get_master_account()["master"] == seen
    found = delegated.macie(delegated.audit).get_member(id=delegated.log)
    assert found["tags"] == {"team": "security"}
    assert found["administratorAccountId"] == found["masterAccountId"] == delegated.audit
    assert "email" not in found
    assert "administrator" not in delegated.macie(delegated.audit).get_administrator_account()
    records = delegated.macie(delegated.audit).get_usage_statistics()["records"]
    assert {record["accountId"] for record in records} == {delegated.audit, delegated.log}


def test_a_member_keeps_the_settings_that_it_had_and_is_enabled(delegated: Company) -> None:
    member = delegated.macie(delegated.log)
    member.enable_macie(status="PAUSED", findingPublishingFrequency="SIX_HOURS")
    delegated.add(delegated.log)
    assert delegated.members() == {delegated.log: "Enabled"}
    session = member.get_macie_session()
    assert (session["status"], session["findingPublishingFrequency"]) == ("ENABLED", "SIX_HOURS")


def test_who_is_a_member_already_is_refused(delegated: Company) -> None:
    delegated.add(delegated.log)
    create = delegated.macie(delegated.audit).create_member
    account = {"accountId": delegated.log, "email": "log@example.com"}
    assert refusal(create, account=account)[0] == CONFLICT


def test_the_administrator_closed_accounts_and_those_without_the_region_cannot_be_members(delegated: Company) -> None:
    closed, absent = delegated.aws.add_account("closed"), delegated.log
    delegated.aws.client("organizations").close_account(AccountId=closed)
    delegated.aws.clock.wait(delegated.aws.settings.account_closure_seconds)
    create = delegated.macie(delegated.audit).create_member
    for account_id in (delegated.audit, closed):
        assert refusal(create, account={"accountId": account_id, "email": "a@example.com"})[0] == INVALID
    region = "af-south-1"
    for enabled in (None, delegated.audit):
        delegated.aws.client("account", account=enabled).enable_region(RegionName=region)
    delegated.aws.clock.wait(delegated.aws.settings.region_seconds)
    delegated.delegate(region)
    create = delegated.macie(delegated.audit, region).create_member
    assert refusal(create, account={"accountId": absent, "email": "a@example.com"})[0] == INVALID


def test_the_management_account_must_enable_macie_before_it_can_be_a_member(delegated: Company) -> None:
    create = delegated.macie(delegated.audit).create_member
    account = {"accountId": MANAGEMENT_ACCOUNT_ID, "email": "management@example.com"}
    assert refusal(create, account=account)[0] == INVALID
    delegated.macie().enable_macie()
    delegated.add(MANAGEMENT_ACCOUNT_ID)
    assert delegated.members() == {MANAGEMENT_ACCOUNT_ID: "Enabled"}


def test_a_management_account_that_is_a_member_cannot_change_the_administrator(delegated: Company) -> None:
    delegated.macie().enable_macie()
    delegated.add(MANAGEMENT_ACCOUNT_ID)
    management = delegated.macie()
    assert refusal(management.enable_organization_admin_account, adminAccountId=delegated.log)[0] == DENIED
    disable = management.disable_organization_admin_account
    assert refusal(disable, adminAccountId=delegated.audit)[0] == DENIED
    assert len(management.list_organization_admin_accounts()["adminAccounts"]) == 1
    delegated.macie(delegated.audit).disassociate_member(id=MANAGEMENT_ACCOUNT_ID)
    disable(adminAccountId=delegated.audit)


def test_members_come_in_pages_of_25_and_by_default_only_those_that_are_members(delegated: Company) -> None:
    macie = delegated.macie(delegated.audit)
    delegated.add(delegated.log)
    everyone = [f"{number:012}" for number in range(30)]
    for account_id in everyone:
        macie.create_member(account={"accountId": account_id, "email": "a@example.com"})

    pages = list(macie.get_paginator("list_members").paginate(onlyAssociated="false"))
    assert [len(page["members"]) for page in pages] == [25, 6]
    assert [member["accountId"] for member in macie.list_members()["members"]] == [delegated.log]
    assert delegated.members(associated=False)[everyone[0]] == "Created"
    assert macie.get_member(id=everyone[0])["email"] == "a@example.com"
    assert refusal(macie.list_members, onlyAssociated="True")[0] == INVALID
    assert refusal(macie.list_members, nextToken="made up")[0] == INVALID
    account = {"accountId": everyone[0], "email": "a@example.com"}
    assert refusal(macie.create_member, account=account)[0] == CONFLICT
    macie.delete_member(id=everyone[0])
    assert everyone[0] not in delegated.members(associated=False)


def test_a_member_is_disassociated_then_deleted_and_keeps_macie_and_can_be_added_again(delegated: Company) -> None:
    delegated.add(delegated.log)
    macie, member = delegated.macie(delegated.audit), delegated.macie(delegated.log)

    assert refusal(macie.delete_member, id=delegated.log)[0] == CONFLICT
    macie.disassociate_member(id=delegated.log)
    assert delegated.members() == {}
    assert delegated.members(associated=False) == {delegated.log: "Removed"}
    assert "administrator" not in member.get_administrator_account()
    assert member.get_macie_session()["status"] == "ENABLED"
    refused = rejection(macie.disassociate_member, id=delegated.log)
    assert refused == (INVALID, "The request failed because the account is not associated with your account")
    delegated.add(delegated.log)
    assert delegated.members() == {delegated.log: "Enabled"}
    macie.disassociate_member(id=delegated.log)
    macie.delete_member(id=delegated.log)
    assert delegated.members(associated=False) == {}
    for operation in ("get_member", "delete_member", "disassociate_member"):
        assert refusal(getattr(macie, operation), id=delegated.log)[0] == MISSING


def test_the_administrator_suspends_a_member_and_enables_it_again(delegated: Company) -> None:
    delegated.add(delegated.log)
    macie, member = delegated.macie(delegated.audit), delegated.macie(delegated.log)

    macie.update_member_session(id=delegated.log, status="PAUSED")
    assert delegated.members() == {delegated.log: "Paused"}
    assert member.get_macie_session()["status"] == "PAUSED"
    assert refusal(member.update_macie_session, status="ENABLED")[0] == CONFLICT
    macie.update_member_session(id=delegated.log, status="ENABLED")
    assert delegated.members() == {delegated.log: "Enabled"}
    assert refusal(macie.update_member_session, id=delegated.log, status="OFF")[0] == INVALID
    assert refusal(macie.update_member_session, id=OUTSIDER, status="PAUSED")[0] == MISSING


def test_a_member_publishes_as_it_likes_and_can_neither_suspend_disable_nor_leave(delegated: Company) -> None:
    delegated.add(delegated.log)
    member = delegated.macie(delegated.log)
    member.update_macie_session(findingPublishingFrequency="ONE_HOUR", status="ENABLED")
    assert member.get_macie_session()["findingPublishingFrequency"] == "ONE_HOUR"
    assert refusal(member.update_macie_session, status="PAUSED")[0] == CONFLICT
    text = "Cannot disable Macie while associated with an administrator account"
    assert rejection(member.disable_macie) == (CONFLICT, text)
    assert refusal(member.disassociate_from_administrator_account)[0] == CONFLICT
    delegated.macie(delegated.audit).disassociate_member(id=delegated.log)
    assert refusal(member.disassociate_from_administrator_account)[0] == INVALID
    member.disable_macie()


def test_an_administrator_with_members_can_neither_suspend_nor_disable_macie(delegated: Company) -> None:
    delegated.add(delegated.log)
    macie = delegated.macie(delegated.audit)
    assert refusal(macie.update_macie_session, status="PAUSED")[0] == CONFLICT
    macie.disassociate_member(id=delegated.log)
    macie.update_macie_session(status="PAUSED")
    assert refusal(macie.disable_macie)[0] == CONFLICT
    macie.delete_member(id=delegated.log)
    macie.disable_macie()


def test_without_its_administrator_each_account_is_on_its_own(delegated: Company) -> None:
    delegated.add(delegated.log)
    audit, member = delegated.macie(delegated.audit), delegated.macie(delegated.log)
    audit.update_automated_discovery_configuration(status="ENABLED")
    management = delegated.macie()
    assert refusal(management.disable_organization_admin_account, adminAccountId=delegated.log)[0] == INVALID

    management.disable_organization_admin_account(adminAccountId=delegated.audit)

    leaving = [{"accountId": delegated.audit, "status": "DISABLING_IN_PROGRESS"}]
    assert management.list_organization_admin_accounts()["adminAccounts"] == leaving
    enable = management.enable_organization_admin_account
    assert refusal(enable, adminAccountId=delegated.audit)[0] == CONFLICT
    delegated.aws.clock.wait(delegated.aws.settings.enabling_seconds)
    assert management.list_organization_admin_accounts()["adminAccounts"] == []
    assert delegated.members(associated=False) == {}
    assert "administrator" not in member.get_administrator_account()
    assert member.get_macie_session()["status"] == "ENABLED"
    own = {"accountId": delegated.log, "status": "DISABLED"}
    assert member.list_automated_discovery_accounts()["items"] == [own]
    assert rejection(audit.describe_organization_configuration) == NO_ADMINISTRATOR
    registered = delegated.aws.client("organizations").list_delegated_administrators(ServicePrincipal=PRINCIPAL)
    assert len(registered["DelegatedAdministrators"]) == 1
    enable(adminAccountId=delegated.audit)


def deregister(company: Company) -> None:
    organizations = company.aws.client("organizations")
    organizations.deregister_delegated_administrator(AccountId=company.audit, ServicePrincipal=PRINCIPAL)


def distrust(company: Company) -> None:
    company.aws.client("organizations").disable_aws_service_access(ServicePrincipal=PRINCIPAL)


def close(company: Company) -> None:
    company.aws.client("organizations").close_account(AccountId=company.audit)
    company.aws.clock.wait(company.aws.settings.account_closure_seconds)


@pytest.mark.parametrize("end", [deregister, distrust, close])
def test_a_delegation_that_loses_what_it_stands_on_ends(delegated: Company, end: Callable[[Company], None]) -> None:
    delegated.add(delegated.log)
    end(delegated)
    assert delegated.macie().list_organization_admin_accounts()["adminAccounts"] == []
    assert "administrator" not in delegated.macie(delegated.log).get_administrator_account()
    assert delegated.macie(delegated.log).get_macie_session()["status"] == "ENABLED"


def test_accounts_that_join_become_members_if_they_are_to(delegated: Company) -> None:
    settings, clock = delegated.aws.settings, delegated.aws.clock
    early = delegated.aws.add_account("early")
    clock.wait(settings.auto_enable_seconds)
    assert delegated.members(associated=False) == {}
    delegated.macie(delegated.audit).update_organization_configuration(autoEnable=True)
    clock.wait(settings.auto_enable_seconds)
    assert delegated.members(associated=False) == {}

    late = delegated.aws.add_account("late")
    clock.wait(settings.auto_enable_seconds)
    delegated.members()
    clock.wait(settings.enabling_seconds)

    assert delegated.members() == {late: "Enabled"}
    assert rejection(delegated.macie(early).get_macie_session) == OFF


def test_a_member_whose_account_is_suspended_is_shown_so_and_is_none(delegated: Company) -> None:
    delegated.add(delegated.log)
    delegated.aws.client("organizations").close_account(AccountId=delegated.log)
    delegated.aws.clock.wait(delegated.aws.settings.account_closure_seconds)
    assert delegated.members() == {}
    assert delegated.members(associated=False) == {delegated.log: "AccountSuspended"}


def test_a_member_that_has_disabled_the_region_is_shown_so(delegated: Company) -> None:
    region, aws = "af-south-1", delegated.aws
    for account_id in (None, delegated.audit, delegated.log):
        aws.client("account", account=account_id).enable_region(RegionName=region)
    aws.clock.wait(aws.settings.region_seconds)
    delegated.delegate(region)
    macie = delegated.macie(delegated.audit, region)
    macie.create_member(account={"accountId": delegated.log, "email": "a@example.com"})
    aws.client("account", account=delegated.log).disable_region(RegionName=region)
    aws.clock.wait(aws.settings.region_seconds)
    [member] = macie.list_members(onlyAssociated="false")["members"]
    assert member["relationshipStatus"] == "RegionDisabled"


def test_discovery_is_off_until_it_is_enabled_for_all_by_default(delegated: Company) -> None:
    delegated.add(delegated.log)
    macie = delegated.macie(delegated.audit)
    off = macie.get_automated_discovery_configuration()
    assert off["status"] == "DISABLED"
    assert "firstEnabledAt" not in off
    assert delegated.discovered() == {delegated.audit: "DISABLED", delegated.log: "DISABLED"}

    macie.update_automated_discovery_configuration(status="ENABLED")

    on = macie.get_automated_discovery_configuration()
    assert (on["status"], on["autoEnableOrganizationMembers"]) == ("ENABLED", "ALL")
    assert on["classificationScopeId"]
    assert on["sensitivityInspectionTemplateId"]
    assert on["firstEnabledAt"] == on["lastUpdatedAt"]
    assert "disabledAt" not in on
    assert delegated.discovered() == {delegated.audit: "ENABLED", delegated.log: "ENABLED"}
    macie.update_automated_discovery_configuration(status="DISABLED")
    again = macie.get_automated_discovery_configuration()
    assert (again["status"], again["firstEnabledAt"]) == ("DISABLED", on["firstEnabledAt"])
    assert "disabledAt" in again
    assert delegated.discovered() == {delegated.audit: "DISABLED", delegated.log: "DISABLED"}


@pytest.mark.parametrize(("mode", "added"), [("ALL", "ENABLED"), ("NEW", "ENABLED"), ("NONE", "DISABLED")])
def test_a_new_member_is_discovered_as_the_organization_says(delegated: Company, mode: str, added: str) -> None:
    before = delegated.aws.add_account("before")
    delegated.add(before)
    macie = delegated.macie(delegated.audit)
    macie.update_automated_discovery_configuration(status="ENABLED", autoEnableOrganizationMembers=mode)
    delegated.add(delegated.log)
    existing = "ENABLED" if mode == "ALL" else "DISABLED"
    assert delegated.discovered() == {delegated.audit: "ENABLED", before: existing, delegated.log: added}
    wrong = {"status": "ENABLED", "autoEnableOrganizationMembers": "SOME"}
    assert refusal(macie.update_automated_discovery_configuration, **wrong)[0] == INVALID


def test_discovery_is_switched_for_single_members_by_their_administrator(delegated: Company) -> None:
    paused = delegated.aws.add_account("paused")
    delegated.add(delegated.log, paused)
    macie, member = delegated.macie(delegated.audit), delegated.macie(delegated.log)
    update = macie.batch_update_automated_discovery_accounts
    off = [{"accountId": one, "status": "DISABLED"} for one in (delegated.log, paused, OUTSIDER)]
    assert refusal(update, accounts=off)[0] == CONFLICT
    macie.update_automated_discovery_configuration(status="ENABLED")
    macie.update_member_session(id=paused, status="PAUSED")

    errors = update(accounts=off)["errors"]

    assert errors == [
        {"accountId": paused, "errorCode": "ACCOUNT_PAUSED"},
        {"accountId": OUTSIDER, "errorCode": "ACCOUNT_NOT_FOUND"},
    ]
    own = {"accountId": delegated.log, "status": "DISABLED"}
    assert macie.list_automated_discovery_accounts(accountIds=[delegated.log])["items"] == [own]
    assert member.list_automated_discovery_accounts()["items"] == [own]
    assert rejection(member.get_automated_discovery_configuration) == NO_ADMINISTRATOR
    assert rejection(member.update_automated_discovery_configuration, status="ENABLED") == NO_ADMINISTRATOR
    assert rejection(member.batch_update_automated_discovery_accounts, accounts=off) == NO_ADMINISTRATOR
    many = [f"{number:012}" for number in range(51)]
    assert refusal(macie.list_automated_discovery_accounts, accountIds=many)[0] == INVALID
    assert refusal(update, accounts=[{"accountId": one, "status": "ENABLED"} for one in many])[0] == INVALID
    assert refusal(macie.list_automated_discovery_accounts, nextToken="made up")[0] == INVALID
