from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.conftest import Aws, refusal

TRUST = "securityhub.amazonaws.com"
TYPE = "SECURITYHUB_POLICY"


def regions(*enabled: str, operator: str = "@@assign", for_children: str = "@@all") -> str:
    """The text of a Security Hub policy."""
    allowed = {"@@operators_allowed_for_child_policies": [for_children]}
    lists = {"enable_in_regions": list(enabled), "disable_in_regions": []}
    return json.dumps({"securityhub": {name: {operator: there, **allowed} for name, there in lists.items()}})


@dataclass
class Company:
    """An organization with one account in an OU, where Security Hub policies are enabled."""

    aws: Aws
    root: str
    unit: str
    account: str

    @property
    def api(self) -> Any:
        return self.aws.client("organizations")

    def enable(self, policy_type: str) -> None:
        self.api.enable_policy_type(RootId=self.root, PolicyType=policy_type)
        self.aws.clock.wait(self.aws.settings.policy_type_seconds)

    def create(self, name: str, content: str = regions("eu-west-1"), policy_type: str = TYPE, **more: Any) -> str:
        policy = {"Name": name, "Content": content, "Description": "", "Type": policy_type}
        policy_id: str = self.api.create_policy(**policy, **more)["Policy"]["PolicySummary"]["Id"]
        return policy_id

    def attach(self, policy_id: str, target_id: str) -> None:
        self.api.attach_policy(PolicyId=policy_id, TargetId=target_id)

    def effective(self, account: str | None = None) -> Any:
        answer = self.api.describe_effective_policy(PolicyType=TYPE, TargetId=account or self.account)
        return json.loads(answer["EffectivePolicy"]["PolicyContent"])


@pytest.fixture
def company(aws: Aws) -> Company:
    root = aws.found_organization()
    account = aws.add_account("workload")
    organizations = aws.client("organizations")
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    organizations.enable_aws_service_access(ServicePrincipal=TRUST)
    found = Company(aws, root, unit, account)
    found.enable(TYPE)
    return found


ALLOWING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
OF_TYPES = {
    TYPE: regions("eu-west-1"),
    "SERVICE_CONTROL_POLICY": ALLOWING,
    "BACKUP_POLICY": '{"plans": {}}',
    "DECLARATIVE_POLICY_EC2": '{"ec2_attributes": {}}',
}


def test_a_policy_of_any_type_is_created_changed_and_deleted(company: Company) -> None:
    for policy_type, content in OF_TYPES.items():
        policy_id = company.create("ours", content, policy_type)
        company.api.update_policy(PolicyId=policy_id, Name="renamed", Description="why")

        policy = company.api.describe_policy(PolicyId=policy_id)["Policy"]
        assert policy["Content"] == content
        summary = policy["PolicySummary"]
        assert (summary["Name"], summary["Description"], summary["Type"]) == ("renamed", "why", policy_type)
        assert f"/{policy_type.lower()}/{policy_id}" in summary["Arn"]
        listed = company.api.list_policies(Filter=policy_type)["Policies"]
        assert [one for one in listed if not one["AwsManaged"]] == [summary]
        company.api.delete_policy(PolicyId=policy_id)
        assert refusal(company.api.describe_policy, PolicyId=policy_id)[0] == "PolicyNotFoundException"


def test_what_cannot_be_a_policy_is_refused(company: Company) -> None:
    policy = {"Name": "ours", "Description": "", "Type": TYPE}
    malformed = ("no JSON", "[]", "{}", '{"securityhub": {}}', '{"securityhub": {"enable_in_regions": ["eu-west-1"]}}')
    for content in malformed:
        code = refusal(company.api.create_policy, Content=content, **policy)[0]
        assert code == "MalformedPolicyDocumentException", content
    policy_id = company.create("ours")
    assert refusal(company.api.create_policy, Content=regions(), **policy)[0] == "DuplicatePolicyException"
    other = company.create("another")
    assert refusal(company.api.update_policy, PolicyId=other, Name="ours")[0] == "DuplicatePolicyException"
    too_long = regions(*["eu-west-1"] * 1_000)
    wanted = ("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")
    assert refusal(company.api.update_policy, PolicyId=policy_id, Content=too_long) == wanted
    managed = refusal(company.api.update_policy, PolicyId="p-FullAWSAccess", Name="ours")
    assert managed == ("InvalidInputException", "IMMUTABLE_POLICY")


