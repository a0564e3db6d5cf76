from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "securitylake.amazonaws.com"
STRANGER = "999999999999"
CONFLICT = ("ConflictException", None)
DENIED = ("AccessDeniedException", None)
INVALID = ("BadRequestException", None)
ABSENT = ("ResourceNotFoundException", None)
DAY = 24 * 3600


@dataclass
class Company:
    """An organization with the accounts audit and log, of which log administers Security Lake."""

    aws: Aws
    audit: str
    log: str

    def lake(self, account: str = "", region: str = HOME) -> Any:
        return self.aws.client("securitylake", region, account or self.log)

    def settle(self) -> None:
        self.aws.clock.wait(self.aws.settings.enabling_seconds)

    def role(self, name: str = "AmazonSecurityLakeMetaStoreManagerV2") -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam = self.aws.client("iam", account=self.log)
        role = iam.create_role(RoleName=name, Path="/service-role/", AssumeRolePolicyDocument=document)["Role"]
        arn: str = role["Arn"]
        return arn

    def open(self, *regions: str) -> str:
        """Make a lake in regions, and give the ARN of its role."""
        role = self.role()
        configurations = [{"region": region} for region in regions]
        self.lake().create_data_lake(configurations=configurations, metaStoreManagerRoleArn=role)
        self.settle()
        return role

    def lakes(self, account: str = "") -> dict[str, dict[str, Any]]:
        return {lake["region"]: lake for lake in self.lake(account).list_data_lakes()["dataLakes"]}

    def collect(self, name: str, *accounts: str, region: str = HOME, version: str = "latest") -> list[str]:
        source = {"accounts": accounts, "regions": [region], "sourceName": name, "sourceVersion": version}
        failed: list[str] = self.lake().create_aws_log_source(sources=[source])["failed"]
        self.settle()
        return failed

    def sources(self, **filters: Any) -> dict[tuple[str, str], list[str]]:
        """What is collected, each with its version, by account and region."""
        found = self.lake().list_log_sources(**filters)["sources"]
        return {(one["account"], one["region"]): list(map(_told, one["sources"])) for one in found}

    def subscribe(self, access: str, name: str = "VPC_FLOW") -> dict[str, Any]:
        answer = self.lake().create_subscriber(
            accessTypes=[access],
            sources=[{"awsLogSource": {"sourceName": name}}],
            subscriberIdentity={"principal": self.audit, "externalId": f"audit-{access}"},
            subscriberName=f"audit-{access}",
        )
        self.settle()
        subscriber: dict[str, Any] = answer["subscriber"]
        return subscriber


def _told(source: dict[str, Any]) -> str:
    return " ".join(source["awsLogSource"].values())


def found(aws: Aws) -> Company:
    aws.found_organization()
    company = Company(aws, aws.add_account("audit"), aws.add_account("log"))
    aws.client("securitylake").register_data_lake_delegated_administrator(accountId=company.log)
    aws.clock.wait(aws.settings.delegation_seconds)
    return company


@pytest.fixture
def company() -> Any:
    with sandbox.in_process() as running:
        yield found(Aws(running))


def test_a_lake_is_made_and_used_in_process_and_served(aws: Aws) -> None:
    company = found(aws)
    company.open(HOME)

    assert company.collect("VPC_FLOW", company.audit) == []
    subscriber = company.subscribe("S3")
    notification: dict[str, Any] = {"sqsNotificationConfiguration": {}}
    company.lake().create_subscriber_notification(subscriberId=subscriber["subscriberId"], configuration=notification)

    [told] = company.lake().list_subscribers()["subscribers"]
    assert told["subscriberEndpoint"].endswith(f":AmazonSecurityLake-{subscriber['subscriberId']}-Main-Queue")
    assert company.sources() == {(company.audit, HOME): ["VPC_FLOW 2.0"]}


