from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "detective.amazonaws.com"
STRANGER = "999999999999"
ALREADY = "Account is already a member"


@dataclass
class Company:
    """An organization with the accounts audit and log."""

    aws: Aws
    audit: str
    log: str

    def detective(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("detective", region, account)

    def delegate(self, account: str = "", region: str = HOME) -> None:
        self.detective(region=region).enable_organization_admin_account(AccountId=account or self.audit)
        self.aws.clock.wait(self.aws.settings.delegation_seconds)

    def graph(self, account: str = "", region: str = HOME) -> str:
        [graph] = self.detective(account or self.audit, region).list_graphs()["GraphList"]
        arn: str = graph["Arn"]
        return arn

    def call(self, operation: str, account: str = "", **parameters: Any) -> Any:
        """Call an operation on the graph of an account, by default the administrator's, as that account."""
        call = getattr(self.detective(account or self.audit), operation)
        return call(GraphArn=self.graph(account), **parameters)

    def create(self, *account_ids: str, email: str = "log@example.com", account: str = "") -> dict[str, str]:
        """Enable or invite accounts, and give why some were not processed."""
        accounts = [{"AccountId": account_id, "EmailAddress": email} for account_id in account_ids]
        answer = self.call("create_members", account, Accounts=accounts)
        done = {member["AccountId"] for member in answer["Members"]}
        left = {one["AccountId"]: one["Reason"] for one in answer["UnprocessedAccounts"]}
        assert done == set(account_ids) - left.keys()
        return left

    def enrol(self, *account_ids: str) -> None:
        assert self.create(*account_ids) == {}
        self.aws.clock.wait(self.aws.settings.enabling_seconds)

    def members(self, account: str = "") -> dict[str, str]:
        details = self.call("list_members", account)["MemberDetails"]
        return {member["AccountId"]: member["Status"] for member in details}

    def administrators(self, region: str = HOME) -> list[str]:
        answer = self.detective(region=region).list_organization_admin_accounts()
        return [administrator["AccountId"] for administrator in answer["Administrators"]]

    def close(self, account_id: str) -> None:
        self.aws.client("organizations").close_account(AccountId=account_id)
        self.aws.clock.wait(self.aws.settings.account_closure_seconds)


@pytest.fixture
def company(aws: Aws) -> Company:
    aws.found_organization()
    return Company(aws, aws.add_account("audit"), aws.add_account("log"))


@pytest.fixture
def delegated(company: Company) -> Company:
    company.delegate()
    return company


def test_an_account_has_one_graph_in_a_region_and_making_it_again_gives_the_same(aws: Aws) -> None:
    detective = aws.client("detective")
    assert detective.list_graphs()["GraphList"] == []

    arn = detective.create_graph(Tags={"team": "security"})["GraphArn"]

    assert arn.startswith(f"arn:aws:detective:{HOME}:{MANAGEMENT_ACCOUNT_ID}:graph:")
    assert len(arn.rpartition(":")[2]) == 32
    assert detective.create_graph()["GraphArn"] == arn
    [graph] = detective.list_graphs()["GraphList"]
    assert graph == {"Arn": arn, "CreatedTime": datetime.fromtimestamp(aws.clock.now(), UTC)}
    assert aws.client("detective", OTHER).list_graphs()["GraphList"] == []
    assert detective.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "security"}
    assert detective.list_investigations(GraphArn=arn)["InvestigationDetails"] == []


def test_a_graph_carries_tags(aws: Aws) -> None:
    detective = aws.client("detective")
    arn = detective.create_graph()["GraphArn"]

    detective.tag_resource(ResourceArn=arn, Tags={"team": "security", "stage": "prod"})
    detective.untag_resource(ResourceArn=arn, TagKeys=["stage", "other"])

    assert detective.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "security"}


def test_a_deleted_graph_is_gone(aws: Aws) -> None:
    detective = aws.client("detective")
    arn = detective.create_graph()["GraphArn"]

    detective.delete_graph(GraphArn=arn)

    assert detective.list_graphs()["GraphList"] == []
    assert refusal(detective.list_members, GraphArn=arn)[0] == "ResourceNotFoundException"
    assert detective.create_graph()["GraphArn"] != arn


