"""Amazon GuardDuty: where a detector publishes its findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.account import is_opt_in
from sra_bootstrap.sandbox.services.guardduty import owned
from sra_bootstrap.sandbox.services.guardduty_features import rejected
from sra_bootstrap.sandbox.settings import Rules


@dataclass
class Destination:
    """A bucket that a detector publishes to.

    Attributes:
        arn: of the bucket, perhaps with a folder.
        owner_id: whose bucket it is to be, or None where that was never said.
        failing_since: since when GuardDuty cannot publish, in milliseconds since the epoch; 0 while it can.
    """

    arn: str
    key_arn: str
    owner_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "PENDING_VERIFICATION"
    failing_since: int = 0
    id: str = field(default_factory=lambda: str(mock_random.get_random_hex(32)))

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self.arn.partition(":::")[2].partition("/")[0]

    @property
    def folder(self) -> str:
        """Where in the bucket; empty or with a slash at its end."""
        folder = self.arn.partition(":::")[2].partition("/")[2]
        return f"{folder.rstrip('/')}/" if folder else ""


@dataclass
class Publishing:
    """The destinations in an account and region: each detector has one of its only type."""

    destinations: dict[str, Destination] = field(default_factory=dict)


def destination_of(call: Call, detector_id: str, destination_id: str) -> Destination:
    """A destination of a detector that the caller owns. The text is guessed.

    Raises:
        AwsFault: there is none with this id.
    """
    owned(call, detector_id)
    found = call.state(Publishing).destinations.get(detector_id)
    if found is None or found.id != destination_id:
        raise rejected("The request is rejected because the input destinationId is not owned by the current account.")
    return found


@operation("guardduty", "CreatePublishingDestination")
def create_publishing_destination(
    call: Call,
    DetectorId: str,
    *,
    DestinationType: str,
    DestinationProperties: dict[str, str],
    ClientToken: str | None = None,
    Tags: dict[str, str] | None = None,
) -> dict[str, str]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreatePublishingDestination.html.

    The text for the second one: https://github.com/awslabs/landing-zone-accelerator-on-aws. That a member may set its
    own is guessed.

    Raises:
        AwsFault: there is one of this type, or GuardDuty cannot publish to it.
    """
    owned(call, DetectorId)
    if DestinationType != "S3":
        raise rejected()
    destinations = call.state(Publishing).destinations
    if DetectorId in destinations:
        raise rejected("The request failed because a publishingDestination already exists.")
    destination = _with(Destination("", "", tags=Tags or {}), DestinationProperties)
    _check(call, DetectorId, destination)
    destinations[DetectorId] = destination
    _verify_later(destination)
    return {"DestinationId": destination.id}


@operation("guardduty", "UpdatePublishingDestination")
def update_publishing_destination(
    call: Call, DetectorId: str, DestinationId: str, DestinationProperties: dict[str, str] | None = None
) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdatePublishingDestination.html.

    That it is verified again, whatever is changed: https://github.com/aws/aws-cli/issues/10483.

    Raises:
        AwsFault: there is no such destination, or GuardDuty cannot publish to it.
    """
    destination = destination_of(call, DetectorId, DestinationId)
    wanted = _with(Destination(destination.arn, destination.key_arn, destination.owner_id), DestinationProperties or {})
    _check(call, DetectorId, wanted)
    destination.arn, destination.key_arn, destination.owner_id = wanted.arn, wanted.key_arn, wanted.owner_id
    destination.status, destination.failing_since = "PENDING_VERIFICATION", 0
    _verify_later(destination)


@operation("guardduty", "DescribePublishingDestination")
def describe_publishing_destination(call: Call, DetectorId: str, DestinationId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DescribePublishingDestination.html."""
    destination = destination_of(call, DetectorId, DestinationId)
    _publish(call, DetectorId, destination)
    owner = {} if destination.owner_id is None else {"ExpectedBucketOwner": destination.owner_id}
    return {
        "DestinationId": destination.id,
        "DestinationType": "S3",
        "Status": destination.status,
        "PublishingFailureStartTimestamp": destination.failing_since,
        "DestinationProperties": {"DestinationArn": destination.arn, "KmsKeyArn": destination.key_arn, **owner},
        "Tags": destination.tags,
    }