def test_the_administrator_is_registered_with_organizations_and_can_act_a_while_later(company: Company) -> None:
    aws = company.aws
    organizations, management = aws.client("organizations"), aws.client("securitylake")
    management.deregister_data_lake_delegated_administrator()
    assert refusal(management.deregister_data_lake_delegated_administrator) == INVALID
    management.register_data_lake_delegated_administrator(accountId=company.log)
    role = company.role()
    making = {"configurations": [{"region": HOME}], "metaStoreManagerRoleArn": role}

    assert refusal(company.lake().create_data_lake, **making) == CONFLICT
    assert refusal(company.lake(company.audit).create_data_lake, **making) == DENIED
    aws.clock.wait(aws.settings.delegation_seconds)
    company.lake().create_data_lake(**making)

    [administrator] = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert administrator["Id"] == company.log
    trusted = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert PRINCIPAL in {service["ServicePrincipal"] for service in trusted}


@pytest.mark.parametrize("whose", ["audit", STRANGER, MANAGEMENT_ACCOUNT_ID])
def test_there_is_one_administrator_and_it_is_a_member(company: Company, whose: str) -> None:
    management = company.aws.client("securitylake")
    account = company.audit if whose == "audit" else whose

    assert refusal(management.register_data_lake_delegated_administrator, accountId=account) == INVALID
    member = company.lake(company.audit)
    assert refusal(member.register_data_lake_delegated_administrator, accountId=company.log) == DENIED
    management.register_data_lake_delegated_administrator(accountId=company.log)


@pytest.mark.parametrize("by", ["security lake", "organizations"])
def test_deregistering_the_administrator_deletes_the_lake_and_leaves_the_bucket(company: Company, by: str) -> None:
    company.open(HOME)
    if by == "security lake":
        company.aws.client("securitylake").deregister_data_lake_delegated_administrator()
    else:
        organizations = company.aws.client("organizations")
        organizations.deregister_delegated_administrator(AccountId=company.log, ServicePrincipal=PRINCIPAL)

    assert company.lakes() == {}
    [bucket] = company.aws.client("s3", account=company.log).list_buckets()["Buckets"]
    assert bucket["Name"].startswith(f"aws-security-data-lake-{HOME}-")


def test_a_lake_is_initialized_and_then_complete_with_its_bucket_and_queues(company: Company) -> None:
    role = company.role()
    making = {"configurations": [{"region": HOME}, {"region": OTHER}], "metaStoreManagerRoleArn": role}

    made = company.lake().create_data_lake(**making)["dataLakes"]

    assert {lake["region"]: lake["createStatus"] for lake in made} == {HOME: "INITIALIZED", OTHER: "INITIALIZED"}
    assert refusal(company.lake().update_data_lake, configurations=[{"region": HOME}]) == CONFLICT
    company.settle()
    lake = company.lakes()[OTHER]
    assert lake["createStatus"] == "COMPLETED"
    assert lake["dataLakeArn"] == f"arn:aws:securitylake:{OTHER}:{company.log}:data-lake/default"
    assert lake["s3BucketArn"].startswith(f"arn:aws:s3:::aws-security-data-lake-{OTHER}-")
    assert lake["encryptionConfiguration"] == {"kmsKeyId": "S3_MANAGED_KEY"}
    queues = company.aws.client("sqs", OTHER, company.log).list_queues()["QueueUrls"]
    names = {url.rpartition("/")[2] for url in queues}
    assert names == {f"AmazonSecurityLakeManager-{OTHER}-{name}" for name in ("Dlq", "Queue")}
    assert refusal(company.lake().create_data_lake, **making) == INVALID
    assert company.lakes(company.audit) == company.lakes(MANAGEMENT_ACCOUNT_ID) == {}


@pytest.mark.parametrize(
    "what",
    [
        {"metaStoreManagerRoleArn": "arn:aws:iam::123456789012:role/AmazonSecurityLakeMetaStoreManagerV2"},
        {"configurations": [{"region": "ap-east-1"}]},
        {"configurations": [{"region": HOME, "encryptionConfiguration": {"kmsKeyId": "alias/none"}}]},
        {"configurations": [{"region": HOME, "replicationConfiguration": {"regions": [OTHER]}}]},
    ],
)
def test_a_lake_that_cannot_be_is_refused(company: Company, what: dict[str, Any]) -> None:
    making = {"configurations": [{"region": HOME}], "metaStoreManagerRoleArn": company.role(), **what}

    assert refusal(company.lake().create_data_lake, **making) == INVALID
    assert company.lakes() == {}


