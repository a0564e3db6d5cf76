from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "securityhub.amazonaws.com"
FSBP = "standards/aws-foundational-security-best-practices/v/1.0.0"
CIS_1, CIS_3 = "ruleset/cis-aws-foundations-benchmark/v/1.2.0", "standards/cis-aws-foundations-benchmark/v/3.0.0"
SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"


def arn(standard: str, region: str = HOME) -> str:
    return f"arn:aws:securityhub:{'' if standard == CIS_1 else region}::{standard}"


def message(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer: Any = raised.value.response
    found: str = answer["Error"]["Message"]
    return found


def everything(client: Any, operation: str, key: str, **parameters: Any) -> list[Any]:
    pages = client.get_paginator(operation).paginate(**parameters)
    return [item for page in pages for item in page[key]]


@dataclass
class Company:
    """An organization with the accounts audit, which can administer Security Hub, and log."""

    aws: Aws
    root: str
    audit: str
    log: str

    def hub(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("securityhub", region, account)

    def delegate(self, region: str = HOME, feature: str = "SecurityHub") -> None:
        self.hub(region=region).enable_organization_admin_account(AdminAccountId=self.audit, Feature=feature)
        self.aws.clock.wait(self.aws.settings.delegation_seconds)

    def administrators(self, region: str = HOME, feature: str = "SecurityHub") -> list[str]:
        admins = self.hub(region=region).list_organization_admin_accounts(Feature=feature)["AdminAccounts"]
        return [admin["AccountId"] for admin in admins]

    def settle(self) -> None:
        self.aws.clock.wait(self.aws.settings.enabling_seconds)

    def centralize(self) -> None:
        """Configure centrally from the home region, with the other region linked."""
        administrator = self.hub(self.audit)
        administrator.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=[OTHER])
        administrator.update_organization_configuration(
            AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "CENTRAL"}
        )
        self.settle()

    def policy(self, name: str = "baseline", *, enabled: bool = True, **controls: list[str]) -> str:
        security_hub = {"ServiceEnabled": enabled, "EnabledStandardIdentifiers": [arn(FSBP), arn(CIS_3)]}
        answer = self.hub(self.audit).create_configuration_policy(
            Name=name,
            ConfigurationPolicy={"SecurityHub": security_hub | {"SecurityControlsConfiguration": controls}},
        )
        found: str = answer["Id"]
        return found

    def associate(self, policy: str, **target: str) -> str:
        association = self.hub(self.audit).start_configuration_policy_association(
            ConfigurationPolicyIdentifier=policy, Target=target
        )
        status: str = association["AssociationStatus"]
        return status

    def association(self, **target: str) -> tuple[str, str, str]:
        one = self.hub(self.audit).get_configuration_policy_association(Target=target)
        return one["ConfigurationPolicyId"], one["AssociationType"], one["AssociationStatus"]

    def standards(self, account: str | None, region: str = HOME) -> set[str]:
        subscriptions = self.hub(account, region).get_enabled_standards()["StandardsSubscriptions"]
        return {one["StandardsArn"].rpartition(":")[2] for one in subscriptions}

    def members(self, region: str = HOME, *, only: bool = True) -> dict[str, str]:
        found = everything(self.hub(self.audit, region), "list_members", "Members", OnlyAssociated=only)
        return {member["AccountId"]: member["MemberStatus"] for member in found}


@pytest.fixture
def company(aws: Aws) -> Company:
    return Company(aws, aws.found_organization(), aws.add_account("audit"), aws.add_account("log"))


@pytest.fixture
def delegated(company: Company) -> Company:
    company.delegate()
    return company


@pytest.fixture
def central(company: Company) -> Company:
    """Configured centrally, where the hubs of the management account are there first."""
    for region in (HOME, OTHER):
        company.hub(region=region).enable_security_hub(EnableDefaultStandards=False)
    company.delegate()
    company.centralize()
    return company


def test_a_hub_is_one_account_s_in_one_region(aws: Aws) -> None:
    hub = aws.client("securityhub")
    assert refusal(hub.describe_hub)[0] == "InvalidAccessException"
    assert message(hub.describe_hub) == f"Account {MANAGEMENT_ACCOUNT_ID} is not subscribed to AWS Security Hub"

    hub.enable_security_hub(Tags={"team": "security"})

    described = hub.describe_hub()
    assert described["HubArn"] == f"arn:aws:securityhub:{HOME}:{MANAGEMENT_ACCOUNT_ID}:hub/default"
    assert (described["AutoEnableControls"], described["ControlFindingGenerator"]) == (True, "SECURITY_CONTROL")
    assert hub.list_tags_for_resource(ResourceArn=described["HubArn"])["Tags"] == {"team": "security"}
    assert refusal(hub.enable_security_hub)[0] == "ResourceConflictException"
    assert refusal(hub.describe_hub, HubArn="arn:aws:securityhub:x:y:hub/z")[0] == "ResourceNotFoundException"
    assert refusal(aws.client("securityhub", OTHER).describe_hub)[0] == "InvalidAccessException"
    assert hub.get_findings()["Findings"] == []
    assert hub.list_members()["Members"] == []
    hub.disable_security_hub()
    assert refusal(hub.list_members)[0] == "BadRequestException"
    assert refusal(hub.disable_security_hub)[0] == "InvalidAccessException"
    assert refusal(hub.get_findings)[0] == "InvalidAccessException"


