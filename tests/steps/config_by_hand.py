"""AWS Config through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
VOLUME, BUCKET = "AWS::EC2::Volume", "AWS::S3::Bucket"
LINKED = "observabilityadmin.amazonaws.com"


@dataclass
class Config:
    """AWS Config in one account and region."""

    world: World
    account: str
    region: str = OTHER

    @property
    def api(self) -> Any:
        return self.world.client("config", self.account, self.region)

    def role(self) -> str:
        """The ARN of the service-linked role, which is made if there is none."""
        iam = self.world.client("iam", self.account)
        with suppress(iam.exceptions.InvalidInputException):
            iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
            self.world.sandbox.clock.wait(self.world.sandbox.settings.service_linked_role_seconds)
        arn: str = iam.get_role(RoleName="AWSServiceRoleForConfig")["Role"]["Arn"]
        return arn

    def recorder(self) -> dict[str, Any]:
        """The only customer managed recorder."""
        [found] = self.api.describe_configuration_recorders()["ConfigurationRecorders"]
        recorder: dict[str, Any] = found
        return recorder

    def channel(self) -> dict[str, Any]:
        [found] = self.api.describe_delivery_channels()["DeliveryChannels"]
        channel: dict[str, Any] = found
        return channel

    def records(self) -> bool:
        statuses = self.api.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        return any(status["recording"] for status in statuses)

    def record(self, name: str = "default", **recorder: Any) -> None:
        """Put a recorder; what is not named of it is as AWS has it by default."""
        self.api.put_configuration_recorder(ConfigurationRecorder={"name": name, "roleARN": self.role(), **recorder})

    def deliver(self, name: str, **channel: Any) -> None:
        """Put a delivery channel to a bucket of the account that takes everything, which is made if there is none."""
        s3, bucket = self.world.client("s3", self.account, HOME), f"own-{self.account.replace('@', '-')}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
        service = '"Principal":{"Service":"config.amazonaws.com"}'
        where = f'"Resource":["arn:aws:s3:::{bucket}","arn:aws:s3:::{bucket}/*"]'
        allowed = f'{{"Statement":[{{"Effect":"Allow",{service},"Action":"s3:*",{where}}}]}}'
        s3.put_bucket_policy(Bucket=bucket, Policy=allowed)
        self.api.put_delivery_channel(DeliveryChannel={"name": name, "s3BucketName": bucket, **channel})

    def start(self, name: str) -> None:
        self.api.start_configuration_recorder(ConfigurationRecorderName=name)

    def stop(self) -> None:
        self.api.stop_configuration_recorder(ConfigurationRecorderName=self.recorder()["name"])


def drift(world: World) -> None:
    """Change a recorder and a delivery channel, and end recording."""
    there = Config(world, "network")
    there.stop()
    there.record(recordingGroup={"resourceTypes": [BUCKET]})
    there.api.put_delivery_channel(DeliveryChannel={"name": "default", **_without_snapshots(there.channel())})


def _without_snapshots(channel: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in channel.items() if name != "configSnapshotDeliveryProperties"}


LIFE = Life(drift=drift, configs=[{"exclude": [VOLUME], "frequency": "DAILY", "overrides": {BUCKET: "CONTINUOUS"}}])

__all__ = ["BUCKET", "HOME", "LIFE", "LINKED", "MANAGEMENT", "OTHER", "VOLUME", "Config"]
