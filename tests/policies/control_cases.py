"""What each service control and resource control policy that ships must deny, and what it must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.policies.cases import STRANGER

ORGANIZATION, OTHERS_ORGANIZATION = "o-exampleorgid", "o-stranger00"
MANAGEMENT, TOOLING, ARCHIVE, WORKLOAD = "111111111111", "222222222222", "333333333333", "444444444444"
TOOL = "OrganizationAccountAccessRole"
ADMIN = "admin"
HOME, ELSEWHERE = "eu-west-1", "ap-south-1"
_METASTORE = "service-role/AmazonSecurityLakeMetaStoreManagerV2"
_SESSION = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"

Context = Mapping[str, str]


@dataclass(frozen=True)
class Asks:
    """A request of somebody to whom everything is allowed that the policies of the organization do not deny.

    Attributes:
        action: as in "s3:PutObject".
        denied: whether it is to be denied.
        resource: the ARN of what the action is on, or "*" for an action on nothing in particular.
        by: the role, "root" for the root user of `account`, the principal of a service, or "" for who is not signed in.
        account: the id of that role's account; of whom a service asks for, or "" where it does not say so.
        owner: the id of the account of the resource.
        region: the region of the endpoint that is asked.
        context: other condition keys.
    """

    action: str
    denied: bool
    resource: str = "*"
    by: str = ADMIN
    account: str = WORKLOAD
    owner: str = WORKLOAD
    region: str = HOME
    context: Context = field(default_factory=dict)

    @property
    def caller(self) -> str:
        """The principal, as the simulator knows it."""
        if not self.by or self.by.endswith(".amazonaws.com"):
            return self.by
        return f"arn:aws:iam::{self.account}:{self.by if self.by == 'root' else f'role/{self.by}'}"

    @property
    def told(self) -> str:
        """It in words."""
        who = f"{self.caller or 'nobody'} for {self.account or 'nobody'}"
        return f"{self.action} by {who} on {self.resource} of {self.owner}"

    @property
    def whole_context(self) -> Context:
        """What AWS tells policies of it."""
        theirs = OTHERS_ORGANIZATION if self.account == STRANGER else ORGANIZATION
        context = {
            "aws:RequestedRegion": self.region,
            "aws:ResourceAccount": self.owner,
            "aws:ResourceOrgID": ORGANIZATION,
            "aws:SecureTransport": "true",
        }
        if self.caller.startswith("arn:"):
            context |= {
                "aws:PrincipalArn": self.caller,
                "aws:PrincipalAccount": self.account,
                "aws:PrincipalOrgID": theirs,
                "aws:PrincipalIsAWSService": "false",
            }
        elif self.caller:
            context |= {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": self.by}
            if self.account:
                context |= {"aws:SourceAccount": self.account, "aws:SourceOrgID": theirs}
        return {**context, **self.context}


def _denied(action: str, resource: str = "*", **more: Any) -> Asks:
    return replace(Asks(action, denied=True, resource=resource), **more)


def _left(action: str, resource: str = "*", **more: Any) -> Asks:
    return replace(_denied(action, resource, **more), denied=False)


def _but_for_the_tool(*asked: Asks) -> Iterator[Asks]:
    """Requests that are denied, and that the tool's role may make."""
    for one in asked:
        yield one
        yield replace(one, denied=False, by=TOOL)


def _leaving() -> Iterator[Asks]:
    yield _denied("organizations:LeaveOrganization")
    yield _denied("organizations:LeaveOrganization", by=TOOL)
    yield _left("organizations:DescribeOrganization")


def _root_user() -> Iterator[Asks]:
    yield _denied("iam:CreateVirtualMFADevice", f"arn:aws:iam::{WORKLOAD}:mfa/mine", by="root")
    yield _denied("ec2:DescribeInstances", by="root")
    session = _left("iam:ListAccessKeys", f"arn:aws:iam::{WORKLOAD}:user/one", by="root")
    yield replace(session, context={"aws:AssumedRoot": "true"})
    yield replace(session, denied=True)
    yield _left("ec2:DescribeInstances")
    yield _left("ec2:DescribeInstances", by=TOOL)