def test_settings_of_a_hub_can_be_changed_one_at_a_time(aws: Aws) -> None:
    hub = aws.client("securityhub")
    hub.enable_security_hub(ControlFindingGenerator="STANDARD_CONTROL")

    hub.update_security_hub_configuration(AutoEnableControls=False)
    hub.update_security_hub_configuration(ControlFindingGenerator="SECURITY_CONTROL")

    described = hub.describe_hub()
    assert (described["AutoEnableControls"], described["ControlFindingGenerator"]) == (False, "SECURITY_CONTROL")
    assert refusal(hub.update_security_hub_configuration, ControlFindingGenerator="X")[0] == "InvalidInputException"


@pytest.mark.parametrize("default", [True, False])
def test_a_hub_has_the_default_standards_unless_told_otherwise(aws: Aws, default: bool) -> None:
    hub = aws.client("securityhub")
    hub.enable_security_hub(EnableDefaultStandards=default)

    by_default = {one["StandardsArn"] for one in hub.describe_standards()["Standards"] if one["EnabledByDefault"]}
    enabled = {one["StandardsArn"] for one in hub.get_enabled_standards()["StandardsSubscriptions"]}

    assert by_default == {arn(FSBP), arn(CIS_1)}
    assert enabled == (by_default if default else set())


def test_standards_are_ready_after_a_while_and_go_again(aws: Aws) -> None:
    hub = aws.client("securityhub")
    hub.enable_security_hub(EnableDefaultStandards=False)

    [asked] = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn(CIS_3)}])[
        "StandardsSubscriptions"
    ]
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn(CIS_3)}])
    aws.clock.wait(aws.settings.enabling_seconds)
    [ready] = hub.get_enabled_standards()["StandardsSubscriptions"]

    assert (asked["StandardsStatus"], ready["StandardsStatus"]) == ("PENDING", "READY")
    assert hub.get_enabled_standards(StandardsSubscriptionArns=["arn:x"])["StandardsSubscriptions"] == []
    elsewhere = [{"StandardsArn": arn(CIS_3, OTHER)}]
    assert refusal(hub.batch_enable_standards, StandardsSubscriptionRequests=elsewhere)[0] == "InvalidInputException"
    gone = {"StandardsSubscriptionArns": [ready["StandardsSubscriptionArn"]]}
    assert hub.batch_disable_standards(**gone)["StandardsSubscriptions"][0]["StandardsStatus"] == "DELETING"
    assert refusal(hub.batch_disable_standards, **gone)[0] == "InvalidInputException"


def test_products_of_aws_send_findings_to_a_hub_from_the_beginning(aws: Aws) -> None:
    hub = aws.client("securityhub")
    hub.enable_security_hub()
    products = everything(hub, "describe_products", "Products")
    senders = {one["ProductArn"] for one in products if "SEND_FINDINGS_TO_SECURITY_HUB" in one["IntegrationTypes"]}
    receivers = {one["ProductArn"] for one in products} - senders
    enabled = everything(hub, "list_enabled_products_for_import", "ProductSubscriptions")

    assert {arn.rpartition("/")[2] for arn in enabled} == {arn.rpartition("/")[2] for arn in senders}
    assert f"arn:aws:securityhub:{HOME}::product/aws/detective" in receivers
    guardduty = f"arn:aws:securityhub:{HOME}::product/aws/guardduty"
    subscription = f"arn:aws:securityhub:{HOME}:{MANAGEMENT_ACCOUNT_ID}:product-subscription/aws/guardduty"
    assert refusal(hub.enable_import_findings_for_product, ProductArn=guardduty)[0] == "ResourceConflictException"
    hub.disable_import_findings_for_product(ProductSubscriptionArn=subscription)
    again = {"ProductSubscriptionArn": subscription}
    assert refusal(hub.disable_import_findings_for_product, **again)[0] == "ResourceNotFoundException"
    answer = hub.enable_import_findings_for_product(ProductArn=guardduty)
    assert answer["ProductSubscriptionArn"] == subscription
    assert subscription in hub.list_enabled_products_for_import()["ProductSubscriptions"]
    unknown = {"ProductArn": f"arn:aws:securityhub:{HOME}::product/aws/no-such"}
    assert refusal(hub.enable_import_findings_for_product, **unknown)[0] == "ResourceNotFoundException"
    assert len(hub.describe_products(ProductArn=guardduty)["Products"]) == 1