def test_a_database_that_was_left_lets_the_next_lake_fail(company: Company) -> None:
    role = company.open(HOME)
    company.lake().delete_data_lake(regions=[HOME])
    company.settle()
    assert company.lakes() == {}
    making = {"configurations": [{"region": HOME}], "metaStoreManagerRoleArn": role}

    company.lake().create_data_lake(**making)
    company.settle()

    assert company.lakes()[HOME]["createStatus"] == "FAILED"
    [failure] = company.lake().list_data_lake_exceptions()["exceptions"]
    assert failure["region"] == HOME
    assert refusal(company.lake().update_data_lake, configurations=[{"region": HOME}]) == INVALID
    glue = company.aws.client("glue", HOME, company.log)
    glue.delete_database(Name="amazon_security_lake_glue_db_eu_west_1")
    company.lake().delete_data_lake(regions=[HOME])
    company.settle()
    company.lake().create_data_lake(**making)
    company.settle()
    assert company.lakes()[HOME]["createStatus"] == "COMPLETED"


def test_an_update_changes_what_it_names_and_rolls_up_into_a_region_that_is_ready(company: Company) -> None:
    company.open(HOME, OTHER)
    key = company.aws.client("kms", HOME, company.log).create_key()["KeyMetadata"]["Arn"]
    role = company.role("AmazonSecurityLakeS3ReplicationRole")
    lifecycle = {"expiration": {"days": 400}, "transitions": [{"days": 90, "storageClass": "GLACIER_IR"}]}
    changes = [
        {"region": HOME, "encryptionConfiguration": {"kmsKeyId": key}, "lifecycleConfiguration": lifecycle},
        {"region": OTHER, "replicationConfiguration": {"regions": [HOME], "roleArn": role}},
    ]

    for change in changes:
        [told] = company.lake().update_data_lake(configurations=[change])["dataLakes"]
        assert told["updateStatus"]["status"] == "INITIALIZED"
        company.settle()

    lakes = company.lakes()
    assert lakes[HOME]["encryptionConfiguration"] == {"kmsKeyId": key}
    assert lakes[HOME]["lifecycleConfiguration"] == lifecycle
    assert lakes[OTHER]["replicationConfiguration"] == {"regions": [HOME], "roleArn": role}
    assert lakes[OTHER]["encryptionConfiguration"] == {"kmsKeyId": "S3_MANAGED_KEY"}
    # What is encrypted with a key of KMS is not replicated to what is not.
    back = {"region": HOME, "replicationConfiguration": {"regions": [OTHER], "roleArn": role}}
    assert refusal(company.lake().update_data_lake, configurations=[back]) == INVALID


def test_sources_are_collected_of_each_account_and_those_that_failed_are_told(company: Company) -> None:
    company.open(HOME)
    lake = company.lake()

    assert company.collect("WAF", company.audit, STRANGER) == [STRANGER]
    assert company.collect("VPC_FLOW", version="1.0") == []

    everyone = {MANAGEMENT_ACCOUNT_ID, company.audit, company.log}
    assert company.sources() == {
        (account, HOME): ["VPC_FLOW 1.0", *(["WAF 2.0"] if account == company.audit else [])] for account in everyone
    }
    assert company.sources(sources=[{"awsLogSource": {"sourceName": "WAF"}}]) == {(company.audit, HOME): ["WAF 2.0"]}
    assert [one["sourceName"] for one in lake.get_data_lake_sources(accounts=[company.audit])["dataLakeSources"]] == [
        "VPC_FLOW",
        "WAF",
    ]
    first = lake.list_log_sources(maxResults=2)
    assert len(lake.list_log_sources(maxResults=2, nextToken=first["nextToken"])["sources"]) == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"sourceName": "WAF", "sourceVersion": "1.0", "regions": [HOME]}, INVALID),
        ({"sourceName": "WAF", "sourceVersion": "9.9", "regions": [HOME]}, INVALID),
        ({"sourceName": "WAF", "regions": [OTHER]}, ABSENT),
    ],
)
def test_a_source_that_cannot_be_is_refused(company: Company, source: dict[str, Any], expected: Any) -> None:
    company.open(HOME)

    assert refusal(company.lake().create_aws_log_source, sources=[source]) == expected
    assert refusal(company.lake().delete_aws_log_source, sources=[source | {"regions": [HOME]}]) in {INVALID, ABSENT}


