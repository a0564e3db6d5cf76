"""AWS Config for an organization: how a conformance pack or a rule gets into the accounts, stays there and leaves.

https://docs.aws.amazon.com/config/latest/developerguide/conformance-pack-organization-apis.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.config_organization import Place, listed, roster_of
from sra_bootstrap.sandbox.services.config_recorder import recording_of
from sra_bootstrap.sandbox.settings import Rules

_NO_RECORDER = (
    "NoAvailableConfigurationRecorderException",
    "There is no configuration recorder available to deploy to this account.",
)
"""As https://github.com/superwerker/superwerker/issues/291 has seen the code; the message is guessed."""
RETRIED = timedelta(hours=7)
"""How long after an account has joined Config tries again to deploy to it, while it has no recorder."""


@dataclass
class Member:
    """How something that is deployed stands in one account."""

    status: str
    updated: datetime = field(default_factory=moment)
    code: str | None = None
    message: str | None = None


@dataclass
class Deployment(ABC):
    """A conformance pack or a rule of an organization, in one region.

    Attributes:
        owner_id: the account that has deployed it, and alone can see it.
        suffix: by which it is told apart from others of its name.
        status: of the whole: of the last thing that was done to it, successful if it was in every account.
        round: counts what was done to it, so that what was begun before is not finished after.
    """

    noun: ClassVar[str]

    name: str
    owner_id: str
    region: str
    partition: str
    suffix: str
    excluded: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    updated: datetime = field(default_factory=moment)
    status: str = "CREATE_IN_PROGRESS"
    status_updated: datetime = field(default_factory=moment)
    members: dict[str, Member] = field(default_factory=dict)
    round: int = 0

    @property
    def arn(self) -> str:
        """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsconfig.html."""
        head = f"arn:{self.partition}:config:{self.region}:{self.owner_id}"
        return f"{head}:{self.noun}/{self.name}-{self.suffix}"

    @property
    def in_progress(self) -> bool:
        """Whether something is being done to it."""
        return self.status.endswith("IN_PROGRESS")

    def at(self, account_id: str) -> Place:
        """An account, where this is deployed."""
        return Place(account_id, self.region, self.partition)

    @property
    @abstractmethod
    def name_in_member(self) -> str:
        """What it is called in the accounts."""

    @abstractmethod
    def deploy(self, at: Place) -> None:
        """Make it in an account, or bring it there to what it says now."""

    @abstractmethod
    def withdraw(self, at: Place) -> None:
        """Remove it from an account; where it is not, nothing happens."""


def find(call: Call, kind: type[Deployment], name: str) -> Any | None:
    """What the caller has deployed under a name, or None: nobody sees what another account has deployed.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePacks.html
    """
    return next((one for one in owned(call, kind) if one.name == name), None)


def owned(call: Call, kind: type[Deployment]) -> list[Any]:
    """All of a kind that the caller has deployed in this region."""
    deployments = roster_of(call.account_id, call.region).deployments
    return [one for one in deployments if isinstance(one, kind) and one.owner_id == call.account_id]


def chosen(call: Call, kind: type[Deployment], names: Sequence[str] | None, absent: AwsFault) -> list[Any]:
    """Those with the names, or all where no names are given.

    Raises:
        AwsFault: `absent`, when there is none of one of the names.
    """
    if not names:
        return owned(call, kind)
    found = [find(call, kind, name) for name in names]
    if None in found:
        raise absent
    return found