def test_only_its_administrator_reaches_a_graph(delegated: Company) -> None:
    arn = delegated.graph()
    for account in (None, delegated.log):
        outsider = delegated.detective(account)
        for call in (
            outsider.list_members,
            outsider.list_datasource_packages,
            outsider.delete_graph,
            outsider.describe_organization_configuration,
            outsider.update_organization_configuration,
        ):
            assert refusal(call, GraphArn=arn)[0] == "AccessDeniedException"
        assert refusal(outsider.list_tags_for_resource, ResourceArn=arn)[0] == "AccessDeniedException"
    assert refusal(delegated.detective(delegated.audit).list_members, GraphArn="arn")[0] == "ValidationException"


def test_only_the_management_account_delegates(company: Company) -> None:
    member = company.detective(company.log)
    assert refusal(member.enable_organization_admin_account, AccountId=company.audit)[0] == "AccessDeniedException"
    assert refusal(member.disable_organization_admin_account)[0] == "AccessDeniedException"
    assert refusal(member.list_organization_admin_accounts)[0] == "AccessDeniedException"


def test_outside_of_an_organization_nobody_delegates(aws: Aws) -> None:
    detective = aws.client("detective")
    assert refusal(detective.enable_organization_admin_account, AccountId="1" * 12)[0] == "ValidationException"
    assert refusal(detective.list_organization_admin_accounts)[0] == "ValidationException"


def test_a_delegation_enables_trusted_access_and_registers_the_administrator(company: Company) -> None:
    company.delegate()

    organizations = company.aws.client("organizations")
    services = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [service["ServicePrincipal"] for service in services] == [PRINCIPAL]
    [registered] = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert registered["Id"] == company.audit


def test_the_administrator_is_listed_with_its_graph_a_while_after_it_was_enabled(company: Company) -> None:
    detective = company.detective()
    detective.enable_organization_admin_account(AccountId=company.audit)
    enabled = datetime.fromtimestamp(company.aws.clock.now(), UTC)

    assert company.administrators() == []
    assert company.detective(company.audit).list_graphs()["GraphList"] == []
    company.aws.clock.wait(company.aws.settings.enabling_seconds)

    [administrator] = detective.list_organization_admin_accounts()["Administrators"]
    assert administrator == {
        "AccountId": company.audit,
        "GraphArn": company.graph(),
        "DelegationTime": enabled,
    }
    assert company.administrators(OTHER) == []


def test_the_administrator_is_denied_the_organization_until_the_delegation_is_in_effect(company: Company) -> None:
    company.aws.settings.delegation_seconds = 60
    company.detective().enable_organization_admin_account(AccountId=company.audit)
    company.aws.clock.wait(company.aws.settings.enabling_seconds)
    administrator, arn = company.detective(company.audit), company.graph()
    accounts = [{"AccountId": company.log, "EmailAddress": "log@example.com"}]

    for call in (administrator.describe_organization_configuration, administrator.update_organization_configuration):
        assert refusal(call, GraphArn=arn)[0] == "AccessDeniedException"
    assert refusal(administrator.create_members, GraphArn=arn, Accounts=accounts)[0] == "AccessDeniedException"
    company.aws.clock.wait(60)
    assert administrator.describe_organization_configuration(GraphArn=arn)["AutoEnable"] is False


def test_only_an_active_account_of_the_organization_that_has_the_region_can_administer(company: Company) -> None:
    company.close(company.log)
    for account in (company.log, STRANGER):
        enable = company.detective().enable_organization_admin_account
        assert refusal(enable, AccountId=account)[0] == "ValidationException"
    company.aws.client("account").enable_region(RegionName="eu-south-1")
    company.aws.clock.wait(company.aws.settings.region_seconds)
    enable = company.detective(region="eu-south-1").enable_organization_admin_account
    assert refusal(enable, AccountId=company.audit)[0] == "ValidationException"


