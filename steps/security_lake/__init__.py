"""Amazon Security Lake: logs and events of all accounts in one data lake, in the log archive account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import (
    MANAGEMENT,
    Action,
    Address,
    Change,
    Note,
    Observation,
    Obstacle,
    Resource,
    Target,
    Unavailable,
)
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value
from steps.common import administrator, delegations, keys, roles
from steps.common.administrator import Service
from steps.common.offers import unoffered
from steps.common.roles import Role
from steps.security_lake import access, lake, queues, share, sources, subscribers
from steps.security_lake.access import KEY
from steps.security_lake.calling import first_region

if TYPE_CHECKING:
    from mypy_boto3_securitylake import SecurityLakeClient

_PRINCIPAL = "securitylake.amazonaws.com"
_NEW_ADMINISTRATOR = frozenset({"AccessDeniedException"})

Source = Literal[
    "CLOUD_TRAIL_MGMT", "EKS_AUDIT", "LAMBDA_EXECUTION", "ROUTE53", "S3_DATA", "SH_FINDINGS", "VPC_FLOW", "WAF"
]
StorageClass = Literal["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]

_SERVICE = Service(
    name="Security Lake",
    client="securitylake",
    principal=_PRINCIPAL,
    removal="securitylake deregister-data-lake-delegated-administrator",
    administrators=lambda _, aws: delegations.registrations(_PRINCIPAL, aws),
    beforehand="save what its data lake is needed for, which AWS deletes with it, and ",
    part="log_archive",
    regional=False,
)


class SecurityLake(Step[StepConfig]):
    """Collect the logs and events of all accounts in a data lake of the log archive account, in one format.

    The SRA makes the log archive account the administrator of Security Lake, and the security tooling account a
    subscriber, both of the data and of queries. Accounts that join are collected of too.
    """

    class Config(StepConfig):
        """What Security Lake collects and keeps, and for whom."""

        enabled: bool = Field(
            default=False,
            description="Off by default: AWS charges for every GB taken in, converted and kept, of every account.",
        )
        regions: tuple[str, ...] = Field(
            default=(), description="The governed regions that have the data lake; all of them if none is named."
        )
        rollup_region: str | None = Field(
            default=None,
            description="The region that the data of all others is copied to, and that has the subscribers then; none "
            "by default, because AWS charges for the copies.",
        )
        retention_days: Annotated[int, Field(ge=1)] | None = Field(
            default=2555, description="After how many days data is deleted; null leaves that as it is."
        )
        transitions: dict[StorageClass, Annotated[int, Field(ge=1)]] = Field(
            default={"GLACIER_IR": 365},
            description="After how many days data moves to which storage class. It cannot be queried in GLACIER and "
            "DEEP_ARCHIVE; queries cost more in GLACIER_IR.",
        )
        sources: tuple[Source, ...] = Field(
            default=(
                *("CLOUD_TRAIL_MGMT", "EKS_AUDIT", "LAMBDA_EXECUTION", "ROUTE53"),
                *("S3_DATA", "SH_FINDINGS", "VPC_FLOW", "WAF"),
            ),
            min_length=1,
            description="What is collected; all that AWS itself can be asked for, as the SRA has it. S3_DATA, VPC_FLOW "
            "and ROUTE53 are mostly the largest. One that is not named is left as it is.",
        )
        source_version: str = Field(
            default="2.0",
            pattern=r"^[0-9]\.[0-9]$",
            description="The version of the format of what is collected. AWS does not tell which is its newest.",
        )
        new_accounts: bool = Field(
            default=True, description="Whether accounts that join are collected of by themselves."
        )
        data_access: bool = Field(
            default=True, description="Whether the security tooling account may read the data, told of it by a queue."
        )
        query_access: bool = Field(default=True, description="Whether the security tooling account may query the data.")

    id = "security_lake"
    after = ("accounts", "log_keys", "trusted_access")
    follows = ("cloudtrail", "security_hub")
    trusted_access = (_PRINCIPAL,)
    needs = (KEY,)
    kept = {
        "administrator": "AWS deletes the data lake with it, as you can: aws securitylake "
        "deregister-data-lake-delegated-administrator.",
        "role": "The data lake that is kept needs it.",
        "service-linked-role": "The data lake that is kept needs it.",
        "data-lake": "It holds logs.",
        "rollup": "It is part of the data lake.",
        "queues": "They are Security Lake's own; their encryption stays as it is.",
        "resource-share": "It goes with its subscriber.",
    }
    reads = (
        roles.READS
        | roles.MANAGED_READS
        | roles.INLINE_READS
        | {
            "kms:ListAliases",
            "organizations:ListDelegatedAdministrators",
            "ram:GetResourceShares",
            "securitylake:GetDataLakeOrganizationConfiguration",
            "securitylake:ListDataLakes",
            "securitylake:ListLogSources",
            "securitylake:ListSubscribers",
            "sqs:GetQueueAttributes",
            "sqs:ListQueues",
        }
    )
    writes = frozenset(
        {
            *("iam:AttachRolePolicy", "iam:CreateRole", "iam:CreateServiceLinkedRole"),
            *("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"),
            "ram:AcceptResourceShareInvitation",
            "ram:GetResourceShareInvitations",
            "securitylake:CreateAwsLogSource",
            "securitylake:CreateDataLake",
            "securitylake:CreateDataLakeOrganizationConfiguration",
            "securitylake:CreateSubscriber",
            "securitylake:CreateSubscriberNotification",
            "securitylake:DeleteAwsLogSource",
            "securitylake:DeleteDataLakeOrganizationConfiguration",
            "securitylake:DeleteSubscriber",
            "securitylake:RegisterDataLakeDelegatedAdministrator",
            "securitylake:UpdateDataLake",
            "securitylake:UpdateSubscriber",
            "securitylake:UpdateSubscriberNotification",
            "sqs:SetQueueAttributes",
        }
    )
    in_members = (reads | writes) - {
        "organizations:ListDelegatedAdministrators",
        "securitylake:RegisterDataLakeDelegatedAdministrator",
    }
    implied = administrator.IMPLIED
    not_yet = {
        "securitylake:CreateDataLake": _NEW_ADMINISTRATOR,
        "securitylake:GetDataLakeOrganizationConfiguration": _NEW_ADMINISTRATOR,
    } | roles.NOT_YET
    considerations = (
        "One account administers Security Lake in all regions, and has the data lake: the log archive account.",
        "Management events of CloudTrail need a trail of the organization, in all regions, that records them.",
        "The data lake has buckets of its own, whose names AWS chooses; object lock is not for them.",
        "Sources in another version than config.yaml says are left alone, and so are the subscribers of others.",
        "With a rollup region, subscribers are made there alone, and see the data of all regions.",
        "To query the data, the security tooling account makes resource links to the shared tables in AWS Glue.",
        "Where the organization does not share by AWS RAM, the invitation to the tables is accepted.",
    )
    costs = (
        "By the GB that Security Lake takes in and converts, for each account and region; S3, KMS, SQS, AWS Glue and, "
        "with a rollup region, replication; 15 days are free of charge."
    )
    irreversible = "What is collected stays when all else is destroyed. Removing the administrator deletes the lake."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/log-archive.html",
        "https://docs.aws.amazon.com/security-lake/latest/userguide/multi-account-management.html",
        "https://docs.aws.amazon.com/security-lake/latest/userguide/internal-sources.html",
        "https://docs.aws.amazon.com/security-lake/latest/userguide/subscriber-management.html",
        "https://docs.aws.amazon.com/security-lake/latest/userguide/add-rollup-region.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The log archive account, which has the data lake."""
        yield Delegation(_PRINCIPAL, org.log_archive, own_api=True, kept=True)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The administrator, what the lake stands on, the lake, what it collects, and who may use it."""
        yield Resource(Address("administrator", Target(MANAGEMENT)), {"account": org.id_of(org.log_archive)})
        everywhere, regions = Target(org.log_archive), self._regions(org)
        for role in self._roles(org):
            yield roles.desired(role, everywhere)
        yield access.linked(everywhere)
        yield Resource(Address("data-lake", everywhere), dict.fromkeys(regions, self._lake(org)))
        into = self.config.rollup_region
        contributing = [region for region in regions if region != into]
        if into is not None and contributing:
            yield Resource(Address("rollup", everywhere), {r: {into: "replicated"} for r in contributing})
        collected: Attrs = dict.fromkeys(self.config.sources, self.config.source_version)
        by_region: Attrs = dict.fromkeys(regions, collected)
        yield Resource(Address("log-sources", everywhere), dict.fromkeys(org.members(), by_region))
        if self.config.new_accounts:
            yield Resource(Address("organization-configuration", everywhere), by_region)
        yield from self._subscribers(collected, org)

    def _subscribers(self, collected: Attrs, org: Org) -> Iterator[Resource]:
        regions, into = self._regions(org), self.config.rollup_region
        subscribed = [into] if into in regions else regions
        wanted = {subscribers.DATA: self.config.data_access, subscribers.QUERY: self.config.query_access}
        for region in subscribed:
            for name in (name for name, on in wanted.items() if on):
                subscriber: dict[str, Value] = {
                    "account": org.id_of(org.security_tooling),
                    "external_id": subscribers.called(name),
                    "sources": collected,
                }
                if name == subscribers.DATA:
                    subscriber["notification"] = "SQS"
                yield Resource(Address("subscriber", Target(org.log_archive, region), name), subscriber)
        alias = keys.alias_of(KEY, org)
        for region in regions:
            names = queues.names(region, data=self.config.data_access and region in subscribed)
            yield Resource(Address("queues", Target(org.log_archive, region)), dict.fromkeys(names, alias))
        if self.config.query_access:
            for region in subscribed:
                at = Target(org.security_tooling, region)
                yield Resource(Address("resource-share", at, subscribers.QUERY), {"accepted": True})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What Security Lake says of all regions or of one, in the account that sees it."""
        if at.account == MANAGEMENT:
            yield from self._observe_administrator(at, org, aws)
        elif not at.region:
            yield from self._observe_lake(at, org, aws)
        elif not aws.offers("securitylake", at.region):
            yield from unoffered(self.desired(org), at, "Security Lake")
        elif administrator.is_ours(_SERVICE, "", org, aws):
            if at.account == org.log_archive:
                yield from subscribers.observe(at, org, aws)
                yield from queues.observe(at, org, aws)
            if at.account == org.security_tooling and self.config.query_access:
                yield from share.observe(at, org, aws)

    def _observe_administrator(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        address = Address("administrator", at)
        if not any(aws.offers("securitylake", region) for region in org.regions):
            yield Unavailable(address, (), "Security Lake is offered in no governed region.")
            return
        yield from administrator.observe(_SERVICE, at, org, aws, regions=org.regions)

    def _misnamed(self, at: Target, org: Org) -> Iterator[Note | Obstacle]:
        for region in self.config.regions:
            if region not in org.regions:
                yield Note(f"{region} is not governed, and so has no data lake.")
        into = self.config.rollup_region
        if into is not None and into not in self._regions(org):
            yield Obstacle(
                Address("rollup", at),
                f"There is no data lake in {into}, which others could be rolled up into.",
                "Name one of its regions as steps.security_lake.rollup_region.",
            )

    def _observe_lake(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        yield from self._misnamed(at, org)
        yield from self._missing(at, org, aws)
        for role in self._roles(org):
            yield from roles.observe(role, at, aws)
        yield from access.observe_linked(at, aws)
        if not administrator.is_ours(_SERVICE, "", org, aws):
            # A lake that the account has for itself alone is taken up once it is the administrator.
            return
        lakes = lake.read(org, aws)
        if lakes:
            yield from lake.observe(lakes, at, org, aws)
            yield from sources.observe(self.config.source_version, at, org, aws)
            if self.config.new_accounts:
                yield from sources.observe_new_accounts(self.config.source_version, at, org, aws)

    def _missing(self, at: Target, org: Org, aws: Reader) -> Iterator[Unavailable]:
        """What all regions have together is left out of those that lack Security Lake."""
        for region in self._regions(org):
            if not aws.offers("securitylake", region):
                reason = f"Security Lake is not offered in {region}."
                for kind in ("data-lake", "rollup", "organization-configuration"):
                    yield Unavailable(Address(kind, at), (region,), reason)
                for name in org.members():
                    yield Unavailable(Address("log-sources", at), (name, region), reason)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change, in one region or of all."""
        match change.address.kind, change.action:
            case "administrator", _:
                _appoint(change, org, aws)
            case "role", _:
                role = next(role for role in self._roles(org) if role.name == change.address.name)
                roles.put(role, change, aws)
            case "service-linked-role", _:
                access.make_linked(change.address.at, aws)
            case "data-lake", _:
                lake.put(change, org, aws)
            case "rollup", _:
                lake.put_rollup(change, org, aws)
            case "log-sources", _:
                sources.change_sources(change, org, aws)
            case "organization-configuration", _:
                sources.change_new_accounts(change, org, aws)
            case "subscriber", Action.DELETE:
                subscribers.delete(change, org, aws)
            case "subscriber", _:
                subscribers.put(change, org, aws)
            case "queues", _:
                queues.put(change, org, aws)
            case "resource-share", _:
                share.put(change, org, aws)

    def _regions(self, org: Org) -> list[str]:
        """The regions of the lake, in the order of the governed ones."""
        return [region for region in org.regions if not self.config.regions or region in self.config.regions]

    def _roles(self, org: Org) -> list[Role]:
        return access.roles(org, rollup=self.config.rollup_region is not None)

    def _lake(self, org: Org) -> Attrs:
        """What the lake is to be in each region."""
        attrs: dict[str, Value] = {"status": "COMPLETED", "encryption": keys.alias_of(KEY, org)}
        if self.config.retention_days is not None:
            attrs["retention_days"] = self.config.retention_days
        if self.config.transitions:
            attrs["transitions"] = {str(name): days for name, days in self.config.transitions.items()}
        return attrs


def _appoint(change: Change, org: Org, aws: Writer) -> None:
    at = Target(MANAGEMENT, first_region(org, aws))
    securitylake: SecurityLakeClient = aws.client("securitylake", at)
    register = securitylake.register_data_lake_delegated_administrator
    refused = (securitylake.exceptions.BadRequestException, securitylake.exceptions.ConflictException)
    administrator.appoint(_SERVICE, change, lambda account: register(accountId=account), refused, aws)
