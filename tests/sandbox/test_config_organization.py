"""AWS Config for an organization: aggregators, conformance packs and rules, as a delegated administrator has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from sra_bootstrap.sandbox.memory import Memory
from sra_bootstrap.sandbox.services.config_organization import roster_of
from sra_bootstrap.sandbox.services.config_organization_aggregators import Aggregator, aggregators_of
from sra_bootstrap.sandbox.services.config_organization_documents import TEMPLATES, publish
from sra_bootstrap.sandbox.services.config_organization_packs import OrganizationPack
from sra_bootstrap.sandbox.services.config_organization_rules import OrganizationRule
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-central-1"
PRINCIPALS = ("config.amazonaws.com", "config-multiaccountsetup.amazonaws.com")
PACK: dict[str, Any] = {
    "Parameters": {"Age": {"Type": "String", "Default": "90"}},
    "Resources": {
        "Keys": {
            "Type": "AWS::Config::ConfigRule",
            "Properties": {
                "ConfigRuleName": "keys-rotated",
                "Source": {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"},
                "InputParameters": {"maxAccessKeyAge": {"Ref": "Age"}},
            },
        }
    },
}
BODY = json.dumps(PACK)
VOLUMES = {"RuleIdentifier": "ENCRYPTED_VOLUMES", "ResourceTypesScope": ["AWS::EC2::Volume"]}


@dataclass
class Organization:
    """An organization with the member `audit`, which administers Config, and `app`; all but `app` have a recorder."""

    aws: Aws
    audit: str
    app: str

    def config(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("config", region, account or self.audit)

    def settle(self) -> None:
        self.aws.clock.wait(self.aws.settings.enabling_seconds)

    def record(self, account: str, region: str = HOME) -> None:
        self.aws.client("iam", region, account).create_service_linked_role(AWSServiceName="config.amazonaws.com")
        role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        recorder = {"name": "default", "roleARN": role}
        self.config(account, region).put_configuration_recorder(ConfigurationRecorder=recorder)

    def have(self, kind: type[OrganizationPack | OrganizationRule], count: int) -> None:
        """Let the administrator have deployed so many already."""
        nowhere = [MANAGEMENT_ACCOUNT_ID, self.audit, self.app]
        there = [kind(f"one-{number}", self.audit, HOME, "aws", "12345678", nowhere) for number in range(count)]
        for one in there:
            one.status = "CREATE_SUCCESSFUL"
        roster_of(self.audit, HOME).deployments.extend(there)

    def put_pack(self, name: str = "baseline", **parameters: Any) -> str:
        parameters.setdefault("TemplateBody", BODY)
        answer = self.config().put_organization_conformance_pack(OrganizationConformancePackName=name, **parameters)
        arn: str = answer["OrganizationConformancePackArn"]
        return arn

    def pack(self, name: str = "baseline") -> dict[str, Any]:
        names = [name]
        found = self.config().describe_organization_conformance_packs(OrganizationConformancePackNames=names)
        pack: dict[str, Any] = found["OrganizationConformancePacks"][0]
        return pack

    def pack_status(self) -> dict[str, Any]:
        found = self.config().describe_organization_conformance_pack_statuses()
        status: dict[str, Any] = found["OrganizationConformancePackStatuses"][0]
        return status

    def pack_in_members(self) -> dict[str, str]:
        answer = self.config().get_organization_conformance_pack_detailed_status(
            OrganizationConformancePackName="baseline"
        )
        return {one["AccountId"]: one["Status"] for one in answer["OrganizationConformancePackDetailedStatuses"]}

    def put_rule(self, name: str = "volumes", **parameters: Any) -> str:
        sort = parameters or {"OrganizationManagedRuleMetadata": VOLUMES}
        answer = self.config().put_organization_config_rule(OrganizationConfigRuleName=name, **sort)
        arn: str = answer["OrganizationConfigRuleArn"]
        return arn

    def rules(self, account: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.config(account).describe_config_rules()["ConfigRules"]
        return found

    def role(self, service: str = PRINCIPALS[0]) -> str:
        iam = self.aws.client("iam", HOME, self.audit)
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn: str = iam.create_role(RoleName=f"for-{service}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        return arn

    def allow(self, role: str) -> None:
        """Let a role list the accounts of the organization."""
        statement = {"Effect": "Allow", "Action": ["organizations:ListAccounts"], "Resource": "*"}
        self.aws.client("iam", HOME, self.audit).put_role_policy(
            RoleName=role.rpartition("/")[2],
            PolicyName="list",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def put_aggregator(self, name: str = "all", account: str | None = None, **source: Any) -> Any:
        source.setdefault("AllAwsRegions", True)
        return self.config(account).put_configuration_aggregator(
            ConfigurationAggregatorName=name, OrganizationAggregationSource=source
        )


def begin(running: sandbox.Sandbox) -> Organization:
    aws = Aws(running)
    aws.found_organization()
    audit, app = aws.add_account("audit"), aws.add_account("app")
    organizations = aws.client("organizations")
    for principal in PRINCIPALS:
        organizations.enable_aws_service_access(ServicePrincipal=principal)
        organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal=principal)
    organization = Organization(aws, audit, app)
    aws.clock.wait(aws.settings.delegation_seconds)
    for account in (MANAGEMENT_ACCOUNT_ID, audit):
        organization.record(account)
    return organization


@pytest.fixture(scope="module")
def begun() -> Iterator[tuple[Organization, Memory]]:
    with sandbox.in_process() as running:
        organization = begin(running)
        yield organization, running.save()


@pytest.fixture
def org(begun: tuple[Organization, Memory]) -> Organization:
    organization, memory = begun
    organization.aws.running.restore(memory)
    return organization


def test_a_pack_is_deployed_to_every_account_that_has_a_recorder_the_management_account_included(
    org: Organization,
) -> None:
    org.put_pack(ConformancePackInputParameters=[{"ParameterName": "Age", "ParameterValue": "30"}])

    assert org.pack_status()["Status"] == "CREATE_IN_PROGRESS"
    assert set(org.pack_in_members().values()) == {"CREATE_IN_PROGRESS"}
    org.settle()

    status = org.pack_status()
    assert (status["Status"], status["ErrorCode"]) == ("CREATE_FAILED", "NoAvailableConfigurationRecorderException")
    assert org.pack_in_members() == {
        MANAGEMENT_ACCOUNT_ID: "CREATE_SUCCESSFUL",
        org.audit: "CREATE_SUCCESSFUL",
        org.app: "CREATE_FAILED",
    }
    (pack,) = org.config(MANAGEMENT_ACCOUNT_ID).describe_conformance_packs()["ConformancePackDetails"]
    assert pack["ConformancePackName"].startswith("OrgConformsPack-baseline-")
    (rule,) = org.rules(org.audit)
    assert rule["ConfigRuleName"].startswith("keys-rotated-conformance-pack-")
    assert json.loads(rule["InputParameters"]) == {"maxAccessKeyAge": "30"}
    assert rule["CreatedBy"] == "config-conforms.amazonaws.com"
    assert org.rules(org.app) == []
    role = org.aws.client("iam", HOME, org.audit).get_role(RoleName="AWSServiceRoleForConfigMultiAccountSetup")
    assert role["Role"]["Path"] == "/aws-service-role/config-multiaccountsetup.amazonaws.com/"


def test_put_again_updates_and_says_nothing_of_the_template_nor_changes_tags(org: Organization) -> None:
    tag = {"Key": "team", "Value": "security"}
    arn = org.put_pack(Tags=[tag], DeliveryS3Bucket="awsconfigconforms-logs", ExcludedAccounts=[org.app])
    assert refusal(org.put_pack, name="another")[0] == "ResourceInUseException"
    assert refusal(org.put_pack)[0] == "ResourceInUseException"
    org.settle()
    assert org.pack_status()["Status"] == "CREATE_SUCCESSFUL"

    other = json.loads(BODY.replace("keys-rotated", "keys-old"))
    org.put_pack(TemplateBody=json.dumps(other), Tags=[{"Key": "team", "Value": "none"}], ExcludedAccounts=[org.audit])
    org.settle()

    assert org.pack_status()["Status"] == "UPDATE_FAILED"
    pack = org.pack()
    assert "DeliveryS3Bucket" not in pack
    assert pack["ExcludedAccounts"] == [org.audit]
    assert not any("emplate" in key for key in pack)
    assert org.config().list_tags_for_resource(ResourceArn=arn)["Tags"] == [tag]
    assert org.rules(org.audit) == []
    assert org.rules(MANAGEMENT_ACCOUNT_ID)[0]["ConfigRuleName"].startswith("keys-old-")
    org.config().tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "other"}])
    assert org.config().list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "other"}]


def test_a_deleted_pack_goes_from_the_accounts_a_while_later(org: Organization) -> None:
    org.put_pack()
    delete = org.config().delete_organization_conformance_pack
    assert refusal(delete, OrganizationConformancePackName="baseline")[0] == "ResourceInUseException"
    org.settle()
    delete(OrganizationConformancePackName="baseline")
    assert org.pack_status()["Status"] == "DELETE_IN_PROGRESS"
    assert refusal(delete, OrganizationConformancePackName="baseline")[0] == "ResourceInUseException"
    org.settle()

    absent = "NoSuchOrganizationConformancePackException"
    assert refusal(delete, OrganizationConformancePackName="baseline")[0] == absent
    assert refusal(org.pack)[0] == absent
    assert org.config(MANAGEMENT_ACCOUNT_ID).describe_conformance_packs()["ConformancePackDetails"] == []
    assert org.rules(org.audit) == []


@pytest.mark.parametrize(
    "template",
    [
        "- a list",
        "Resources: [",
        json.dumps({"Resources": {}}),
        json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}),
        json.dumps({**PACK, "Parameters": {}}),
        json.dumps({**PACK, "Parameters": {"Age": {"Type": "String"}}}),
        json.dumps({"Resources": {f"Rule{number}": PACK["Resources"]["Keys"] for number in range(131)}}),
    ],
    ids=["no mapping", "no yaml", "nothing", "a bucket", "an unknown reference", "no value", "too many rules"],
)
def test_templates_that_aws_refuses(org: Organization, template: str) -> None:
    many = "Rule130" in template
    body = template if not many else template.replace('{"Ref": "Age"}', '"90"')
    for number in range(131) if many else ():
        body = body.replace("keys-rotated", f"keys-{number}", 1)
    assert refusal(org.put_pack, TemplateBody=body)[0] == "OrganizationConformancePackTemplateValidationException"


def test_what_else_of_a_pack_aws_refuses(org: Organization) -> None:
    parameter = [{"ParameterName": "Unknown", "ParameterValue": "1"}]
    validation = "OrganizationConformancePackTemplateValidationException"
    assert refusal(org.put_pack, ConformancePackInputParameters=parameter)[0] == validation
    assert refusal(org.put_pack, name="1st")[0] == "ValidationException"
    assert refusal(org.put_pack, DeliveryS3Bucket="my-bucket")[0] == "ValidationException"
    assert refusal(org.put_pack, TemplateBody="#" + " " * 51_200)[0] == "ValidationException"
    assert refusal(org.put_pack, TemplateS3Uri="s3://nobodys/pack.yaml")[0] == "InsufficientPermissionsException"
    org.have(OrganizationPack, 50)
    assert refusal(org.put_pack)[0] == "MaxNumberOfOrganizationConformancePacksExceededException"


def test_a_template_in_a_bucket_and_short_forms_of_functions(org: Organization) -> None:
    s3 = org.aws.client("s3", HOME, org.audit)
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_object(
        Bucket="templates",
        Key="packs/pci.yaml",
        Body=b"""
