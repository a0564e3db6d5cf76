"""Where GuardDuty and Macie export to, through their APIs: what tests of the step read, and what others change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
ELSEWHERE = "elsewhere"
"""A bucket of the security tooling account that lets everything in."""


@dataclass
class Exports:
    """The exports of one region, as the account that has set them sees them."""

    world: World
    region: str

    @property
    def guardduty(self) -> Any:
        return self.world.client("guardduty", "security-tooling", self.region)

    @property
    def macie(self) -> Any:
        return self.world.client("macie2", "security-tooling", self.region)

    def named(self) -> dict[str, str]:
        """The ids of the detector and of its destination."""
        [detector_id] = self.guardduty.list_detectors()["DetectorIds"]
        [destination] = self.guardduty.list_publishing_destinations(DetectorId=detector_id)["Destinations"]
        return {"DetectorId": detector_id, "DestinationId": destination["DestinationId"]}

    def of_guardduty(self) -> Any:
        """The destination of GuardDuty, once it is verified."""
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)
        return self.guardduty.describe_publishing_destination(**self.named())

    def of_macie(self) -> Any:
        return self.macie.get_classification_export_configuration()["configuration"]["s3Destination"]

    def lead_elsewhere(self) -> None:
        """Have both services export somewhere else."""
        key_arn = elsewhere(self.world)
        owner = str(self.world.arrive().id_of("security-tooling"))
        properties = {"DestinationArn": f"arn:aws:s3:::{ELSEWHERE}", "KmsKeyArn": key_arn, "ExpectedBucketOwner": owner}
        self.guardduty.update_publishing_destination(**self.named(), DestinationProperties=properties)
        destination = {"bucketName": ELSEWHERE, "keyPrefix": "results/", "kmsKeyArn": key_arn}
        self.macie.put_classification_export_configuration(configuration={"s3Destination": destination})


def elsewhere(world: World) -> str:
    """Make the other bucket and a key for it; the ARN of the key."""
    s3, kms = (world.client(service, "security-tooling", HOME) for service in ("s3", "kms"))
    services = {"Service": ["guardduty.amazonaws.com", "macie.amazonaws.com"]}
    allow = {"Effect": "Allow", "Principal": services}
    resources = [f"arn:aws:s3:::{ELSEWHERE}", f"arn:aws:s3:::{ELSEWHERE}/*"]
    own = {"Effect": "Allow", "Principal": {"AWS": str(world.arrive().id_of("security-tooling"))}}
    s3.create_bucket(Bucket=ELSEWHERE, CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_bucket_policy(Bucket=ELSEWHERE, Policy=_policy({**allow, "Action": "s3:*", "Resource": resources}))
    everything = {"Action": "kms:*", "Resource": "*"}
    key = kms.create_key(Policy=_policy({**allow, **everything}, {**own, **everything}))
    key_arn: str = key["KeyMetadata"]["Arn"]
    return key_arn


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def drift(world: World) -> None:
    """Have both services of one region export somewhere else."""
    Exports(world, OTHER).lead_elsewhere()


LIFE = Life(drift=drift)