def in_use(what: str) -> AwsFault:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html, the errors."""
    text = f"{what} creation, update, or deletion is in progress. Try your request again later."
    return AwsFault("ResourceInUseException", text)


def begin(deployment: Deployment, verb: str) -> None:
    """Create, update or delete in every account; it is done a while later."""
    deployment.round += 1
    _turn(deployment, f"{verb}_IN_PROGRESS")
    if verb == "DELETE":
        for member in deployment.members.values():
            member.status, member.updated = "DELETE_IN_PROGRESS", moment()
        later(Rules.settings.enabling_seconds, partial(_vanish, deployment, deployment.round))
        return
    for account_id in _accounts(deployment):
        before = deployment.members.get(account_id)
        step = "CREATE" if before is None or before.status == "CREATE_FAILED" else "UPDATE"
        deployment.members[account_id] = Member(f"{step}_IN_PROGRESS")
    later(Rules.settings.enabling_seconds, partial(_finish, deployment, deployment.round, verb))


def _turn(deployment: Deployment, status: str) -> None:
    deployment.status, deployment.status_updated = status, moment()


def _accounts(deployment: Deployment) -> Iterator[str]:
    """Where it belongs: in every active account that has the region, the management account included.

    That the management account is one of them: https://github.com/schubergphilis/terraform-aws-mcaf-landing-zone/pull/9.
    That accounts are left out which have not enabled the region is guessed.
    """
    for account_id in membership.active_accounts(deployment.owner_id):
        if account_id not in deployment.excluded and has_region(account_id, deployment.partition, deployment.region):
            yield account_id


def _vanish(deployment: Deployment, number: int, _: float) -> None:
    if deployment.round != number:
        return
    for account_id in deployment.members:
        deployment.withdraw(deployment.at(account_id))
    deployments = roster_of(deployment.owner_id, deployment.region).deployments
    deployments[:] = [one for one in deployments if one is not deployment]


def _finish(deployment: Deployment, number: int, verb: str, _: float) -> None:
    if deployment.round != number:
        return
    wanted = list(_accounts(deployment))
    for account_id in [one for one in deployment.members if one not in wanted]:
        _leave(deployment, account_id)
    for account_id in wanted:
        step = deployment.members.get(account_id, Member("CREATE")).status.partition("_")[0]
        _reach(deployment, account_id, step)
    _sum_up(deployment, verb)


def _leave(deployment: Deployment, account_id: str) -> None:
    deployment.withdraw(deployment.at(account_id))
    del deployment.members[account_id]


def _reach(deployment: Deployment, account_id: str, verb: str) -> None:
    """Deploy to one account, if it has a configuration recorder."""
    if recording_of(account_id, deployment.region).recorder is not None:
        deployment.deploy(deployment.at(account_id))
        deployment.members[account_id] = Member(f"{verb}_SUCCESSFUL")
    else:
        code, message = _NO_RECORDER
        deployment.members[account_id] = Member(f"{verb}_FAILED", code=code, message=message)


def _sum_up(deployment: Deployment, verb: str) -> None:
    failed = any(member.status.endswith("FAILED") for member in deployment.members.values())
    _turn(deployment, f"{verb}_{'FAILED' if failed else 'SUCCESSFUL'}")


@gate
def keep_up(call: Call) -> None:
    """Before any call of Config: deploy to accounts that have joined, and forget those that have left.

    Accounts without a recorder are tried again for seven hours after they have joined; the rest is left as it is:
    https://docs.aws.amazon.com/config/latest/developerguide/config-rule-multi-account-deployment.html.
    """
    if call.service != "config":
        return
    for deployment in roster_of(call.account_id, call.region).deployments:
        if not deployment.in_progress and _follow(deployment):
            _sum_up(deployment, "UPDATE")


def _follow(deployment: Deployment) -> bool:
    """Bring it to whoever is in the organization by now; whether that has changed anything."""
    wanted = set(_accounts(deployment))
    left = [account_id for account_id in deployment.members if account_id not in wanted]
    for account_id in left:
        _leave(deployment, account_id)
    new = [account_id for account_id in _awaiting(deployment) if account_id in wanted]
    for account_id in new:
        _reach(deployment, account_id, "CREATE")
    return bool(left or new)


def _awaiting(deployment: Deployment) -> Iterator[str]:
    """Who has joined and does not have it, or has had no recorder when that was tried."""
    backend = membership.organization_of(deployment.owner_id)
    for account in [] if backend is None else backend.accounts:
        member = deployment.members.get(account.id)
        if member is None:
            if account.create_time <= moment() - timedelta(seconds=Rules.settings.auto_enable_seconds):
                yield account.id
        elif (
            member.code is not None
            and moment() < account.create_time + RETRIED
            and recording_of(account.id, deployment.region).recorder is not None
        ):
            yield account.id


def described(deployment: Deployment, name_key: str, status_key: str = "Status") -> dict[str, Any]:
    """How the whole stands.

    https://docs.aws.amazon.com/config/latest/APIReference/API_OrganizationConformancePackStatus.html; its error sums up
    those in the accounts, in words that CloudFormation shows in https://github.com/superwerker/superwerker/issues/291.
    """
    status: dict[str, Any] = {
        name_key: deployment.name,
        status_key: deployment.status,
        "LastUpdateTime": deployment.status_updated,
    }
    failed = [member for member in deployment.members.values() if member.status.endswith("FAILED")]
    if failed and deployment.status.endswith("FAILED"):
        code = str(failed[0].code)
        status |= {"ErrorCode": code, "ErrorMessage": f"Summary: [{code} in {len(failed)} account(s), ]"}
    return status


def detailed(
    deployment: Deployment,
    keys: tuple[str, str, str],
    filters: dict[str, str] | None,
    limit: int | None,
    token: str | None,
) -> dict[str, Any]:
    """A page of how it stands in each account; `keys` are those of the answer, of its name there and of its status.

    https://docs.aws.amazon.com/config/latest/APIReference/API_OrganizationConformancePackDetailedStatus.html
    """
    answer, name_key, status_key = keys
    found = []
    for account_id, member in sorted(deployment.members.items()):
        status = {
            "AccountId": account_id,
            name_key: deployment.name_in_member,
            status_key: member.status,
            "ErrorCode": member.code,
            "ErrorMessage": member.message,
            "LastUpdateTime": member.updated,
        }
        if all(status[key] == value for key, value in (filters or {}).items()):
            found.append({key: value for key, value in status.items() if value is not None})
    return listed(answer, found, limit, token)
