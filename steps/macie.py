"""Amazon Macie, administered from the security tooling account in every governed region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value, nested
from steps.common import administrator, members
from steps.common.administrator import Service
from steps.common.members import Unprocessed
from steps.common.offers import unoffered

if TYPE_CHECKING:
    from mypy_boto3_macie2 import Macie2Client

_BATCH = 50
"""How many accounts a call may name.

https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-accounts.html
"""
_ON_ITS_WAY = "CREATED"
"""How an account stands, in capitals, that is being enrolled.

https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-review.html
"""
_DENIED = frozenset({"AccessDeniedException"})


def _administrators(region: str, aws: Reader) -> list[str]:
    macie: Macie2Client = aws.client("macie2", Target(MANAGEMENT, region))
    pages = macie.get_paginator("list_organization_admin_accounts").paginate()
    admins = (admin for page in pages for admin in page["adminAccounts"])
    return [admin["accountId"] for admin in admins if admin["status"] == "ENABLED"]


_SERVICE = Service(
    name="Macie",
    client="macie2",
    principal="macie.amazonaws.com",
    removal="macie2 disable-organization-admin-account --admin-account-id {account}",
    administrators=_administrators,
    # https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-admin-change.html
    beforehand="have it let the management account go, if that is its member (aws macie2 disassociate-member), then ",
)


class SecurityHub(BaseModel):
    """Which findings Macie publishes to Security Hub."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy_findings: bool = Field(default=True, description="Findings of buckets that are not secure or private.")
    classification_findings: bool = Field(default=True, description="Findings of sensitive data in objects.")
    members: bool = Field(
        default=False,
        description="Whether every member publishes alike what it finds itself; every plan then asks each of them.",
    )