Parameters: {Days: {Type: String, Default: ''}}
Conditions:
  HasDays: !Not [!Equals ['', !Ref Days]]
  Both: !And [{Condition: HasDays}, !Or [{Condition: HasDays}, !Equals [a, b]]]
Resources:
  Rotated:
    Type: AWS::Config::ConfigRule
    Condition: Both
    Properties: {Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}}
  Volumes:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: volumes
      InputParameters: {kmsId: !If [HasDays, !Ref Days, !Ref 'AWS::NoValue']}
      Source: {Owner: AWS, SourceIdentifier: ENCRYPTED_VOLUMES}
""",
    )
    config = org.config()
    config.put_organization_conformance_pack(
        OrganizationConformancePackName="pci", TemplateS3Uri="s3://templates/packs/pci.yaml", TemplateBody="ignored"
    )
    org.settle()

    (rule,) = org.rules(org.audit)
    assert rule["ConfigRuleName"].startswith("volumes-")
    assert rule["InputParameters"] == "{}"


def test_accounts_that_join_get_it_and_are_retried_for_seven_hours_without_a_recorder(org: Organization) -> None:
    org.put_pack(ExcludedAccounts=[org.app])
    org.put_rule()
    org.settle()
    new = org.aws.add_account("new")
    org.aws.clock.wait(org.aws.settings.auto_enable_seconds)

    assert org.pack_in_members()[new] == "CREATE_FAILED"
    assert org.pack_status()["Status"] == "UPDATE_FAILED"
    org.aws.clock.wait(6 * 3600)
    org.record(new)

    assert org.pack_in_members()[new] == "CREATE_SUCCESSFUL"
    assert org.pack_status()["Status"] == "UPDATE_SUCCESSFUL"
    assert len(org.rules(new)) == 2
    org.aws.client("organizations").close_account(AccountId=new)
    org.aws.clock.wait(org.aws.settings.account_closure_seconds)
    assert new not in org.pack_in_members()


def test_after_seven_hours_an_account_without_a_recorder_waits_for_another_put(org: Organization) -> None:
    org.put_rule()
    org.settle()
    org.aws.clock.wait(7 * 3600)
    org.record(org.app)
    status = org.config().get_organization_config_rule_detailed_status
    filters = {"AccountId": org.app}
    failed = status(OrganizationConfigRuleName="volumes", Filters=filters)["OrganizationConfigRuleDetailedStatus"]
    assert [one["MemberAccountRuleStatus"] for one in failed] == ["CREATE_FAILED"]

    org.put_rule()
    org.settle()

    successful = {"MemberAccountRuleStatus": "CREATE_SUCCESSFUL", **filters}
    assert (
        len(status(OrganizationConfigRuleName="volumes", Filters=successful)["OrganizationConfigRuleDetailedStatus"])
        == 1
    )
    statuses = org.config().describe_organization_config_rule_statuses()["OrganizationConfigRuleStatuses"]
    assert [one["OrganizationRuleStatus"] for one in statuses] == ["UPDATE_SUCCESSFUL"]


def test_a_rule_belongs_to_the_service_in_the_accounts(org: Organization) -> None:
    arn = org.put_rule()
    assert refusal(org.put_rule)[0] == "ResourceInUseException"
    org.settle()

    (described,) = org.config().describe_organization_config_rules()["OrganizationConfigRules"]
    assert described["OrganizationManagedRuleMetadata"] == VOLUMES
    assert described["OrganizationConfigRuleArn"] == arn
    (rule,) = org.rules(MANAGEMENT_ACCOUNT_ID)
    name = rule["ConfigRuleName"]
    assert name.startswith("OrgConfigRule-volumes-")
    assert rule["Scope"] == {"ComplianceResourceTypes": ["AWS::EC2::Volume"]}
    api = org.config(MANAGEMENT_ACCOUNT_ID)
    assert refusal(api.delete_config_rule, ConfigRuleName=name)[0] == "AccessDeniedException"
    changed = {"ConfigRuleName": name, "Source": rule["Source"]}
    assert refusal(api.put_config_rule, ConfigRule=changed)[0] == "AccessDeniedException"
    (compliance,) = api.describe_compliance_by_config_rule()["ComplianceByConfigRules"]
    assert compliance["Compliance"]["ComplianceType"] == "INSUFFICIENT_DATA"

    org.config().delete_organization_config_rule(OrganizationConfigRuleName="volumes")
    org.settle()
    assert org.rules(MANAGEMENT_ACCOUNT_ID) == []
    absent = refusal(org.config().delete_organization_config_rule, OrganizationConfigRuleName="volumes")
    assert absent[0] == "NoSuchOrganizationConfigRuleException"


def test_a_rule_in_guard_tells_its_text_by_another_operation(org: Organization) -> None:
    policy = {
        "PolicyRuntime": "guard-2.x.x",
        "PolicyText": "rule a { true }",
        "ResourceTypesScope": ["AWS::S3::Bucket"],
    }
    org.put_rule("guarded", OrganizationCustomPolicyRuleMetadata=policy)
    org.settle()

    (described,) = org.config().describe_organization_config_rules()["OrganizationConfigRules"]
    assert "PolicyText" not in described["OrganizationCustomPolicyRuleMetadata"]
    text = org.config().get_organization_custom_rule_policy(OrganizationConfigRuleName="guarded")["PolicyText"]
    assert text == policy["PolicyText"]
    (rule,) = org.rules(org.audit)
    assert rule["Source"]["Owner"] == "CUSTOM_POLICY"


def test_rules_that_aws_refuses(org: Organization) -> None:
    unknown = {"RuleIdentifier": "NO_SUCH_RULE"}
    odd = {**VOLUMES, "InputParameters": '{"color": "blue"}'}
    broken = {**VOLUMES, "InputParameters": "[1"}
    for metadata in (unknown, odd, broken, {"RuleIdentifier": "REQUIRED_TAGS"}):
        refused = refusal(org.put_rule, OrganizationManagedRuleMetadata=metadata)
        assert refused[0] == "InvalidParameterValueException"
    assert refusal(org.put_rule, ExcludedAccounts=[])[0] == "ValidationException"
    assert refusal(org.put_rule, name="not a name", OrganizationManagedRuleMetadata=VOLUMES)[0] == "ValidationException"
    org.have(OrganizationRule, 150)
    assert refusal(org.put_rule)[0] == "MaxNumberOfOrganizationConfigRulesExceededException"
    pages = list(org.config().get_paginator("describe_organization_config_rules").paginate())
    assert [len(page["OrganizationConfigRules"]) for page in pages] == [100, 50]


def test_only_who_manages_the_organization_may_and_each_sees_its_own(org: Organization) -> None:
    denied = "OrganizationAccessDeniedException"
    app = org.config(org.app)
    assert refusal(app.describe_organization_conformance_packs)[0] == denied
    assert refusal(app.describe_organization_config_rules)[0] == denied
    assert refusal(org.put_aggregator, account=org.app, RoleArn="arn:aws:iam::1:role/a")[0] == denied
    org.put_pack()
    org.settle()

    management = org.config(MANAGEMENT_ACCOUNT_ID)
    assert management.describe_organization_conformance_packs()["OrganizationConformancePacks"] == []
    assert org.config(region=OTHER).describe_organization_conformance_packs()["OrganizationConformancePacks"] == []
    organizations = org.aws.client("organizations")
    registration = {"AccountId": org.app, "ServicePrincipal": PRINCIPALS[1]}
    organizations.register_delegated_administrator(**registration)
    assert refusal(app.describe_organization_conformance_packs)[0] == denied
    org.aws.clock.wait(org.aws.settings.delegation_seconds)
    assert app.describe_organization_conformance_packs()["OrganizationConformancePacks"] == []


def test_without_an_organization_or_with_half_of_one_nothing_is_deployed(org: Organization) -> None:
    org.aws.running.reset()
    config = org.config(MANAGEMENT_ACCOUNT_ID)
    put = config.put_organization_conformance_pack
    pack = {"OrganizationConformancePackName": "a", "TemplateBody": BODY}
    assert refusal(put, **pack)[0] == "NoAvailableOrganizationException"
    assert refusal(config.describe_organization_config_rules)[0] == "OrganizationAccessDeniedException"
    org.aws.client("organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
    assert refusal(put, **pack)[0] == "OrganizationAllFeaturesNotEnabledException"


def test_an_aggregator_needs_a_role_by_which_config_lists_the_accounts(org: Organization) -> None:
    nobodys = f"arn:aws:iam::{org.audit}:role/nobodys"
    assert refusal(org.put_aggregator, RoleArn=nobodys)[0] == "InvalidRoleException"
    others = org.role("ec2.amazonaws.com")
    org.allow(others)
    assert refusal(org.put_aggregator, RoleArn=others)[0] == "InvalidRoleException"
    role = org.role()
    assert refusal(org.put_aggregator, RoleArn=role)[0] == "InvalidRoleException"
    org.allow(role)
    assert refusal(org.put_aggregator, RoleArn=role, AwsRegions=[HOME])[0] == "InvalidParameterValueException"
    put = org.config().put_configuration_aggregator
    assert refusal(put, ConfigurationAggregatorName="all")[0] == "InvalidParameterValueException"

    org.put_aggregator(RoleArn=role)
    filters = {"ServicePrincipal": {"Type": "INCLUDE", "Value": ["config.amazonaws.com"]}}
    source = {"RoleArn": role, "AwsRegions": [HOME]}
    first = org.config().describe_configuration_aggregators()["ConfigurationAggregators"][0]
    put(ConfigurationAggregatorName="all", OrganizationAggregationSource=source, AggregatorFilters=filters)
    (second,) = org.config().describe_configuration_aggregators()["ConfigurationAggregators"]

    assert second["ConfigurationAggregatorArn"] == first["ConfigurationAggregatorArn"]
    assert (second["OrganizationAggregationSource"], second["AggregatorFilters"]) == (source, filters)
    status = org.config().describe_configuration_aggregator_sources_status(ConfigurationAggregatorName="all")
    assert [one["SourceType"] for one in status["AggregatedSourceStatusList"]] == ["ORGANIZATION"]
    for number in range(49):
        aggregators_of(org.audit, HOME)[f"another-{number}"] = Aggregator(f"another-{number}", "arn")
    assert refusal(org.put_aggregator, name="one-more", RoleArn=role)[0] == "LimitExceededException"


def test_an_aggregator_shows_what_is_recorded_in_all_accounts(org: Organization) -> None:
    role = org.role()
    org.allow(role)
    org.put_aggregator(RoleArn=role)
    for account, region in ((MANAGEMENT_ACCOUNT_ID, HOME), (org.audit, OTHER), (org.app, HOME)):
        s3 = org.aws.client("s3", region, account)
        s3.create_bucket(Bucket=f"of-{account}", CreateBucketConfiguration={"LocationConstraint": region})
    listing = {"ConfigurationAggregatorName": "all", "ResourceType": "AWS::S3::Bucket"}
    config = org.config()

    assert [
        one["SourceAccountId"] for one in config.list_aggregate_discovered_resources(**listing)["ResourceIdentifiers"]
    ] == [MANAGEMENT_ACCOUNT_ID]
    org.record(org.app)
    found = config.list_aggregate_discovered_resources(**listing, Filters={"AccountId": org.app})
    assert [one["ResourceName"] for one in found["ResourceIdentifiers"]] == [f"of-{org.app}"]
    rules = config.describe_aggregate_compliance_by_config_rules(ConfigurationAggregatorName="all")
    assert rules["AggregateComplianceByConfigRules"] == []
    refused = refusal(config.list_aggregate_discovered_resources, **{**listing, "ConfigurationAggregatorName": "no"})
    assert refused[0] == "NoSuchConfigurationAggregatorException"


def test_accounts_are_aggregated_when_they_allow_it_and_a_services_aggregator_is_its_own(org: Organization) -> None:
    config = org.config()
    sources = [{"AccountIds": [org.app], "AllAwsRegions": True}]
    config.put_configuration_aggregator(ConfigurationAggregatorName="few", AccountAggregationSources=sources)
    status = config.describe_configuration_aggregator_sources_status
    failed = status(ConfigurationAggregatorName="few", UpdateStatus=["FAILED"])["AggregatedSourceStatusList"]
    assert [one["SourceId"] for one in failed] == [org.app]
    org.config(org.app).put_aggregation_authorization(AuthorizedAccountId=org.audit, AuthorizedAwsRegion=HOME)
    assert status(ConfigurationAggregatorName="few", UpdateStatus=["FAILED"])["AggregatedSourceStatusList"] == []

    linked = Aggregator("aws-controltower", "arn", sources, created_by="controltower.amazonaws.com")
    aggregators_of(org.audit, HOME)["aws-controltower"] = linked
    put = config.put_configuration_aggregator
    refused = refusal(put, ConfigurationAggregatorName="aws-controltower", AccountAggregationSources=sources)
    assert refused[0] == "AccessDeniedException"


def test_templates_of_amazon_are_documents_in_every_account(org: Organization) -> None:
    ssm = org.aws.client("ssm", HOME, org.audit)
    name = next(iter(TEMPLATES))
    listed = ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Amazon"]}])["DocumentIdentifiers"]
    assert {one["Name"] for one in listed} == set(TEMPLATES)
    assert {one["DocumentType"] for one in listed} == {"ConformancePackTemplate"}
    assert refusal(ssm.delete_document, Name=name)[0] == "AccessDeniedException"
    document = ssm.get_document(Name=name, DocumentFormat="YAML")
    org.put_pack(TemplateBody=document["Content"])
    org.settle()
    assert len(org.rules(org.audit)) == 3

    publish(org.audit, HOME, name, BODY)

    assert ssm.get_document(Name=name)["Content"] == BODY
    assert ssm.describe_document(Name=name)["Document"]["DefaultVersion"] == "2"