@operation("guardduty", "ListPublishingDestinations")
def list_publishing_destinations(
    call: Call, DetectorId: str, MaxResults: int = 50, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListPublishingDestinations.html."""
    owned(call, DetectorId)
    destination = call.state(Publishing).destinations.get(DetectorId)
    listed = []
    if destination is not None:
        _publish(call, DetectorId, destination)
        listed.append({"DestinationId": destination.id, "DestinationType": "S3", "Status": destination.status})
    found, _ = page(listed, MaxResults, NextToken, rejected())
    return {"Destinations": found}


@operation("guardduty", "DeletePublishingDestination")
def delete_publishing_destination(call: Call, DetectorId: str, DestinationId: str) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeletePublishingDestination.html."""
    destination_of(call, DetectorId, DestinationId)
    del call.state(Publishing).destinations[DetectorId]


def _with(destination: Destination, properties: dict[str, str]) -> Destination:
    """What is not named stays: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DestinationProperties.html."""
    destination.arn = properties.get("DestinationArn", destination.arn)
    destination.key_arn = properties.get("KmsKeyArn", destination.key_arn)
    destination.owner_id = properties.get("ExpectedBucketOwner", destination.owner_id)
    return destination


def _check(call: Call, detector_id: str, destination: Destination) -> None:
    """See whether GuardDuty can publish to a destination, as it does before it takes it.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html has where bucket and key may be, and
    that a folder in another account's bucket must be there. The texts, and the object that is put:
    https://github.com/aws/aws-cli/issues/10483 and, for the permissions, repeated in many issues such as
    https://github.com/hashicorp/terraform-provider-aws/issues/16750. That the owner of the bucket is checked so early
    is guessed.

    Raises:
        AwsFault: it cannot.
    """
    partition, owner_id = s3_backends.bucket_accounts.get(destination.bucket, ("", ""))
    if not destination.arn.startswith(f"arn:{call.partition}:s3:::"):
        raise _failed("the value specified for the destinationArn parameter is not valid.")
    if not owner_id:
        raise _failed("the resource specified in the destinationArn parameter does not exist.")
    if destination.owner_id not in {None, owner_id}:
        raise _failed("the bucket is not owned by the account specified in the expectedBucketOwner parameter.")
    backend = s3_backends[owner_id][partition]
    region = backend.get_bucket(destination.bucket).region_name
    if not _is_key(destination.key_arn, region):
        raise _failed("the value specified for the kmsKeyArn parameter is not valid.")
    if is_opt_in(region) and region != call.region:
        raise _failed("the destination bucket cannot be in another Region that is an opt-in Region.")
    folder = destination.folder
    if folder and owner_id != call.account_id and backend.get_object(destination.bucket, folder) is None:
        raise _failed("the resource folder specified in the destinationArn parameter does not exist.")
    sender = _sender(call, detector_id)
    try:
        delivery.may(sender, "s3:GetBucketLocation", destination.bucket)
        delivery.put(sender, destination.bucket, f"{folder}AWSLogs/", b"", kms_key=destination.key_arn)
    except delivery.RefusedError:
        raise _failed(
            "the GuardDuty service principal does not have permission to the KMS key or the resource specified by the "
            "destinationArn parameter. Refer to "
            "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html"
        ) from None


def _is_key(arn: str, region: str) -> bool:
    """Whether an ARN is that of a key in a region; that an alias is none is guessed."""
    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[3] == region and parts[5].startswith("key/")


def _failed(reason: str) -> AwsFault:
    return rejected(f"The request failed because {reason}")


def _sender(call: Call, detector_id: str) -> delivery.Sender:
    """What GuardDuty goes by, which has a name of its own in each opt-in region."""
    regional = f"guardduty.{call.region}.amazonaws.com"
    return delivery.Sender(
        regional if is_opt_in(call.region) else "guardduty.amazonaws.com",
        call.account_id,
        f"arn:{call.partition}:guardduty:{call.region}:{call.account_id}:detector/{detector_id}",
    )


def _verify_later(destination: Destination) -> None:
    later(Rules.settings.enabling_seconds, partial(_verified, destination))


def _verified(destination: Destination, at: float) -> None:
    destination.status = "PUBLISHING"


def _publish(call: Call, detector_id: str, destination: Destination) -> None:
    """Let a finding come by that is to be published.

    Once this has failed, the status stays until the destination is set again; that is guessed.
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html says of another bucket only.
    """
    if destination.status != "PUBLISHING":
        return
    sender, bucket = _sender(call, detector_id), destination.bucket
    finding = f"{destination.folder}AWSLogs/{call.account_id}/GuardDuty/{call.region}/finding.jsonl.gz"
    headers = {
        "s3:x-amz-server-side-encryption": "aws:kms",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": destination.key_arn,
    }
    try:
        delivery.may(sender, "s3:PutObject", bucket, finding, **headers)
        context = {"aws:s3:arn": f"arn:{call.partition}:s3:::{bucket}/{finding}"}
        delivery.use(sender, destination.key_arn, "kms:GenerateDataKey", context)
    except delivery.RefusedError:
        destination.status = "UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY"
        destination.failing_since = int(call.now() * 1000)