class AutomatedDiscovery(BaseModel):
    """Automated sensitive data discovery; where it is false it is switched off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        default=False,
        description="Whether Macie samples objects for sensitive data; charged for each object and gigabyte.",
    )
    members: Literal["ALL", "NEW", "NONE"] = Field(
        default="ALL", description="For which members: ALL, those that are enrolled later (NEW), or NONE."
    )


class Macie(Step[StepConfig]):
    """Watch the buckets of every account and governed region for sensitive data, from the security tooling account.

    The SRA makes the security tooling account the administrator of Macie, with every account a member, and has its
    findings published to Security Hub. Where the results of discovery are stored belongs to the logging of the
    organization, and is left as it is.
    """

    class Config(StepConfig):
        """How Macie watches the organization."""

        auto_enable: Literal["ALL", "NEW", "NONE"] = Field(
            default="ALL",
            description="Which accounts are enrolled: ALL, only those that join later (NEW), or NONE.",
        )
        finding_publishing_frequency: Literal["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"] = Field(
            default="FIFTEEN_MINUTES", description="How often updates of policy findings are sent on."
        )
        security_hub: SecurityHub = Field(
            default_factory=SecurityHub, description="What the administrator and the management account publish."
        )
        automated_discovery: AutomatedDiscovery = Field(
            default_factory=AutomatedDiscovery,
            description="Automated sensitive data discovery: charged for each object and gigabyte.",
        )

    id = "macie"
    after = ("accounts", "trusted_access")
    follows = ("regions",)
    trusted_access = (_SERVICE.principal,)
    administers = (_SERVICE.principal,)
    home_first = frozenset({"administrator"})
    kept = {
        "organization-configuration": "It goes with the administrator; enrolling new accounts is ended first.",
        "automated-discovery": "It goes with the session of the administrator.",
        "publication": "Macie stays on in the members, each on its own.",
    }
    reads = frozenset(
        {
            "macie2:DescribeOrganizationConfiguration",
            "macie2:GetAutomatedDiscoveryConfiguration",
            "macie2:GetFindingsPublicationConfiguration",
            "macie2:GetMacieSession",
            "macie2:ListAutomatedDiscoveryAccounts",
            "macie2:ListMembers",
            "macie2:ListOrganizationAdminAccounts",
            "organizations:ListDelegatedAdministrators",
        }
    )
    writes = frozenset(
        {
            "macie2:BatchUpdateAutomatedDiscoveryAccounts",
            "macie2:CreateMember",
            "macie2:DeleteMember",
            "macie2:DisableMacie",
            "macie2:DisableOrganizationAdminAccount",
            "macie2:DisassociateMember",
            "macie2:EnableMacie",
            "macie2:EnableOrganizationAdminAccount",
            "macie2:PutFindingsPublicationConfiguration",
            "macie2:UpdateAutomatedDiscoveryConfiguration",
            "macie2:UpdateMacieSession",
            "macie2:UpdateMemberSession",
            "macie2:UpdateOrganizationConfiguration",
            "organizations:DeregisterDelegatedAdministrator",
        }
    )
    in_members = frozenset(
        {
            "macie2:BatchUpdateAutomatedDiscoveryAccounts",
            "macie2:CreateMember",
            "macie2:DeleteMember",
            "macie2:DescribeOrganizationConfiguration",
            "macie2:DisassociateMember",
            "macie2:GetAutomatedDiscoveryConfiguration",
            "macie2:ListAutomatedDiscoveryAccounts",
            "macie2:ListMembers",
            "macie2:UpdateAutomatedDiscoveryConfiguration",
            "macie2:UpdateMemberSession",
            "macie2:UpdateOrganizationConfiguration",
        }
    )
    implied = administrator.IMPLIED
    # The administrator is not known as such at once: AWS's own example waits for it.
    # https://github.com/aws-samples/aws-security-reference-architecture-examples
    not_yet = {
        "macie2:DescribeOrganizationConfiguration": _DENIED,
        "macie2:UpdateOrganizationConfiguration": _DENIED,
    }
    considerations = (
        "One account administers Macie in all regions; AWS refuses another one in a second region.",
        "Macie enrolls accounts by itself when they join the organization; this step enrolls those that are there.",
        "The management account is a member like any other, and needs a session before it can be one.",
        "As long as the management account is a member, AWS does not let it change the administrator.",
        "What a member finds it publishes itself: policy findings from the beginning, and others as config says.",
        "As long as automated discovery is off, Security Hub finds fault with that (Macie.2).",
        "Where results of discovery are stored is part of logging, and is not touched here.",
        "Destroying leaves Macie on in the members, each on its own, and ends the delegation in all regions.",
    )
    costs = (
        "For each bucket that is evaluated, and with automated discovery for each object that is watched and each "
        "gigabyte that is inspected, in each account and region; after 30 days free of charge."
    )
    irreversible = "Destroying deletes what Macie has found in the management and the security tooling account."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao.html",
        "https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao-notes.html",
        "https://docs.aws.amazon.com/macie/latest/user/discovery-asdd-account-enable.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """Sessions, the administrator, and what it sets for the organization and for each member."""
        config, security = self.config, org.security_tooling
        session: Attrs = {
            "status": "ENABLED",
            "publishing_frequency": config.finding_publishing_frequency,
            "security_hub": self._published(),
        }
        for region in org.regions:
            yield Resource(Address("session", Target(MANAGEMENT, region)), session)
            yield Resource(Address("session", Target(security, region)), session)
        yield from administrator.desired(org)
        for region in org.regions:
            configuration: Attrs = {"auto_enable": config.auto_enable != "NONE"}
            yield Resource(Address("organization-configuration", Target(security, region)), configuration)
        for region in org.regions:
            yield Resource(Address("automated-discovery", Target(security, region)), self._discovery())
        if config.auto_enable == "ALL":
            member: Attrs = {"status": "ENABLED"} | ({"automated_discovery": "ENABLED"} if self._for_all() else {})
            wanted: Attrs = {name: member for name in org.members() if name != security}
            for region in org.regions:
                yield Resource(Address("members", Target(security, region)), wanted)
            for name in wanted if config.security_hub.members else ():
                if name != MANAGEMENT:
                    for region in org.regions:
                        yield Resource(Address("publication", Target(name, region)), self._published())

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What Macie says in one region, in the management account, its administrator's or a member."""
        if not aws.offers("macie2", at.region):
            yield from unoffered(self.desired(org), at, "Macie")
        elif at.account == MANAGEMENT:
            for session in _observe_session(at, aws):
                yield _as_of_member(session, org, aws) if self.config.auto_enable == "ALL" else session
            yield from administrator.observe(_SERVICE, at, org, aws, regions=org.regions)
        elif at.account == org.security_tooling:
            yield from self._observe_administrator(at, org, aws)
        else:
            for session in _observe_session(at, aws):
                yield Resource(Address("publication", at), nested(session.attrs, "security_hub"))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one region."""
        macie: Macie2Client = aws.client("macie2", change.address.at)
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                disable = macie.disable_organization_admin_account
                administrator.dismiss(
                    _SERVICE, change, lambda account: disable(adminAccountId=account), org, aws, regions=org.regions
                )
            case "administrator", _:
                enable = macie.enable_organization_admin_account
                refused = (macie.exceptions.ConflictException, macie.exceptions.ValidationException)
                administrator.appoint(_SERVICE, change, lambda account: enable(adminAccountId=account), refused, aws)
            case "session", Action.DELETE:
                if _session(macie) is not None:
                    macie.disable_macie()
            case "session", _:
                self._put_session(change, macie)
            case "publication", _:
                self._publish(macie)
            case "organization-configuration", _:
                macie.update_organization_configuration(autoEnable=self.config.auto_enable != "NONE")
            case "automated-discovery", _:
                wanted = self._discovery()
                mode: Any = {"autoEnableOrganizationMembers": wanted["members"]} if "members" in wanted else {}
                macie.update_automated_discovery_configuration(status=wanted["status"], **mode)
            case "members", Action.DELETE:
                _remove_members(change.before, org, macie)
            case "members", _:
                _put_members(change, org, macie, aws)

    def _discovery(self) -> dict[str, Any]:
        wanted = self.config.automated_discovery
        return {"status": "ENABLED", "members": wanted.members} if wanted.enabled else {"status": "DISABLED"}

    def _for_all(self) -> bool:
        """Whether every member is to be subject to automated discovery."""
        return self._discovery().get("members") == "ALL"

    def _observe_administrator(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        sessions = list(_observe_session(at, aws))
        yield from sessions
        if not sessions or not administrator.is_ours(_SERVICE, at.region, org, aws):
            # Before it is the administrator, there is no configuration of the organization to read.
            return
        macie: Macie2Client = aws.client("macie2", at)
        auto_enable = macie.describe_organization_configuration()["autoEnable"]
        yield Resource(Address("organization-configuration", at), {"auto_enable": auto_enable})
        answer = macie.get_automated_discovery_configuration()
        discovery: Attrs = {"status": answer["status"], "members": answer["autoEnableOrganizationMembers"]}
        yield Resource(Address("automated-discovery", at), discovery)
        found = _members(macie)
        if self._for_all():
            # Where it is off, it is off for every member, and enabling it enables it for every member.
            on = answer["status"] == "ENABLED"
            discovered = _discovered(macie) if on else {}
            for account_id, attrs in found.items():
                attrs["automated_discovery"] = discovered.get(account_id) if on else "ENABLED"
        yield from members.observed("Macie", at, org, found, on_its_way=_ON_ITS_WAY)

    def _put_session(self, change: Change, macie: Macie2Client) -> None:
        names = {"status": "status", "publishing_frequency": "findingPublishingFrequency"}
        settings: Any = {names[key]: value for key, value in change.after.items() if key in names}
        if change.action is Action.CREATE:
            try:
                macie.enable_macie(**settings)
            except macie.exceptions.ConflictException:
                macie.update_macie_session(**settings)
        elif settings:
            macie.update_macie_session(**settings)
        if "security_hub" in change.after:
            self._publish(macie)

    def _published(self) -> Attrs:
        return self.config.security_hub.model_dump(exclude={"members"})

    def _publish(self, macie: Macie2Client) -> None:
        """Set both: Macie takes them together."""
        wanted = self.config.security_hub
        macie.put_findings_publication_configuration(
            securityHubConfiguration={
                "publishPolicyFindings": wanted.policy_findings,
                "publishClassificationFindings": wanted.classification_findings,
            }
        )


def is_off(denial: Exception) -> bool:
    """Whether a denial only says that the account has not enabled Macie.

    Macie answers that with the code of a denial, and only its text tells the two apart:
    https://github.com/prowler-cloud/prowler/issues/1279. Any other text is a denial.
    """
    return "Macie is not enabled" in str(denial)


def _session(macie: Macie2Client) -> dict[str, Value] | None:
    """The session of an account, or None where it has not enabled Macie."""
    try:
        answer = macie.get_macie_session()
    except macie.exceptions.AccessDeniedException as denial:
        if is_off(denial):
            return None
        raise
    return {"status": answer["status"], "publishing_frequency": answer["findingPublishingFrequency"]}


def _observe_session(at: Target, aws: Reader) -> Iterator[Resource]:
    """The session of an account, if there is one."""
    macie: Macie2Client = aws.client("macie2", at)
    session = _session(macie)
    if session is not None:
        published = macie.get_findings_publication_configuration()["securityHubConfiguration"]
        security_hub: Attrs = {
            "policy_findings": published["publishPolicyFindings"],
            "classification_findings": published["publishClassificationFindings"],
        }
        yield Resource(Address("session", at), {**session, "security_hub": security_hub})


def _as_of_member(session: Resource, org: Org, aws: Reader) -> Resource:
    """Its administrator alone sets the status of a member, and `members` shows it."""
    paused = session.attrs["status"] == "PAUSED"
    if paused and administrator.is_ours(_SERVICE, session.address.at.region, org, aws):
        return Resource(session.address, {**session.attrs, "status": "ENABLED"})
    return session


def _members(macie: Macie2Client) -> dict[str, dict[str, Value]]:
    """The status of each account that has to do with the administrator, by account id."""
    pages = macie.get_paginator("list_members").paginate(onlyAssociated="false")
    return {
        member["accountId"]: {"status": member["relationshipStatus"].upper()}
        for page in pages
        for member in page["members"]
    }


def _discovered(macie: Macie2Client) -> dict[str, str]:
    """Whether each account is subject to automated discovery."""
    pages = macie.get_paginator("list_automated_discovery_accounts").paginate()
    return {item["accountId"]: item["status"] for page in pages for item in page["items"]}


def _put_members(change: Change, org: Org, macie: Macie2Client, aws: Writer) -> None:
    """Enroll the accounts that are no members yet, enable those that are suspended, and have them discovered."""
    missing: list[str] = []
    undiscovered: list[str] = []
    emails: dict[str, str] = {}
    removed: set[str] = set()
    for name in change.after:
        account, attrs = members.live(name, org), nested(change.after, name)
        emails[account.id] = account.email
        status = nested(change.before, name).get("status")
        if "status" in attrs and status != "PAUSED":
            # Macie has it discovered by itself.
            missing.append(account.id)
            removed |= {account.id} if status == "REMOVED" else set()
            continue
        if "status" in attrs:
            macie.update_member_session(id=account.id, status="ENABLED")
        if "automated_discovery" in attrs:
            undiscovered.append(account.id)

    def create(account_ids: Sequence[str]) -> Unprocessed:
        unprocessed: dict[str, str] = {}
        for account_id in account_ids:
            try:
                if account_id in removed:
                    # As https://github.com/awslabs/landing-zone-accelerator-on-aws does.
                    macie.delete_member(id=account_id)
                    removed.discard(account_id)
                macie.create_member(account={"accountId": account_id, "email": emails[account_id]})
            except (macie.exceptions.ConflictException, macie.exceptions.ValidationException) as refusal:
                unprocessed[account_id] = refusal.response["Error"]["Message"]
        # Macie enrolls accounts by itself at the same time, and then answers that they are there.
        there = _members(macie) if unprocessed else {}
        return {
            a: why for a, why in unprocessed.items() if there.get(a, {}).get("status") not in {_ON_ITS_WAY, "ENABLED"}
        }

    def discover(account_ids: Sequence[str]) -> Unprocessed:
        accounts: Any = [{"accountId": account_id, "status": "ENABLED"} for account_id in account_ids]
        errors = macie.batch_update_automated_discovery_accounts(accounts=accounts)["errors"]
        return {error["accountId"]: error["errorCode"] for error in errors}

    members.process("Macie", missing, max(len(missing), 1), create, aws)
    members.process("Macie", undiscovered, _BATCH, discover, aws)


def _remove_members(before: Attrs, org: Org, macie: Macie2Client) -> None:
    """Let members go, and those that join from now on."""
    macie.update_organization_configuration(autoEnable=False)
    there = _members(macie)
    for name in before:
        account_id = members.live(name, org).id
        status = there.get(account_id, {}).get("status")
        if status not in {None, "REMOVED"}:
            macie.disassociate_member(id=account_id)
        if status is not None:
            macie.delete_member(id=account_id)
