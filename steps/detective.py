"""Amazon Detective, administered from the security tooling account in every governed region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Note, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value, nested
from steps.common import administrator, members
from steps.common.administrator import Service
from steps.common.members import Unprocessed
from steps.common.offers import unoffered

if TYPE_CHECKING:
    from mypy_boto3_detective import DetectiveClient
    from mypy_boto3_detective.type_defs import AccountTypeDef, UnprocessedAccountTypeDef

_BATCH = 50
"""How many accounts a call takes: https://docs.aws.amazon.com/detective/latest/APIReference/API_CreateMembers.html"""
_ON_ITS_WAY = "VERIFICATION_IN_PROGRESS"
"""How an account stands that will soon contribute data, without any doing."""
_DENIED = frozenset({"AccessDeniedException", "ValidationException"})


def _graphs(region: str, aws: Reader) -> dict[str, str]:
    """The organization's behavior graph in a region, by the account that administers it."""
    detective: DetectiveClient = aws.client("detective", Target(MANAGEMENT, region))
    pages = _pages(detective.list_organization_admin_accounts)
    return {one["AccountId"]: one["GraphArn"] for page in pages for one in page["Administrators"]}


_SERVICE = Service(
    name="Detective",
    client="detective",
    principal="detective.amazonaws.com",
    removal="detective disable-organization-admin-account",
    administrators=_graphs,
)


