"""Amazon GuardDuty, administered from the security tooling account in every governed region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import (
    MANAGEMENT,
    ORGANIZATION,
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
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient
    from mypy_boto3_guardduty.type_defs import AccountDetailTypeDef, UnprocessedAccountTypeDef

_PRINCIPAL = "guardduty.amazonaws.com"
_BATCH = 50
"""How many accounts a call takes: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html"""
_PATIENCE = 120
"""How many seconds GuardDuty may take for what it does a while after it has answered."""
_DELEGATION_SECONDS = 600
"""How many seconds GuardDuty may refuse an administrator after what it stands on was made."""
_BAD_REQUEST = frozenset({"BadRequestException"})


class ProtectionPlans(BaseModel):
    """The protection plans and agents; each is switched off where it is false. Each has a price of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    S3_DATA_EVENTS: bool = Field(default=True, description="S3 Protection: data events of S3 buckets.")
    EKS_AUDIT_LOGS: bool = Field(default=True, description="EKS Protection: audit logs of Kubernetes.")
    EBS_MALWARE_PROTECTION: bool = Field(default=True, description="Malware Protection for EC2: scans of EBS volumes.")
    RDS_LOGIN_EVENTS: bool = Field(default=True, description="RDS Protection: logins to databases.")
    RDS_DATA_RISK: bool = Field(default=True, description="RDS Protection: access that puts data at risk.")
    LAMBDA_NETWORK_LOGS: bool = Field(default=True, description="Lambda Protection: network activity of functions.")
    RUNTIME_MONITORING: bool = Field(default=True, description="Runtime Monitoring of EC2, ECS on Fargate and EKS.")
    EKS_ADDON_MANAGEMENT: bool = Field(default=True, description="Runtime Monitoring: manage the agent in EKS.")
    ECS_FARGATE_AGENT_MANAGEMENT: bool = Field(default=True, description="Runtime Monitoring: manage it in Fargate.")
    EC2_AGENT_MANAGEMENT: bool = Field(default=True, description="Runtime Monitoring: manage it in EC2 instances.")
    AI_PROTECTION: bool = Field(default=True, description="AI Protection: activity of Amazon Bedrock and SageMaker AI.")


_PARENTS = {
    "RDS_DATA_RISK": "RDS_LOGIN_EVENTS",
    "EKS_ADDON_MANAGEMENT": "RUNTIME_MONITORING",
    "ECS_FARGATE_AGENT_MANAGEMENT": "RUNTIME_MONITORING",
    "EC2_AGENT_MANAGEMENT": "RUNTIME_MONITORING",
}
"""The features that are the `AdditionalConfiguration` of another."""


