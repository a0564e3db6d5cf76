from __future__ import annotations

import pytest

from sra_bootstrap.aws import Reader, Record
from sra_bootstrap.model import MANAGEMENT, Address, Target, Unavailable
from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.delivery import RefusedError, Sender
from steps.common import buckets
from steps.config.archive import BUCKET as ARCHIVE
from tests.steps.by_hand import calls, configure, ignore, open_account, part, put_back, start_again
from tests.steps.config_by_hand import BUCKET, HOME, LINKED, OTHER, VOLUME, Config
from tests.world import World, only

ACCOUNTS = (MANAGEMENT, "security-tooling", "log-archive", "network", "workload-prod")
IAM_TYPES = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"]
OF_CONTROL_TOWER = "aws-controltower-BaselineConfigRecorder"


@pytest.fixture
def world(world: World) -> World:
    """A bare management account, and AWS Config on what it stands on."""
    return World(world.sandbox, only("config"))


@pytest.fixture
def ready(world: World) -> World:
    """An organization with everything that AWS Config stands on."""
    world.stand_before_the_last()
    return world


def archive(world: World) -> str:
    return str(buckets.name_of(ARCHIVE, world.arrive()))


def objects(world: World) -> list[str]:
    pages = world.client("s3", "log-archive", HOME).get_paginator("list_objects_v2").paginate(Bucket=archive(world))
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


def test_every_account_records_everything_in_every_region_and_delivers_to_the_log_archive(built: World) -> None:
    organization = built.arrive().existing.id
    for account in ACCOUNTS:
        for region in (HOME, OTHER):
            there = Config(built, account, region)
            recorder, channel = there.recorder(), there.channel()
            assert recorder["roleARN"].endswith("/config.amazonaws.com/AWSServiceRoleForConfig")
            assert recorder["recordingGroup"]["allSupported"] is True
            assert recorder["recordingGroup"]["includeGlobalResourceTypes"] is (region == HOME)
            assert recorder["recordingMode"]["recordingFrequency"] == "CONTINUOUS"
            assert (channel["s3BucketName"], channel["s3KeyPrefix"]) == (archive(built), organization)
            assert f":kms:{HOME}:{built.arrive().id_of('security-tooling')}:key/" in channel["s3KmsKeyArn"]
            assert there.records()
        own = built.arrive().id_of(account)
        assert f"{organization}/AWSLogs/{own}/Config/ConfigWritabilityCheckFile" in objects(built)


def test_what_is_excluded_excludes_global_types_elsewhere_and_overrides_have_one_frequency(built: World) -> None:
    overrides = {BUCKET: "CONTINUOUS", "AWS::EC2::VPC": "DAILY"}
    configure(built, config={"exclude": [VOLUME], "frequency": "DAILY", "overrides": overrides, "prefix": ""})

    put_back(built)

    for region, excluded in ((HOME, [VOLUME]), (OTHER, [VOLUME, *IAM_TYPES])):
        recorder = Config(built, "network", region).recorder()
        assert recorder["recordingGroup"]["exclusionByResourceTypes"]["resourceTypes"] == excluded
        [override] = recorder["recordingMode"]["recordingModeOverrides"]
        assert recorder["recordingMode"]["recordingFrequency"] == "DAILY"
        assert (override["resourceTypes"], override["recordingFrequency"]) == ([BUCKET], "CONTINUOUS")
    assert "s3KeyPrefix" not in Config(built, "network").channel()


def test_a_role_that_cannot_be_made_is_a_failure_and_not_taken_for_one_that_is_there(ready: World) -> None:
    ready.sandbox.settings.denied = frozenset({"iam:CreateServiceLinkedRole"})

    outcome = ready.apply(ready.plan())

    failed = {failure.where: failure.reason for failure in outcome.failed}
    assert set(failed) == {f"{account} service-linked-role" for account in ACCOUNTS}
    assert calls(ready, "config:PutConfigurationRecorder") == 0


def test_bucket_and_key_admit_config_for_the_organization_and_nobody_else(built: World) -> None:
    org, name = built.arrive(), archive(built)
    own, outsider = str(org.id_of("network")), "999999999999"
    key = Config(built, "network").channel()["s3KmsKeyArn"]

    def sender(account: str, principal: str = "config.amazonaws.com") -> Sender:
        return Sender(principal, account, f"arn:aws:config:{OTHER}:{account}:configuration-recorder/default/x")

    def path(account: str, prefix: str = org.existing.id, folder: str = "Config") -> str:
        return f"{prefix}/AWSLogs/{account}/{folder}/history.json.gz"

    delivery.put(sender(own), name, path(own), b"{}", kms_key=key)
    full_control = "bucket-owner-full-control"
    for who, where, acl in (
        (sender(outsider), path(outsider), full_control),
        (sender(own, "cloudtrail.amazonaws.com"), path(own), full_control),
        (sender(own), path(own, folder="CloudTrail"), full_control),
        (sender(own), path(own, prefix="elsewhere"), full_control),
        (sender(own), path(own), "private"),
    ):
        with pytest.raises(RefusedError):
            delivery.put(who, name, where, b"{}", kms_key=key, acl=acl)
    for who, action in ((sender(outsider), "kms:GenerateDataKey"), (sender(own), "kms:CreateGrant")):
        with pytest.raises(RefusedError):
            delivery.use(who, key, action)


