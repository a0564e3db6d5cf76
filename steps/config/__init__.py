"""AWS Config, recording in every account and governed region. It has nothing to do with `sra_bootstrap.config`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs
from steps.common import buckets, keys
from steps.config import recording
from steps.config.archive import BUCKET, KEY, prefix_of

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_iam import IAMClient

Frequency = Literal["CONTINUOUS", "DAILY"]
ResourceType = Annotated[str, StringConstraints(pattern=r"^AWS(::[A-Za-z0-9]+){2}$")]
_PRINCIPAL = "config.amazonaws.com"
_NAME = "default"
"""What AWS calls a recorder and a delivery channel that nobody has named."""
_PATIENCE = 300
"""How many seconds it may take until AWS Config can deliver to what was made for it."""
_OF_CONTROL_TOWER = "aws-controltower-"
"""What the names of everything begin with that AWS Control Tower makes.

https://docs.aws.amazon.com/controltower/latest/userguide/shared-account-resources.html
"""


class Config(Step[StepConfig]):
    """Record how every resource is configured, in every account and governed region, and keep that in the log archive.

    The SRA has AWS Config on everywhere, the management account included: Security Hub, Firewall Manager and the rules
    of AWS Config judge by what it records. It delivers to one bucket for all, encrypted with a key for it.
    """

    class Config(StepConfig):
        """What is recorded, how often, and where to."""

        frequency: Frequency = Field(
            default="CONTINUOUS",
            description="Whether every change is recorded (CONTINUOUS), or how things are once a day (DAILY).",
        )
        overrides: dict[ResourceType, Frequency] = Field(
            default_factory=dict,
            description="Resource types that are recorded at another frequency, as in AWS::EC2::Volume: DAILY.",
        )
        exclude: tuple[ResourceType, ...] = Field(
            default=(), description="Resource types that are not recorded, of all that AWS Config supports."
        )
        prefix: str | None = Field(
            default=None,
            pattern=r"^([A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*)?$",
            description="What the keys of all objects in the bucket begin with; by default the organization's id.",
        )
        snapshot_frequency: Literal["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"] = Field(
            default="TwentyFour_Hours",
            description="How often a snapshot of everything is delivered; changes are delivered every six hours.",
        )

    id = "config"
    after = ("accounts", "log_buckets")
    needs = (KEY, BUCKET)
    kept = {"service-linked-role": "Recorders of other services use it too."}
    reads = frozenset(
        {
            "config:DescribeConfigurationRecorderStatus",
            "config:DescribeConfigurationRecorders",
            "config:DescribeDeliveryChannels",
            "iam:GetRole",
            "kms:ListAliases",
        }
    )
    writes = frozenset(
        {
            "config:DeleteConfigurationRecorder",
            "config:DeleteDeliveryChannel",
            "config:PutConfigurationRecorder",
            "config:PutDeliveryChannel",
            "config:StartConfigurationRecorder",
            "config:StopConfigurationRecorder",
            "iam:CreateServiceLinkedRole",
        }
    )
    in_members = frozenset({"kms:ListAliases"})
    # https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
    implied = frozenset({"iam:PassRole"})
    considerations = (
        "A recorder and a delivery channel that are there are taken over, whatever their names: AWS allows one.",
        "What AWS Control Tower has made is left to it; recorders of other services are left alone.",
        "Users, groups, roles and policies of IAM are recorded in the home region only.",
        "AWS records these in no region that it has opened since February 2022: choose another one as the home region.",
        "Firewall Manager needs what it watches to be recorded continuously.",
        "A topic that a delivery channel has notified before is notified further.",
        "AWS Config does not deliver to a bucket that locks its objects by default.",
        "Each account and region takes three calls to plan, and each account one: 10,400 for 200 in 17 regions.",
        "AWS has no list for all of them that is current: an aggregator tells later what was recorded, if it was.",
        "Destroying ends recording, also where it was on before; what was recorded stays in the bucket.",
    )
    costs = (
        "For each change of a resource that is recorded, or with daily recording for each resource that has changed, "
        "in each account and region; and for what S3 stores."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """The role in every account, and in every region a recorder, a delivery channel and that it records."""
        members = list(org.members())
        for name in members:
            yield Resource(Address("service-linked-role", Target(name)))
        recorders = {region: self._recorder(region, org) for region in org.regions}
        channel = self._channel(org)
        places = [Target(name, region) for name in members for region in org.regions]
        yield from (Resource(Address("recorder", at), recorders[at.region]) for at in places)
        yield from (Resource(Address("delivery-channel", at), channel) for at in places)
        yield from (Resource(Address("recording", at), {"recording": True}) for at in places)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The role of one account, or what is there in one of its regions."""
        if not at.region:
            if _has_role(aws.client("iam", at)):
                yield Resource(Address("service-linked-role", at))
        elif not aws.offers("config", at.region):
            yield from _left_out(at, f"AWS Config is not offered in {at.region}.")
        else:
            yield from _observe_region(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one account, or in one of its regions."""
        at = change.address.at
        if change.address.kind == "service-linked-role":
            _make_role(aws.client("iam", at))
            return
        config: ConfigServiceClient = aws.client("config", at)
        match change.address.kind, change.action:
            case "recorder", Action.DELETE:
                if name := _recorder(config).get("name"):
                    config.delete_configuration_recorder(ConfigurationRecorderName=name)
            case "recorder", _:
                role = f"arn:{org.partition}:iam::{org.id_of(at.account)}:role/{recording.ROLE}"
                there = _recorder(config) if change.action is Action.UPDATE else {}
                wanted = recording.written(self._recorder(at.region, org))
                recorder: Any = {"name": there.get("name", _NAME), "roleARN": role, **wanted}
                config.put_configuration_recorder(ConfigurationRecorder=recorder)
            case "delivery-channel", Action.DELETE:
                if name := _channel(config).get("name"):
                    config.delete_delivery_channel(DeliveryChannelName=name)
            case "delivery-channel", _:
                there = _channel(config) if change.action is Action.UPDATE else {}
                self._put_channel(there, org, config, aws)
            case "recording", Action.DELETE:
                if name := _recorder(config).get("name"):
                    config.stop_configuration_recorder(ConfigurationRecorderName=name)
            case "recording", _:
                name = _recorder(config).get("name", _NAME)
                config.start_configuration_recorder(ConfigurationRecorderName=name)

    def _recorder(self, region: str, org: Org) -> Attrs:
        wanted = self.config
        with_global = region == org.home_region
        return recording.wanted(wanted.frequency, wanted.overrides, wanted.exclude, with_global=with_global)

    def _channel(self, org: Org) -> Attrs:
        return {
            "bucket": buckets.name_of(BUCKET, org),
            "prefix": prefix_of(org),
            "key": keys.alias_of(KEY, org),
            "snapshot_frequency": self.config.snapshot_frequency,
        }

    def _put_channel(self, there: Mapping[str, Any], org: Org, config: ConfigServiceClient, aws: Writer) -> None:
        """Set everything of the delivery channel that is there, but for the topic that it notifies, if it does.

        AWS Config tries to deliver at once, and may fail for a while: neither a role nor the policies of a bucket and a
        key are known everywhere at once.
        https://github.com/awslabs/aws-securityhub-multiaccount-scripts/issues/53
        """
        wanted = self._channel(org)
        channel: Any = {
            "name": there.get("name", _NAME),
            "s3BucketName": wanted["bucket"],
            "s3KeyPrefix": wanted["prefix"],
            "s3KmsKeyArn": keys.arn_of(KEY, org, org.home_region, aws),
            "snsTopicARN": there.get("snsTopicARN"),
            "configSnapshotDeliveryProperties": {"deliveryFrequency": wanted["snapshot_frequency"]},
        }
        said: Any = {name: value for name, value in channel.items() if value is not None}

        def is_taken() -> bool:
            try:
                config.put_delivery_channel(DeliveryChannel=said)
            except config.exceptions.InsufficientDeliveryPolicyException:
                return False
            return True

        if not is_taken():
            # What all of them stand on was there before the first, so none waits longer than that one.
            began = aws.once("when AWS Config could not deliver", aws.now)
            aws.poll(is_taken, bool, began + _PATIENCE - aws.now())
            config.put_delivery_channel(DeliveryChannel=said)


def _observe_region(at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    config: ConfigServiceClient = aws.client("config", at)
    recorder = _recorder(config)
    if recorder.get("name", "").startswith(_OF_CONTROL_TOWER):
        yield from _left_out(at, f"The recorder {recorder['name']} belongs to AWS Control Tower.")
        return
    if recorder:
        yield Resource(Address("recorder", at), recording.seen(recorder))
    if channel := _channel(config):
        key = channel.get("s3KmsKeyArn")
        attrs: Attrs = {
            "bucket": channel.get("s3BucketName"),
            "prefix": channel.get("s3KeyPrefix"),
            "key": key and keys.told(key, KEY, org, org.home_region, aws),
            "snapshot_frequency": channel.get("configSnapshotDeliveryProperties", {}).get("deliveryFrequency"),
        }
        yield Resource(Address("delivery-channel", at), attrs)
    if recorder:
        [status] = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        # One that does not record is as good as none: to record is made, and to stop takes it away.
        if status["recording"]:
            yield Resource(Address("recording", at), {"recording": True})


def _left_out(at: Target, reason: str) -> Iterator[Unavailable]:
    for kind in ("recorder", "delivery-channel", "recording"):
        yield Unavailable(Address(kind, at), (), reason)


def _recorder(config: ConfigServiceClient) -> Mapping[str, Any]:
    """The customer managed recorder; empty if there is none."""
    found = config.describe_configuration_recorders()["ConfigurationRecorders"]
    # With no name, AWS tells of none that is linked to a service: this only makes sure.
    return next((one for one in found if not one.get("servicePrincipal")), {})


def _channel(config: ConfigServiceClient) -> Mapping[str, Any]:
    """The delivery channel; empty if there is none."""
    return next(iter(config.describe_delivery_channels()["DeliveryChannels"]), {})


def _has_role(iam: IAMClient) -> bool:
    try:
        iam.get_role(RoleName=recording.ROLE.rpartition("/")[2])
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _make_role(iam: IAMClient) -> None:
    try:
        iam.create_service_linked_role(AWSServiceName=_PRINCIPAL)
    except iam.exceptions.InvalidInputException:
        # The code of other refusals too; that it is there already is only in the text.
        if not _has_role(iam):
            raise