class GuardDuty(Step[StepConfig]):
    """Detect threats in every account and governed region, from the security tooling account.

    The SRA makes the security tooling account the administrator of GuardDuty, with every account a member and every
    protection plan on, so that its findings are in one place and no account can switch them off.
    """

    class Config(StepConfig):
        """How GuardDuty watches the organization."""

        auto_enable: Literal["ALL", "NEW", "NONE"] = Field(
            default="ALL",
            description="Which accounts GuardDuty enrolls by itself: ALL, those that join later (NEW), or NONE.",
        )
        finding_publishing_frequency: Literal["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"] = Field(
            default="FIFTEEN_MINUTES", description="How often updated findings are sent on."
        )
        protection_plans: ProtectionPlans = Field(
            default_factory=ProtectionPlans, description="The protection plans and agents, in every account."
        )

    id = "guardduty"
    after = ("accounts", "trusted_access")
    trusted_access = (_PRINCIPAL, "malware-protection.guardduty.amazonaws.com")
    administers = (_PRINCIPAL,)
    home_first = frozenset({"administrator"})
    kept = {"organization-configuration": "It goes with the administrator; enrolling new accounts is ended first."}
    reads = frozenset(
        {
            "guardduty:DescribeOrganizationConfiguration",
            "guardduty:GetDetector",
            "guardduty:GetMemberDetectors",
            "guardduty:ListDetectors",
            "guardduty:ListMembers",
            "guardduty:ListOrganizationAdminAccounts",
            "organizations:ListDelegatedAdministrators",
        }
    )
    writes = frozenset(
        {
            "guardduty:CreateDetector",
            "guardduty:CreateMembers",
            "guardduty:DeleteDetector",
            "guardduty:DeleteMembers",
            "guardduty:DisableOrganizationAdminAccount",
            "guardduty:DisassociateMembers",
            "guardduty:EnableOrganizationAdminAccount",
            "guardduty:StartMonitoringMembers",
            "guardduty:UpdateDetector",
            "guardduty:UpdateMemberDetectors",
            "guardduty:UpdateOrganizationConfiguration",
            "organizations:DeregisterDelegatedAdministrator",
        }
    )
    in_members = frozenset(
        {
            "guardduty:CreateMembers",
            "guardduty:DeleteMembers",
            "guardduty:DescribeOrganizationConfiguration",
            "guardduty:DisassociateMembers",
            "guardduty:GetMemberDetectors",
            "guardduty:ListMembers",
            "guardduty:StartMonitoringMembers",
            "guardduty:UpdateMemberDetectors",
            "guardduty:UpdateOrganizationConfiguration",
        }
    )
    implied = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:EnableAWSServiceAccess",
            "organizations:ListAccounts",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:RegisterDelegatedAdministrator",
        }
    )
    # https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/141, /151, /178 and /185
    not_yet = {
        "guardduty:CreateMembers": _BAD_REQUEST,
        "guardduty:DescribeOrganizationConfiguration": _BAD_REQUEST,
        "guardduty:GetMemberDetectors": _BAD_REQUEST,
        "guardduty:ListMembers": _BAD_REQUEST,
        "guardduty:ListOrganizationAdminAccounts": _BAD_REQUEST,
        "guardduty:StartMonitoringMembers": _BAD_REQUEST,
        "guardduty:UpdateMemberDetectors": _BAD_REQUEST,
        "guardduty:UpdateOrganizationConfiguration": _BAD_REQUEST,
    }
    considerations = (
        "One account administers GuardDuty in all regions; AWS refuses another one in a second region.",
        "With ALL, GuardDuty enrolls accounts by itself within 24 hours; this step enrolls them at once.",
        "Protection plans differ by region: what GuardDuty does not offer in a region is left out there, and noted.",
        "The management account is a member like any other, and needs a detector before it can be one.",
        "Destroying leaves GuardDuty on in the members, each on its own, and ends the delegation in all regions.",
    )
    costs = "By the amount of events and volumes analysed, for each account and region, after 30 days free of charge."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """Detectors, the administrator, and what it sets for itself, for the organization and for each member."""
        security = org.security_tooling
        plans = self.config.protection_plans.model_dump()
        # What belongs to a plan is off when the plan is.
        on = {name: wanted and plans[_PARENTS.get(name, name)] for name, wanted in plans.items()}
        statuses: Attrs = {name: "ENABLED" if is_on else "DISABLED" for name, is_on in on.items()}
        enabling: Attrs = {name: self.config.auto_enable if is_on else "NONE" for name, is_on in on.items()}
        frequency = self.config.finding_publishing_frequency
        for region in org.regions:
            yield Resource(Address("management-detector", Target(MANAGEMENT, region)), {"status": "ENABLED"})
        for region in org.regions:
            yield Resource(Address("administrator", Target(MANAGEMENT, region)), {"account": org.id_of(security)})
        for region in org.regions:
            detector: Attrs = {"status": "ENABLED", "publishing_frequency": frequency, "features": statuses}
            yield Resource(Address("detector", Target(security, region)), detector)
        for region in org.regions:
            configuration: Attrs = {"members": self.config.auto_enable, "features": enabling}
            yield Resource(Address("organization-configuration", Target(security, region)), configuration)
        if self.config.auto_enable == "ALL":
            member: Attrs = {"status": "ENABLED", "features": statuses}
            members: Attrs = {name: member for name in org.members() if name != security}
            for region in org.regions:
                yield Resource(Address("members", Target(security, region)), members)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What GuardDuty says in one region, in the management account or in the security tooling account."""
        if not aws.offers("guardduty", at.region):
            for resource in self.desired(org):
                if resource.address.at != at:
                    continue
                yield Unavailable(resource.address, (), f"GuardDuty is not offered in {at.region}.")
        elif at.account == MANAGEMENT:
            yield from _observe_management(at, org, aws, as_member=self.config.auto_enable == "ALL")
        else:
            yield from self._observe_administrator(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one region."""
        guardduty: GuardDutyClient = aws.client("guardduty", change.address.at)
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                _remove_administrator(str(change.before["account"]), org, guardduty, aws)
            case "administrator", _:
                _put_administrator(str(change.after["account"]), change.address.at.region, guardduty, aws)
            case "management-detector" | "detector", Action.DELETE:
                guardduty.delete_detector(DetectorId=_detector_id(guardduty) or "")
            case "management-detector", _:
                _enable_detector(guardduty)
            case "detector", _:
                self._put_detector(change, guardduty, aws)
            case "organization-configuration", _:
                features = self._nested(change.after, "AutoEnable", self.config.auto_enable, "NONE")
                guardduty.update_organization_configuration(
                    DetectorId=_detector_id(guardduty) or "",
                    AutoEnableOrganizationMembers=self.config.auto_enable,
                    **features,
                )
            case "members", Action.DELETE:
                _remove_members(change.before, org, guardduty, aws)
            case "members", _:
                self._put_members(change, org, guardduty, aws)

    def _observe_administrator(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        guardduty: GuardDutyClient = aws.client("guardduty", at)
        detector_id = _detector_id(guardduty)
        if detector_id is None:
            return
        detector = guardduty.get_detector(DetectorId=detector_id)
        yield from self._left_out(at, org, detector["Features"])
        found: dict[str, Value] = {
            "status": detector["Status"],
            "publishing_frequency": detector["FindingPublishingFrequency"],
            "features": _flat(detector["Features"], "Status"),
        }
        yield Resource(Address("detector", at), found)
        if org.id_of(at.account) not in _administrators_seen(at.region, aws):
            # Before it is the administrator, there is no configuration of the organization to read.
            return
        answer = guardduty.describe_organization_configuration(DetectorId=detector_id)
        configuration: dict[str, Value] = {
            "members": answer.get("AutoEnableOrganizationMembers", "NONE"),
            "features": _flat(answer["Features"], "AutoEnable"),
        }
        yield Resource(Address("organization-configuration", at), configuration)
        members = {org.name_of(member): attrs for member, attrs in _members(guardduty, detector_id).items()}
        ours = members.keys() & set(org.members())
        for name in sorted(members.keys() - {org.name_of(live.id) for live in org.live_accounts()}):
            yield Note(f"{name} is a member of GuardDuty in {at.region} by invitation; it is left alone.")
        if ours:
            yield Resource(Address("members", at), {name: members[name] for name in sorted(ours)})

    def _left_out(self, at: Target, org: Org, features: Iterable[Any]) -> Iterator[Unavailable]:
        """The features that cannot be set in a region, wherever they are named: AWS lists those that it offers."""
        offered = _flat(features, "Status")
        managed = _flat(features, "ManagedBy")
        places: list[tuple[str, tuple[str, ...]]] = [("detector", ()), ("organization-configuration", ())]
        places += (("members", (name,)) for name in org.members())
        for feature in ProtectionPlans.model_fields:
            reason = f"GuardDuty does not offer {feature} in {at.region}."
            if feature in offered:
                if managed[feature] is None:
                    continue
                reason = f"A GuardDuty policy of the organization manages {feature} in {at.region}."
            for kind, path in places:
                yield Unavailable(Address(kind, at), (*path, "features", feature), reason)

    def _put_detector(self, change: Change, guardduty: GuardDutyClient, aws: Writer) -> None:
        """Bring the administrator's detector to what is wanted.

        GuardDuty makes the detector itself a while after the delegation. Which features it offers is seen only then.
        """
        detector_id = aws.poll(lambda: _detector_id(guardduty), lambda found: found is not None, _PATIENCE)
        if detector_id is None:
            detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
        features = _features(change.after)
        if change.action is Action.CREATE:
            # Where it was seen, what it does not offer is left out already.
            offered = _flat(guardduty.get_detector(DetectorId=detector_id)["Features"], "Status")
            features = {name: status for name, status in features.items() if name in offered}
        settings: Any = self._nested({"features": features}, "Status", "ENABLED", "DISABLED")
        if "publishing_frequency" in change.after:
            settings["FindingPublishingFrequency"] = change.after["publishing_frequency"]
        guardduty.update_detector(DetectorId=detector_id, Enable=True, **settings)

    def _put_members(self, change: Change, org: Org, guardduty: GuardDutyClient, aws: Writer) -> None:
        """Enroll the accounts that are no members yet, and bring members to the same features."""
        detector_id = _detector_id(guardduty) or ""
        accounts = {org.name_of(account.id): account for account in org.live_accounts()}
        missing: list[str] = []
        paused: list[str] = []
        alike: defaultdict[str, list[str]] = defaultdict(list)
        settings: dict[str, Any] = {}
        for name, wanted in change.after.items():
            if name not in accounts:
                raise RefusalError(f"The account {name} does not exist yet.", "Run the step accounts first.")
            account_id, attrs = accounts[name].id, _attrs(wanted)
            if "status" in attrs:
                status = _attrs(change.before.get(name)).get("status")
                (paused if status in {"DISABLED", "PAUSED"} else missing).append(account_id)
            if features := self._nested(attrs, "Status", "ENABLED", "DISABLED"):
                key = repr(features)
                settings[key] = features
                alike[key].append(account_id)
        emails = {account.id: account.email for account in accounts.values()}

        def create(account_ids: Sequence[str]) -> list[UnprocessedAccountTypeDef]:
            details: list[AccountDetailTypeDef] = [{"AccountId": a, "Email": emails[a]} for a in account_ids]
            unprocessed = guardduty.create_members(DetectorId=detector_id, AccountDetails=details)[
                "UnprocessedAccounts"
            ]
            # GuardDuty enrolls accounts by itself at the same time, and then answers that they are there.
            there = _members(guardduty, detector_id) if unprocessed else {}
            return [u for u in unprocessed if there.get(u["AccountId"], {}).get("status") != "ENABLED"]

        _process(missing, create, aws)
        _process(
            paused,
            lambda ids: guardduty.start_monitoring_members(DetectorId=detector_id, AccountIds=ids)[
                "UnprocessedAccounts"
            ],
            aws,
        )
        for key, account_ids in alike.items():
            update = partial(guardduty.update_member_detectors, **settings[key])
            _process(account_ids, partial(_send, update, detector_id), aws)

    def _nested(self, attrs: Attrs, key: str, on: str, off: str) -> dict[str, Any]:
        """The features in a change as a parameter of GuardDuty; one that belongs to another is sent inside that one."""
        plans = self.config.protection_plans.model_dump()
        nested: dict[str, Any] = {}
        for name, value in _features(attrs).items():
            parent = _PARENTS.get(name, name)
            feature = nested.setdefault(parent, {"Name": parent, key: on if plans[parent] else off})
            if parent != name:
                feature.setdefault("AdditionalConfiguration", []).append({"Name": name, key: value})
        return {"Features": list(nested.values())} if nested else {}


def _observe_management(at: Target, org: Org, aws: Reader, *, as_member: bool) -> Iterator[Observation]:
    guardduty: GuardDutyClient = aws.client("guardduty", at)
    ours = org.id_of(org.security_tooling)
    administrators = _administrators_seen(at.region, aws) if org.live else []
    # One account administers all regions, so another one that is registered is in the way in each of them.
    for account_id in {*administrators, *(_registered(aws) if org.live else ())} - {ours}:
        yield Obstacle(
            Address("administrator", at),
            f"GuardDuty is administered by {org.name_of(account_id)} ({account_id}), and has one administrator only.",
            "Name that account as roles.security_tooling; or remove it in every region (aws guardduty "
            f"disable-organization-admin-account --admin-account-id {account_id}), and then from the organization (aws "
            f"organizations deregister-delegated-administrator --service-principal {_PRINCIPAL} "
            f"--account-id {account_id}).",
        )
    for account_id in administrators:
        yield Resource(Address("administrator", at), {"account": account_id})
    detector_id = _detector_id(guardduty)
    if detector_id is not None:
        # Its administrator alone sets the status of a member, and `members` shows it.
        managed = as_member and ours in administrators
        status = "ENABLED" if managed else guardduty.get_detector(DetectorId=detector_id)["Status"]
        yield Resource(Address("management-detector", at), {"status": status})


def _registered(aws: Reader) -> list[str]:
    """The account that is registered as the administrator of GuardDuty, whatever the region; asked once in a round."""

    def ask() -> list[str]:
        organizations = aws.client("organizations", Target(ORGANIZATION))
        pages = organizations.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=_PRINCIPAL)
        return [administrator["Id"] for page in pages for administrator in page["DelegatedAdministrators"]]

    return aws.once("registered administrators of GuardDuty", ask)


