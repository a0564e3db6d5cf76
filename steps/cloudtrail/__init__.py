"""AWS CloudTrail: one trail of all accounts and regions, whose log files go to the log archive account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import reason_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Need, Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs
from steps.cloudtrail import events, log_group
from steps.cloudtrail.destinations import BUCKET, KEY, LOG_KEY, log_group_arn, role, role_arn
from steps.cloudtrail.events import Events
from steps.cloudtrail.log_group import CloudWatchLogs
from steps.common import administrator, buckets, keys, roles
from steps.common.administrator import Service

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

_MOST = 3
"""How many administrators there may be.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
"""
_PATIENCE = 60
"""For how many seconds a policy, or a role, that was only just written may be refused."""
_UPDATED = {
    "multi_region": "IsMultiRegionTrail",
    "global_service_events": "IncludeGlobalServiceEvents",
    "log_file_validation": "EnableLogFileValidation",
    "all_accounts": "IsOrganizationTrail",
}
"""What is on in every trail of ours, under AWS's names."""
_TOLD = {**_UPDATED, "log_file_validation": "LogFileValidationEnabled"}
_NOT_ENABLED = frozenset({"CloudTrailAccessNotEnabledException", "ConflictException"})


def _administrators(region: str, aws: Reader) -> list[str]:  # noqa: ARG001 (they are those of all regions)
    organizations = aws.client("organizations", Target(MANAGEMENT))
    pages = organizations.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=_SERVICE.principal)
    return [one["Id"] for page in pages for one in page["DelegatedAdministrators"]]


_SERVICE = Service(
    name="CloudTrail",
    client="cloudtrail",
    principal="cloudtrail.amazonaws.com",
    removal="cloudtrail deregister-organization-delegated-admin --delegated-admin-account-id {account}",
    administrators=_administrators,
)