def test_there_is_one_administrator_for_all_regions_or_the_management_account_in_some(delegated: Company) -> None:
    enable, elsewhere = (
        delegated.detective(region=region).enable_organization_admin_account for region in (HOME, OTHER)
    )
    for account in (delegated.audit, delegated.log, MANAGEMENT_ACCOUNT_ID):
        assert refusal(enable, AccountId=account)[0] == "ValidationException"
    assert refusal(elsewhere, AccountId=delegated.log)[0] == "ValidationException"

    elsewhere(AccountId=MANAGEMENT_ACCOUNT_ID)
    delegated.delegate(region="eu-west-3")

    assert delegated.administrators(OTHER) == [MANAGEMENT_ACCOUNT_ID]
    assert delegated.administrators("eu-west-3") == [delegated.audit]
    organizations = delegated.aws.client("organizations")
    registered = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert [one["Id"] for one in registered] == [delegated.audit]


def test_the_graph_that_the_administrator_has_becomes_the_organizations(company: Company) -> None:
    arn = company.detective(company.audit).create_graph()["GraphArn"]
    assert company.create(company.log, STRANGER) == {}
    company.aws.clock.wait(company.aws.settings.enabling_seconds)
    assert company.members() == {company.log: "INVITED", STRANGER: "INVITED"}

    company.delegate()

    assert company.graph() == arn
    assert company.members() == {company.log: "ENABLED", STRANGER: "INVITED"}
    types = {one["AccountId"]: one["InvitationType"] for one in company.call("list_members")["MemberDetails"]}
    assert types == {company.log: "ORGANIZATION", STRANGER: "INVITATION"}


def test_the_end_of_a_delegation_deletes_the_graph_and_leaves_the_registration_to_organizations(
    delegated: Company,
) -> None:
    delegated.enrol(delegated.log)
    delegated.delegate(region=OTHER)

    delegated.detective().disable_organization_admin_account()

    assert delegated.administrators() == []
    assert delegated.administrators(OTHER) == [delegated.audit]
    assert delegated.detective(delegated.audit).list_graphs()["GraphList"] == []
    assert delegated.detective(delegated.log).list_invitations()["Invitations"] == []
    organizations = delegated.aws.client("organizations")
    assert organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert refusal(delegated.detective().disable_organization_admin_account)[0] == "ValidationException"


def test_deregistering_the_administrator_ends_it_in_all_regions_but_the_management_accounts(
    delegated: Company,
) -> None:
    delegated.delegate(region=OTHER)
    delegated.delegate(MANAGEMENT_ACCOUNT_ID, "eu-west-3")
    organizations = delegated.aws.client("organizations")

    organizations.deregister_delegated_administrator(AccountId=delegated.audit, ServicePrincipal=PRINCIPAL)

    assert [delegated.administrators(region) for region in (HOME, OTHER)] == [[], []]
    assert delegated.detective(delegated.audit, OTHER).list_graphs()["GraphList"] == []
    assert delegated.administrators("eu-west-3") == [MANAGEMENT_ACCOUNT_ID]


def test_a_delegation_that_ends_before_its_graph_is_there_makes_none(company: Company) -> None:
    detective = company.detective()
    detective.enable_organization_admin_account(AccountId=company.audit)
    detective.disable_organization_admin_account()
    company.aws.clock.wait(company.aws.settings.enabling_seconds)
    assert company.detective(company.audit).list_graphs()["GraphList"] == []


def test_deleting_the_organizations_graph_ends_the_delegation(delegated: Company) -> None:
    delegated.call("delete_graph")
    assert delegated.administrators() == []
    delegated.delegate()
    assert delegated.administrators() == [delegated.audit]


def test_accounts_of_the_organization_are_verified_and_enabled(delegated: Company) -> None:
    assert delegated.create(delegated.log, MANAGEMENT_ACCOUNT_ID) == {}
    expected = dict.fromkeys((delegated.log, MANAGEMENT_ACCOUNT_ID), "VERIFICATION_IN_PROGRESS")
    assert delegated.members() == expected

    delegated.aws.clock.wait(delegated.aws.settings.enabling_seconds)

    assert delegated.members() == dict.fromkeys(expected, "ENABLED")
    answer = delegated.call("get_members", AccountIds=[delegated.log, STRANGER])
    [member] = answer["MemberDetails"]
    assert (member["InvitationType"], member["AdministratorId"]) == ("ORGANIZATION", delegated.audit)
    assert member["DatasourcePackageIngestStates"] == {"DETECTIVE_CORE": "STARTED"}
    assert answer["UnprocessedAccounts"] == [{"AccountId": STRANGER, "Reason": "Account is not a member"}]