def test_the_management_account_alone_says_who_administers(company: Company) -> None:
    parameters = {"AdminAccountId": company.audit}
    member = company.hub(company.log)
    for call in (member.enable_organization_admin_account, member.disable_organization_admin_account):
        assert refusal(call, **parameters)[0] == "InvalidAccessException"
    assert refusal(member.list_organization_admin_accounts)[0] == "InvalidAccessException"
    assert refusal(company.hub().enable_organization_admin_account, AdminAccountId="111122223333")[0] == (
        "InvalidInputException"
    )


def test_a_delegation_trusts_the_service_and_makes_a_hub_with_the_default_standards(company: Company) -> None:
    company.hub().enable_organization_admin_account(AdminAccountId=company.audit)

    assert company.administrators() == [company.audit]
    assert company.administrators(OTHER) == company.administrators(feature="SecurityHubV2") == []
    organizations = company.aws.client("organizations")
    services = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [service["ServicePrincipal"] for service in services] == [PRINCIPAL]
    admins = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert [admin["Id"] for admin in admins] == [company.audit]
    administrator = company.hub(company.audit)
    assert refusal(administrator.describe_hub)[0] == "InvalidAccessException"
    company.aws.clock.wait(company.aws.settings.delegation_seconds)
    assert company.standards(company.audit) == {FSBP, CIS_1}


def test_an_administrator_can_act_a_while_after_its_delegation(company: Company) -> None:
    company.hub(company.audit).enable_security_hub(EnableDefaultStandards=False)
    company.hub().enable_organization_admin_account(AdminAccountId=company.audit)
    company.hub().enable_organization_admin_account(AdminAccountId=company.audit)
    administrator = company.hub(company.audit)

    assert refusal(administrator.describe_organization_configuration)[0] == "InvalidAccessException"
    text = f"Account {company.audit} is not an administrator for this organization"
    assert message(administrator.describe_organization_configuration) == text
    company.aws.clock.wait(company.aws.settings.delegation_seconds)

    described = administrator.describe_organization_configuration()
    assert (described["AutoEnable"], described["AutoEnableStandards"]) == (False, "DEFAULT")
    assert described["OrganizationConfiguration"] == {"ConfigurationType": "LOCAL", "Status": "ENABLED"}
    assert company.standards(company.audit) == set()
    assert refusal(administrator.disable_security_hub)[0] == "InvalidInputException"


@pytest.mark.parametrize("feature", ["SecurityHub", "SecurityHubV2"])
def test_one_account_administers_both_features_and_all_regions(delegated: Company, feature: str) -> None:
    enable = delegated.hub(region=OTHER).enable_organization_admin_account

    assert refusal(enable, AdminAccountId=delegated.log, Feature=feature)[0] == "InvalidInputException"
    delegated.delegate(OTHER, feature)
    assert delegated.administrators(OTHER, feature) == [delegated.audit]


def test_an_administrator_is_removed_in_one_region_or_by_organizations_in_all(delegated: Company) -> None:
    delegated.delegate(OTHER)
    delegated.delegate(HOME, "SecurityHubV2")
    remove = delegated.hub(region=OTHER).disable_organization_admin_account

    remove(AdminAccountId=delegated.audit)

    assert refusal(remove, AdminAccountId=delegated.audit)[0] == "InvalidInputException"
    assert (delegated.administrators(), delegated.administrators(OTHER)) == ([delegated.audit], [])
    delegated.aws.client("organizations").deregister_delegated_administrator(
        AccountId=delegated.audit, ServicePrincipal=PRINCIPAL
    )
    assert delegated.administrators() == delegated.administrators(feature="SecurityHubV2") == []
    delegated.hub().enable_organization_admin_account(AdminAccountId=delegated.log)
    assert delegated.administrators() == [delegated.log]


def test_members_are_added_with_the_default_standards_but_not_where_none_are_wanted(delegated: Company) -> None:
    administrator = delegated.hub(delegated.audit)
    third = delegated.aws.add_account("third")
    delegated.hub(third).enable_security_hub(EnableDefaultStandards=False)
    details = [{"AccountId": delegated.log, "Email": "a@example.com"}, {"AccountId": third, "Email": "b@example.com"}]

    assert administrator.create_members(AccountDetails=details)["UnprocessedAccounts"] == []

    assert delegated.members() == {delegated.log: "Enabled", third: "Enabled"}
    assert delegated.standards(delegated.log) == {FSBP, CIS_1}
    assert delegated.standards(third) == set()
    assert delegated.hub(delegated.log).get_administrator_account()["Administrator"]["AccountId"] == delegated.audit
    assert delegated.hub(delegated.log).get_master_account()["Master"]["AccountId"] == delegated.audit
    assert "Administrator" not in administrator.get_administrator_account()
    delegated.delegate(OTHER)
    elsewhere = delegated.hub(delegated.audit, OTHER)
    elsewhere.update_organization_configuration(AutoEnable=False, AutoEnableStandards="NONE")
    elsewhere.create_members(AccountDetails=details[:1])
    assert delegated.standards(delegated.log, OTHER) == set()