def _detector_id(guardduty: GuardDutyClient) -> str | None:
    """The id of the only detector that an account can have in a region."""
    return next(iter(guardduty.list_detectors()["DetectorIds"]), None)


def _enable_detector(guardduty: GuardDutyClient) -> None:
    """Make the account's detector if there is none, and enable it if it is not."""
    detector_id = _detector_id(guardduty)
    if detector_id is None:
        guardduty.create_detector(Enable=True)
    else:
        guardduty.update_detector(DetectorId=detector_id, Enable=True)


def _administrators(region: str, aws: Reader) -> list[str]:
    """The account that administers GuardDuty in a region, if any."""
    guardduty: GuardDutyClient = aws.client("guardduty", Target(MANAGEMENT, region))
    pages = guardduty.get_paginator("list_organization_admin_accounts").paginate()
    admins = (admin for page in pages for admin in page["AdminAccounts"])
    return [admin["AdminAccountId"] for admin in admins if admin["AdminStatus"] == "ENABLED"]


def _administrators_seen(region: str, aws: Reader) -> list[str]:
    """Likewise, asked once for all places of a round."""
    return aws.once(f"administrators in {region}", lambda: _administrators(region, aws))


def _put_administrator(account_id: str, region: str, guardduty: GuardDutyClient, aws: Writer) -> None:
    """Make an account the administrator in a region.

    GuardDuty answers with one and the same error when it is that already, and for a while after trusted access was
    enabled, an account was created, or the first region was delegated; so it is asked which of these it is.
    """

    def attempt() -> Exception | None:
        try:
            guardduty.enable_organization_admin_account(AdminAccountId=account_id)
        except guardduty.exceptions.BadRequestException as refusal:
            return None if account_id in _administrators(region, aws) else refusal
        return None

    refusal = aws.poll(attempt, lambda refusal: refusal is None, _DELEGATION_SECONDS)
    if refusal is not None:
        raise refusal