def test_what_others_have_made_is_adopted_or_left_to_them(ready: World) -> None:
    topic = ready.client("sns", "network", OTHER).create_topic(Name="changes")["TopicArn"]
    adopted = Config(ready, "network")
    adopted.record("theirs", recordingGroup={"resourceTypes": [BUCKET]})
    adopted.deliver("also-theirs", snsTopicARN=topic)
    adopted.start("theirs")
    governed = Config(ready, "workload-prod")
    governed.record(OF_CONTROL_TOWER, recordingGroup={"resourceTypes": [BUCKET]})
    by_control_tower = governed.recorder()
    linked = Config(ready, MANAGEMENT)
    linked.api.put_service_linked_configuration_recorder(ServicePrincipal=LINKED)
    [of_service] = linked.api.describe_configuration_recorders(ServicePrincipal=LINKED)["ConfigurationRecorders"]

    plan = ready.plan()
    put_back(ready)

    changes = {str(change.address): change.action for change in part(plan, "config").changes}
    assert changes[f"network/{OTHER} recorder"] == changes[f"network/{OTHER} delivery-channel"] == "update"
    assert f"network/{OTHER} recording" not in changes
    recorder, channel = adopted.recorder(), adopted.channel()
    assert (recorder["name"], recorder["recordingGroup"]["allSupported"]) == ("theirs", True)
    assert (channel["name"], channel["snsTopicARN"]) == ("also-theirs", topic)
    assert channel["s3BucketName"] == archive(ready)
    assert governed.recorder() == by_control_tower
    assert governed.api.describe_delivery_channels()["DeliveryChannels"] == []
    [note] = part(ready.plan(), "config").notes
    left = f"The recorder {OF_CONTROL_TOWER} belongs to AWS Control Tower."
    assert note == f"{left} It is left out in workload-prod/{OTHER}."

    destruction = ready.plan(ready.steps[-1:], destroy=True)
    outcome = ready.apply(destruction, ready.steps[-1:])

    kinds = [change.address.kind for change in destruction.changes]
    assert list(dict.fromkeys(kinds)) == ["recording", "delivery-channel", "recorder"]
    assert {address.kind for address in part(destruction, "config").kept} == {"service-linked-role"}
    assert (outcome.failed, outcome.blocked) == ([], [])
    assert linked.api.describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert linked.api.describe_configuration_recorders(ServicePrincipal=LINKED)["ConfigurationRecorders"] == [
        of_service
    ]
    assert governed.recorder() == by_control_tower
    assert objects(ready) != []


class Elsewhere(Reader):
    """Reads in a region without AWS Config; botocore knows of none."""

    def offers(self, service: str, region: str) -> bool:
        return service != "config"


def test_in_a_region_that_has_no_config_everything_is_left_out(built: World) -> None:
    org, at = built.arrive(), Target("network", OTHER)

    found = list(built.step("config").observe(at, org, Elsewhere(built.connection, org)))

    reason = f"AWS Config is not offered in {OTHER}."
    kinds = ("recorder", "delivery-channel", "recording")
    assert found == [Unavailable(Address(kind, at), (), reason) for kind in kinds]


def test_accounts_that_config_does_not_name_record_too(built: World) -> None:
    open_account(built, "Theirs", "theirs@example.com")

    plan = built.plan()

    assert {change.address.at.account for change in part(plan, "config").changes} == {"theirs@example.com"}
    put_back(built)
    assert Config(built, "theirs@example.com").records()


@pytest.mark.parametrize("patient", [8, 1000])
def test_that_a_delivery_is_refused_is_waited_out_once_for_all(built: World, patient: int) -> None:
    for account in ("network", "workload-prod"):
        there = Config(built, account)
        there.stop()
        there.api.delete_delivery_channel(DeliveryChannelName="default")
    plan = built.plan(built.steps[-1:])
    s3, name = built.client("s3", "log-archive", HOME), archive(built)
    policy = s3.get_bucket_policy(Bucket=name)["Policy"]
    s3.delete_bucket_policy(Bucket=name)
    start_again(built)
    began = built.sandbox.clock.now()
    refused: list[str] = []

    def arrive(record: Record) -> None:
        if record.error == "InsufficientDeliveryPolicyException":
            refused.append(record.operation)
            if len(refused) == patient:
                s3.put_bucket_policy(Bucket=name, Policy=policy)

    built.connection.watch(ignore, arrive)
    outcome = built.apply(plan, built.steps[-1:])

    assert len(plan.changes) == 4
    assert [failure.reason for failure in outcome.failed if "Insufficient delivery policy" not in failure.reason] == []
    assert len(outcome.failed) == (0 if patient == 8 else 2)
    assert built.plan(built.steps[-1:]).empty is (patient == 8)
    assert built.sandbox.clock.now() - began < 400