def test_the_management_account_enables_security_hub_itself_before_it_is_a_member(delegated: Company) -> None:
    create = delegated.hub(delegated.audit).create_members
    details = [{"AccountId": MANAGEMENT_ACCOUNT_ID}, {"AccountId": delegated.audit}]

    unprocessed = create(AccountDetails=details)["UnprocessedAccounts"]
    delegated.hub().enable_security_hub()

    assert [one["AccountId"] for one in unprocessed] == [MANAGEMENT_ACCOUNT_ID, delegated.audit]
    assert create(AccountDetails=details[:1])["UnprocessedAccounts"] == []
    assert delegated.members() == {MANAGEMENT_ACCOUNT_ID: "Enabled"}
    too_many = [{"AccountId": f"{number:012}"} for number in range(51)]
    assert refusal(create, AccountDetails=too_many)[0] == "InvalidInputException"


def test_an_account_beyond_the_organization_is_only_created(delegated: Company) -> None:
    administrator = delegated.hub(delegated.audit)
    administrator.create_members(AccountDetails=[{"AccountId": "111122223333", "Email": "a@example.com"}])

    assert (delegated.members(), delegated.members(only=False)) == ({}, {"111122223333": "Created"})
    found = administrator.get_members(AccountIds=["111122223333", "999999999999"])
    assert [one["AccountId"] for one in found["Members"]] == ["111122223333"]
    assert [one["AccountId"] for one in found["UnprocessedAccounts"]] == ["999999999999"]
    assert administrator.delete_members(AccountIds=["111122223333"])["UnprocessedAccounts"] == []
    assert delegated.members(only=False) == {}


def test_a_member_is_let_go_but_not_deleted_and_keeps_its_hub(delegated: Company) -> None:
    administrator, member = delegated.hub(delegated.audit), delegated.hub(delegated.log)
    administrator.create_members(AccountDetails=[{"AccountId": delegated.log}])
    assert refusal(member.disassociate_from_administrator_account)[0] == "InvalidInputException"

    administrator.disassociate_members(AccountIds=[delegated.log, "999999999999"])

    assert (delegated.members(), delegated.members(only=False)) == ({}, {delegated.log: "Removed"})
    assert administrator.delete_members(AccountIds=[delegated.log])["UnprocessedAccounts"]
    assert "Administrator" not in member.get_administrator_account()
    assert member.describe_hub()


def test_a_removed_administrator_has_no_members_any_longer(delegated: Company) -> None:
    delegated.hub(delegated.audit).create_members(AccountDetails=[{"AccountId": delegated.log}])

    delegated.hub().disable_organization_admin_account(AdminAccountId=delegated.audit)

    assert delegated.members(only=False) == {}
    assert "Administrator" not in delegated.hub(delegated.log).get_administrator_account()
    assert refusal(delegated.hub(delegated.audit).describe_organization_configuration)[0] == "InvalidAccessException"


@pytest.mark.parametrize("standards", ["DEFAULT", "NONE"])
def test_accounts_that_join_are_enrolled_after_a_while(delegated: Company, standards: str) -> None:
    delegated.hub(delegated.audit).update_organization_configuration(AutoEnable=True, AutoEnableStandards=standards)
    delegated.aws.settings.auto_enable_seconds = 100
    third = delegated.aws.add_account("third")
    assert delegated.members() == {}

    delegated.aws.clock.wait(100)

    assert delegated.members() == {third: "Enabled"}
    assert delegated.standards(third) == ({FSBP, CIS_1} if standards == "DEFAULT" else set())


def test_more_members_than_a_page(delegated: Company) -> None:
    administrator = delegated.hub(delegated.audit)
    administrator.create_members(AccountDetails=[{"AccountId": f"{number:012}"} for number in range(50)])
    administrator.create_members(AccountDetails=[{"AccountId": f"{number:012}"} for number in range(50, 60)])

    assert len(administrator.list_members(OnlyAssociated=False)["Members"]) == 50
    assert len(delegated.members(only=False)) == 60
    assert refusal(administrator.list_members, NextToken="x")[0] == "InvalidInputException"


