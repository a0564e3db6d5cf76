"""What GuardDuty and Macie find, in the log archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer, is_opt_in
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Need, Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Value, filled
from steps.common import buckets, keys, principals
from steps.common.buckets import Bucket
from steps.common.keys import Key
from steps.common.members import PATIENCE
from steps.common.offers import unoffered
from steps.common.statements import Conditions, Statement, Text, allow
from steps.macie import is_off

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient
    from mypy_boto3_guardduty.type_defs import DestinationPropertiesTypeDef
    from mypy_boto3_macie2 import Macie2Client


@dataclass(frozen=True)
class _Exporter:
    """A service that stores what it finds, and what it is let do for that.

    Attributes:
        id: of the step that switches it on; so its resources, its key, its bucket and its principal are called, too.
        client: of the service in the SDK; so it is called in ARNs, too.
        name: of the service in sentences.
        sources: how the ARNs end that it comes for: ids that AWS chooses.
        objects: which it puts.
        encrypting: the actions on the key.
    """

    id: str
    client: str
    name: str
    sources: tuple[str, ...]
    objects: tuple[str, ...]
    encrypting: tuple[str, ...]

    def on_bucket(self, org: Org, arn: Text) -> Mapping[str, Statement]:
        """What it may do with the bucket."""
        objects = [filled(f"{{}}/{name}", arn) for name in self.objects]
        return {
            f"Sra{self.name}Locates": allow(self._itself(org), ["s3:GetBucketLocation"], [arn], self._for_us(org)),
            f"Sra{self.name}Delivers": allow(self._itself(org), ["s3:PutObject"], objects, self._for_us(org)),
        }

    def on_key(self, org: Org, region: str) -> Mapping[str, Statement]:
        """What it may do with the key, and that the log archive can read what it has stored."""
        archive = filled("arn:{}:iam::{}:root", org.partition, org.id_of(org.log_archive))
        return {
            f"Sra{self.name}Encrypts": allow(self._itself(org), self.encrypting, ["*"], self._for_us(org)),
            "SraLogArchiveReads": allow({"AWS": [archive]}, ["kms:Decrypt"], ["*"]),
        }

    def _itself(self, org: Org) -> Mapping[str, list[str]]:
        return {"Service": principals.of_service(self.id, self.client, org.regions)}

    def _for_us(self, org: Org) -> Conditions:
        """That it comes for the security tooling account, against the confused deputy."""
        security = org.id_of(org.security_tooling)
        arns = [
            filled(f"arn:{org.partition}:{self.client}:{region}:{{}}:{source}", security)
            for region in org.regions
            for source in self.sources
        ]
        return {"StringEquals": {"aws:SourceAccount": [security]}, "ArnLike": {"aws:SourceArn": arns}}


# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html. It puts AWSLogs/ first, empty, and
# everything else below that.
_GUARDDUTY = _Exporter(
    id="guardduty",
    client="guardduty",
    name="GuardDuty",
    sources=("detector/*",),
    objects=("AWSLogs/*",),
    encrypting=("kms:GenerateDataKey",),
)
# https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html. What it tests the bucket with lies
# beside its results: https://github.com/aws-samples/aws-secure-environment-accelerator lists both.
_MACIE = _Exporter(
    id="macie",
    client="macie2",
    name="Macie",
    sources=("export-configuration:*", "classification-job/*"),
    objects=("AWSLogs/*", "macie-test-object"),
    encrypting=("kms:GenerateDataKey", "kms:Encrypt"),
)
GUARDDUTY_KEY = Key(_GUARDDUTY.id, "security_tooling", _GUARDDUTY.on_key)
MACIE_KEY = Key(_MACIE.id, "security_tooling", _MACIE.on_key)
# GuardDuty is known to deliver under a default retention: https://github.com/ministryofjustice/aws-root-account/pull/87.
GUARDDUTY_BUCKET = Bucket(_GUARDDUTY.id, _GUARDDUTY.on_bucket, key=GUARDDUTY_KEY, object_lock=True)
# Of Macie no page says that it sends the checksum that S3 then asks for.
MACIE_BUCKET = Bucket(_MACIE.id, _MACIE.on_bucket, key=MACIE_KEY, object_lock=False)
_EXPORTERS = {_GUARDDUTY: (GUARDDUTY_KEY, GUARDDUTY_BUCKET), _MACIE: (MACIE_KEY, MACIE_BUCKET)}


class FindingsExports(Step[StepConfig]):
    """Store what GuardDuty and Macie find in the log archive, out of every governed region.

    Both keep their findings for 90 days only. The SRA has the security tooling account, which administers them, export
    them into a bucket of the log archive account in the home region, encrypted with a key of its own. What is exported
    is what is on: a service whose step is not part of the pipeline is left as it is.
    """

    Config = StepConfig
    id = "findings_exports"
    after = ("log_buckets",)
    follows = (_GUARDDUTY.id, _MACIE.id)
    kept = {"export": "That of Macie, which has no operation that takes it away; it goes with the session."}
    reads = frozenset(
        {
            "guardduty:DescribePublishingDestination",
            "guardduty:ListDetectors",
            "guardduty:ListPublishingDestinations",
            "kms:ListAliases",
            "macie2:GetClassificationExportConfiguration",
        }
    )
    writes = frozenset(
        {
            "guardduty:CreatePublishingDestination",
            "guardduty:DeletePublishingDestination",
            "guardduty:UpdatePublishingDestination",
            "macie2:PutClassificationExportConfiguration",
        }
    )
    in_members = reads | writes
    considerations = (
        "A detector exports to one bucket: one that was set before is replaced, and the plan shows which it was.",
        "GuardDuty exports what is found in the members of its administrator too; Macie what it finds itself.",
        "Archived and suppressed findings of GuardDuty are not exported.",
        "A home region that is an opt-in region takes what is found in that region, and in no other.",
        "Destroying ends the exports of GuardDuty; what was exported stays.",
    )
    costs = "Storage of what is exported, and requests to S3 and KMS."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/log-archive.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html",
        "https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html",
    )

    def keeps(self, address: Address, org: Org) -> bool:
        """GuardDuty's can be taken away."""
        return address.name == _MACIE.id

    def needed(self, org: Org) -> Iterable[Need]:
        """The key and the bucket of each service that is on."""
        for exporter in _enabled(org):
            yield from _EXPORTERS[exporter]

    def desired(self, org: Org) -> Iterable[Resource]:
        """The export of each service that is on, in every region."""
        for exporter in _enabled(org):
            key, bucket = _EXPORTERS[exporter]
            wanted: dict[str, Value] = {
                "bucket": buckets.name_of(bucket, org),
                "folder": "",
                "bucket_owner": org.log_archive,
                "key": keys.alias_of(key, org),
            }
            if exporter is _GUARDDUTY:
                wanted["status"] = "PUBLISHING"
            for region in org.regions:
                yield Resource(Address("export", Target(org.security_tooling, region), exporter.id), wanted)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Where each service that is on stores what it finds in one region."""
        for exporter in _enabled(org):
            address = Address("export", at, exporter.id)
            if not aws.offers(exporter.client, at.region):
                ours = (resource for resource in self.desired(org) if resource.address == address)
                yield from unoffered(ours, at, exporter.name)
            elif is_opt_in(org.home_region) and at.region != org.home_region:
                reason = f"{exporter.name} exports from no other region to {org.home_region}, an opt-in region."
                yield Unavailable(address, (), reason)
            elif exporter is _GUARDDUTY:
                yield from _observe_guardduty(address, org, aws)
            else:
                yield from _observe_macie(address, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one region."""
        if change.address.name == _MACIE.id:
            macie: Macie2Client = aws.client("macie2", change.address.at)
            macie.put_classification_export_configuration(
                configuration={
                    "s3Destination": {
                        "bucketName": str(buckets.name_of(MACIE_BUCKET, org)),
                        "expectedBucketOwner": str(org.id_of(org.log_archive)),
                        "kmsKeyArn": keys.arn_of(MACIE_KEY, org, org.home_region, aws),
                    }
                }
            )
        elif change.action is Action.DELETE:
            guardduty: GuardDutyClient = aws.client("guardduty", change.address.at)
            detector_id, destination_id = _destination(guardduty)
            if destination_id is not None:
                guardduty.delete_publishing_destination(DetectorId=detector_id, DestinationId=destination_id)
        else:
            _publish(change.address.at, org, aws)


