from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.archive import FURTHER, FURTHER_TOO, HOME, OTHER, Archive
from tests.sandbox.conftest import Aws

NOT_ADMITTED = "The request failed because the GuardDuty service principal does not have permission to the KMS key or"
NO_BUCKET = "The request failed because the resource specified in the destinationArn parameter does not exist."
BAD_KEY = "The request failed because the value specified for the kmsKeyArn parameter is not valid."
UNABLE = "UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY"
ANY_DETECTOR = f"arn:aws:guardduty:*:{MANAGEMENT_ACCOUNT_ID}:detector/*"


def rejection(call: Any, **parameters: Any) -> str:
    """The message with which GuardDuty refuses a call; the code is always the same."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer: Any = raised.value.response
    assert answer["Error"]["Code"] == "BadRequestException"
    message: str = answer["Error"]["Message"]
    return message


@dataclass
class Detector:
    """The management account's detector in a region."""

    api: Any
    id: str

    @classmethod
    def of(cls, aws: Aws, region: str = HOME) -> Detector:
        api = aws.client("guardduty", region)
        return cls(api, api.create_detector(Enable=True)["DetectorId"])

    def create(self, archive: Archive, folder: str = "", **properties: str) -> str:
        named = {"DestinationArn": f"arn:aws:s3:::findings{folder}", "KmsKeyArn": archive.key_arn, **properties}
        answer = self.api.create_publishing_destination(
            DetectorId=self.id, DestinationType="S3", DestinationProperties=named, Tags={"a": "b"}
        )
        found: str = answer["DestinationId"]
        return found

    def describe(self, destination_id: str) -> Any:
        return self.api.describe_publishing_destination(DetectorId=self.id, DestinationId=destination_id)


@pytest.fixture
def aws() -> Iterator[Aws]:
    with sandbox.in_process() as running:
        aws = Aws(running)
        aws.found_organization()
        yield aws


@pytest.fixture
def archive(aws: Aws) -> Archive:
    return Archive.of(aws, aws.add_account("log"))


def test_a_destination_is_verified_changed_and_deleted(aws: Aws, archive: Archive) -> None:
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR)
    detector = Detector.of(aws)
    list_all = detector.api.list_publishing_destinations
    assert list_all(DetectorId=detector.id)["Destinations"] == []

    destination = detector.create(archive, ExpectedBucketOwner=archive.owner)

    assert archive.objects() == ["AWSLogs/"]
    assert detector.describe(destination)["Status"] == "PENDING_VERIFICATION"
    aws.clock.wait(60)
    described = detector.describe(destination)
    assert (described["Status"], described["PublishingFailureStartTimestamp"]) == ("PUBLISHING", 0)
    assert described["Tags"] == {"a": "b"}
    assert described["DestinationProperties"] == {
        "DestinationArn": "arn:aws:s3:::findings",
        "KmsKeyArn": archive.key_arn,
        "ExpectedBucketOwner": archive.owner,
    }
    listed = {"DestinationId": destination, "DestinationType": "S3", "Status": "PUBLISHING"}
    assert list_all(DetectorId=detector.id)["Destinations"] == [listed]
    named = {"DetectorId": detector.id, "DestinationId": destination}
    detector.api.update_publishing_destination(**named, DestinationProperties={"KmsKeyArn": archive.key_arn})
    assert detector.describe(destination)["DestinationProperties"] == described["DestinationProperties"]
    arn = f"arn:aws:guardduty:{HOME}:{MANAGEMENT_ACCOUNT_ID}:detector/{detector.id}/publishingDestination/{destination}"
    detector.api.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    assert detector.api.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b", "c": "d"}
    detector.api.delete_publishing_destination(**named)
    assert "destinationId" in rejection(detector.api.delete_publishing_destination, **named)
    assert list_all(DetectorId=detector.id)["Destinations"] == []


def test_a_detector_has_one_destination(aws: Aws, archive: Archive) -> None:
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR)
    detector = Detector.of(aws)
    detector.create(archive)

    assert "a publishingDestination already exists" in rejection(detector.create, archive=archive)