@pytest.mark.parametrize(
    ("mode", "regions"),
    [
        ("ALL_REGIONS", [OTHER]),
        ("NO_REGIONS", [OTHER]),
        ("SPECIFIED_REGIONS", []),
        ("SPECIFIED_REGIONS", [HOME]),
        ("ALL_REGIONS_EXCEPT_SPECIFIED", []),
        ("SOME", []),
    ],
)
def test_the_regions_of_an_aggregator_go_with_its_mode(delegated: Company, mode: str, regions: list[str]) -> None:
    create = delegated.hub(delegated.audit).create_finding_aggregator

    assert refusal(create, RegionLinkingMode=mode, Regions=regions)[0] == "InvalidInputException"


def test_an_account_has_one_aggregator_and_changes_it_in_its_home_region(delegated: Company) -> None:
    delegated.delegate(OTHER)
    home, other = delegated.hub(delegated.audit), delegated.hub(delegated.audit, OTHER)
    created = home.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    named = {"FindingAggregatorArn": created["FindingAggregatorArn"]}

    assert other.list_finding_aggregators()["FindingAggregators"] == [named]
    assert other.get_finding_aggregator(**named)["FindingAggregationRegion"] == HOME
    assert refusal(other.create_finding_aggregator, RegionLinkingMode="NO_REGIONS")[0] == "InvalidInputException"
    update = {"RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": [OTHER]}
    assert refusal(other.update_finding_aggregator, **named, **update)[0] == "InvalidInputException"
    home.update_finding_aggregator(**named, **update)
    found = home.get_finding_aggregator(**named)
    assert (found["RegionLinkingMode"], found["Regions"]) == ("SPECIFIED_REGIONS", [OTHER])
    home.delete_finding_aggregator(**named)
    assert home.list_finding_aggregators()["FindingAggregators"] == []
    assert refusal(home.get_finding_aggregator, **named)[0] == "ResourceNotFoundException"


def test_an_opt_in_region_is_no_home_region(delegated: Company) -> None:
    delegated.aws.client("account").enable_region(RegionName="eu-south-1")
    delegated.aws.clock.wait(delegated.aws.settings.region_seconds)
    hub = delegated.hub(region="eu-south-1")
    hub.enable_security_hub()

    assert refusal(hub.create_finding_aggregator, RegionLinkingMode="NO_REGIONS")[0] == "InvalidInputException"


def test_central_configuration_needs_an_aggregator_and_no_automatic_enabling(delegated: Company) -> None:
    administrator = delegated.hub(delegated.audit)
    update = administrator.update_organization_configuration
    centrally = {"OrganizationConfiguration": {"ConfigurationType": "CENTRAL"}}

    assert refusal(update, AutoEnable=False, AutoEnableStandards="NONE", **centrally)[0] == "ResourceNotFoundException"
    administrator.create_finding_aggregator(RegionLinkingMode="NO_REGIONS")
    text = "Auto Enable and AutoEnableStandards can not be enabled for Central Configuration"
    assert message(update, AutoEnable=True, AutoEnableStandards="NONE", **centrally) == text
    assert message(update, AutoEnable=False, **centrally) == text
    update(AutoEnable=False, AutoEnableStandards="NONE", **centrally)

    pending = administrator.describe_organization_configuration()["OrganizationConfiguration"]
    assert pending == {"ConfigurationType": "CENTRAL", "Status": "PENDING"}
    assert refusal(update, AutoEnable=False, AutoEnableStandards="NONE", **centrally)[0] == "ResourceConflictException"
    text = "Must be a Security Hub delegated administrator with Central Configuration enabled"
    assert message(administrator.list_configuration_policies) == text
    delegated.settle()
    enabled = administrator.describe_organization_configuration()["OrganizationConfiguration"]
    assert enabled == {"ConfigurationType": "CENTRAL", "Status": "ENABLED"}
    assert administrator.list_configuration_policies()["ConfigurationPolicySummaries"] == []


def test_central_configuration_is_the_home_region_s_and_has_one_administrator_everywhere(central: Company) -> None:
    elsewhere = central.hub(central.audit, OTHER)

    assert central.administrators(OTHER) == [central.audit]
    described = elsewhere.describe_organization_configuration()
    assert described["OrganizationConfiguration"] == {"ConfigurationType": "CENTRAL", "Status": "ENABLED"}
    assert (described["AutoEnable"], described["AutoEnableStandards"]) == (False, "NONE")
    text = "Central Configuration APIs can only be called from the aggregation region"
    assert message(elsewhere.list_configuration_policies) == text
    assert refusal(central.hub(central.log).list_configuration_policies)[0] == "AccessDeniedException"
    remove = central.hub().disable_organization_admin_account
    assert refusal(remove, AdminAccountId=central.audit)[0] == "AccessDeniedException"


