"""The trail of the organization: a resource `trail` in the home region of the management account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import reason_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import StepConfig
from sra_bootstrap.values import Attrs
from steps.cloudtrail import events
from steps.cloudtrail.destinations import BUCKET, KEY, log_group_arn, role_arn
from steps.cloudtrail.events import Events
from steps.cloudtrail.log_group import CloudWatchLogs
from steps.common import buckets, keys

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

_PATIENCE = 60
"""For how many seconds a policy, or a role, that was only just written may be refused."""
_SWITCHES = {
    "multi_region": "IsMultiRegionTrail",
    "global_service_events": "IncludeGlobalServiceEvents",
    "log_file_validation": "EnableLogFileValidation",
    "all_accounts": "IsOrganizationTrail",
}
"""What is on in a trail of ours, under the names of the parameters that set it."""
_TOLD = {**_SWITCHES, "log_file_validation": "LogFileValidationEnabled"}


class TrailConfig(StepConfig):
    """What the trail is called, and what it logs."""

    name: str = Field(
        default="sra-organization-trail",
        min_length=3,
        max_length=128,
        pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$",
        description="The name of the trail, such as that of one that is there already.",
    )
    events: Events = Field(
        default_factory=Events, description="Which events are logged: all management events, and what costs more."
    )
    cloudwatch_logs: CloudWatchLogs = Field(
        default_factory=CloudWatchLogs, description="The log group that events are sent to as well."
    )


def desired(config: TrailConfig, at: Target, org: Org) -> Resource:
    """The trail as a plan wants it; what it stands on goes by the name that it has in its own step."""
    logs = config.cloudwatch_logs
    return Resource(
        Address("trail", at, config.name),
        {
            **dict.fromkeys(_SWITCHES, True),
            "bucket": {BUCKET.name: buckets.name_of(BUCKET, org)},
            "prefix": "",
            "key": {KEY.name: keys.alias_of(KEY, org)},
            "log_group": logs.log_group if logs.enabled else None,
            "role": logs.role if logs.enabled else None,
            "events": events.planned(config.events),
            "insights": tuple(sorted(set(config.events.insights))),
            "logging": True,
        },
    )


def observe(config: TrailConfig, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """Ours, and what it cannot deliver; and those of others that are there."""
    cloudtrail: CloudTrailClient = aws.client("cloudtrail", at)
    for trail in cloudtrail.describe_trails()["trailList"]:
        name, home = trail["Name"], trail["HomeRegion"]
        if name != config.name:
            yield Resource(Address("trail", Target(MANAGEMENT, home), name), {"region": home})
            if trail.get("IsOrganizationTrail"):
                yield Note(
                    f"The organization trail {name} in {home} is not ours and stays. It logs the same management "
                    "events, of which AWS charges every copy but the first."
                )
        elif home != at.region:
            yield _elsewhere(Address("trail", at, name), home)
        else:
            status = cloudtrail.get_trail_status(Name=name)
            attrs = {**_observed(config, trail, org, cloudtrail, aws), "logging": status["IsLogging"]}
            yield Resource(Address("trail", at, name), attrs)
            yield from _failures(name, status)


def _observed(config: TrailConfig, trail: Any, org: Org, cloudtrail: CloudTrailClient, aws: Reader) -> Attrs:
    name, key, ours = trail["Name"], trail.get("KmsKeyId"), config.cloudwatch_logs
    group, writer = trail.get("CloudWatchLogsLogGroupArn"), trail.get("CloudWatchLogsRoleArn")
    analyzed: Any = ()
    if trail.get("HasInsightSelectors"):
        analyzed = cloudtrail.get_insight_selectors(TrailName=name)["InsightSelectors"]
    return {
        **{attribute: bool(trail.get(answer)) for attribute, answer in _TOLD.items()},
        "bucket": {BUCKET.name: trail["S3BucketName"]},
        "prefix": trail.get("S3KeyPrefix", ""),
        "key": {KEY.name: None if key is None else keys.told(key, KEY, org, org.home_region, aws)},
        "log_group": ours.log_group if group == log_group_arn(org) else group,
        "role": ours.role if writer == role_arn(org) else writer,
        "events": events.observed(cloudtrail.get_event_selectors(TrailName=name), config.events),
        "insights": events.insights(analyzed),
    }


def put(config: TrailConfig, change: Change, org: Org, aws: Writer) -> None:
    """Make the trail, or set what of it a change names; what it logs before it logs.

    Raises:
        RefusalError: it is homed in another region, or CloudTrail is not let in where it is to deliver.
    """
    cloudtrail: CloudTrailClient = aws.client("cloudtrail", change.address.at)
    name, wanted = change.address.name, change.after
    settings = _settings(config, wanted, org, aws)
    if change.action is Action.CREATE:
        given = {key: value for key, value in settings.items() if value != ""}
        try:
            _patiently(lambda: cloudtrail.create_trail(Name=name, **given), cloudtrail, aws)
            settings = {}
        except cloudtrail.exceptions.TrailAlreadyExistsException:
            _see_that_it_is_here(change.address, cloudtrail)
    if settings:
        _patiently(lambda: cloudtrail.update_trail(Name=name, **settings), cloudtrail, aws)
    if "events" in wanted:
        cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=events.selectors(config.events))
    if "insights" in wanted and (config.events.insights or change.action is Action.UPDATE):
        analyzed: Any = [{"InsightType": kind} for kind in sorted(set(config.events.insights))]
        cloudtrail.put_insight_selectors(TrailName=name, InsightSelectors=analyzed)
    if "logging" in wanted:
        cloudtrail.start_logging(Name=name)


def _settings(config: TrailConfig, wanted: Attrs, org: Org, aws: Writer) -> dict[str, Any]:
    """What Create- and UpdateTrail take of what is wanted; an empty text takes a setting away."""
    settings: dict[str, Any] = {parameter: True for name, parameter in _SWITCHES.items() if name in wanted}
    logs = config.cloudwatch_logs.enabled
    if "bucket" in wanted:
        settings["S3BucketName"] = buckets.name_of(BUCKET, org)
    if "prefix" in wanted:
        settings["S3KeyPrefix"] = ""
    if "key" in wanted:
        settings["KmsKeyId"] = keys.arn_of(KEY, org, org.home_region, aws)
    if wanted.keys() & {"log_group", "role"}:
        # AWS takes one with the other only.
        settings["CloudWatchLogsLogGroupArn"] = log_group_arn(org) if logs else ""
        settings["CloudWatchLogsRoleArn"] = role_arn(org) if logs else ""
    return settings


def _elsewhere(address: Address, region: str) -> Obstacle:
    """A trail of our name that is homed in another region, which AWS cannot change."""
    delete = f"aws cloudtrail delete-trail --region {region} --name {address.name}"
    return Obstacle(
        address, f"There is a trail {address.name} whose home region is {region}, and stays so.", _renamed(delete)
    )


def _renamed(delete: str) -> str:
    return (
        f"Choose another name in steps.cloudtrail.name; or delete that trail ({delete}), which ends its logging until "
        "ours logs."
    )


def _see_that_it_is_here(address: Address, cloudtrail: CloudTrailClient) -> None:
    """Refuse a trail of our name in another region, which shows here only if it is of several regions.

    Raises:
        RefusalError: there is one.
    """
    trails = cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]
    if address.name not in [trail["Name"] for trail in trails]:
        raise RefusalError(
            f"There is a trail {address.name} whose home region is another, and stays so.",
            _renamed("aws cloudtrail list-trails says where it is"),
        )


def _failures(name: str, status: Any) -> Iterator[Note]:
    """What CloudTrail says it cannot deliver."""
    policies = "the policies of its bucket and its key"
    kinds: dict[str, tuple[str, str]] = {
        "LatestDeliveryError": ("log files to the bucket", policies),
        "LatestDigestDeliveryError": ("digest files to the bucket", policies),
        "LatestCloudWatchLogsDeliveryError": ("events to CloudWatch Logs", "its log group and its role"),
        "LatestNotificationError": ("notifications to its topic", "the policy of the topic"),
    }
    for key, (what, where) in kinds.items():
        if error := status.get(key):
            yield Note(f"The trail {name} cannot deliver {what}: {error}. Look at {where}.")


def _patiently(call: Callable[[], object], cloudtrail: CloudTrailClient, aws: Writer) -> None:
    """Create or update the trail; for a while, it may be refused what was only just written.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency

    Raises:
        RefusalError: CloudTrail is not let into the bucket, the key or the log group, or something is not there.
    """
    refused = cloudtrail.exceptions
    remedies = {
        refused.S3BucketDoesNotExistException: "Look at what the plan says of log_buckets.",
        refused.InsufficientS3BucketPolicyException: "Look for a statement of others in the bucket's policy that "
        "denies it, such as one that denies requests that name no key.",
        refused.KmsKeyNotFoundException: "Look at what the plan says of log_keys.",
        refused.InsufficientEncryptionPolicyException: "Look at the policy of the key, and for what others have added.",
        refused.InvalidCloudWatchLogsRoleArnException: "Look at who may assume the role.",
        refused.InvalidCloudWatchLogsLogGroupArnException: "Look at the policies of the role, and at its permissions "
        "boundary.",
    }

    def attempt() -> Exception | None:
        try:
            call()
        except tuple(remedies) as refusal:
            return refusal
        return None

    refusal = aws.poll(attempt, lambda refusal: refusal is None, _PATIENCE)
    if refusal is not None:
        raise RefusalError(reason_of(refusal), next(v for kind, v in remedies.items() if isinstance(refusal, kind)))
