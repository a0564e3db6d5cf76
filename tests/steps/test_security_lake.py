from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.iam.document import parse
from sra_bootstrap.iam.request import Caller, Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Plan, Target
from sra_bootstrap.sandbox.delivery import RefusedError, Sender, use
from steps.security_lake import access
from tests.steps.by_hand import (
    build_until,
    calls,
    clean,
    close_account,
    configure,
    govern,
    interrupt,
    lines,
    open_account,
    part,
    put_back,
    start_again,
    writes,
)
from tests.steps.security_lake_by_hand import HOME, LAKE, OTHER, TOOLING, SecurityLake, delegate, drift, key_of, role
from tests.world import World, pipeline

PRINCIPAL = "securitylake.amazonaws.com"
SOURCES = ("CLOUD_TRAIL_MGMT", "EKS_AUDIT", "LAMBDA_EXECUTION", "ROUTE53", "S3_DATA", "SH_FINDINGS", "VPC_FLOW", "WAF")
MEMBERS = (MANAGEMENT, LAKE, TOOLING, "network", "workload-prod")
WITHOUT = "eu-central-2"
"""A region without Security Lake."""


@pytest.fixture
def world() -> Iterator[World]:
    """A bare management account, and a pipeline of Security Lake and all that it stands on."""
    with sandbox.in_process() as running:
        yield World(running, pipeline("security_lake"))


@pytest.fixture
def stood(world: World) -> World:
    world.stand()
    return world


def reconfigure(world: World, **section: Any) -> None:
    """Want the same pipeline with another section of config.yaml."""
    configure(world, security_lake=section)


def changes(plan: Plan) -> list[str]:
    return lines(part(plan, "security_lake").changes)


def blocked(plan: Plan) -> list[tuple[str, str]]:
    """What is in the way, without what only stands on it, and what to do."""
    found = part(plan, "security_lake").blocked
    return [(one.reason, one.remedy) for one in found if not one.reason.startswith("It stands on")]


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_all_of_the_organization_is_collected_in_a_lake_of_the_log_archive(stood: World, region: str) -> None:
    there, key = SecurityLake(stood, region), key_of(stood, region)

    lake = there.lake()

    assert (lake["createStatus"], lake["encryptionConfiguration"]) == ("COMPLETED", {"kmsKeyId": key})
    transitions = [{"storageClass": "GLACIER_IR", "days": 365}]
    assert lake["lifecycleConfiguration"] == {"expiration": {"days": 2555}, "transitions": transitions}
    everything = [f"{name} 2.0" for name in SOURCES]
    assert there.sources() == dict.fromkeys(MEMBERS, everything)
    assert there.new_accounts() == dict.fromkeys(SOURCES, "2.0")
    assert stood.plan().empty


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_the_security_tooling_account_reads_and_queries_and_queues_are_encrypted(stood: World, region: str) -> None:
    there, tooling = SecurityLake(stood, region), stood.arrive().id_of(TOOLING)

    found = there.subscribers()

    data, query = found["sra-data-access"], found["sra-query-access"]
    assert {one["subscriberIdentity"]["principal"] for one in found.values()} == {tooling}
    assert {len(one["sources"]) for one in found.values()} == {len(SOURCES)}
    assert (data["accessTypes"], query["accessTypes"]) == (["S3"], ["LAKEFORMATION"])
    queue = f"AmazonSecurityLake-{data['subscriberId']}-Main-Queue"
    managers = [f"AmazonSecurityLakeManager-{region}-{name}" for name in ("Queue", "Dlq")]
    assert data["subscriberEndpoint"].endswith(f":{queue}")
    assert there.keys() == dict.fromkeys([queue, *managers], key_of(stood, region))
    shared = stood.client("ram", TOOLING, region).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert [share["resourceShareArn"] for share in shared] == [query["resourceShareArn"]]


@pytest.mark.parametrize(
    ("service", "queue", "admitted"),
    [
        ("events.amazonaws.com", "AmazonSecurityLake-1-Main-Queue", True),
        ("s3.amazonaws.com", f"AmazonSecurityLakeManager-{OTHER}-Queue", True),
        ("events.amazonaws.com", "theirs", False),
        ("sns.amazonaws.com", "AmazonSecurityLake-1-Main-Queue", False),
    ],
)
def test_the_key_is_for_services_that_write_to_the_queues_of_the_lake(
    stood: World, service: str, queue: str, admitted: bool
) -> None:
    account_id = str(stood.arrive().id_of(LAKE))
    sender = Sender(service, account_id, f"arn:aws:events:{OTHER}:{account_id}:rule/AmazonSecurityLake-1")

    def write() -> None:
        context = {"aws:sqs:arn": f"arn:aws:sqs:{OTHER}:{account_id}:{queue}"}
        use(sender, key_of(stood, OTHER), "kms:GenerateDataKey", context)

    if admitted:
        write()
    else:
        with pytest.raises(RefusedError):
            write()