def test_a_policy_takes_effect_in_all_accounts_and_linked_regions(central: Company) -> None:
    policy = central.policy(DisabledSecurityControlIdentifiers=["IAM.6"])

    assert central.associate(policy, RootId=central.root) == "PENDING"
    central.settle()

    assert central.association(RootId=central.root) == (policy, "APPLIED", "SUCCESS")
    assert central.association(AccountId=central.log) == (policy, "INHERITED", "SUCCESS")
    for region in (HOME, OTHER):
        for account in (MANAGEMENT_ACCOUNT_ID, central.audit, central.log):
            assert central.standards(account, region) == {FSBP, CIS_3}
        assert set(central.members(region)) == {MANAGEMENT_ACCOUNT_ID, central.log}
        administrator = central.hub(central.log, region).get_administrator_account()["Administrator"]
        assert administrator["AccountId"] == central.audit


def test_what_a_policy_decides_about_a_member_cannot_change(central: Company) -> None:
    central.associate(central.policy(), RootId=central.root)
    central.settle()
    member = central.hub(central.log, OTHER)
    text = "This account is currently associated with a central configuration policy"
    [one, *_] = member.get_enabled_standards()["StandardsSubscriptions"]

    for call, parameters in (
        (member.disable_security_hub, {}),
        (member.enable_security_hub, {}),
        (member.update_security_hub_configuration, {"AutoEnableControls": False}),
        (member.batch_enable_standards, {"StandardsSubscriptionRequests": [{"StandardsArn": arn(CIS_1)}]}),
        (member.batch_disable_standards, {"StandardsSubscriptionArns": [one["StandardsSubscriptionArn"]]}),
    ):
        assert refusal(call, **parameters)[0] == "AccessDeniedException"
        assert message(call, **parameters) == f"{text}, so only the administrator can access this operation."


def test_the_closest_association_counts_and_self_managed_accounts_are_left_alone(central: Company) -> None:
    organizations = central.aws.client("organizations")
    unit = organizations.create_organizational_unit(ParentId=central.root, Name="Unit")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=central.log, SourceParentId=central.root, DestinationParentId=unit)
    policy, off = central.policy(), central.policy("off", enabled=False)
    central.associate(policy, RootId=central.root)
    central.associate(off, OrganizationalUnitId=unit)
    central.settle()

    assert central.association(AccountId=central.log) == (off, "INHERITED", "SUCCESS")
    assert refusal(central.hub(central.log).describe_hub)[0] == "InvalidAccessException"
    central.associate(SELF_MANAGED, AccountId=central.log)
    central.settle()
    central.hub(central.log).enable_security_hub(EnableDefaultStandards=False)
    assert central.standards(central.log) == set()
    central.hub(central.audit).start_configuration_policy_disassociation(
        ConfigurationPolicyIdentifier=SELF_MANAGED, Target={"AccountId": central.log}
    )
    central.hub(central.audit).start_configuration_policy_disassociation(
        ConfigurationPolicyIdentifier=off, Target={"OrganizationalUnitId": unit}
    )
    central.settle()
    assert central.association(OrganizationalUnitId=unit) == (policy, "INHERITED", "SUCCESS")
    assert central.standards(central.log) == {FSBP, CIS_3}


def test_an_account_that_joins_inherits_and_one_that_nothing_applies_to_is_its_own(central: Company) -> None:
    policy = central.policy()
    administrator = central.hub(central.audit)
    get = administrator.get_configuration_policy_association
    assert refusal(get, Target={"AccountId": central.log})[0] == "ResourceNotFoundException"
    central.associate(policy, RootId=central.root)
    third = central.aws.add_account("third")

    assert central.association(AccountId=third) == (policy, "INHERITED", "PENDING")
    central.settle()
    assert central.association(AccountId=third) == (policy, "INHERITED", "SUCCESS")
    administrator.start_configuration_policy_disassociation(
        ConfigurationPolicyIdentifier=policy, Target={"RootId": central.root}
    )
    assert refusal(get, Target={"AccountId": third})[0] == "ResourceNotFoundException"
    central.hub(third).disable_security_hub()
    again = {"ConfigurationPolicyIdentifier": policy, "Target": {"RootId": central.root}}
    assert refusal(administrator.start_configuration_policy_disassociation, **again)[0] == "ResourceNotFoundException"


def test_a_management_account_without_a_hub_fails_and_is_tried_again_when_asked(company: Company) -> None:
    company.delegate()
    company.centralize()
    policy = company.policy()
    company.associate(policy, RootId=company.root)
    company.settle()
    administrator = company.hub(company.audit)

    [failed] = everything(
        administrator,
        "list_configuration_policy_associations",
        "ConfigurationPolicyAssociationSummaries",
        Filters={"AssociationStatus": "FAILED", "AssociationType": "INHERITED"},
    )
    assert failed["TargetId"] == MANAGEMENT_ACCOUNT_ID
    assert "management account" in failed["AssociationStatusMessage"]
    assert company.association(RootId=company.root) == (policy, "APPLIED", "FAILED")
    for region in (HOME, OTHER):
        company.hub(region=region).enable_security_hub()
    company.associate(policy, RootId=company.root)
    company.settle()
    assert company.association(RootId=company.root) == (policy, "APPLIED", "SUCCESS")


