from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.conftest import Aws, refusal

HOME, OTHER, OPT_IN = "eu-west-1", "us-east-1", "eu-south-1"
TYPE = "SECURITYHUB_POLICY"
LINKS = {"RegionLinkingMode": "SPECIFIED_REGIONS", "LinkedRegions": [OTHER]}


@dataclass
class Company:
    """An organization with the accounts audit and log, where Security Hub policies are enabled."""

    aws: Aws
    root: str
    audit: str
    log: str

    def hub(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("securityhub", region, account)

    def is_on(self, account: str | None = None, region: str = HOME) -> bool:
        client = self.hub(account, region)
        try:
            client.describe_security_hub_v2()
        except client.exceptions.ResourceNotFoundException:
            return False
        return True

    def delegate(self) -> None:
        self.hub().enable_organization_admin_account(AdminAccountId=self.audit, Feature="SecurityHubV2")
        self.aws.clock.wait(self.aws.settings.delegation_seconds)

    def policy(self, enabled: list[str], disabled: list[str]) -> str:
        lists = {"enable_in_regions": {"@@assign": enabled}, "disable_in_regions": {"@@assign": disabled}}
        content = json.dumps({"securityhub": lists})
        organizations = self.aws.client("organizations")
        name = f"policy {len(organizations.list_policies(Filter=TYPE)['Policies'])}"
        made = organizations.create_policy(Name=name, Type=TYPE, Content=content, Description="")
        policy_id: str = made["Policy"]["PolicySummary"]["Id"]
        return policy_id

    def attach(self, policy_id: str, target: str) -> None:
        self.aws.client("organizations").attach_policy(PolicyId=policy_id, TargetId=target)

    def arrive(self) -> None:
        self.aws.clock.wait(self.aws.settings.securityhub_policy_seconds)


@pytest.fixture
def company(aws: Aws) -> Company:
    root = aws.found_organization()
    found = Company(aws, root, aws.add_account("audit"), aws.add_account("log"))
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="securityhub.amazonaws.com")
    organizations.enable_policy_type(RootId=root, PolicyType=TYPE)
    aws.clock.wait(aws.settings.policy_type_seconds)
    return found


def test_an_account_has_a_hub_in_each_region_of_its_own(aws: Aws) -> None:
    hub, elsewhere = aws.client("securityhub", HOME), aws.client("securityhub", OTHER)
    arn = hub.enable_security_hub_v2(Tags={"team": "security"})["HubV2Arn"]

    assert hub.enable_security_hub_v2()["HubV2Arn"] == hub.describe_security_hub_v2()["HubV2Arn"] == arn
    assert hub.get_findings_v2()["Findings"] == []
    assert refusal(elsewhere.describe_security_hub_v2)[0] == "ResourceNotFoundException"
    assert refusal(elsewhere.get_findings_v2)[0] == "ConflictException"
    # Security Hub CSPM is another service.
    assert refusal(hub.describe_hub)[0] == "InvalidAccessException"
    hub.disable_security_hub_v2()
    hub.disable_security_hub_v2()
    assert refusal(hub.describe_security_hub_v2)[0] == "ResourceNotFoundException"


def test_the_administrator_is_the_same_in_all_regions(company: Company) -> None:
    company.delegate()

    for region in (HOME, OTHER):
        answer = company.hub(region=region).list_organization_admin_accounts(Feature="SecurityHubV2")
        assert answer["AdminAccounts"] == [{"AccountId": company.audit}]
        assert company.hub(region=region).list_organization_admin_accounts()["AdminAccounts"] == []
    elsewhere = company.hub(region=OTHER)
    another = refusal(elsewhere.enable_organization_admin_account, AdminAccountId=company.log, Feature="SecurityHubV2")
    assert another[0] == "InvalidInputException"
    elsewhere.disable_organization_admin_account(AdminAccountId=company.audit, Feature="SecurityHubV2")
    assert company.hub().list_organization_admin_accounts(Feature="SecurityHubV2")["AdminAccounts"] == []


def test_an_account_has_one_aggregator_in_its_home_region(company: Company) -> None:
    hub, elsewhere = company.hub(), company.hub(region=OTHER)
    assert refusal(hub.list_aggregators_v2)[0] == "ConflictException"
    assert refusal(hub.create_aggregator_v2, **LINKS)[0] == "ConflictException"
    hub.enable_security_hub_v2()
    elsewhere.enable_security_hub_v2()
    assert hub.list_aggregators_v2()["AggregatorsV2"] == []

    made = hub.create_aggregator_v2(**LINKS, ClientToken="once")
    again = hub.create_aggregator_v2(**LINKS, ClientToken="once")

    arn = made["AggregatorV2Arn"]
    wanted = {"AggregatorV2Arn": arn, "AggregationRegion": HOME, **LINKS}
    for answer in (made, again, hub.get_aggregator_v2(AggregatorV2Arn=arn)):
        assert answer | wanted == answer
    assert elsewhere.list_aggregators_v2()["AggregatorsV2"] == [{"AggregatorV2Arn": arn}]
    assert refusal(elsewhere.get_aggregator_v2, AggregatorV2Arn=arn)[0] == "ConflictException"
    assert refusal(elsewhere.create_aggregator_v2, **LINKS | {"LinkedRegions": [HOME]})[0] == "ConflictException"
    hub.update_aggregator_v2(AggregatorV2Arn=arn, **LINKS | {"LinkedRegions": [OTHER, "eu-west-2"]})
    assert hub.get_aggregator_v2(AggregatorV2Arn=arn)["LinkedRegions"] == [OTHER, "eu-west-2"]
    hub.delete_aggregator_v2(AggregatorV2Arn=arn)
    assert refusal(hub.get_aggregator_v2, AggregatorV2Arn=arn)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "links",
    [
        {"RegionLinkingMode": "ALL_REGIONS"},
        LINKS | {"LinkedRegions": []},
        LINKS | {"LinkedRegions": [HOME]},
        LINKS | {"LinkedRegions": ["nowhere-1"]},
        LINKS | {"LinkedRegions": [OTHER, OTHER]},
    ],
)
def test_regions_that_cannot_be_linked_are_refused(aws: Aws, links: dict[str, Any]) -> None:
    hub = aws.client("securityhub")
    hub.enable_security_hub_v2()

    assert refusal(hub.create_aggregator_v2, **links)[0] == "ValidationException"