def _remove_administrator(account_id: str, org: Org, guardduty: GuardDutyClient, aws: Writer) -> None:
    """Disable the administrator in a region; after the last, deregister it too, which GuardDuty does not do.

    https://docs.aws.amazon.com/guardduty/latest/ug/change-guardduty-delegated-admin.html
    """
    guardduty.disable_organization_admin_account(AdminAccountId=account_id)
    if not any(_administrators(region, aws) for region in org.regions):
        organizations = aws.client("organizations", Target(ORGANIZATION))
        organizations.deregister_delegated_administrator(AccountId=account_id, ServicePrincipal=_PRINCIPAL)


def _members(guardduty: GuardDutyClient, detector_id: str) -> dict[str, dict[str, Value]]:
    """The status and the features of each member, by account id.

    Raises:
        RefusalError: GuardDuty did not tell the features of all of them.
    """
    pages = guardduty.get_paginator("list_members").paginate(DetectorId=detector_id, OnlyAssociated="false")
    members: dict[str, dict[str, Value]] = {
        member["AccountId"]: {"status": member["RelationshipStatus"].upper()}
        for page in pages
        for member in page["Members"]
    }
    enabled = [account_id for account_id, attrs in members.items() if attrs["status"] == "ENABLED"]
    for batch in _batches(enabled):
        answer = guardduty.get_member_detectors(DetectorId=detector_id, AccountIds=batch)
        _refuse(answer["UnprocessedAccounts"])
        for detector in answer["MemberDataSourceConfigurations"]:
            members[detector["AccountId"]]["features"] = _flat(detector["Features"], "Status")
    return members