def test_what_cannot_be_a_member_is_not_processed_and_the_others_are(delegated: Company) -> None:
    other = delegated.aws.add_account("other")
    delegated.enrol(delegated.log)
    delegated.close(other)

    left = delegated.create(delegated.log, delegated.audit, other, MANAGEMENT_ACCOUNT_ID)

    assert left == {
        delegated.log: ALREADY,
        delegated.audit: "Account is the administrator of the behavior graph",
        other: "Account is not active",
    }
    assert MANAGEMENT_ACCOUNT_ID in delegated.members()


def test_accounts_that_have_not_enabled_the_region_are_no_members(company: Company) -> None:
    region = "eu-south-1"
    account = company.aws.client("account")
    company.aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    account.enable_region(RegionName=region)
    account.enable_region(RegionName=region, AccountId=company.audit)
    company.aws.clock.wait(company.aws.settings.region_seconds)
    company.delegate(region=region)

    accounts = [{"AccountId": company.log, "EmailAddress": "log@example.com"}]
    arn = company.graph(region=region)
    answer = company.detective(company.audit, region).create_members(GraphArn=arn, Accounts=accounts)

    assert answer["UnprocessedAccounts"] == [{"AccountId": company.log, "Reason": "Account has not enabled the Region"}]


def test_a_batch_has_fifty_accounts_at_most(delegated: Company) -> None:
    many = [f"{number:012}" for number in range(51)]
    accounts = [{"AccountId": account_id, "EmailAddress": "a@example.com"} for account_id in many]
    administrator, arn = delegated.detective(delegated.audit), delegated.graph()

    assert refusal(administrator.create_members, GraphArn=arn, Accounts=accounts)[0] == "ValidationException"
    for call in (administrator.get_members, administrator.delete_members):
        assert refusal(call, GraphArn=arn, AccountIds=many)[0] == "ValidationException"


def test_a_graph_has_1200_members_at_most_and_they_are_listed_by_200(aws: Aws) -> None:
    detective = aws.client("detective")
    arn = detective.create_graph()["GraphArn"]
    ids = [f"2{number:011}" for number in range(1201)]
    for start in range(0, 1200, 50):
        accounts = [{"AccountId": one, "EmailAddress": "a@example.com"} for one in ids[start : start + 50]]
        detective.create_members(GraphArn=arn, Accounts=accounts[: 1200 - start])

    over = [{"AccountId": ids[1200], "EmailAddress": "a@example.com"}]
    assert refusal(detective.create_members, GraphArn=arn, Accounts=over)[0] == "ServiceQuotaExceededException"
    first = detective.list_members(GraphArn=arn)
    second = detective.list_members(GraphArn=arn, NextToken=first["NextToken"], MaxResults=7)
    assert [member["AccountId"] for member in first["MemberDetails"]] == ids[:200]
    assert [member["AccountId"] for member in second["MemberDetails"]] == ids[200:207]
    assert refusal(detective.list_members, GraphArn=arn, NextToken="?")[0] == "ValidationException"


def test_a_deleted_member_can_be_enabled_again(delegated: Company) -> None:
    delegated.enrol(delegated.log)

    answer = delegated.call("delete_members", AccountIds=[delegated.log, STRANGER])

    assert answer["AccountIds"] == [delegated.log]
    assert [one["AccountId"] for one in answer["UnprocessedAccounts"]] == [STRANGER]
    assert delegated.members() == {}
    delegated.enrol(delegated.log)
    assert delegated.members() == {delegated.log: "ENABLED"}


def test_a_member_deleted_while_it_is_verified_does_not_come_back(delegated: Company) -> None:
    delegated.create(delegated.log)
    delegated.call("delete_members", AccountIds=[delegated.log])
    delegated.aws.clock.wait(delegated.aws.settings.enabling_seconds)
    assert delegated.members() == {}


