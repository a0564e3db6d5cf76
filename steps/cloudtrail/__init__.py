"""AWS CloudTrail: one trail of all accounts and regions, whose log files go to the log archive account."""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Change, Observation, Resource, Target
from sra_bootstrap.org import Need, Org
from sra_bootstrap.step import Step, StepConfig
from steps.cloudtrail import administrators, log_group, trail
from steps.cloudtrail.administrators import PRINCIPAL
from steps.cloudtrail.destinations import BUCKET, KEY, LOG_KEY, role
from steps.cloudtrail.trail import TrailConfig
from steps.common import roles

_CONFLICT = frozenset({"ConflictException"})
_NOT_ENABLED = _CONFLICT | {"CloudTrailAccessNotEnabledException"}


class CloudTrail(Step[StepConfig]):
    """Log what is done in every account and region by one trail, and keep the log files in the log archive account.

    The SRA has an organization trail that members can see and not change. Its log files are encrypted with a key of the
    security tooling account, which also administers CloudTrail; whether they were altered can be found out.
    """

    class Config(TrailConfig):
        """What the trail is called, and what it logs."""

    id = "cloudtrail"
    after = ("accounts", "trusted_access", "log_buckets")
    needs = (KEY, BUCKET, LOG_KEY)
    trusted_access = (PRINCIPAL,)
    administers = (PRINCIPAL,)
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
        "cloudtrail:PutEventSelectors": _CONFLICT,
        "cloudtrail:PutInsightSelectors": _CONFLICT,
        "cloudtrail:StartLogging": _CONFLICT,
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
        yield administrators.desired(at, org)
        if self.config.cloudwatch_logs.enabled:
            yield log_group.desired(self.config.cloudwatch_logs, org)
            yield roles.desired(role(org), at)
        yield trail.desired(self.config, at, org)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What there is in the home region of the management account."""
        yield from administrators.observe(at, org, aws)
        if self.config.cloudwatch_logs.enabled:
            yield from log_group.observe(self.config.cloudwatch_logs, at, org, aws)
            yield from roles.observe(role(org), at, aws)
        yield from trail.observe(self.config, at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in the management account."""
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                administrators.dismiss(change, aws)
            case "administrator", _:
                administrators.appoint(change, aws)
            case "role", Action.DELETE:
                roles.delete(role(org), change, aws)
            case "role", _:
                roles.put(role(org), change, aws)
            case log_group.KIND, _:
                log_group.put(self.config.cloudwatch_logs, change, org, aws)
            case "trail", Action.DELETE:
                aws.client("cloudtrail", change.address.at).delete_trail(Name=change.address.name)
            case "trail", _:
                trail.put(self.config, change, org, aws)