def _security_services() -> Iterator[Asks]:
    def of(service: str, resource: str, account: str = WORKLOAD) -> str:
        return f"arn:aws:{service}:{HOME}:{account}:{resource}"

    of_tooling, of_archive = {"account": TOOLING, "owner": TOOLING}, {"account": ARCHIVE, "owner": ARCHIVE}
    trail, detector = of("cloudtrail", "trail/own"), of("guardduty", "detector/1")
    hub, analyzer = of("securityhub", "hub/default"), of("access-analyzer", "analyzer/organization", TOOLING)
    yield from _but_for_the_tool(
        _denied("cloudtrail:StopLogging", trail),
        _denied("cloudtrail:PutEventSelectors", trail),
        _denied("config:StopConfigurationRecorder", of("config", "configuration-recorder/default/1")),
        _denied("config:DeleteDeliveryChannel"),
        _denied("guardduty:DeleteDetector", detector),
        _denied("guardduty:DisassociateFromAdministratorAccount"),
        _denied("guardduty:StopMonitoringMembers", **of_tooling),
        _denied("securityhub:DisableSecurityHub", hub),
        _denied("securityhub:BatchDisableStandards", hub),
        _denied("macie2:DisableMacie"),
        _denied("inspector2:Disable"),
        _denied("access-analyzer:DeleteAnalyzer", analyzer, **of_tooling),
        _denied("detective:DeleteGraph", of("detective", "graph:1", TOOLING), **of_tooling),
        _denied("securitylake:DeleteDataLake", of("securitylake", "data-lake/default", ARCHIVE), **of_archive),
    )
    yield _denied("guardduty:DeleteDetector", detector, by=_SESSION)
    # Such a role has the name at the end of a path, which anybody may make.
    yield _denied("guardduty:DeleteDetector", detector, by=f"path/{TOOL}")
    yield _left("guardduty:GetDetector", detector)
    yield _left("securityhub:BatchUpdateFindings", of("securityhub", "hub/default", TOOLING), **of_tooling)
    yield _left("config:PutConfigRule", of("config", "config-rule/own"))
    yield _left("cloudtrail:LookupEvents")


def _log_archive() -> Iterator[Asks]:
    of_tooling, of_archive = {"account": TOOLING, "owner": TOOLING}, {"account": ARCHIVE, "owner": ARCHIVE}
    bucket, elsewhere = "arn:aws:s3:::sra-cloudtrail-o-exampleorgid-eu-west-1", "arn:aws:s3:::data-of-a-workload"
    log, key = f"{bucket}/AWSLogs/1.json.gz", f"arn:aws:kms:{HOME}:{TOOLING}:key/1"
    lake = f"arn:aws:kms:{HOME}:{ARCHIVE}:key/2"
    metastore = f"arn:aws:iam::{ARCHIVE}:role/{_METASTORE}"
    yield from _but_for_the_tool(
        _denied("s3:DeleteBucket", bucket, **of_archive),
        _denied("s3:PutBucketPolicy", bucket, **of_archive),
        _denied("s3:PutLifecycleConfiguration", bucket, **of_archive),
        _denied("s3:DeleteObject", log, **of_archive),
        _denied("s3:DeleteObjectVersion", log, **of_archive),
        _denied("s3:DeleteObject", log, account=WORKLOAD, owner=ARCHIVE),
        _denied("iam:UpdateAssumeRolePolicy", metastore, **of_archive),
        _denied("kms:ScheduleKeyDeletion", key, **of_tooling),
        _denied("kms:PutKeyPolicy", lake, **of_archive),
    )
    yield _left("s3:DeleteObject", log, by=_METASTORE, **of_archive)
    yield _denied("s3:DeleteObject", log, by=_METASTORE, account=WORKLOAD, owner=ARCHIVE)
    yield _denied("s3:DeleteBucket", bucket, by=_METASTORE, **of_archive)
    yield _left("s3:GetObject", log, **of_archive)
    yield _left("kms:Decrypt", key, **of_tooling)
    yield _left("s3:DeleteObject", f"{elsewhere}/1")
    yield _left("s3:PutBucketPolicy", elsewhere)
    yield _left("kms:ScheduleKeyDeletion", f"arn:aws:kms:{HOME}:{WORKLOAD}:key/3")


def _cross_account_role() -> Iterator[Asks]:
    role, another = f"arn:aws:iam::{WORKLOAD}:role/{TOOL}", f"arn:aws:iam::{WORKLOAD}:role/of-a-workload"
    for action in ("DeleteRole", "DetachRolePolicy", "PutRolePermissionsBoundary", "UpdateAssumeRolePolicy"):
        yield from _but_for_the_tool(_denied(f"iam:{action}", role))
        yield _left(f"iam:{action}", another)
    yield _left("iam:GetRole", role)
    yield _left("iam:CreateRole", role)