def test_a_member_with_too_much_data_is_disabled_until_it_can_be_enabled(delegated: Company) -> None:
    delegated.aws.settings.detective_too_much_data = frozenset({delegated.log})
    delegated.enrol(delegated.log)
    [member] = delegated.call("get_members", AccountIds=[delegated.log])["MemberDetails"]
    assert (member["Status"], member["DisabledReason"]) == ("ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH")

    delegated.call("start_monitoring_member", AccountId=delegated.log)
    assert delegated.members() == {delegated.log: "ACCEPTED_BUT_DISABLED"}
    delegated.aws.settings.detective_too_much_data = frozenset()
    delegated.call("start_monitoring_member", AccountId=delegated.log)

    assert delegated.members() == {delegated.log: "ENABLED"}
    start = delegated.detective(delegated.audit).start_monitoring_member
    assert refusal(start, GraphArn=delegated.graph(), AccountId=delegated.log)[0] == "ConflictException"
    assert refusal(start, GraphArn=delegated.graph(), AccountId=STRANGER)[0] == "ResourceNotFoundException"


def test_a_disabled_member_is_enabled_by_detective_itself_a_while_after_it_can_be(delegated: Company) -> None:
    delegated.aws.settings.detective_too_much_data = frozenset({delegated.log})
    delegated.enrol(delegated.log)
    assert delegated.members() == {delegated.log: "ACCEPTED_BUT_DISABLED"}
    delegated.aws.settings.detective_too_much_data = frozenset()
    assert delegated.members() == {delegated.log: "ACCEPTED_BUT_DISABLED"}
    delegated.aws.clock.wait(delegated.aws.settings.auto_enable_seconds)
    assert delegated.members() == {delegated.log: "ENABLED"}


def test_accounts_that_join_are_enabled_where_the_organization_says_so_and_existing_ones_are_not(
    delegated: Company,
) -> None:
    before = delegated.aws.add_account("before")
    delegated.aws.clock.wait(delegated.aws.settings.auto_enable_seconds)
    assert delegated.members() == {}

    delegated.call("update_organization_configuration", AutoEnable=True)

    assert delegated.call("describe_organization_configuration")["AutoEnable"] is True
    after = delegated.aws.add_account("after")
    delegated.aws.clock.wait(delegated.aws.settings.auto_enable_seconds)
    assert delegated.members() == {after: "VERIFICATION_IN_PROGRESS"}
    delegated.aws.clock.wait(delegated.aws.settings.enabling_seconds)
    assert delegated.members() == {after: "ENABLED"}
    assert before not in delegated.members()


def test_an_update_that_says_nothing_changes_nothing_and_a_delegation_begins_with_it_off(delegated: Company) -> None:
    delegated.call("update_organization_configuration", AutoEnable=True)
    delegated.call("update_organization_configuration")
    assert delegated.call("describe_organization_configuration")["AutoEnable"] is True
    delegated.detective().disable_organization_admin_account()
    delegated.delegate()
    assert delegated.call("describe_organization_configuration")["AutoEnable"] is False


def test_packages_are_listed_in_pages(delegated: Company) -> None:
    delegated.call("update_datasource_packages", DatasourcePackages=["EKS_AUDIT"])

    first = delegated.call("list_datasource_packages", MaxResults=1)
    second = delegated.call("list_datasource_packages", MaxResults=1, NextToken=first["NextToken"])

    assert set(first["DatasourcePackages"]) | set(second["DatasourcePackages"]) == {"DETECTIVE_CORE", "EKS_AUDIT"}
    assert "NextToken" not in second


def test_packages_are_started_one_by_one_and_none_is_stopped(delegated: Company) -> None:
    started = datetime.fromtimestamp(delegated.aws.clock.now(), UTC)
    delegated.call("update_datasource_packages", DatasourcePackages=["EKS_AUDIT"])
    delegated.aws.clock.wait(60)
    delegated.call("update_datasource_packages", DatasourcePackages=["ASFF_SECURITYHUB_FINDING", "EKS_AUDIT"])

    packages = delegated.call("list_datasource_packages")["DatasourcePackages"]

    states = {name: package["DatasourcePackageIngestState"] for name, package in packages.items()}
    assert states == dict.fromkeys(("DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"), "STARTED")
    assert packages["EKS_AUDIT"]["LastIngestStateChange"] == {"STARTED": {"Timestamp": started}}
    update = delegated.detective(delegated.audit).update_datasource_packages
    assert refusal(update, GraphArn=delegated.graph(), DatasourcePackages=["EKS"])[0] == "ValidationException"