def test_sources_that_are_removed_are_collected_no_more_and_one_write_comes_after_the_other(company: Company) -> None:
    company.open(HOME)
    company.collect("WAF", company.audit, company.log)
    source = {"accounts": [company.audit], "regions": [HOME], "sourceName": "WAF", "sourceVersion": "2.0"}

    assert company.lake().delete_aws_log_source(sources=[source])["failed"] == []

    assert refusal(company.lake().create_aws_log_source, sources=[source]) == CONFLICT
    assert company.sources() == {(company.log, HOME): ["WAF 2.0"]}


def test_accounts_that_join_are_collected_of_as_the_organization_is_configured(company: Company) -> None:
    company.open(HOME)
    lake = company.lake()
    assert refusal(lake.get_data_lake_organization_configuration) == ABSENT
    for name in ("WAF", "VPC_FLOW"):
        wanted = [{"region": HOME, "sources": [{"sourceName": name, "sourceVersion": "2.0"}]}]
        lake.create_data_lake_organization_configuration(autoEnableNewAccount=wanted)
        company.settle()
    [told] = lake.get_data_lake_organization_configuration()["autoEnableNewAccount"]
    assert [source["sourceName"] for source in told["sources"]] == ["VPC_FLOW", "WAF"]
    lake.delete_data_lake_organization_configuration(autoEnableNewAccount=wanted)
    company.settle()

    team = company.aws.add_account("team")
    company.aws.clock.wait(company.aws.settings.auto_enable_seconds)

    assert company.sources() == {(team, HOME): ["WAF 2.0"]}
    assert refusal(company.lake(company.audit).get_data_lake_organization_configuration) == DENIED
    wanted = [{"region": HOME, "sources": [{"sourceName": "WAF", "sourceVersion": "2.0"}]}]
    lake.delete_data_lake_organization_configuration(autoEnableNewAccount=wanted)
    assert refusal(lake.get_data_lake_organization_configuration) == ABSENT


def test_a_subscriber_with_data_access_gets_a_role_and_a_queue(company: Company) -> None:
    company.open(HOME)
    lake, iam = company.lake(), company.aws.client("iam", account=company.log)
    company.collect("VPC_FLOW")

    subscriber = company.subscribe("S3")

    subscriber_id = subscriber["subscriberId"]
    assert subscriber["roleArn"] == f"arn:aws:iam::{company.log}:role/AmazonSecurityLake-{subscriber_id}"
    assert "resourceShareArn" not in subscriber
    assert iam.get_role(RoleName=f"AmazonSecurityLake-{subscriber_id}")
    by_queue: dict[str, Any] = {"sqsNotificationConfiguration": {}}
    assert refusal(lake.delete_subscriber_notification, subscriberId=subscriber_id) == ABSENT
    changing = {"subscriberId": subscriber_id, "configuration": by_queue}
    assert refusal(lake.update_subscriber_notification, **changing) == ABSENT
    lake.create_subscriber_notification(**changing)
    assert refusal(lake.create_subscriber_notification, **changing) == CONFLICT
    sqs = company.aws.client("sqs", HOME, company.log)
    assert sqs.get_queue_url(QueueName=f"AmazonSecurityLake-{subscriber_id}-Main-Queue")
    lake.delete_subscriber(subscriberId=subscriber_id)
    assert lake.list_subscribers()["subscribers"] == []
    with pytest.raises(ClientError, match="NonExistentQueue"):
        sqs.get_queue_url(QueueName=f"AmazonSecurityLake-{subscriber_id}-Main-Queue")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=f"AmazonSecurityLake-{subscriber_id}")