def test_the_key_is_for_subscribers_and_queries_beside_who_administers_it(stood: World) -> None:
    account_id, key = str(stood.arrive().id_of(LAKE)), key_of(stood, OTHER)
    policy = json.loads(stood.client("kms", LAKE, OTHER).get_key_policy(KeyId=key)["Policy"])
    # The account's own administrators could do anything, as far as their identities allow it.
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "SraAdministration"]

    def admits(action: str, role_name: str, of: str = account_id) -> bool:
        arn = f"arn:aws:iam::{of}:role/{role_name}"
        context = condition_keys({"aws:PrincipalArn": arn, "kms:CallerAccount": of})
        caller = Caller(account_id=of, root_arn=f"arn:aws:iam::{of}:root", arns=(arn,))
        return judge(parse(json.dumps(policy)), Request(caller, action, key, context)) is Verdict.ADMITTED

    linked = "aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"
    assert admits("kms:Decrypt", "AmazonSecurityLake-1")
    assert not admits("kms:GenerateDataKey", "AmazonSecurityLake-1")
    assert admits("kms:CreateGrant", linked)
    assert not admits("kms:Decrypt", "Developer")
    assert not admits("kms:Decrypt", "AmazonSecurityLake-1", "999999999999")


def test_every_setting_that_is_changed_by_hand_is_a_change_and_is_put_back(stood: World) -> None:
    drift(stood)
    stood.records.clear()

    plan = stood.plan()

    alias, sources = "alias/sra-security-lake", dict.fromkeys(SOURCES, "2.0")
    subscriber = {"account": stood.arrive().id_of(TOOLING), "external_id": "sra-query-access", "sources": sources}
    found = {str(change.address): change.after for change in plan.changes}
    rolled = found.pop(f"log-archive role {access.METASTORE}")
    assert rolled.keys() == {"trust", "managed", "inline"}
    assert found == {
        "log-archive data-lake": {
            OTHER: {"encryption": alias, "retention_days": 2555, "transitions": {"GLACIER_IR": 365}}
        },
        "log-archive log-sources": {"network": {OTHER: {"WAF": "2.0"}}},
        "log-archive organization-configuration": {OTHER: {"ROUTE53": "2.0", "VPC_FLOW": "2.0"}},
        f"log-archive/{OTHER} subscriber data-access": {
            "account": subscriber["account"],
            "external_id": "sra-data-access",
            "sources": {name: "2.0" for name in SOURCES if name != "WAF"},
            "notification": "SQS",
        },
        f"log-archive/{OTHER} subscriber query-access": subscriber,
        f"log-archive/{OTHER} queues": {f"AmazonSecurityLakeManager-{OTHER}-Dlq": alias, "data-access": alias},
        f"security-tooling/{OTHER} resource-share query-access": {"accepted": True},
    }
    assert clean(stood.apply(plan))
    assert stood.plan().empty
    # What others have set beside it stays.
    transitions = SecurityLake(stood, OTHER).lake()["lifecycleConfiguration"]["transitions"]
    assert {"storageClass": "STANDARD_IA", "days": 10} in transitions


def test_another_administrator_blocks_everything_with_who_and_what_to_do(world: World) -> None:
    build_until(world, "security_lake")
    network = delegate(world, "network")
    world.records.clear()

    plan = world.plan()

    [(reason, remedy)] = blocked(plan)
    assert reason == f"Security Lake is administered by network ({network}), and has one administrator only."
    assert remedy.startswith("Name that account as roles.log_archive; or save what its data lake is needed for")
    assert "remove it (aws securitylake deregister-data-lake-delegated-administrator)" in remedy
    assert [change for change in changes(plan) if " role " not in change] == []
    world.apply(plan)
    assert {write for write in writes(world) if write.startswith("securitylake:")} == set()