def test_a_policy_that_is_changed_takes_effect_anew_and_replaces_what_it_was(central: Company) -> None:
    policy = central.policy()
    central.associate(policy, RootId=central.root)
    central.settle()
    administrator = central.hub(central.audit)

    administrator.update_configuration_policy(
        Identifier=policy,
        Description="less",
        ConfigurationPolicy={"SecurityHub": {"ServiceEnabled": True, "EnabledStandardIdentifiers": [arn(FSBP)]}},
    )

    assert central.association(AccountId=central.log)[2] == "PENDING"
    central.settle()
    assert central.standards(central.log, OTHER) == {FSBP}
    described = administrator.get_configuration_policy(Identifier=policy)
    assert (described["Name"], described["Description"]) == ("baseline", "less")
    assert "SecurityControlsConfiguration" not in described["ConfigurationPolicy"]["SecurityHub"]


def test_policies_have_names_of_their_own_and_go_once_nothing_is_associated(central: Company) -> None:
    policy, administrator = central.policy(), central.hub(central.audit)
    central.associate(policy, RootId=central.root)
    create, bare = administrator.create_configuration_policy, {"SecurityHub": {"ServiceEnabled": False}}

    assert refusal(create, Name="baseline", ConfigurationPolicy=bare)[0] == "ResourceConflictException"
    assert refusal(create, Name="a b", ConfigurationPolicy=bare)[0] == "InvalidInputException"
    both = {"EnabledSecurityControlIdentifiers": ["IAM.1"], "DisabledSecurityControlIdentifiers": ["IAM.6"]}
    configuration = {"SecurityHub": {"ServiceEnabled": True, "SecurityControlsConfiguration": both}}
    assert refusal(create, Name="b", ConfigurationPolicy=configuration)[0] == "InvalidInputException"
    unknown = {"SecurityHub": {"ServiceEnabled": True, "EnabledStandardIdentifiers": ["arn:x"]}}
    assert refusal(create, Name="b", ConfigurationPolicy=unknown)[0] == "InvalidInputException"
    [summary] = administrator.list_configuration_policies()["ConfigurationPolicySummaries"]
    assert (summary["Id"], summary["Name"], summary["ServiceEnabled"]) == (policy, "baseline", True)
    administrator.tag_resource(ResourceArn=summary["Arn"], Tags={"a": "b"})
    assert administrator.list_tags_for_resource(ResourceArn=summary["Arn"])["Tags"] == {"a": "b"}
    assert refusal(administrator.delete_configuration_policy, Identifier=policy)[0] == "ResourceConflictException"
    administrator.start_configuration_policy_disassociation(
        ConfigurationPolicyIdentifier=summary["Arn"], Target={"RootId": central.root}
    )
    administrator.delete_configuration_policy(Identifier=policy)
    assert refusal(administrator.get_configuration_policy, Identifier=policy)[0] == "ResourceNotFoundException"


def test_a_batch_says_what_it_has_no_association_for(central: Company) -> None:
    policy = central.policy()
    central.associate(policy, AccountId=central.log)
    targets = [{"Target": {"AccountId": central.log}}, {"Target": {"RootId": central.root}}]

    answer = central.hub(central.audit).batch_get_configuration_policy_associations(
        ConfigurationPolicyAssociationIdentifiers=targets
    )

    assert [one["TargetId"] for one in answer["ConfigurationPolicyAssociations"]] == [central.log]
    [unprocessed] = answer["UnprocessedConfigurationPolicyAssociations"]
    assert unprocessed["ConfigurationPolicyAssociationIdentifiers"] == targets[1]
    start = central.hub(central.audit).start_configuration_policy_association
    nowhere = {"ConfigurationPolicyIdentifier": policy, "Target": {"AccountId": "999999999999"}}
    assert refusal(start, **nowhere)[0] == "ResourceNotFoundException"


def test_central_configuration_ends_once_its_policies_are_gone_and_accounts_keep_their_settings(
    central: Company,
) -> None:
    policy, administrator = central.policy(), central.hub(central.audit)
    central.associate(policy, RootId=central.root)
    central.settle()
    stop = {"AutoEnable": False, "OrganizationConfiguration": {"ConfigurationType": "LOCAL"}}
    assert refusal(administrator.update_organization_configuration, **stop)[0] == "ResourceConflictException"
    administrator.start_configuration_policy_disassociation(
        ConfigurationPolicyIdentifier=policy, Target={"RootId": central.root}
    )
    administrator.delete_configuration_policy(Identifier=policy)

    administrator.update_organization_configuration(**stop)

    described = administrator.describe_organization_configuration()
    assert described["OrganizationConfiguration"]["ConfigurationType"] == "LOCAL"
    assert central.standards(central.log) == {FSBP, CIS_3}
    central.hub(central.log).disable_security_hub()