class CloudTrail(Step[StepConfig]):
    """Log what is done in every account and region by one trail, and keep the log files in the log archive account.

    The SRA has an organization trail that members can see and not change. Its log files are encrypted with a key of the
    security tooling account, which also administers CloudTrail; whether they were altered can be found out.
    """

    class Config(StepConfig):
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

    id = "cloudtrail"
    after = ("accounts", "trusted_access", "log_buckets")
    needs = (KEY, BUCKET, LOG_KEY)
    trusted_access = (_SERVICE.principal,)
    administers = (_SERVICE.principal,)
    kept = {log_group.KIND: "It holds logs."}
    reads = (
        frozenset(
            {
                "cloudtrail:DescribeTrails",
                "cloudtrail:GetEventSelectors",
                "cloudtrail:GetInsightSelectors",
                "cloudtrail:GetTrailStatus",
                "kms:ListAliases",
                "logs:DescribeLogGroups",
                "organizations:ListDelegatedAdministrators",
            }
        )
        | roles.READS
        | roles.INLINE_READS
    )
    writes = (
        frozenset(
            {
                "cloudtrail:CreateTrail",
                "cloudtrail:DeleteTrail",
                "cloudtrail:DeregisterOrganizationDelegatedAdmin",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:PutInsightSelectors",
                "cloudtrail:RegisterOrganizationDelegatedAdmin",
                "cloudtrail:StartLogging",
                "cloudtrail:UpdateTrail",
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:PutLogGroupDeletionProtection",
                "logs:PutRetentionPolicy",
            }
        )
        | roles.WRITES
        | roles.INLINE_WRITES
    )
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator-permissions.html
    implied = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
            "organizations:DeregisterDelegatedAdministrator",
            "organizations:DescribeOrganization",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:RegisterDelegatedAdministrator",
        }
    )
    # After trusted access was enabled: https://github.com/hashicorp/terraform-provider-aws/issues/31401
    not_yet = roles.NOT_YET | {
        "cloudtrail:CreateTrail": _NOT_ENABLED,
        "cloudtrail:RegisterOrganizationDelegatedAdmin": _NOT_ENABLED,
        "cloudtrail:PutEventSelectors": frozenset({"ConflictException"}),
        "cloudtrail:PutInsightSelectors": frozenset({"ConflictException"}),
        "cloudtrail:StartLogging": frozenset({"ConflictException"}),
        "cloudtrail:UpdateTrail": _NOT_ENABLED,
    }
    considerations = (
        "The trail is the management account's, whoever administers it; accounts that join are logged by themselves.",
        "There is one trail, in the home region, for all regions that are enabled in any account, governed or not.",
        "Of each further trail, the copies of management events are charged; other organization trails are reported.",
        "The administrator can change and delete the trail; a service control policy can keep it from doing so.",
        "Log files arrive about five minutes after an event; what cannot be delivered is reported in every plan.",
        "Destroying deletes the trail, and with it all logging of the organization. Log files and log group stay.",
        "Without trusted access, the trail is gone from the members, and has to be applied to them anew.",
    )
    costs = (
        "The first copy of management events is free of charge; data events and Insights are charged for each event, "
        "CloudWatch Logs for each gigabyte that it takes, and S3 and KMS for storing and encrypting log files."
    )
    irreversible = (
        "Destroying ends the logging of the whole organization: what is done from then on is recorded only in the "
        "event history of each account, for 90 days."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/org-management.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudtrail.html",
    )

    config: Config

    def needed(self, org: Org) -> Iterable[Need]:
        """The key of the log group only where there is one."""
        return [need for need in self.needs if need is not LOG_KEY or self.config.cloudwatch_logs.enabled]

    def desired(self, org: Org) -> Iterable[Resource]:
        """The administrator; the log group, and the role that writes to it; and the trail."""
        at = Target(MANAGEMENT, org.home_region)
        yield Resource(_administrator(at, org), {"account": org.id_of(org.security_tooling)})
        if self.config.cloudwatch_logs.enabled:
            yield log_group.desired(self.config.cloudwatch_logs, org)
            yield roles.desired(role(org), at)
        yield Resource(Address("trail", at, self.config.name), self._trail(org))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What there is in the home region of the management account."""
        if org.live is not None:
            yield from _observe_administrators(at, org, aws)
        if self.config.cloudwatch_logs.enabled:
            yield from log_group.observe(self.config.cloudwatch_logs, at, org, aws)
            yield from roles.observe(role(org), at, aws)
        yield from self._observe_trails(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in the management account."""
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                _dismiss(change, aws)
            case "administrator", _:
                _appoint(change, aws)
            case "role", Action.DELETE:
                roles.delete(role(org), change, aws)
            case "role", _:
                roles.put(role(org), change, aws)
            case log_group.KIND, _:
                log_group.put(self.config.cloudwatch_logs, change, org, aws)
            case "trail", Action.DELETE:
                aws.client("cloudtrail", change.address.at).delete_trail(Name=change.address.name)
            case "trail", _:
                self._put_trail(change, org, aws)

    def _trail(self, org: Org) -> Attrs:
        """What the trail should be. Under its own names, so that it is known to stand on the bucket and the key."""
        logs = self.config.cloudwatch_logs
        return {
            **dict.fromkeys(_UPDATED, True),
            "bucket": {BUCKET.name: buckets.name_of(BUCKET, org)},
            "prefix": "",
            "key": {KEY.name: keys.alias_of(KEY, org)},
            "log_group": logs.log_group if logs.enabled else None,
            "role": logs.role if logs.enabled else None,
            "events": events.planned(self.config.events),
            "insights": tuple(sorted(set(self.config.events.insights))),
            "logging": True,
        }

    def _observe_trails(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        cloudtrail: CloudTrailClient = aws.client("cloudtrail", at)
        for trail in cloudtrail.describe_trails()["trailList"]:
            name, home = trail["Name"], trail["HomeRegion"]
            if name != self.config.name:
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
                yield Resource(Address("trail", at, name), self._observed(trail, status, org, cloudtrail, aws))
                yield from _failures(name, status)

    def _observed(self, trail: Any, status: Any, org: Org, cloudtrail: CloudTrailClient, aws: Reader) -> Attrs:
        name, key = trail["Name"], trail.get("KmsKeyId")
        group, writer = trail.get("CloudWatchLogsLogGroupArn"), trail.get("CloudWatchLogsRoleArn")
        analyzed: Any = ()
        if trail.get("HasInsightSelectors"):
            analyzed = cloudtrail.get_insight_selectors(TrailName=name)["InsightSelectors"]
        ours = self.config.cloudwatch_logs
        return {
            **{attribute: bool(trail.get(answer)) for attribute, answer in _TOLD.items()},
            "bucket": {BUCKET.name: trail["S3BucketName"]},
            "prefix": trail.get("S3KeyPrefix", ""),
            "key": {KEY.name: None if key is None else keys.told(key, KEY, org, org.home_region, aws)},
            "log_group": ours.log_group if group == log_group_arn(org) else group,
            "role": ours.role if writer == role_arn(org) else writer,
            "events": events.observed(cloudtrail.get_event_selectors(TrailName=name), self.config.events),
            "insights": events.insights(analyzed),
            "logging": status["IsLogging"],
        }

    def _put_trail(self, change: Change, org: Org, aws: Writer) -> None:
        """Make the trail, or set what of it a change names; what it logs before it logs."""
        cloudtrail: CloudTrailClient = aws.client("cloudtrail", change.address.at)
        name, wanted = change.address.name, change.after
        settings = self._settings(wanted, org, aws)
        if change.action is Action.CREATE:
            given = {key: value for key, value in settings.items() if value != ""}
            try:
                _patiently(lambda: cloudtrail.create_trail(Name=name, **given), cloudtrail, aws)
                settings = {}
            except cloudtrail.exceptions.TrailAlreadyExistsException:
                _be_here(name, change.address, cloudtrail)
        if settings:
            _patiently(lambda: cloudtrail.update_trail(Name=name, **settings), cloudtrail, aws)
        if "events" in wanted:
            cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=events.selectors(self.config.events))
        if "insights" in wanted and (self.config.events.insights or change.action is Action.UPDATE):
            analyzed: Any = [{"InsightType": kind} for kind in sorted(set(self.config.events.insights))]
            cloudtrail.put_insight_selectors(TrailName=name, InsightSelectors=analyzed)
        if "logging" in wanted:
            cloudtrail.start_logging(Name=name)

    def _settings(self, wanted: Attrs, org: Org, aws: Writer) -> dict[str, Any]:
        """What Create- and UpdateTrail take of what is wanted; an empty text takes a setting away."""
        settings: dict[str, Any] = {aws_name: True for name, aws_name in _UPDATED.items() if name in wanted}
        logs = self.config.cloudwatch_logs.enabled
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