def test_a_lake_that_is_there_is_adopted_with_what_others_have_in_it(world: World) -> None:
    build_until(world, "security_lake")
    delegate(world, LAKE)
    there = SecurityLake(world, OTHER)
    making = {"configurations": [{"region": OTHER}], "metaStoreManagerRoleArn": role(world)}
    there.do("create_data_lake", **making)
    vpc_flow = {"sourceName": "VPC_FLOW", "sourceVersion": "1.0"}
    there.do("create_aws_log_source", sources=[{**vpc_flow, "regions": [OTHER]}])
    theirs = {"principal": "999999999999", "externalId": "partner"}
    source = {"awsLogSource": vpc_flow}
    there.do("create_subscriber", subscriberName="siem", subscriberIdentity=theirs, sources=[source])
    bucket = there.lake()["s3BucketArn"]

    put_back(world)

    assert there.lake()["s3BucketArn"] == bucket
    assert there.subscribers()["siem"]["sources"] == [source]
    assert "VPC_FLOW 1.0" in there.sources()["network"]
    note = "Security Lake also collects VPC_FLOW at version 1.0, which is left alone."
    assert note in part(world.plan(), "security_lake").notes


def test_a_lake_that_could_not_be_made_says_what_to_do_and_is_made_once_that_is_done(world: World) -> None:
    build_until(world, "security_lake")
    glue = world.client("glue", LAKE, OTHER)
    database = "amazon_security_lake_glue_db_us_east_1"
    glue.create_database(DatabaseInput={"Name": database})
    outcome = world.apply(world.plan())
    assert not clean(outcome)

    [(reason, remedy)] = blocked(world.plan())

    assert reason.startswith(f"Security Lake could not make the data lake in {OTHER}")
    assert f"aws glue delete-database --region {OTHER} --name {database}" in remedy
    assert f"aws securitylake delete-data-lake --regions {OTHER}" in remedy
    glue.delete_database(Name=database)
    SecurityLake(world).do("delete_data_lake", regions=[OTHER])
    put_back(world)


def test_regions_are_rolled_up_into_one_that_has_the_subscribers(stood: World) -> None:
    reconfigure(stood, rollup_region=HOME, query_access=False)

    plan = stood.plan()

    role_arn = f"arn:aws:iam::{stood.arrive().id_of(LAKE)}:role/service-role/{access.REPLICATION}"
    assert changes(plan) == [f"create log-archive role {access.REPLICATION}", "create log-archive rollup"]
    put_back(stood)
    assert SecurityLake(stood, OTHER).lake()["replicationConfiguration"] == {"regions": [HOME], "roleArn": role_arn}
    assert "replicationConfiguration" not in SecurityLake(stood, HOME).lake()


def test_a_rollup_region_without_a_lake_is_in_the_way(stood: World) -> None:
    reconfigure(stood, regions=["eu-west-1", "eu-west-3"], rollup_region=OTHER)

    plan = stood.plan()

    assert blocked(plan) == [
        (
            f"There is no data lake in {OTHER}, which others could be rolled up into.",
            "Name one of its regions as steps.security_lake.rollup_region.",
        )
    ]
    assert "eu-west-3 is not governed, and so has no data lake." in part(plan, "security_lake").notes


def test_a_region_without_security_lake_is_left_out_with_a_note(world: World) -> None:
    world.client("account").enable_region(RegionName=WITHOUT)
    world.sandbox.clock.wait(60)
    build_until(world, "security_lake")
    govern(world, HOME, WITHOUT)

    world.apply(world.plan())
    plan = world.plan()

    assert changes(plan) == []
    assert f"Security Lake is not offered in {WITHOUT}." in " ".join(part(plan, "security_lake").notes)
    assert set(SecurityLake(world).sources()) == set(MEMBERS)


def test_only_what_config_names_is_collected_and_what_it_no_longer_names_goes_on(stood: World) -> None:
    reconfigure(stood, sources=["VPC_FLOW"], new_accounts=False, data_access=False, query_access=False)
    there = SecurityLake(stood, OTHER)
    network = [stood.arrive().id_of("network")]
    for name in ("VPC_FLOW", "WAF"):
        gone = {"accounts": network, "regions": [OTHER], "sourceName": name}
        there.do("delete_aws_log_source", sources=[gone])

    plan = stood.plan()

    assert [change.after for change in plan.changes] == [{"network": {OTHER: {"VPC_FLOW": "2.0"}}}]
    put_back(stood)
    assert "WAF 2.0" not in there.sources()["network"]
    assert "WAF 2.0" in there.sources()["workload-prod"]