def test_guardduty_must_be_let_in(aws: Aws, archive: Archive) -> None:
    detector = Detector.of(aws)
    right = {"service": "guardduty.amazonaws.com", "source_arn": ANY_DETECTOR}
    wrong: list[dict[str, Any]] = [
        {"service": "macie.amazonaws.com"},
        {"source_arn": ANY_DETECTOR.replace(":*:", f":{OTHER}:")},
        {"key_too": False},
        {"aws:SourceAccount": "1" * 12},
        {"s3:x-amz-server-side-encryption": "AES256"},
    ]

    for one in wrong:
        archive.admit(**{**right, **one})
        assert NOT_ADMITTED in rejection(detector.create, archive=archive), one
    assert archive.objects() == []


def test_bucket_key_owner_and_folder_must_be_right(aws: Aws, archive: Archive) -> None:
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR)
    detector, elsewhere = Detector.of(aws), archive.key_arn.replace(HOME, OTHER)

    assert rejection(detector.create, archive=archive, DestinationArn="arn:aws:s3:::none") == NO_BUCKET
    assert rejection(detector.create, archive=archive, KmsKeyArn=elsewhere) == BAD_KEY
    assert rejection(detector.create, archive=archive, KmsKeyArn="alias/a") == BAD_KEY
    assert "not owned by" in rejection(detector.create, archive=archive, ExpectedBucketOwner="1" * 12)
    assert "destinationArn parameter is not valid" in rejection(
        detector.create, archive=archive, DestinationArn="nothing"
    )
    assert "folder" in rejection(detector.create, archive=archive, folder="/folder")
    aws.client("s3", HOME, archive.owner).put_object(Bucket="findings", Key="folder/")
    detector.create(archive, "/folder")
    assert "folder/AWSLogs/" in archive.objects()


def test_what_it_can_no_longer_publish_it_says_until_it_is_set_again(aws: Aws, archive: Archive) -> None:
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR)
    detector = Detector.of(aws)
    destination = detector.create(archive)
    aws.clock.wait(60)
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR, key_too=False)

    assert detector.describe(destination)["Status"] == UNABLE
    assert detector.describe(destination)["PublishingFailureStartTimestamp"] == int(aws.clock.now() * 1000)
    update = detector.api.update_publishing_destination
    assert NOT_ADMITTED in rejection(update, DetectorId=detector.id, DestinationId=destination)
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR)
    assert detector.describe(destination)["Status"] == UNABLE
    update(DetectorId=detector.id, DestinationId=destination)
    aws.clock.wait(60)
    assert detector.describe(destination)["Status"] == "PUBLISHING"


def test_in_an_opt_in_region_guardduty_goes_by_another_name(aws: Aws, archive: Archive) -> None:
    aws.client("account").enable_region(RegionName=FURTHER)
    aws.clock.wait(aws.settings.region_seconds)
    detector = Detector.of(aws, FURTHER)
    archive.admit("guardduty.amazonaws.com", ANY_DETECTOR)

    assert NOT_ADMITTED in rejection(detector.create, archive=archive)
    archive.admit(f"guardduty.{FURTHER}.amazonaws.com", ANY_DETECTOR)
    detector.create(archive)


def test_a_bucket_in_an_opt_in_region_takes_findings_of_that_region_only(aws: Aws) -> None:
    owner = aws.add_account("log")
    for region in (FURTHER, FURTHER_TOO):
        aws.client("account").enable_region(RegionName=region)
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    aws.client("account").enable_region(RegionName=FURTHER, AccountId=owner)
    aws.clock.wait(aws.settings.region_seconds)
    archive = Archive.of(aws, owner, FURTHER)
    archive.admit(f"guardduty.{FURTHER}.amazonaws.com", ANY_DETECTOR)

    for region in (HOME, FURTHER_TOO):
        assert "opt-in Region" in rejection(Detector.of(aws, region).create, archive=archive)
    Detector.of(aws, FURTHER).create(archive)