@pytest.mark.parametrize("sharing", [False, True])
def test_a_subscriber_with_query_access_is_invited_where_the_organization_does_not_share(
    company: Company, sharing: bool
) -> None:
    if sharing:
        company.aws.client("ram").enable_sharing_with_aws_organization()
    company.open(HOME)
    company.collect("VPC_FLOW")
    theirs = company.aws.client("ram", HOME, company.audit)

    share = company.subscribe("LAKEFORMATION")["resourceShareArn"]

    invitations = theirs.get_resource_share_invitations(resourceShareArns=[share])["resourceShareInvitations"]
    assert [invitation["status"] for invitation in invitations] == ([] if sharing else ["PENDING"])
    assert len(theirs.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]) == sharing
    for invitation in invitations:
        accepting = {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}
        theirs.accept_resource_share_invitation(**accepting)
        code, _ = refusal(theirs.accept_resource_share_invitation, **accepting)
        assert code == "ResourceShareInvitationAlreadyAcceptedException"
    resources = theirs.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])["resources"]
    assert [one["type"] for one in resources] == ["glue:Catalog", "glue:Database", "glue:Table"]
    assert resources[2]["arn"].endswith("amazon_security_lake_table_eu_west_1_vpc_flow_2_0")
    [own] = company.aws.client("ram", HOME, company.log).get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert own["resourceShareArn"] == share


def test_a_subscriber_is_changed_in_what_is_named(company: Company) -> None:
    company.open(HOME)
    lake = company.lake()
    company.collect("VPC_FLOW")
    company.collect("WAF", company.audit)
    subscriber = company.subscribe("S3")
    waf = {"awsLogSource": {"sourceName": "WAF", "sourceVersion": "2.0"}}

    lake.update_subscriber(subscriberId=subscriber["subscriberId"], sources=[waf])

    told = lake.get_subscriber(subscriberId=subscriber["subscriberId"])["subscriber"]
    assert told["sources"] == [waf]
    kept = ("subscriberName", "subscriberIdentity", "accessTypes", "roleArn")
    assert [told[name] for name in kept] == [subscriber[name] for name in kept]
    company.settle()
    route53 = {"awsLogSource": {"sourceName": "ROUTE53", "sourceVersion": "2.0"}}
    changing = {"subscriberId": subscriber["subscriberId"], "sources": [route53]}
    assert refusal(lake.update_subscriber, **changing) == INVALID


def test_what_is_in_a_lake_is_not_found_where_there_is_none(company: Company) -> None:
    for reading in ("list_log_sources", "list_subscribers", "list_data_lake_exceptions", "get_data_lake_sources"):
        assert refusal(getattr(company.lake(), reading)) == ABSENT
    assert refusal(company.lake().delete_data_lake, regions=[HOME]) == DENIED
    company.open(HOME)
    assert refusal(company.lake(region=OTHER).list_subscribers) == ABSENT


def test_tags_and_the_subscription_to_exceptions_are_kept(company: Company) -> None:
    company.open(HOME)
    lake, arn = company.lake(), company.lakes()[HOME]["dataLakeArn"]
    lake.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    lake.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert lake.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    assert refusal(company.lake(region=OTHER).list_tags_for_resource, resourceArn=arn) == ABSENT

    assert refusal(lake.get_data_lake_exception_subscription) == ABSENT
    lake.create_data_lake_exception_subscription(subscriptionProtocol="email", notificationEndpoint="a@example.com")
    lake.update_data_lake_exception_subscription(subscriptionProtocol="email", notificationEndpoint="b@example.com")
    assert lake.get_data_lake_exception_subscription()["notificationEndpoint"] == "b@example.com"
    lake.delete_data_lake_exception_subscription()
    assert refusal(lake.get_data_lake_exception_subscription) == ABSENT