class DataSources(BaseModel):
    """The optional data source packages. One that is false is not started; AWS has no call that stops it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    EKS_AUDIT: bool = Field(default=True, description="Audit logs of Amazon EKS; charged by the GB.")
    ASFF_SECURITYHUB_FINDING: bool = Field(default=True, description="Findings in Security Hub; charged by the GB.")


class Detective(Step[StepConfig]):
    """Investigate findings across all accounts in a behavior graph, from the security tooling account.

    The SRA makes the security tooling account the administrator of Detective, as it is of GuardDuty and Security Hub,
    with every account a member of its behavior graph; it does not count Detective among what every organization needs.
    """

    class Config(StepConfig):
        """What Detective takes in of the organization."""

        enabled: bool = Field(
            default=False,
            description="Off by default: AWS charges for every GB taken in, and the SRA does not count it as baseline.",
        )
        auto_enable: Literal["ALL", "NEW", "NONE"] = Field(
            default="ALL", description="Which accounts become members: ALL, those that join later (NEW), or NONE."
        )
        data_sources: DataSources = Field(
            default_factory=DataSources,
            description="The data source packages beside CloudTrail, VPC flow logs and findings of GuardDuty.",
        )

    id = "detective"
    after = ("accounts", "trusted_access", "guardduty")
    trusted_access = (_SERVICE.principal,)
    administers = (_SERVICE.principal,)
    home_first = frozenset({"administrator"})
    kept = {"behavior-graph": "AWS deletes it with the administrator; enabling new accounts is ended first."}
    reads = frozenset(
        {
            "detective:DescribeOrganizationConfiguration",
            "detective:ListDatasourcePackages",
            "detective:ListMembers",
            "detective:ListOrganizationAdminAccounts",
            "organizations:ListDelegatedAdministrators",
        }
    )
    writes = frozenset(
        {
            "detective:CreateMembers",
            "detective:DeleteMembers",
            "detective:DisableOrganizationAdminAccount",
            "detective:EnableOrganizationAdminAccount",
            "detective:StartMonitoringMember",
            "detective:UpdateDatasourcePackages",
            "detective:UpdateOrganizationConfiguration",
            "organizations:DeregisterDelegatedAdministrator",
        }
    )
    in_members = frozenset(
        {
            "detective:CreateMembers",
            "detective:DeleteMembers",
            "detective:DescribeOrganizationConfiguration",
            "detective:ListDatasourcePackages",
            "detective:ListMembers",
            "detective:StartMonitoringMember",
            "detective:UpdateDatasourcePackages",
            "detective:UpdateOrganizationConfiguration",
        }
    )
    implied = administrator.IMPLIED
    # https://github.com/aws-samples/aws-security-reference-architecture-examples waits after the delegation instead.
    not_yet = {
        "detective:CreateMembers": _DENIED,
        "detective:DescribeOrganizationConfiguration": _DENIED,
        "detective:ListDatasourcePackages": _DENIED,
        "detective:ListMembers": _DENIED,
        "detective:ListOrganizationAdminAccounts": frozenset({"ValidationException"}),
        "detective:UpdateDatasourcePackages": _DENIED,
        "detective:UpdateOrganizationConfiguration": _DENIED,
    }
    considerations = (
        "One account administers Detective in all regions; the same as GuardDuty's and Security Hub's, AWS recommends.",
        "A behavior graph that the administrator has becomes the organization's, with the members that it has.",
        "A behavior graph takes 1,200 members and 10 TB a day; beyond that, AWS does not enable an account.",
        "Detective enables accounts that join by itself, and never those that are there; this step enables them.",
        "A data source package that config.yaml no longer names goes on: stop it in the console of Detective.",
    )
    costs = "By the GB that Detective takes in, for each account and region, after 30 days free of charge."
    irreversible = (
        "Destroying deletes the behavior graph in every region, with up to a year of data, also that of members by "
        "invitation. A data source package that was started is stopped only in the console."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/detective/latest/userguide/accounts.html",
        "https://docs.aws.amazon.com/detective/latest/userguide/detective-source-data-about.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """The administrator, and what it sets for the organization, for its behavior graph and for each member."""
        yield from administrator.desired(org)
        graph: dict[str, Value] = {"auto_enable": self.config.auto_enable != "NONE"}
        if packages := self._wanted_packages():
            graph["data_sources"] = dict.fromkeys(packages, "STARTED")
        for region in org.regions:
            yield Resource(Address("behavior-graph", Target(org.security_tooling, region)), graph)
        if self.config.auto_enable == "ALL":
            wanted: Attrs = {name: {"status": "ENABLED"} for name in org.members() if name != org.security_tooling}
            for region in org.regions:
                yield Resource(Address("members", Target(org.security_tooling, region)), wanted)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What Detective says in one region, in the management account or in the security tooling account."""
        if not aws.offers("detective", at.region):
            yield from unoffered(self.desired(org), at, "Detective")
        elif at.account == MANAGEMENT:
            yield from administrator.observe(_SERVICE, at, org, aws, regions=org.regions)
        else:
            yield from self._observe_graph(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one region."""
        detective: DetectiveClient = aws.client("detective", change.address.at)
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                disable = detective.disable_organization_admin_account
                administrator.dismiss(_SERVICE, change, lambda _: disable(), org, aws, regions=org.regions)
            case "administrator", _:
                enable = detective.enable_organization_admin_account
                refused = detective.exceptions.ValidationException
                administrator.appoint(_SERVICE, change, lambda account: enable(AccountId=account), refused, aws)
            case "behavior-graph", _:
                _put_graph(change, org, detective, aws)
            case "members", Action.DELETE:
                _remove_members(change, org, detective, aws)
            case "members", _:
                _put_members(change, org, detective, aws)

    def _wanted_packages(self) -> list[str]:
        return [name for name, wanted in self.config.data_sources.model_dump().items() if wanted]

    def _observe_graph(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        if not administrator.is_ours(_SERVICE, at.region, org, aws):
            # Before it is the administrator, there is no behavior graph of the organization to read.
            return
        detective: DetectiveClient = aws.client("detective", at)
        graph = administrator.seen(_SERVICE, at.region, aws)[str(org.id_of(at.account))]
        configuration = detective.describe_organization_configuration(GraphArn=graph)
        packages = _packages(detective, graph)
        for name in DataSources.model_fields:
            if packages.get(name) == "STARTED" and name not in self._wanted_packages():
                yield Note(f"The data source package {name} is started in {at.region}; AWS has no call that stops it.")
        seen: Attrs = {"auto_enable": configuration["AutoEnable"], "data_sources": packages}
        yield Resource(Address("behavior-graph", at), seen)
        found = {account_id: {"status": status} for account_id, status in _members(detective, graph).items()}
        yield from members.observed("Detective", at, org, found, on_its_way=_ON_ITS_WAY)


def _pages(operation: Callable[..., Any], **parameters: str) -> Iterator[Any]:
    """Every page of a list: the SDK has no paginators for Detective."""
    page = operation(**parameters)
    yield page
    while token := page.get("NextToken"):
        page = operation(**parameters, NextToken=token)
        yield page


def _awaited_graph(at: Target, org: Org, aws: Writer) -> str:
    """The behavior graph that the security tooling account administers, which may be made after the delegation.

    Raises:
        RefusalError: it has not appeared.
    """
    ours = str(org.id_of(at.account))
    graph = aws.poll(lambda: _graphs(at.region, aws).get(ours), lambda found: found is not None, members.PATIENCE)
    if graph is None:
        raise RefusalError("Detective has not made a behavior graph for its administrator.", "Run it again in a while.")
    return graph


def _packages(detective: DetectiveClient, graph: str) -> dict[str, str]:
    """The state of each data source package that was ever started."""
    pages = _pages(detective.list_datasource_packages, GraphArn=graph)
    details = (item for page in pages for item in page["DatasourcePackages"].items())
    return {name: detail["DatasourcePackageIngestState"] for name, detail in details}


def _put_graph(change: Change, org: Org, detective: DetectiveClient, aws: Writer) -> None:
    graph = _awaited_graph(change.address.at, org, aws)
    if "auto_enable" in change.after:
        detective.update_organization_configuration(GraphArn=graph, AutoEnable=bool(change.after["auto_enable"]))
    if wanted := nested(change.after, "data_sources"):
        # Those that are started are named too: AWS does not say what it does to one that is not named.
        started = [name for name, state in _packages(detective, graph).items() if state == "STARTED"]
        named: Any = sorted({*started, *wanted})
        detective.update_datasource_packages(GraphArn=graph, DatasourcePackages=named)


def _members(detective: DetectiveClient, graph: str) -> dict[str, str]:
    """The status of each member, by account id."""
    pages = _pages(detective.list_members, GraphArn=graph)
    return {member["AccountId"]: member["Status"] for page in pages for member in page["MemberDetails"]}


def _put_members(change: Change, org: Org, detective: DetectiveClient, aws: Writer) -> None:
    """Enable the accounts that are no members yet, and those whose data Detective did not take."""
    graph = _awaited_graph(change.address.at, org, aws)
    emails: dict[str, str] = {}
    missing: list[str] = []
    disabled: list[str] = []
    for name in change.after:
        account = members.live(name, org)
        emails[account.id] = account.email
        was_disabled = nested(change.before, name).get("status") == "ACCEPTED_BUT_DISABLED"
        (disabled if was_disabled else missing).append(account.id)

    def create(account_ids: Sequence[str]) -> Unprocessed:
        accounts: list[AccountTypeDef] = [{"AccountId": a, "EmailAddress": emails[a]} for a in account_ids]
        answer = detective.create_members(GraphArn=graph, Accounts=accounts, DisableEmailNotification=True)
        unprocessed = _unprocessed(answer["UnprocessedAccounts"])
        # Detective enables accounts by itself at the same time, and then answers that they are there.
        there = _members(detective, graph) if unprocessed else {}
        return {a: why for a, why in unprocessed.items() if there.get(a) not in {_ON_ITS_WAY, "ENABLED"}}

    members.process("Detective", missing, _BATCH, create, aws)
    _resume(disabled, graph, detective, aws)


def _resume(account_ids: Sequence[str], graph: str, detective: DetectiveClient, aws: Writer) -> None:
    """Ask Detective to take the data of members again. That it still does not is no error to it.

    Raises:
        RefusalError: it has not taken the data of some in the end.
    """

    def attempt() -> list[str]:
        for account_id in account_ids:
            try:
                detective.start_monitoring_member(GraphArn=graph, AccountId=account_id)
            except detective.exceptions.ConflictException:
                # It has been enabled meanwhile, which Detective also does by itself.
                continue
        there = _members(detective, graph)
        return [account_id for account_id in account_ids if there.get(account_id) == "ACCEPTED_BUT_DISABLED"]

    left = aws.poll(attempt, lambda left: not left, members.PATIENCE) if account_ids else []
    if left:
        raise RefusalError(
            f"Detective does not take the data of {', '.join(left)}: it may be too much for the behavior graph.",
            "See why: aws detective get-members --graph-arn "
            f"{graph} --account-ids {' '.join(left)} --query 'MemberDetails[].DisabledReason'",
        )


def _remove_members(change: Change, org: Org, detective: DetectiveClient, aws: Writer) -> None:
    """Let members go, after ending that new ones come."""
    graph = _awaited_graph(change.address.at, org, aws)
    detective.update_organization_configuration(GraphArn=graph, AutoEnable=False)

    def delete(account_ids: Sequence[str]) -> Unprocessed:
        answer = detective.delete_members(GraphArn=graph, AccountIds=account_ids)
        unprocessed = _unprocessed(answer["UnprocessedAccounts"])
        there = _members(detective, graph) if unprocessed else {}
        return {account_id: why for account_id, why in unprocessed.items() if account_id in there}

    members.process("Detective", [members.live(name, org).id for name in change.before], _BATCH, delete, aws)


def _unprocessed(accounts: Iterable[UnprocessedAccountTypeDef]) -> dict[str, str]:
    return {account["AccountId"]: account["Reason"] for account in accounts}