def _administrator(at: Target, org: Org) -> Address:
    """One of several, so it has a name; nothing here stands on it."""
    return Address("administrator", at, org.security_tooling)


def _observe_administrators(at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """Ours, if it is one; others are reported, and in the way only if there are as many as there may be."""
    ours, there = org.id_of(org.security_tooling), administrator.registered(_SERVICE, aws)
    address = _administrator(at, org)
    others = [f"{org.name_of(account_id)} ({account_id})" for account_id in there if account_id != ours]
    if others:
        yield Note(f"CloudTrail is also administered by {', '.join(others)}, who can change and delete the trail.")
    if ours in there:
        yield Resource(address, {"account": ours})
    elif len(others) >= _MOST:
        removal = _SERVICE.removal.format(account="…")
        yield Obstacle(
            address,
            f"CloudTrail is administered by {', '.join(others)}, and has {_MOST} administrators at most.",
            f"Remove one of them (aws {removal}), or name one of them as roles.security_tooling.",
        )


def _appoint(change: Change, aws: Writer) -> None:
    cloudtrail: CloudTrailClient = aws.client("cloudtrail", change.address.at)
    register = cloudtrail.register_organization_delegated_admin
    refused = (cloudtrail.exceptions.AccountRegisteredException, cloudtrail.exceptions.AccountNotFoundException)
    administrator.appoint(_SERVICE, change, lambda account: register(MemberAccountId=account), refused, aws)


def _dismiss(change: Change, aws: Writer) -> None:
    cloudtrail: CloudTrailClient = aws.client("cloudtrail", change.address.at)
    account_id = str(change.before["account"])
    cloudtrail.deregister_organization_delegated_admin(DelegatedAdminAccountId=account_id)


def _elsewhere(address: Address, region: str) -> Obstacle:
    """A trail of our name that is homed in another region, which AWS cannot change."""
    return Obstacle(
        address,
        f"There is a trail {address.name} whose home region is {region}, which cannot be changed.",
        f"Choose another name in steps.cloudtrail.name; or delete that trail (aws cloudtrail delete-trail --region "
        f"{region} --name {address.name}), which ends its logging until ours logs.",
    )


def _be_here(name: str, address: Address, cloudtrail: CloudTrailClient) -> None:
    """See to it that the trail that has the name is in this region.

    Raises:
        RefusalError: it is in another, which shows here only if it is of several regions.
    """
    pages = cloudtrail.get_paginator("list_trails").paginate()
    homes = [trail["HomeRegion"] for page in pages for trail in page["Trails"] if trail["Name"] == name]
    if address.at.region not in homes:
        elsewhere = _elsewhere(address, ", ".join(homes))
        raise RefusalError(elsewhere.reason, elsewhere.remedy)


def _failures(name: str, status: Any) -> Iterator[Note]:
    """What CloudTrail says it cannot deliver."""
    kinds: dict[str, tuple[str, str]] = {
        "LatestDeliveryError": ("log files to the bucket", "the policies of its bucket and its key"),
        "LatestDigestDeliveryError": ("digest files to the bucket", "the policies of its bucket and its key"),
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