STATEMENT = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
MALFORMED: dict[str, list[dict[str, Any]]] = {
    "SERVICE_CONTROL_POLICY": [{"Principal": "*"}, {"Effect": "Maybe"}, {"NotAction": "s3:*"}, {"NotResource": "*"}],
    "RESOURCE_CONTROL_POLICY": [{}, {"Principal": {"AWS": "*"}}, {"Effect": "Allow"}, {"Action": "*"}],
}


@pytest.mark.parametrize("policy_type", MALFORMED)
def test_what_cannot_be_a_statement_of_its_type_is_refused(company: Company, policy_type: str) -> None:
    everyone = {"Principal": "*"} if policy_type == "RESOURCE_CONTROL_POLICY" else {}
    good = {"Version": "2012-10-17", "Statement": {**STATEMENT, **everyone}}
    texts = [{**good, "Version": "2008-10-17"}, {**good, "Statement": []}, {"Version": "2012-10-17"}]
    for elements in MALFORMED[policy_type]:
        # The first of an RCP names no principal at all.
        inherited = everyone if elements and policy_type == "RESOURCE_CONTROL_POLICY" else {}
        texts.append({**good, "Statement": [{**STATEMENT, **inherited, **elements}]})

    for text in texts:
        made = {"Name": "ours", "Description": "", "Type": policy_type, "Content": json.dumps(text)}
        assert refusal(company.api.create_policy, **made)[0] == "MalformedPolicyDocumentException", text
    company.create("ours", json.dumps(good), policy_type)


def test_what_begins_otherwise_than_its_type_is_refused(company: Company) -> None:
    made = {"Name": "ours", "Description": "", "Type": "TAG_POLICY"}

    for content in ("{}", '{"tags": []}', '{"plans": {}}', '{"tags": {}, "plans": {}}'):
        assert refusal(company.api.create_policy, Content=content, **made)[0] == "MalformedPolicyDocumentException"


def test_a_policy_is_attached_where_its_type_is_enabled_and_once(company: Company) -> None:
    policy_id = company.create("ours")
    there = {"PolicyId": policy_id, "TargetId": company.unit}
    company.attach(policy_id, company.unit)

    assert refusal(company.api.attach_policy, **there)[0] == "DuplicatePolicyAttachmentException"
    [target] = company.api.list_targets_for_policy(PolicyId=policy_id)["Targets"]
    assert (target["TargetId"], target["Type"], target["Name"]) == (company.unit, "ORGANIZATIONAL_UNIT", "Workloads")
    [policy] = company.api.list_policies_for_target(TargetId=company.unit, Filter=TYPE)["Policies"]
    assert policy["Id"] == policy_id
    assert company.api.list_policies_for_target(TargetId=company.account, Filter=TYPE)["Policies"] == []
    assert refusal(company.api.delete_policy, PolicyId=policy_id)[0] == "PolicyInUseException"
    company.api.detach_policy(**there)
    assert refusal(company.api.detach_policy, **there)[0] == "PolicyNotAttachedException"
    assert company.api.list_targets_for_policy(PolicyId=policy_id)["Targets"] == []
    absent = refusal(company.api.attach_policy, PolicyId=policy_id, TargetId="r-none")
    assert absent[0] == "TargetNotFoundException"
    backup = company.create("backup", OF_TYPES["BACKUP_POLICY"], "BACKUP_POLICY")
    not_enabled = refusal(company.api.attach_policy, PolicyId=backup, TargetId=company.root)
    assert not_enabled[0] == "PolicyTypeNotEnabledException"


