"""Amazon GuardDuty, administered from the security tooling account in every governed region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value, nested
from steps.common import administrator, members
from steps.common.administrator import Service
from steps.common.members import Unprocessed
from steps.common.offers import unoffered

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient
    from mypy_boto3_guardduty.type_defs import AccountDetailTypeDef, UnprocessedAccountTypeDef

_BATCH = 50
"""How many accounts a call takes: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html"""
_ASSOCIATED = frozenset({"ENABLED", "DISABLED", "PAUSED"})
"""How a member stands whom GuardDuty is managed for, in capitals.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Member.html
"""
_BAD_REQUEST = frozenset({"BadRequestException"})


def _administrators(region: str, aws: Reader) -> list[str]:
    guardduty: GuardDutyClient = aws.client("guardduty", Target(MANAGEMENT, region))
    pages = guardduty.get_paginator("list_organization_admin_accounts").paginate()
    admins = (admin for page in pages for admin in page["AdminAccounts"])
    return [admin["AdminAccountId"] for admin in admins if admin["AdminStatus"] == "ENABLED"]


_SERVICE = Service(
    name="GuardDuty",
    client="guardduty",
    principal="guardduty.amazonaws.com",
    removal="guardduty disable-organization-admin-account --admin-account-id {account}",
    administrators=_administrators,
)


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
    follows = ("regions",)
    trusted_access = (_SERVICE.principal, "malware-protection.guardduty.amazonaws.com")
    administers = (_SERVICE.principal,)
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
    implied = administrator.IMPLIED
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
        yield from administrator.desired(org)
        for region in org.regions:
            detector: Attrs = {"status": "ENABLED", "publishing_frequency": frequency, "features": statuses}
            yield Resource(Address("detector", Target(security, region)), detector)
        for region in org.regions:
            configuration: Attrs = {"members": self.config.auto_enable, "features": enabling}
            yield Resource(Address("organization-configuration", Target(security, region)), configuration)
        if self.config.auto_enable == "ALL":
            member: Attrs = {"status": "ENABLED", "features": statuses}
            wanted: Attrs = {name: member for name in org.members() if name != security}
            for region in org.regions:
                yield Resource(Address("members", Target(security, region)), wanted)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What GuardDuty says in one region, in the management account or in the security tooling account."""
        if not aws.offers("guardduty", at.region):
            yield from unoffered(self.desired(org), at, "GuardDuty")
        elif at.account == MANAGEMENT:
            yield from _observe_management(at, org, aws, as_member=self.config.auto_enable == "ALL")
        else:
            yield from self._observe_administrator(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one region."""
        guardduty: GuardDutyClient = aws.client("guardduty", change.address.at)
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                disable = guardduty.disable_organization_admin_account
                administrator.dismiss(
                    _SERVICE, change, lambda account: disable(AdminAccountId=account), org, aws, regions=org.regions
                )
            case "administrator", _:
                enable = guardduty.enable_organization_admin_account
                refused = guardduty.exceptions.BadRequestException
                administrator.appoint(_SERVICE, change, lambda account: enable(AdminAccountId=account), refused, aws)
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
        if not administrator.is_ours(_SERVICE, at.region, org, aws):
            # Before it is the administrator, there is no configuration of the organization to read.
            return
        answer = guardduty.describe_organization_configuration(DetectorId=detector_id)
        configuration: dict[str, Value] = {
            "members": answer.get("AutoEnableOrganizationMembers", "NONE"),
            "features": _flat(answer["Features"], "AutoEnable"),
        }
        yield Resource(Address("organization-configuration", at), configuration)
        yield from members.observed("GuardDuty", at, org, _members(guardduty, detector_id))

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
        detector_id = aws.poll(lambda: _detector_id(guardduty), lambda found: found is not None, members.PATIENCE)
        if detector_id is None:
            detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
        features = nested(change.after, "features")
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
        emails: dict[str, str] = {}
        missing: list[str] = []
        paused: list[str] = []
        alike: defaultdict[str, list[str]] = defaultdict(list)
        settings: dict[str, Any] = {}
        for name in change.after:
            account, attrs = members.live(name, org), nested(change.after, name)
            emails[account.id] = account.email
            if "status" in attrs:
                status = nested(change.before, name).get("status")
                (paused if status in {"DISABLED", "PAUSED"} else missing).append(account.id)
            if features := self._nested(attrs, "Status", "ENABLED", "DISABLED"):
                key = repr(features)
                settings[key] = features
                alike[key].append(account.id)

        def create(account_ids: Sequence[str]) -> Unprocessed:
            details: list[AccountDetailTypeDef] = [{"AccountId": a, "Email": emails[a]} for a in account_ids]
            answer = guardduty.create_members(DetectorId=detector_id, AccountDetails=details)
            unprocessed = _unprocessed(answer["UnprocessedAccounts"])
            # GuardDuty enrolls accounts by itself at the same time, and then answers that they are there.
            there = _statuses(guardduty, detector_id) if unprocessed else {}
            return {a: why for a, why in unprocessed.items() if there.get(a) != "ENABLED"}

        _process(missing, create, aws)
        _process(paused, partial(_send, guardduty.start_monitoring_members, detector_id), aws)
        for key, account_ids in alike.items():
            update = partial(guardduty.update_member_detectors, **settings[key])
            _process(account_ids, partial(_send, update, detector_id), aws)

    def _nested(self, attrs: Attrs, key: str, on: str, off: str) -> dict[str, Any]:
        """The features in a change as a parameter of GuardDuty; one that belongs to another is sent inside that one."""
        plans = self.config.protection_plans.model_dump()
        sent: dict[str, Any] = {}
        for name, value in nested(attrs, "features").items():
            parent = _PARENTS.get(name, name)
            feature = sent.setdefault(parent, {"Name": parent, key: on if plans[parent] else off})
            if parent != name:
                feature.setdefault("AdditionalConfiguration", []).append({"Name": name, key: value})
        return {"Features": list(sent.values())} if sent else {}


def _observe_management(at: Target, org: Org, aws: Reader, *, as_member: bool) -> Iterator[Observation]:
    guardduty: GuardDutyClient = aws.client("guardduty", at)
    yield from administrator.observe(_SERVICE, at, org, aws, regions=org.regions)
    detector_id = _detector_id(guardduty)
    if detector_id is not None:
        # Its administrator alone sets the status of a member, and `members` shows it.
        managed = as_member and administrator.is_ours(_SERVICE, at.region, org, aws)
        status = "ENABLED" if managed else guardduty.get_detector(DetectorId=detector_id)["Status"]
        yield Resource(Address("management-detector", at), {"status": status})


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


def _statuses(guardduty: GuardDutyClient, detector_id: str) -> dict[str, str]:
    """How each member stands, in capitals, by account id."""
    pages = guardduty.get_paginator("list_members").paginate(DetectorId=detector_id, OnlyAssociated="false")
    return {member["AccountId"]: member["RelationshipStatus"].upper() for page in pages for member in page["Members"]}


def _members(guardduty: GuardDutyClient, detector_id: str) -> dict[str, dict[str, Value]]:
    """The status and the features of each member, by account id.

    Raises:
        RefusalError: GuardDuty did not tell the features of all of them.
    """
    statuses = _statuses(guardduty, detector_id)
    found: dict[str, dict[str, Value]] = {account_id: {"status": status} for account_id, status in statuses.items()}
    enabled = [account_id for account_id, status in statuses.items() if status == "ENABLED"]
    for batch in members.in_batches(enabled, _BATCH):
        answer = guardduty.get_member_detectors(DetectorId=detector_id, AccountIds=batch)
        members.refuse("GuardDuty", _unprocessed(answer["UnprocessedAccounts"]))
        for detector in answer["MemberDataSourceConfigurations"]:
            found[detector["AccountId"]]["features"] = _flat(detector["Features"], "Status")
    return found


def _remove_members(before: Attrs, org: Org, guardduty: GuardDutyClient, aws: Writer) -> None:
    """Let members go, of whom some may have gone. GuardDuty does not, as long as it enrolls all accounts by itself.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DisassociateMembers.html
    """
    detector_id = _detector_id(guardduty) or ""
    guardduty.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="NONE")
    statuses = _statuses(guardduty, detector_id)
    present = [account.id for name in before if (account := members.live(name, org)).id in statuses]
    associated = [account_id for account_id in present if statuses[account_id] in _ASSOCIATED]
    _process(associated, partial(_send, guardduty.disassociate_members, detector_id), aws)
    _process(present, partial(_send, guardduty.delete_members, detector_id), aws)


def _send(operation: Callable[..., Any], detector_id: str, account_ids: Sequence[str]) -> Unprocessed:
    """Call an operation on members; the accounts that it did not process."""
    return _unprocessed(operation(DetectorId=detector_id, AccountIds=account_ids)["UnprocessedAccounts"])


def _unprocessed(accounts: Iterable[UnprocessedAccountTypeDef]) -> Unprocessed:
    return {account["AccountId"]: account["Result"] for account in accounts}


def _process(account_ids: Sequence[str], send: Callable[[Sequence[str]], Unprocessed], aws: Writer) -> None:
    members.process("GuardDuty", account_ids, _BATCH, send, aws)


def _flat(features: Iterable[Any], key: str) -> dict[str, Value]:
    """One value of each feature by name, of those too that belong to another."""
    flat: dict[str, Value] = {}
    for feature in features:
        for one in (feature, *feature.get("AdditionalConfiguration", ())):
            flat[one["Name"]] = one.get(key)
    return flat