def test_members_have_no_aggregator_beside_their_administrator(company: Company) -> None:
    company.delegate()
    member, audit = company.hub(company.log), company.hub(company.audit)
    member.enable_security_hub_v2()
    audit.enable_security_hub_v2()

    assert refusal(member.create_aggregator_v2, **LINKS)[0] == "AccessDeniedException"
    assert audit.create_aggregator_v2(**LINKS)["LinkedRegions"] == [OTHER]


def test_a_home_region_is_none_that_is_opted_into(aws: Aws) -> None:
    aws.client("account").enable_region(RegionName=OPT_IN)
    aws.clock.wait(aws.settings.region_seconds)
    hub = aws.client("securityhub", OPT_IN)
    hub.enable_security_hub_v2()

    assert refusal(hub.create_aggregator_v2, **LINKS)[0] == "ValidationException"


def test_a_policy_enables_security_hub_after_a_while_and_for_accounts_that_join(company: Company) -> None:
    company.attach(company.policy([HOME], []), company.root)
    assert not company.is_on(company.log)
    company.arrive()

    for account in (None, company.audit, company.log):
        assert company.is_on(account)
        assert not company.is_on(account, OTHER)
    joined = company.aws.add_account("joined")
    company.arrive()
    assert company.is_on(joined)


def test_what_a_policy_manages_is_not_changed_in_the_account(company: Company) -> None:
    company.hub(company.log).enable_security_hub_v2()
    policy_id = company.policy([HOME], [OTHER])
    company.attach(policy_id, company.root)

    for region in (HOME, OTHER):
        hub = company.hub(company.log, region)
        for call in (hub.enable_security_hub_v2, hub.disable_security_hub_v2):
            assert refusal(call)[0] == "AccessDeniedException"
    company.hub(company.log, "eu-west-2").enable_security_hub_v2()
    company.aws.client("organizations").detach_policy(PolicyId=policy_id, TargetId=company.root)
    assert refusal(company.hub(company.log).disable_security_hub_v2)[0] == "AccessDeniedException"
    company.arrive()
    company.hub(company.log).disable_security_hub_v2()
    assert not company.is_on(company.log)


def test_a_policy_that_is_detached_leaves_on_what_it_has_enabled(company: Company) -> None:
    policy_id = company.policy(["ALL_SUPPORTED"], [])
    company.attach(policy_id, company.log)
    company.arrive()
    company.aws.client("organizations").detach_policy(PolicyId=policy_id, TargetId=company.log)
    company.arrive()

    assert company.is_on(company.log)
    assert company.is_on(company.log, OTHER)
    assert not company.is_on(company.audit)


def test_a_policy_disables_before_it_enables(company: Company) -> None:
    company.hub(company.log).enable_security_hub_v2()
    company.attach(company.policy(["ALL_SUPPORTED"], [HOME]), company.root)
    company.arrive()

    assert not company.is_on(company.log)
    assert company.is_on(company.log, OTHER)


def test_a_policy_does_not_reach_a_region_that_an_account_has_not_enabled(company: Company) -> None:
    company.attach(company.policy(["ALL_SUPPORTED"], []), company.root)
    company.arrive()
    assert refusal(company.hub(company.log, OPT_IN).describe_security_hub_v2)[0] == "UnrecognizedClientException"
    company.aws.client("account", account=company.log).enable_region(RegionName=OPT_IN)
    company.aws.clock.wait(company.aws.settings.region_seconds)

    assert company.is_on(company.log, OPT_IN)


def test_an_account_follows_the_policy_of_where_it_is_moved(company: Company) -> None:
    organizations = company.aws.client("organizations")
    unit = organizations.create_organizational_unit(ParentId=company.root, Name="Quiet")["OrganizationalUnit"]["Id"]
    company.attach(company.policy([HOME], []), company.root)
    company.attach(company.policy([], [HOME]), unit)
    company.arrive()
    organizations.move_account(AccountId=company.log, SourceParentId=company.root, DestinationParentId=unit)
    company.arrive()

    assert not company.is_on(company.log)
    assert company.is_on(company.audit)
