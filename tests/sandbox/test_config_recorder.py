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

HOME, OTHER = "eu-west-1", "eu-central-1"
ROLE = f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
ALL = {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}
ONLY = {"useOnly": "INCLUSION_BY_RESOURCE_TYPES"}
WITHOUT = {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}
VOLUME, BUCKET = "AWS::EC2::Volume", "AWS::S3::Bucket"
LINKED = "observabilityadmin.amazonaws.com"


@pytest.fixture
def aws() -> Iterator[Aws]:
    with sandbox.in_process() as running:
        yield Aws(running)


@dataclass
class Recording:
    """AWS Config in one account and region, and a bucket named `the-archive` that takes what it delivers."""

    aws: Aws

    def __post_init__(self) -> None:
        self.api = self.aws.client("config")
        self.iam = self.aws.client("iam")
        self.s3 = self.aws.client("s3")
        self.kms = self.aws.client("kms")

    def prepare(self, **conditions: str) -> None:
        self.iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
        self.aws.clock.wait(self.aws.settings.service_linked_role_seconds)
        self.s3.create_bucket(Bucket="the-archive", CreateBucketConfiguration={"LocationConstraint": HOME})
        self.admit(**conditions)

    def admit(self, **conditions: str) -> None:
        """Let Config deliver, with the statements of the page of the bucket's policy."""
        service = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}}
        source = {"aws:SourceAccount": MANAGEMENT_ACCOUNT_ID, **conditions}
        acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
        paths = "arn:aws:s3:::the-archive/*AWSLogs/*/Config/*"
        look = {"Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": "arn:aws:s3:::the-archive"}
        statements = [
            {**service, **look, "Condition": {"StringEquals": source}},
            {**service, "Action": "s3:PutObject", "Resource": paths, "Condition": {"StringEquals": {**source, **acl}}},
        ]
        self.s3.put_bucket_policy(
            Bucket="the-archive", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
        )

    def record(self, **recorder: Any) -> None:
        self.api.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": ROLE, **recorder})

    def deliver(self, **channel: Any) -> None:
        self.api.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "the-archive", **channel})

    def start(self) -> None:
        self.api.start_configuration_recorder(ConfigurationRecorderName="default")

    def recorder(self) -> dict[str, Any]:
        [found] = self.api.describe_configuration_recorders()["ConfigurationRecorders"]
        recorder: dict[str, Any] = found
        return recorder

    def status(self) -> dict[str, Any]:
        [found] = self.api.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        status: dict[str, Any] = found
        return status

    def objects(self) -> list[str]:
        return [one["Key"] for one in self.s3.list_objects_v2(Bucket="the-archive").get("Contents", [])]


@pytest.fixture
def bare(aws: Aws) -> Recording:
    return Recording(aws)


@pytest.fixture
def config(bare: Recording) -> Recording:
    """A recorder that waits for a delivery channel."""
    bare.prepare()
    bare.record()
    return bare


def test_a_recorder_records_everything_continuously_unless_it_is_told_otherwise(config: Recording) -> None:
    recorder = config.recorder()

    assert recorder["name"] == "default"
    assert recorder["roleARN"] == ROLE
    assert recorder["arn"].startswith(f"arn:aws:config:{HOME}:{MANAGEMENT_ACCOUNT_ID}:configuration-recorder/default/")
    assert recorder["recordingGroup"] == {
        "allSupported": True,
        "includeGlobalResourceTypes": False,
        "resourceTypes": [],
        "exclusionByResourceTypes": {"resourceTypes": []},
        "recordingStrategy": ALL,
    }
    assert recorder["recordingMode"] == {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []}
    assert recorder["recordingScope"] == "PAID"
    assert config.aws.client("config", OTHER).describe_configuration_recorders()["ConfigurationRecorders"] == []