def _other_regions() -> Iterator[Asks]:
    instance = f"arn:aws:ec2:{ELSEWHERE}:{WORKLOAD}:instance/i-1"
    yield _denied("ec2:TerminateInstances", instance, region=ELSEWHERE)
    yield _denied("lambda:ListFunctions", region=ELSEWHERE)
    yield _left("ec2:TerminateInstances", instance, region=ELSEWHERE, by=TOOL)
    yield _left("ec2:TerminateInstances", instance.replace(ELSEWHERE, HOME))
    # The endpoints of global services are in us-east-1, which is not governed here.
    for action in (
        "iam:ListRoles",
        "organizations:DescribeOrganization",
        "route53:ListHostedZones",
        "support:DescribeCases",
    ):
        yield _left(action, region="us-east-1")
    yield _denied("ec2:DescribeInstances", region="us-east-1")
    yield _left("s3:ListAllMyBuckets", region="us-east-1")
    yield _left("sts:GetCallerIdentity", region=ELSEWHERE)


def _quarantine() -> Iterator[Asks]:
    for action in ("s3:ListAllMyBuckets", "iam:ListRoles", "ec2:DescribeInstances"):
        yield from _but_for_the_tool(_denied(action))
    yield _denied("s3:ListAllMyBuckets", by=_SESSION)


def _access_keys() -> Iterator[Asks]:
    user = f"arn:aws:iam::{WORKLOAD}:user/one"
    yield _denied("iam:CreateAccessKey", user)
    yield _denied("iam:CreateServiceSpecificCredential", user)
    for action in ("iam:DeleteAccessKey", "iam:UpdateAccessKey", "iam:CreateUser"):
        yield _left(action, user)


def _identities() -> Iterator[Asks]:
    log, key = "arn:aws:s3:::logs/1", f"arn:aws:kms:{HOME}:{ARCHIVE}:key/2"
    role, secret = f"arn:aws:iam::{TOOLING}:role/{TOOL}", f"arn:aws:secretsmanager:{HOME}:{TOOLING}:secret:one-abcdef"
    for action, resource in {
        "s3:GetObject": log,
        "kms:Decrypt": key,
        "sts:AssumeRole": role,
        "secretsmanager:GetSecretValue": secret,
        "sqs:ReceiveMessage": f"arn:aws:sqs:{HOME}:{ARCHIVE}:AmazonSecurityLake-1",
    }.items():
        owner = TOOLING if TOOLING in resource else ARCHIVE
        yield _denied(action, resource, account=STRANGER, owner=owner)
        for account in (MANAGEMENT, WORKLOAD):
            yield _left(action, resource, account=account, owner=owner)
    yield _left("sts:AssumeRole", role, by=TOOL, account=MANAGEMENT, owner=TOOLING)
    yield _denied("s3:GetObject", log, by="", owner=ARCHIVE)
    for service in ("cloudtrail.amazonaws.com", "config.amazonaws.com", "guardduty.amazonaws.com"):
        yield _left("s3:PutObject", log, by=service, owner=ARCHIVE)
    yield _left("s3:PutObject", log, by="cloudtrail.amazonaws.com", account="", owner=ARCHIVE)
    yield _left("kms:GenerateDataKey", key, by="cloudtrail.amazonaws.com", account=MANAGEMENT, owner=ARCHIVE)


def _deputies() -> Iterator[Asks]:
    log, key = "arn:aws:s3:::logs/1", f"arn:aws:kms:{HOME}:{ARCHIVE}:key/2"
    role = f"arn:aws:iam::{WORKLOAD}:role/of-a-workload"
    for service, action, resource, owner in (
        ("cloudtrail.amazonaws.com", "s3:PutObject", log, ARCHIVE),
        ("config.amazonaws.com", "kms:GenerateDataKey", key, ARCHIVE),
        ("glue.amazonaws.com", "sts:AssumeRole", role, WORKLOAD),
        ("sns.amazonaws.com", "sqs:SendMessage", f"arn:aws:sqs:{HOME}:{WORKLOAD}:queue", WORKLOAD),
    ):
        yield _denied(action, resource, by=service, account=STRANGER, owner=owner)
        for account in (MANAGEMENT, WORKLOAD, ""):
            yield _left(action, resource, by=service, account=account, owner=owner)
    yield _left("s3:GetObject", log, account=STRANGER, owner=ARCHIVE)
    yield _left("sts:AssumeRole", role, by=TOOL, account=MANAGEMENT)


CASES: Mapping[str, Callable[[], Iterator[Asks]]] = {
    "deny-access-keys": _access_keys,
    "deny-leaving-organization": _leaving,
    "deny-other-regions": _other_regions,
    "deny-root-user": _root_user,
    "no-confused-deputy": _deputies,
    "only-organization-identities": _identities,
    "protect-cross-account-role": _cross_account_role,
    "protect-log-archive": _log_archive,
    "protect-security-services": _security_services,
    "quarantine": _quarantine,
}
"""The requests of every policy of these types that ships, by its name."""