def test_ten_policies_of_a_type_can_be_attached_to_an_entity_and_its_first_scp_stays(company: Company) -> None:
    for number in range(10):
        company.attach(company.create(f"policy {number}"), company.root)
    eleventh = company.create("one too many")
    wanted = ("ConstraintViolationException", "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert refusal(company.api.attach_policy, PolicyId=eleventh, TargetId=company.root) == wanted
    company.enable("SERVICE_CONTROL_POLICY")
    company.enable("RESOURCE_CONTROL_POLICY")
    last = refusal(company.api.detach_policy, PolicyId="p-FullAWSAccess", TargetId=company.account)
    assert last == ("ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    fixed = refusal(company.api.detach_policy, PolicyId="p-RCPFullAWSAccess", TargetId=company.account)
    assert fixed == ("InvalidInputException", "NON_DETACHABLE_POLICY")
    other = company.create("allow", ALLOWING, "SERVICE_CONTROL_POLICY")
    company.attach(other, company.account)
    company.api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=company.account)
    found = company.api.list_policies_for_target(TargetId=company.account, Filter="SERVICE_CONTROL_POLICY")
    assert [policy["Name"] for policy in found["Policies"]] == ["allow"]


def test_disabling_a_type_detaches_its_policies_for_good(company: Company) -> None:
    policy_id = company.create("ours")
    company.attach(policy_id, company.root)

    company.api.disable_policy_type(RootId=company.root, PolicyType=TYPE)
    company.aws.clock.wait(company.aws.settings.policy_type_seconds)
    company.enable(TYPE)

    assert company.api.list_targets_for_policy(PolicyId=policy_id)["Targets"] == []
    assert refusal(company.effective)[0] == "EffectivePolicyNotFoundException"


def test_enabling_a_type_attaches_the_policy_of_aws_to_everything_again(company: Company) -> None:
    company.enable("SERVICE_CONTROL_POLICY")
    company.attach(company.create("allow", ALLOWING, "SERVICE_CONTROL_POLICY"), company.account)
    company.api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=company.account)

    company.api.disable_policy_type(RootId=company.root, PolicyType="SERVICE_CONTROL_POLICY")
    company.aws.clock.wait(company.aws.settings.policy_type_seconds)
    company.enable("SERVICE_CONTROL_POLICY")

    for entity in (company.root, company.unit, company.account):
        found = company.api.list_policies_for_target(TargetId=entity, Filter="SERVICE_CONTROL_POLICY")
        assert [policy["Name"] for policy in found["Policies"]] == ["FullAWSAccess"]


def test_an_account_inherits_what_reaches_it(company: Company) -> None:
    company.attach(company.create("all", regions("eu-west-1", "us-east-1")), company.root)
    company.attach(company.create("more", regions("eu-west-2", operator="@@append")), company.unit)
    company.attach(company.create("less", regions("us-east-1", operator="@@remove")), company.account)

    assert company.effective() == {
        "securityhub": {"enable_in_regions": ["eu-west-1", "eu-west-2"], "disable_in_regions": []}
    }
    [everyone] = [one["Id"] for one in company.api.list_accounts()["Accounts"] if one["Id"] != company.account]
    assert company.effective(everyone)["securityhub"]["enable_in_regions"] == ["eu-west-1", "us-east-1"]
    own = company.aws.client("organizations", account=company.account)
    assert own.describe_effective_policy(PolicyType=TYPE)["EffectivePolicy"]["TargetId"] == company.account
    foreign = refusal(own.describe_effective_policy, PolicyType=TYPE, TargetId=everyone)
    assert foreign[0] == "AccessDeniedException"


def test_a_parent_can_allow_its_children_less(company: Company) -> None:
    company.attach(company.create("all", regions("eu-west-1", for_children="@@append")), company.root)
    company.attach(company.create("other", regions("eu-west-2")), company.unit)
    company.attach(company.create("more", regions("eu-west-3", operator="@@append")), company.unit)

    assert company.effective()["securityhub"]["enable_in_regions"] == ["eu-west-1", "eu-west-3"]