def test_an_account_that_joins_is_collected_of_by_security_lake_or_by_the_next_run(stood: World) -> None:
    there = SecurityLake(stood)
    open_account(stood, "Theirs", "theirs@example.com")
    assert changes(stood.plan()) == ["update log-archive log-sources"]

    stood.sandbox.clock.wait(stood.sandbox.settings.auto_enable_seconds)

    assert there.sources()["theirs@example.com"] == [f"{name} 2.0" for name in SOURCES]
    assert stood.plan().empty


def test_an_account_that_security_lake_leaves_out_is_a_failure_that_says_which(stood: World) -> None:
    org, address = stood.arrive(), Address("log-sources", Target(LAKE))
    gone = close_account(stood, "network")
    change = Change(address, Action.UPDATE, {}, {name: {OTHER: {"WAF": "2.0"}} for name in ("network", TOOLING)})

    with pytest.raises(RefusalError) as raised:
        stood.step("security_lake").apply(change, org, stood.connection.writer(org))

    expected = f"Security Lake did not process 1 accounts: {gone}: Security Lake does not have it as an account"
    assert raised.value.message.startswith(expected)


def test_a_subscriber_of_our_name_with_another_access_is_in_the_way(stood: World) -> None:
    there = SecurityLake(stood, OTHER)
    found = there.subscribers()["sra-data-access"]
    there.do("delete_subscriber", subscriberId=found["subscriberId"])
    making = {key: found[key] for key in ("sources", "subscriberName", "subscriberIdentity")}
    there.do("create_subscriber", accessTypes=["LAKEFORMATION"], **making)

    [(reason, remedy)] = blocked(stood.plan())

    assert reason == f"The subscriber sra-data-access in {OTHER} has another access than S3, which cannot change."
    assert remedy.startswith(f"Delete it: aws securitylake delete-subscriber --region {OTHER} --subscriber-id ")


def test_an_invitation_that_was_rejected_is_a_failure_that_says_what_to_do(world: World) -> None:
    reconfigure(world, data_access=False)
    build_until(world, "security_lake")
    world.apply(world.plan())
    there = SecurityLake(world, OTHER)
    query = there.subscribers()["sra-query-access"]
    there.do("delete_subscriber", subscriberId=query["subscriberId"])
    making = {key: query[key] for key in ("sources", "subscriberName", "subscriberIdentity", "accessTypes")}
    there.do("create_subscriber", **making)
    theirs = world.client("ram", TOOLING, OTHER)
    [invitation] = theirs.get_resource_share_invitations()["resourceShareInvitations"]
    theirs.reject_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert failure.reason == f"The invitation to what Security Lake shares in {OTHER} is rejected."
    assert failure.remedy.startswith("Delete the subscriber sra-query-access there, and run it again")


def test_where_the_organization_shares_by_ram_nothing_is_to_accept(world: World) -> None:
    build_until(world, "security_lake")
    world.client("ram").enable_sharing_with_aws_organization()

    put_back(world)

    assert "ram:AcceptResourceShareInvitation" not in writes(world)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("operation", ["CreateDataLake", "CreateSubscriber"])
def test_what_was_interrupted_after_a_write_is_completed_by_the_next_run(world: World, operation: str) -> None:
    build_until(world, "security_lake")
    interrupt(world, operation)
    world.apply(world.plan())
    start_again(world)

    put_back(world)

    assert len(SecurityLake(world).subscribers()) == 2


def test_destroying_keeps_the_lake_its_administrator_and_its_trust_and_takes_the_rest_away(stood: World) -> None:
    plan = stood.plan(destroy=True)

    assert clean(stood.apply(plan))

    there = SecurityLake(stood, OTHER)
    assert there.lake()["createStatus"] == "COMPLETED"
    assert (there.sources(), there.subscribers()) == ({}, {})
    kept = {f"{step.step} {address.kind}" for step in plan.steps for address in step.kept}
    assert kept >= {f"security_lake {kind}" for kind in ("administrator", "data-lake", "queues", "role")}
    organizations = stood.client("organizations")
    trusted = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert PRINCIPAL in {service["ServicePrincipal"] for service in trusted}
    assert stood.plan(destroy=True).changes == ()


def test_sources_are_asked_for_at_once_and_listed_at_once(stood: World) -> None:
    assert calls(stood, "securitylake:CreateAwsLogSource") == 0
    reconfigure(stood, source_version="1.0", sources=["VPC_FLOW", "ROUTE53"])

    put_back(stood)

    assert calls(stood, "securitylake:CreateAwsLogSource") == 1
    assert SecurityLake(stood, OTHER).new_accounts()["VPC_FLOW"] == "1.0"