def _enabled(org: Org) -> list[_Exporter]:
    return [exporter for exporter in _EXPORTERS if exporter.id in org.sections]


def _destination(guardduty: GuardDutyClient) -> tuple[str, str | None]:
    """The id of the detector, and of the one destination that it can have; empty and None where there is none."""
    detector_id = next(iter(guardduty.list_detectors()["DetectorIds"]), "")
    if not detector_id:
        return "", None
    destinations = guardduty.list_publishing_destinations(DetectorId=detector_id)["Destinations"]
    return detector_id, next((one["DestinationId"] for one in destinations), None)


def _observe_guardduty(address: Address, org: Org, aws: Reader) -> Iterator[Resource]:
    guardduty: GuardDutyClient = aws.client("guardduty", address.at)
    detector_id, destination_id = _destination(guardduty)
    if destination_id is None:
        return
    answer = guardduty.describe_publishing_destination(DetectorId=detector_id, DestinationId=destination_id)
    properties = answer["DestinationProperties"]
    bucket, _, folder = properties["DestinationArn"].partition(":::")[2].partition("/")
    owner, key_arn = properties.get("ExpectedBucketOwner"), properties["KmsKeyArn"]
    told = _told(bucket, folder, owner, keys.told(key_arn, GUARDDUTY_KEY, org, org.home_region, aws), org)
    # GuardDuty has seen before that it can publish: what is being verified is on its way.
    status = "PUBLISHING" if answer["Status"] == "PENDING_VERIFICATION" else answer["Status"]
    yield Resource(address, {**told, "status": status})