def test_the_packages_of_members_are_told_to_the_administrator_and_to_themselves(delegated: Company) -> None:
    delegated.enrol(delegated.log)
    arn = delegated.graph()

    answer = delegated.call("batch_get_graph_member_datasources", AccountIds=[delegated.log, STRANGER])

    [of_member] = answer["MemberDatasources"]
    assert (of_member["AccountId"], list(of_member["DatasourcePackageIngestHistory"])) == (
        delegated.log,
        ["DETECTIVE_CORE"],
    )
    assert [one["AccountId"] for one in answer["UnprocessedAccounts"]] == [STRANGER]
    unknown = arn[:-1] + ("0" if arn[-1] != "0" else "1")
    member = delegated.detective(delegated.log)
    answer = member.batch_get_membership_datasources(GraphArns=[arn, unknown])
    assert answer["MembershipDatasources"] == [of_member]
    assert [one["GraphArn"] for one in answer["UnprocessedGraphs"]] == [unknown]
    administrator = delegated.detective(delegated.audit)
    [own] = administrator.batch_get_membership_datasources(GraphArns=[arn])["MembershipDatasources"]
    assert own["AccountId"] == delegated.audit


def test_an_organizations_account_sees_its_membership_and_cannot_end_it(delegated: Company) -> None:
    delegated.create(delegated.log)
    member, arn = delegated.detective(delegated.log), delegated.graph()
    assert member.list_invitations()["Invitations"] == []
    delegated.aws.clock.wait(delegated.aws.settings.enabling_seconds)

    [membership] = member.list_invitations()["Invitations"]

    assert (membership["GraphArn"], membership["Status"]) == (arn, "ENABLED")
    for call in (member.disassociate_membership, member.reject_invitation, member.accept_invitation):
        assert refusal(call, GraphArn=arn)[0] == "AccessDeniedException"
    assert delegated.members() == {delegated.log: "ENABLED"}


def test_an_invited_account_accepts_leaves_or_rejects(company: Company) -> None:
    arn = company.detective(company.audit).create_graph()["GraphArn"]
    member = company.detective(company.log)
    assert refusal(member.accept_invitation, GraphArn=arn)[0] == "ResourceNotFoundException"
    company.enrol(company.log)
    [invitation] = member.list_invitations()["Invitations"]
    assert (invitation["Status"], invitation["InvitationType"]) == ("INVITED", "INVITATION")
    assert invitation["InvitedTime"] == datetime.fromtimestamp(company.aws.clock.now(), UTC)
    assert refusal(member.disassociate_membership, GraphArn=arn)[0] == "ConflictException"

    member.accept_invitation(GraphArn=arn)
    assert company.members() == {company.log: "ENABLED"}
    assert refusal(member.reject_invitation, GraphArn=arn)[0] == "ConflictException"
    member.disassociate_membership(GraphArn=arn)
    assert company.members() == {}

    company.enrol(company.log)
    member.reject_invitation(GraphArn=arn)
    assert company.members() == {}
    assert member.list_invitations()["Invitations"] == []


def test_an_invitation_is_not_sent_where_the_address_is_not_the_accounts(company: Company) -> None:
    company.detective(company.audit).create_graph()
    company.create(company.log, email="wrong@example.com")
    company.aws.clock.wait(company.aws.settings.enabling_seconds)
    assert company.members() == {company.log: "VERIFICATION_FAILED"}
    assert company.create(company.log) == {company.log: ALREADY}


def test_an_account_outside_of_the_organization_is_invited_to_its_graph(delegated: Company) -> None:
    delegated.enrol(STRANGER)
    assert delegated.members() == {STRANGER: "INVITED"}