@pytest.mark.parametrize("how", ["deregistered", "no aggregator"])
def test_without_administrator_or_home_region_central_configuration_is_gone(central: Company, how: str) -> None:
    central.associate(central.policy(), RootId=central.root)
    central.settle()
    administrator = central.hub(central.audit)
    if how == "deregistered":
        central.aws.client("organizations").deregister_delegated_administrator(
            AccountId=central.audit, ServicePrincipal=PRINCIPAL
        )
    else:
        [named] = administrator.list_finding_aggregators()["FindingAggregators"]
        administrator.delete_finding_aggregator(**named)

    assert refusal(administrator.list_configuration_policies)[0] == "AccessDeniedException"
    assert central.standards(central.log) == {FSBP, CIS_3}
    central.hub(central.log).disable_security_hub()


def test_an_unlinked_region_is_managed_no_longer(central: Company) -> None:
    central.associate(central.policy(), RootId=central.root)
    central.settle()
    administrator = central.hub(central.audit)
    [named] = administrator.list_finding_aggregators()["FindingAggregators"]

    administrator.update_finding_aggregator(**named, RegionLinkingMode="NO_REGIONS")
    administrator.list_configuration_policies()

    assert central.standards(central.log, OTHER) == {FSBP, CIS_3}
    central.hub(central.log, OTHER).disable_security_hub()


def test_an_administrator_decides_how_controls_generate_findings(delegated: Company) -> None:
    administrator, member = delegated.hub(delegated.audit), delegated.hub(delegated.log)
    administrator.create_members(AccountDetails=[{"AccountId": delegated.log}])

    administrator.update_security_hub_configuration(ControlFindingGenerator="STANDARD_CONTROL")

    assert member.describe_hub()["ControlFindingGenerator"] == "STANDARD_CONTROL"
    change = {"ControlFindingGenerator": "SECURITY_CONTROL"}
    assert refusal(member.update_security_hub_configuration, **change)[0] == "AccessDeniedException"


RULE: dict[str, Any] = {
    "RuleOrder": 1,
    "RuleName": "rule",
    "Description": "A rule",
    "Criteria": {"SeverityLabel": [{"Value": "LOW", "Comparison": "EQUALS"}]},
    "Actions": [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Workflow": {"Status": "SUPPRESSED"}}}],
}


def test_automation_rules_are_the_administrator_s(delegated: Company) -> None:
    administrator, member = delegated.hub(delegated.audit), delegated.hub(delegated.log)
    administrator.create_members(AccountDetails=[{"AccountId": delegated.log}])
    rule = administrator.create_automation_rule(**RULE)["RuleArn"]

    [metadata] = administrator.list_automation_rules()["AutomationRulesMetadata"]
    assert (metadata["RuleArn"], metadata["RuleStatus"], metadata["IsTerminal"]) == (rule, "ENABLED", False)
    [found] = administrator.batch_get_automation_rules(AutomationRulesArns=[rule])["Rules"]
    assert {name: found[name] for name in RULE} == RULE
    assert refusal(member.list_automation_rules)[0] == "AccessDeniedException"
    items = [{"RuleArn": rule, "RuleStatus": "DISABLED"}, {"RuleArn": "arn:x"}]
    answer = administrator.batch_update_automation_rules(UpdateAutomationRulesRequestItems=items)
    assert answer["ProcessedAutomationRules"] == [rule]
    assert [one["RuleArn"] for one in answer["UnprocessedAutomationRules"]] == ["arn:x"]
    [changed] = administrator.batch_get_automation_rules(AutomationRulesArns=[rule])["Rules"]
    assert {name: changed[name] for name in RULE} == RULE
    assert changed["RuleStatus"] == "DISABLED"
    administrator.tag_resource(ResourceArn=rule, Tags={"a": "b", "c": "d"})
    administrator.untag_resource(ResourceArn=rule, TagKeys=["c"])
    assert administrator.list_tags_for_resource(ResourceArn=rule)["Tags"] == {"a": "b"}
    gone = administrator.batch_delete_automation_rules(AutomationRulesArns=[rule, "arn:x"])
    assert gone["ProcessedAutomationRules"] == [rule]
    assert [one["RuleArn"] for one in gone["UnprocessedAutomationRules"]] == ["arn:x"]
    assert administrator.list_automation_rules()["AutomationRulesMetadata"] == []
    assert refusal(administrator.list_tags_for_resource, ResourceArn=rule)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("change", [{"RuleOrder": 1001}, {"RuleStatus": "ON"}, {"Criteria": {}}])
def test_a_rule_that_cannot_be_is_refused(delegated: Company, change: dict[str, Any]) -> None:
    create = delegated.hub(delegated.audit).create_automation_rule

    assert refusal(create, **RULE | change)[0] == "InvalidInputException"
