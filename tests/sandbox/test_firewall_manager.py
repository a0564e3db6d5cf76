from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

GLOBAL, HOME = "us-east-1", "eu-west-1"
PRINCIPAL = "fms.amazonaws.com"
DATA = {"type": "DNS_FIREWALL", "preProcessRuleGroups": [{"ruleGroupId": "rslvr-frg-1", "priority": 10}]}
DENIED, REFUSED = ("AccessDeniedException", None), ("InvalidOperationException", None)
INVALID, ABSENT = ("InvalidInputException", None), ("ResourceNotFoundException", None)


@dataclass
class Company:
    """An organization with the accounts audit and log; audit administers Firewall Manager once it is `delegated`."""

    aws: Aws
    audit: str
    log: str

    def fms(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("fms", region, account)

    def appoint(self) -> None:
        self.fms(region=GLOBAL).associate_admin_account(AdminAccount=self.audit)
        self.aws.clock.wait(self.aws.settings.firewall_manager_ready_seconds)

    def status(self) -> str:
        status: str = self.fms().get_admin_account()["RoleStatus"]
        return status

    def registered(self) -> list[str]:
        organizations = self.aws.client("organizations")
        found = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
        return [one["Id"] for one in found]

    def put(self, region: str = HOME, **members: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.fms(self.audit, region).put_policy(Policy=policy(**members))
        return answer


def policy(**members: Any) -> dict[str, Any]:
    return {
        "PolicyName": "dns",
        "SecurityServicePolicyData": {"Type": "DNS_FIREWALL", "ManagedServiceData": json.dumps(DATA)},
        "ResourceType": "AWS::EC2::VPC",
        "ExcludeResourceTags": False,
        "RemediationEnabled": True,
        **members,
    }


def message(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer: Any = raised.value.response
    return str(answer["Error"]["Message"])


def company_in(aws: Aws) -> Company:
    aws.found_organization()
    return Company(aws, aws.add_account("audit"), aws.add_account("log"))


@pytest.fixture
def company() -> Iterator[Company]:
    with sandbox.in_process() as running:
        yield company_in(Aws(running))


@pytest.fixture
def delegated(company: Company) -> Company:
    company.appoint()
    return company


def test_an_administrator_comes_and_goes_in_process_and_served(aws: Aws) -> None:
    company = company_in(aws)
    assert refusal(company.fms().get_admin_account) == ABSENT

    company.fms(region=GLOBAL).associate_admin_account(AdminAccount=company.audit)
    assert company.status() == "CREATING"
    assert refusal(company.fms(company.audit).list_policies) == DENIED
    aws.clock.wait(aws.settings.firewall_manager_ready_seconds)
    assert company.status() == "READY"
    services = aws.client("organizations").list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert PRINCIPAL in {one["ServicePrincipal"] for one in services}
    assert company.registered() == [company.audit]
    assert aws.client("iam", account=company.audit).get_role(RoleName="AWSServiceRoleForFMS")
    company.put()

    assert refusal(company.fms(region=GLOBAL).disassociate_admin_account) == DENIED
    company.fms(company.audit, GLOBAL).disassociate_admin_account()
    assert company.status() == "DELETING"
    aws.clock.wait(aws.settings.firewall_manager_removal_seconds)
    assert company.status() == "DELETED"
    assert company.registered() == []
    company.appoint()
    assert company.fms(company.audit).list_policies()["PolicyList"] == []


def test_who_may_be_the_administrator_and_who_may_say_so(company: Company) -> None:
    associate = company.fms(region=GLOBAL).associate_admin_account
    assert refusal(associate, AdminAccount=MANAGEMENT_ACCOUNT_ID) == INVALID
    assert refusal(associate, AdminAccount="999999999999") == INVALID
    assert refusal(company.fms().associate_admin_account, AdminAccount=company.audit) == REFUSED
    member = company.fms(company.log, GLOBAL).associate_admin_account
    assert "is not the management account of the Organization" in message(member, AdminAccount=company.audit)
    assert refusal(company.fms(region=GLOBAL).put_admin_account, AdminAccount=company.audit) == REFUSED

    company.aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    assert refusal(associate, AdminAccount=company.audit) == REFUSED
    company.aws.clock.wait(company.aws.settings.firewall_manager_access_seconds)
    company.aws.settings.firewall_manager_deaf_seconds = 600
    company.appoint()
    assert refusal(company.fms().get_admin_account) == ABSENT
    company.aws.settings.firewall_manager_denies_nobody = True
    assert "is not currently delegated by AWS FM" in message(company.fms().get_admin_account)
    company.aws.clock.wait(600)
    company.appoint()
    assert company.status() == "READY"
    assert refusal(associate, AdminAccount=company.audit) == REFUSED
    assert refusal(associate, AdminAccount=company.log) == REFUSED


def test_further_administrators_have_a_scope_and_go_before_the_first(delegated: Company) -> None:
    management = delegated.fms(region=GLOBAL)
    scope = {"PolicyTypeScope": {"PolicyTypes": ["WAFV2"], "AllPolicyTypesEnabled": False}}
    delegated.aws.clock.wait(delegated.aws.settings.firewall_manager_access_seconds)
    management.put_admin_account(AdminAccount=delegated.log, AdminScope=scope)
    delegated.aws.clock.wait(delegated.aws.settings.firewall_manager_ready_seconds)

    found = management.list_admin_accounts_for_organization()["AdminAccounts"]
    assert [(one["AdminAccount"], one["DefaultAdmin"], one["Status"]) for one in found] == [
        (delegated.audit, True, "ONBOARDING_COMPLETE"),
        (delegated.log, False, "ONBOARDING_COMPLETE"),
    ]
    assert refusal(delegated.fms(delegated.audit, GLOBAL).list_admin_accounts_for_organization) == REFUSED
    answer = management.get_admin_scope(AdminAccount=delegated.log)
    assert answer["AdminScope"]["PolicyTypeScope"] == scope["PolicyTypeScope"]
    assert delegated.fms(delegated.log).list_admins_managing_account()["AdminAccounts"] == [
        delegated.audit,
        delegated.log,
    ]
    assert refusal(delegated.fms(delegated.log).put_policy, Policy=policy()) == REFUSED
    assert refusal(delegated.fms(delegated.audit, GLOBAL).disassociate_admin_account) == REFUSED
    delegated.fms(delegated.log, GLOBAL).disassociate_admin_account()
    delegated.aws.clock.wait(delegated.aws.settings.firewall_manager_removal_seconds)
    delegated.fms(delegated.audit, GLOBAL).disassociate_admin_account()


def test_a_policy_is_changed_by_whoever_knows_its_version(delegated: Company) -> None:
    made = delegated.put()
    arn, policy_id = made["PolicyArn"], made["Policy"]["PolicyId"]
    api = delegated.fms(delegated.audit)
    assert arn == f"arn:aws:fms:{HOME}:{delegated.audit}:policy/{policy_id}"
    assert api.list_policies()["PolicyList"] == [
        {
            "PolicyArn": arn,
            "PolicyId": policy_id,
            "PolicyName": "dns",
            "ResourceType": "AWS::EC2::VPC",
            "SecurityServiceType": "DNS_FIREWALL",
            "RemediationEnabled": True,
            "DeleteUnusedFMManagedResources": False,
            "PolicyStatus": "ACTIVE",
        }
    ]
    assert delegated.fms(delegated.audit, GLOBAL).list_policies()["PolicyList"] == []
    assert refusal(api.put_policy, Policy=policy()) == INVALID

    changed = api.put_policy(Policy={**made["Policy"], "RemediationEnabled": False})["Policy"]
    assert changed["PolicyUpdateToken"] != made["Policy"]["PolicyUpdateToken"]
    assert refusal(api.put_policy, Policy=made["Policy"]) == REFUSED
    assert api.get_policy(PolicyId=policy_id)["Policy"] == changed
    api.tag_resource(ResourceArn=arn, TagList=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    api.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert api.list_tags_for_resource(ResourceArn=arn)["TagList"] == [{"Key": "b", "Value": "2"}]
    api.delete_policy(PolicyId=policy_id, DeleteAllPolicyResources=True)
    assert refusal(api.get_policy, PolicyId=policy_id) == ABSENT
    assert refusal(api.delete_policy, PolicyId=policy_id) == ABSENT


@pytest.mark.parametrize(
    "members",
    [
        {"ResourceType": "ResourceTypeList"},
        {"SecurityServicePolicyData": {"Type": "SHIELD_ADVANCED"}, "DeleteUnusedFMManagedResources": True},
        {"IncludeMap": {"ACCOUNT": ["999999999999"]}},
        {"IncludeMap": {"ORG_UNIT": ["ou-a"]}, "ExcludeMap": {"ORG_UNIT": ["ou-b"]}},
        {"SecurityServicePolicyData": {"Type": "WAFV2", "ManagedServiceData": "{"}},
        {"SecurityServicePolicyData": {"Type": "WAFV2", "ManagedServiceData": json.dumps(DATA)}},
    ],
)
def test_a_policy_that_is_not_as_it_must_be_is_refused(delegated: Company, members: dict[str, Any]) -> None:
    assert refusal(delegated.fms(delegated.audit).put_policy, Policy=policy(**members)) == INVALID


def test_what_others_read_of_policies_and_from_which_account(delegated: Company) -> None:
    everyone = delegated.put()["Policy"]["PolicyId"]
    few = delegated.put(PolicyName="few", IncludeMap={"ACCOUNT": [delegated.log]})["Policy"]["PolicyId"]
    rest = delegated.put(PolicyName="rest", ExcludeMap={"ACCOUNT": [delegated.log]})["Policy"]["PolicyId"]
    api = delegated.fms(delegated.audit)

    def scope(policy_id: str) -> set[str]:
        found = api.list_compliance_status(PolicyId=policy_id)["PolicyComplianceStatusList"]
        assert {one["EvaluationResults"][0]["ComplianceStatus"] for one in found} == {"COMPLIANT"}
        return {one["MemberAccount"] for one in found}

    accounts = {MANAGEMENT_ACCOUNT_ID, delegated.audit, delegated.log}
    assert scope(everyone) == accounts
    assert scope(few) == {delegated.log}
    assert scope(rest) == accounts - {delegated.log}
    detail = api.get_compliance_detail(PolicyId=few, MemberAccount=delegated.log)["PolicyComplianceDetail"]
    assert detail["Violators"] == []
    assert refusal(api.get_compliance_detail, PolicyId=few, MemberAccount=delegated.audit) == ABSENT
    assert set(delegated.fms().list_member_accounts()["MemberAccounts"]) == accounts
    assert refusal(delegated.fms(delegated.log).list_member_accounts) == DENIED
    assert "SnsTopicArn" not in api.get_notification_channel()
    assert api.list_resource_sets()["ResourceSets"] == []
    assert api.list_apps_lists(MaxResults=10)["AppsLists"] == []
    assert api.list_protocols_lists(MaxResults=10)["ProtocolsLists"] == []
    text = "Operation ListPolicies is only available to AWS Firewall Manager Administrators"
    assert message(delegated.fms().list_policies) == text
    pages = api.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["PolicyList"]) for page in pages] == [2, 1]


def test_outside_of_an_organization_nobody_administers_anything() -> None:
    with sandbox.in_process() as running:
        fms = Aws(running).client("fms", GLOBAL)

        assert "No default admin could be found" in message(fms.list_policies)
        assert refusal(fms.get_admin_account) == DENIED
        assert refusal(fms.associate_admin_account, AdminAccount="999999999999") == REFUSED