def statement(account: str, *actions: str, **more: Any) -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_an_organization_has_one_resource_policy(company: Company) -> None:
    assert refusal(company.api.describe_resource_policy)[0] == "ResourcePolicyNotFoundException"
    assert refusal(company.api.delete_resource_policy)[0] == "ResourcePolicyNotFoundException"
    first = document(statement(company.account, "organizations:ListRoots"))
    made = company.api.put_resource_policy(Content=first, Tags=[{"Key": "team", "Value": "security"}])
    second = document(statement(company.account, "organizations:Describe*"))
    company.api.put_resource_policy(Content=second)

    found = company.api.describe_resource_policy()["ResourcePolicy"]
    assert found["Content"] == second
    assert found["ResourcePolicySummary"] == made["ResourcePolicy"]["ResourcePolicySummary"]
    policy_id = found["ResourcePolicySummary"]["Id"]
    assert found["ResourcePolicySummary"]["Arn"].endswith(f"/{policy_id}")
    company.api.tag_resource(ResourceId=policy_id, Tags=[{"Key": "a", "Value": "b"}])
    company.api.untag_resource(ResourceId=policy_id, TagKeys=["team"])
    assert company.api.list_tags_for_resource(ResourceId=policy_id)["Tags"] == [{"Key": "a", "Value": "b"}]
    company.api.delete_resource_policy()
    assert refusal(company.api.describe_resource_policy)[0] == "ResourcePolicyNotFoundException"


def test_what_is_no_resource_policy_is_refused(company: Company) -> None:
    good = statement(company.account, "organizations:ListRoots", Sid="One")
    for content in ("no JSON", "{}", document(), document({"Effect": "Allow"}), document(good, good)):
        wanted = ("InvalidInputException", "INVALID_RESOURCE_POLICY_JSON")
        assert refusal(company.api.put_resource_policy, Content=content) == wanted, content
    unsupported = document(statement(company.account, "organizations:CreateAccount"))
    wanted = ("InvalidInputException", "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY")
    assert refusal(company.api.put_resource_policy, Content=unsupported) == wanted
    too_long = document(statement(company.account, *["organizations:ListRoots"] * 2_000))
    assert refusal(company.api.put_resource_policy, Content=too_long)[1] == "MAX_LENGTH_EXCEEDED"


def test_a_member_may_do_what_the_resource_policy_says_and_no_more(company: Company) -> None:
    member = company.aws.client("organizations", account=company.account)
    policy = {"Name": "theirs", "Content": regions(), "Description": "", "Type": TYPE}
    assert refusal(member.list_roots)[0] == "AccessDeniedException"
    only_this_type = {"StringEquals": {"organizations:PolicyType": TYPE}}
    allowed = statement(company.account, "organizations:CreatePolicy", "organizations:AttachPolicy")
    company.api.put_resource_policy(
        Content=document(
            statement(company.account, "organizations:List*"),
            allowed | {"Condition": only_this_type},
            {**statement(company.account, "organizations:ListParents"), "Effect": "Deny"},
        )
    )

    policy_id = member.create_policy(**policy)["Policy"]["PolicySummary"]["Id"]
    member.attach_policy(PolicyId=policy_id, TargetId=company.unit)
    assert [root["Id"] for root in member.list_roots()["Roots"]] == [company.root]
    assert refusal(member.list_parents, ChildId=company.account)[0] == "AccessDeniedException"
    other = policy | {"Name": "other", "Type": "TAG_POLICY", "Content": '{"tags": {}}'}
    assert refusal(member.create_policy, **other)[0] == "AccessDeniedException"
    assert refusal(member.detach_policy, PolicyId=policy_id, TargetId=company.unit)[0] == "AccessDeniedException"
    assert refusal(member.put_resource_policy, Content=document(allowed))[0] == "AccessDeniedException"


def test_a_member_may_reach_only_the_resources_that_the_resource_policy_names(company: Company) -> None:
    member = company.aws.client("organizations", account=company.account)
    policy_id = company.create("ours")
    unit = f"arn:aws:organizations::*:ou/*/{company.unit}"
    policies = "arn:aws:organizations::*:policy/*/securityhub_policy/*"
    attaching = statement(company.account, "organizations:AttachPolicy", Resource=[unit, policies])
    company.api.put_resource_policy(Content=document(attaching))

    member.attach_policy(PolicyId=policy_id, TargetId=company.unit)
    elsewhere = refusal(member.attach_policy, PolicyId=policy_id, TargetId=company.root)
    assert elsewhere[0] == "AccessDeniedException"