def _observe_macie(address: Address, org: Org, aws: Reader) -> Iterator[Resource]:
    macie: Macie2Client = aws.client("macie2", address.at)
    try:
        answer = macie.get_classification_export_configuration()
    except macie.exceptions.AccessDeniedException as denial:
        if is_off(denial):
            return
        raise
    destination = answer.get("configuration", {}).get("s3Destination")
    if destination is not None:
        folder, owner = destination.get("keyPrefix", ""), destination.get("expectedBucketOwner")
        key = keys.told(destination["kmsKeyArn"], MACIE_KEY, org, org.home_region, aws)
        yield Resource(address, _told(destination["bucketName"], folder, owner, key, org))


def _told(bucket: str, folder: str, owner: str | None, key: str, org: Org) -> dict[str, Value]:
    """A destination as plans name it."""
    return {
        "bucket": bucket,
        "folder": folder,
        "bucket_owner": None if owner is None else org.name_of(owner),
        "key": key,
    }


def _publish(at: Target, org: Org, aws: Writer) -> None:
    """Set the destination of GuardDuty, or set it again: it then looks anew whether it can publish.

    GuardDuty has one code for all that it refuses, policies that were only just written among it.

    Raises:
        RefusalError: there is no detector.
        Exception: the last refusal, when GuardDuty has not come round in a while.
    """
    guardduty: GuardDutyClient = aws.client("guardduty", at)
    properties: DestinationPropertiesTypeDef = {
        "DestinationArn": f"arn:{org.partition}:s3:::{buckets.name_of(GUARDDUTY_BUCKET, org)}",
        "KmsKeyArn": keys.arn_of(GUARDDUTY_KEY, org, org.home_region, aws),
        "ExpectedBucketOwner": str(org.id_of(org.log_archive)),
    }

    def attempt() -> Exception | None:
        detector_id, destination_id = _destination(guardduty)
        if not detector_id:
            raise RefusalError(f"GuardDuty is not on in {at}.", "Run the step guardduty first.")
        named: Any = {"DetectorId": detector_id, "DestinationProperties": properties}
        try:
            if destination_id is None:
                guardduty.create_publishing_destination(**named, DestinationType="S3")
            else:
                guardduty.update_publishing_destination(**named, DestinationId=destination_id)
        except guardduty.exceptions.BadRequestException as refusal:
            return refusal
        return None

    refusal = aws.poll(attempt, lambda refusal: refusal is None, PATIENCE)
    if refusal is not None:
        raise refusal