def test_a_recorder_keeps_what_it_is_told_and_its_tags(bare: Recording) -> None:
    bare.prepare()
    override = {"resourceTypes": [VOLUME], "recordingFrequency": "DAILY", "description": "often"}
    mode = {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": [override]}
    wanted = {"roleARN": ROLE, "recordingMode": mode, "recordingGroup": {"resourceTypes": [BUCKET, VOLUME]}}
    bare.api.put_configuration_recorder(ConfigurationRecorder=wanted, Tags=[{"Key": "a", "Value": "b"}])

    first = bare.recorder()
    assert (first["recordingMode"], first["recordingGroup"]["recordingStrategy"]) == (mode, ONLY)
    bare.record(recordingGroup={"exclusionByResourceTypes": {"resourceTypes": [VOLUME]}, "recordingStrategy": WITHOUT})
    again = bare.recorder()
    assert again["arn"] == first["arn"]
    assert again["recordingGroup"]["allSupported"] is False
    assert again["recordingGroup"]["exclusionByResourceTypes"] == {"resourceTypes": [VOLUME]}
    bare.api.tag_resource(ResourceArn=first["arn"], Tags=[{"Key": "c", "Value": "d"}])
    bare.api.untag_resource(ResourceArn=first["arn"], TagKeys=["a"])
    assert bare.api.list_tags_for_resource(ResourceArn=first["arn"])["Tags"] == [{"Key": "c", "Value": "d"}]
    assert refusal(bare.api.list_tags_for_resource, ResourceArn="arn:of:nothing")[0] == "ResourceNotFoundException"


WRONG: dict[str, list[dict[str, Any]]] = {
    "InvalidRecordingGroupException": [
        {"recordingGroup": {}},
        {"recordingGroup": {"allSupported": True, "resourceTypes": [VOLUME]}},
        {"recordingGroup": {"allSupported": True, "recordingStrategy": WITHOUT}},
        {"recordingGroup": {"resourceTypes": [VOLUME], "includeGlobalResourceTypes": True}},
        {"recordingGroup": {"exclusionByResourceTypes": {"resourceTypes": [VOLUME]}}},
    ],
    "ValidationException": [
        {"recordingGroup": {"resourceTypes": ["AWS::Not::There"]}},
        {"recordingMode": {"recordingFrequency": "HOURLY"}},
        {
            "recordingMode": {
                "recordingFrequency": "CONTINUOUS",
                "recordingModeOverrides": [
                    {"resourceTypes": [one], "recordingFrequency": "DAILY"} for one in (VOLUME, BUCKET)
                ],
            }
        },
        {
            "recordingMode": {
                "recordingFrequency": "CONTINUOUS",
                "recordingModeOverrides": [
                    {"resourceTypes": ["AWS::Config::ResourceCompliance"], "recordingFrequency": "DAILY"}
                ],
            }
        },
    ],
    "InvalidRoleException": [{"roleARN": ""}, {"roleARN": ROLE.replace("ForConfig", "ForNothing")}],
    "InvalidConfigurationRecorderNameException": [{"name": "AWSConfigurationRecorderForMe"}],
    "MaxNumberOfConfigurationRecordersExceededException": [{"name": "another"}],
    "UnmodifiableEntityException": [{"servicePrincipal": LINKED}],
}


@pytest.mark.parametrize("code", WRONG)
def test_what_no_recorder_can_be_is_refused(config: Recording, code: str) -> None:
    before = config.recorder()

    for wrong in WRONG[code]:
        assert refusal(config.record, **wrong)[0] == code
    assert config.recorder() == before


def test_the_role_of_a_recorder_has_to_be_there(bare: Recording) -> None:
    assert refusal(bare.record)[0] == "InvalidRoleException"


def test_it_is_recorder_then_channel_then_start_and_backwards(config: Recording) -> None:
    config.api.delete_configuration_recorder(ConfigurationRecorderName="default")
    assert refusal(config.deliver)[0] == "NoAvailableConfigurationRecorderException"
    config.record()
    assert refusal(config.start)[0] == "NoAvailableDeliveryChannelException"
    assert config.status()["recording"] is False
    assert "lastStatus" not in config.status()
    config.deliver()
    assert config.objects() == [f"AWSLogs/{MANAGEMENT_ACCOUNT_ID}/Config/ConfigWritabilityCheckFile"]
    config.start()
    config.start()
    assert (config.status()["recording"], config.status()["lastStatus"]) == (True, "PENDING")
    config.aws.clock.wait(config.aws.settings.enabling_seconds)
    assert config.status()["lastStatus"] == "SUCCESS"
    delete = config.api.delete_delivery_channel
    assert refusal(delete, DeliveryChannelName="default")[0] == "LastDeliveryChannelDeleteFailedException"
    config.api.stop_configuration_recorder(ConfigurationRecorderName="default")
    assert config.status()["recording"] is False
    delete(DeliveryChannelName="default")
    assert refusal(delete, DeliveryChannelName="default")[0] == "NoSuchDeliveryChannelException"
    config.api.delete_configuration_recorder(ConfigurationRecorderName="default")
    assert config.api.describe_configuration_recorders()["ConfigurationRecorders"] == []
    for call in (config.api.start_configuration_recorder, config.api.stop_configuration_recorder):
        assert refusal(call, ConfigurationRecorderName="default")[0] == "NoSuchConfigurationRecorderException"


def test_a_channel_is_what_was_put_but_a_topic_that_is_not_named_stays(config: Recording) -> None:
    topic = config.aws.client("sns").create_topic(Name="changes")["TopicArn"]
    config.deliver(snsTopicARN=topic, configSnapshotDeliveryProperties={"deliveryFrequency": "One_Hour"})
    config.deliver(s3KeyPrefix="o-1")

    [channel] = config.api.describe_delivery_channels()["DeliveryChannels"]

    assert channel == {"name": "default", "s3BucketName": "the-archive", "s3KeyPrefix": "o-1", "snsTopicARN": topic}
    assert config.objects()[-1] == f"o-1/AWSLogs/{MANAGEMENT_ACCOUNT_ID}/Config/ConfigWritabilityCheckFile"


def test_what_no_channel_can_be_is_refused(config: Recording) -> None:
    key = config.aws.client("kms", OTHER).create_key()["KeyMetadata"]["Arn"]
    wrong = {
        "NoSuchBucketException": {"s3BucketName": "nowhere"},
        "InvalidS3KeyPrefixException": {"s3KeyPrefix": ""},
        "InvalidS3KmsKeyArnException": {"s3KmsKeyArn": key},
        "InvalidSNSTopicARNException": {"snsTopicARN": f"arn:aws:sns:{HOME}:{MANAGEMENT_ACCOUNT_ID}:nothing"},
        "ValidationException": {"configSnapshotDeliveryProperties": {"deliveryFrequency": "Daily"}},
    }
    for code, settings in wrong.items():
        assert refusal(config.deliver, **settings)[0] == code
    config.deliver()
    assert refusal(config.deliver, name="another")[0] == "MaxNumberOfDeliveryChannelsExceededException"


def insufficient(config: Recording, **channel: Any) -> str:
    with pytest.raises(ClientError) as raised:
        config.deliver(**channel)
    answer: Any = raised.value.response["Error"]
    assert answer["Code"] == "InsufficientDeliveryPolicyException"
    return str(answer["Message"])


def test_config_delivers_only_where_bucket_and_key_let_it(config: Recording) -> None:
    config.deliver()
    config.s3.delete_bucket_policy(Bucket="the-archive")
    assert "unable to get s3 bucket acl" in insufficient(config)
    config.admit(**{"aws:SourceAccount": "999999999999"})
    assert "unable to get s3 bucket acl" in insufficient(config)
    config.admit()
    key = config.kms.create_key()["KeyMetadata"]["Arn"]
    assert f"provided kms key is '{key}'" in insufficient(config, s3KmsKeyArn=key)
    statement = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Resource": "*"}
    policy = {"Statement": [{**statement, "Action": ["kms:GenerateDataKey", "kms:Decrypt"]}]}
    config.kms.put_key_policy(
        KeyId=key, PolicyName="default", Policy=json.dumps(policy), BypassPolicyLockoutSafetyCheck=True
    )
    config.deliver(s3KmsKeyArn=key)
    [channel] = config.api.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3KmsKeyArn"] == key


def test_a_role_that_is_new_cannot_be_assumed_at_once(bare: Recording) -> None:
    bare.aws.settings.service_linked_role_seconds = 60
    bare.prepare()
    bare.aws.settings.service_linked_role_seconds = 90
    bare.record()
    assert "unable to assume role" in insufficient(bare)
    bare.aws.clock.wait(30)
    bare.deliver()


def test_a_bucket_with_a_default_retention_takes_nothing_of_config(bare: Recording) -> None:
    bare.iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
    bare.aws.clock.wait(bare.aws.settings.service_linked_role_seconds)
    location = {"LocationConstraint": HOME}
    bare.s3.create_bucket(Bucket="the-archive", CreateBucketConfiguration=location, ObjectLockEnabledForBucket=True)
    bare.admit()
    bare.record()
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    bare.s3.put_object_lock_configuration(Bucket="the-archive", ObjectLockConfiguration=lock)
    assert "unable to write to bucket" in insufficient(bare)


def test_snapshots_are_delivered_and_how_it_went_is_told(config: Recording) -> None:
    config.deliver(s3KeyPrefix="o-1")
    snapshot = config.api.deliver_config_snapshot
    assert refusal(snapshot, deliveryChannelName="default")[0] == "NoRunningConfigurationRecorderException"
    config.start()
    [before] = config.api.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    assert before["configStreamDeliveryInfo"]["lastStatus"] == "NOT_APPLICABLE"
    own = snapshot(deliveryChannelName="default")["configSnapshotId"]
    assert any(own in key and "/ConfigSnapshot/" in key for key in config.objects())
    config.s3.delete_bucket_policy(Bucket="the-archive")
    snapshot(deliveryChannelName="default")
    [after] = config.api.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    assert after["configSnapshotDeliveryInfo"]["lastStatus"] == "FAILURE"
    assert "lastSuccessfulTime" in after["configSnapshotDeliveryInfo"]
    assert refusal(snapshot, deliveryChannelName="other")[0] == "NoSuchDeliveryChannelException"


def test_recorders_of_services_stand_beside_that_of_the_customer(bare: Recording) -> None:
    api = bare.api
    arn = api.put_service_linked_configuration_recorder(ServicePrincipal=LINKED)["Arn"]
    assert bare.iam.get_role(RoleName="AWSServiceRoleForConfig")["Role"]["Arn"] == ROLE
    assert refusal(api.put_service_linked_configuration_recorder, ServicePrincipal=LINKED)[0] == "ConflictException"
    assert refusal(api.put_service_linked_configuration_recorder, ServicePrincipal="x")[0] == "ValidationException"
    assert api.describe_configuration_recorders()["ConfigurationRecorders"] == []
    bare.record()

    [linked] = api.describe_configuration_recorders(ServicePrincipal=LINKED)["ConfigurationRecorders"]
    assert api.describe_configuration_recorders(Arn=arn)["ConfigurationRecorders"] == [linked]
    assert (linked["servicePrincipal"], linked["recordingScope"]) == (LINKED, "INTERNAL")
    [status] = api.describe_configuration_recorder_status(ServicePrincipal=LINKED)["ConfigurationRecordersStatus"]
    assert status["recording"] is True
    assert bare.recorder()["name"] == "default"
    summaries = api.list_configuration_recorders()["ConfigurationRecorderSummaries"]
    assert [one["name"] for one in summaries] == ["default", linked["name"]]
    internal = [{"filterName": "recordingScope", "filterValue": ["INTERNAL"]}]
    only = api.list_configuration_recorders(Filters=internal)["ConfigurationRecorderSummaries"]
    assert [one["arn"] for one in only] == [arn]
    first = api.list_configuration_recorders(MaxResults=1)
    second = api.list_configuration_recorders(MaxResults=1, NextToken=first["NextToken"])
    assert [one["name"] for one in second["ConfigurationRecorderSummaries"]] == [linked["name"]]
    both = [linked["name"], "default"]
    assert refusal(api.describe_configuration_recorders, ConfigurationRecorderNames=both)[0] == "ValidationException"
    name = {"ConfigurationRecorderName": linked["name"]}
    for call in (
        api.start_configuration_recorder,
        api.stop_configuration_recorder,
        api.delete_configuration_recorder,
    ):
        assert refusal(call, **name)[0] == "UnmodifiableEntityException"
    api.delete_service_linked_configuration_recorder(ServicePrincipal=LINKED)
    assert refusal(api.describe_configuration_recorders, Arn=arn)[0] == "NoSuchConfigurationRecorderException"


def test_types_are_added_to_the_list_of_the_strategy_and_taken_from_it(config: Recording) -> None:
    api, arn = config.api, config.recorder()["arn"]
    volume = {"ConfigurationRecorderArn": arn, "ResourceTypes": [VOLUME]}
    assert refusal(api.associate_resource_types, **volume)[0] == "ValidationException"
    config.record(recordingGroup={"resourceTypes": [BUCKET]})
    api.associate_resource_types(**volume)
    assert config.recorder()["recordingGroup"]["resourceTypes"] == [BUCKET, VOLUME]
    assert refusal(api.associate_resource_types, **volume)[0] == "ValidationException"
    excluded = {"exclusionByResourceTypes": {"resourceTypes": [BUCKET]}, "recordingStrategy": WITHOUT}
    config.record(recordingGroup=excluded)
    api.disassociate_resource_types(**volume)
    group = config.recorder()["recordingGroup"]
    assert group["exclusionByResourceTypes"]["resourceTypes"] == [BUCKET, VOLUME]


def test_a_region_that_the_account_has_not_enabled_knows_nobody(config: Recording) -> None:
    elsewhere = config.aws.client("config", "ap-east-1")
    assert refusal(elsewhere.describe_configuration_recorders)[0] == "UnrecognizedClientException"


def test_roles_of_services_are_made_once_and_by_their_own_names(aws: Aws) -> None:
    iam = aws.client("iam")
    create = iam.create_service_linked_role
    role = create(AWSServiceName="guardduty.amazonaws.com", Description="d")["Role"]
    assert role["RoleName"] == "AWSServiceRoleForAmazonGuardDuty"
    assert role["Path"] == "/aws-service-role/guardduty.amazonaws.com/"
    with pytest.raises(iam.exceptions.InvalidInputException, match="AmazonGuardDuty has been taken in this account"):
        create(AWSServiceName="guardduty.amazonaws.com")
    suffixed = {"AWSServiceName": "config.amazonaws.com", "CustomSuffix": "x"}
    assert refusal(create, **suffixed)[0] == "InvalidInput"
    auto = create(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="x")["Role"]["RoleName"]
    assert auto == "AWSServiceRoleForAutoScaling_x"
    assert refusal(create, AWSServiceName="unheard-of.amazonaws.com")[0] == "SandboxNotImplemented"
    assert refusal(iam.delete_role, RoleName=auto)[0] == "UnmodifiableEntity"


def test_a_role_is_deleted_once_its_service_has_no_use_for_it(config: Recording) -> None:
    iam, settings = config.iam, config.aws.settings
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForConfig")["DeletionTaskId"]
    assert task.startswith("task/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig/")
    assert iam.delete_service_linked_role(RoleName="AWSServiceRoleForConfig")["DeletionTaskId"] == task
    status = iam.get_service_linked_role_deletion_status
    assert status(DeletionTaskId=task)["Status"] == "IN_PROGRESS"
    config.aws.clock.wait(settings.enabling_seconds)
    failed = status(DeletionTaskId=task)
    arn = config.recorder()["arn"]
    assert (failed["Status"], failed["Reason"]["RoleUsageList"]) == ("FAILED", [{"Region": HOME, "Resources": [arn]}])
    config.api.delete_configuration_recorder(ConfigurationRecorderName="default")
    again = iam.delete_service_linked_role(RoleName="AWSServiceRoleForConfig")["DeletionTaskId"]
    config.aws.clock.wait(settings.enabling_seconds)
    assert status(DeletionTaskId=again)["Status"] == "SUCCEEDED"
    assert refusal(iam.get_role, RoleName="AWSServiceRoleForConfig")[0] == "NoSuchEntity"
    assert refusal(iam.delete_service_linked_role, RoleName="AWSServiceRoleForConfig")[0] == "NoSuchEntity"
    assert refusal(status, DeletionTaskId="task/x")[0] == "NoSuchEntity"