def _remove_members(before: Attrs, org: Org, guardduty: GuardDutyClient, aws: Writer) -> None:
    """Let members go. GuardDuty does not, as long as it enrolls all accounts by itself.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DisassociateMembers.html
    """
    detector_id = _detector_id(guardduty) or ""
    guardduty.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="NONE")
    account_ids = [account.id for account in org.live_accounts() if before.get(org.name_of(account.id)) is not None]
    for send in (guardduty.disassociate_members, guardduty.delete_members):
        _process(account_ids, partial(_send, send, detector_id), aws)


def _send(
    operation: Callable[..., Any], detector_id: str, account_ids: Sequence[str]
) -> Sequence[UnprocessedAccountTypeDef]:
    """Call an operation on members; the accounts that it did not process."""
    unprocessed: Sequence[UnprocessedAccountTypeDef] = operation(DetectorId=detector_id, AccountIds=account_ids)[
        "UnprocessedAccounts"
    ]
    return unprocessed


def _process(
    account_ids: Sequence[str], send: Callable[[Sequence[str]], Sequence[UnprocessedAccountTypeDef]], aws: Writer
) -> None:
    """Send accounts in batches, and those again for a while that GuardDuty says it did not process.

    Raises:
        RefusalError: some were not processed in the end.
    """
    for batch in _batches(account_ids):
        left: list[str] = list(batch)

        def attempt(left: list[str] = left) -> Sequence[UnprocessedAccountTypeDef]:
            unprocessed = send(left)
            left[:] = [account["AccountId"] for account in unprocessed]
            return unprocessed

        _refuse(aws.poll(attempt, lambda unprocessed: not unprocessed, _PATIENCE))


def _refuse(unprocessed: Sequence[UnprocessedAccountTypeDef]) -> None:
    if unprocessed:
        reasons = "; ".join(f"{account['AccountId']}: {account['Result']}" for account in unprocessed)
        raise RefusalError(
            f"GuardDuty did not process {len(unprocessed)} accounts: {reasons}",
            "Enable the region in these accounts, if it is not; then run it again.",
        )


def _batches(account_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (account_ids[start : start + _BATCH] for start in range(0, len(account_ids), _BATCH))


def _flat(features: Iterable[Any], key: str) -> dict[str, Value]:
    """One value of each feature by name, of those too that belong to another."""
    flat: dict[str, Value] = {}
    for feature in features:
        for one in (feature, *feature.get("AdditionalConfiguration", ())):
            flat[one["Name"]] = one.get(key)
    return flat


def _features(attrs: Attrs) -> Attrs:
    return _attrs(attrs.get("features"))


def _attrs(value: Value) -> Attrs:
    return value if isinstance(value, Mapping) else {}
