"""The organization, under the logical names of config.yaml: what it should be, and what AWS says it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sra_bootstrap.model import MANAGEMENT, ORGANIZATION
from sra_bootstrap.values import Ref

ROOT = ""
"""The path of the root: OUs are named by their path below it, as in `Workloads/Prod`."""

DEEPEST = 5
"""How many OUs deep a root goes: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"""


@dataclass(frozen=True)
class Account:
    """A member account as config.yaml wants it. `unit` is the path of its OU."""

    key: str
    name: str
    email: str
    unit: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveAccount:
    """An account as AWS Organizations lists it, the management account included.

    `state` is https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html's; `joined` is in seconds
    since the epoch; `unit` is the path of the OU that it is in.
    """

    id: str
    name: str
    email: str
    state: str
    unit: str
    joined: float

    @property
    def active(self) -> bool:
        """Whether calls into the account can succeed; those into suspended and closed accounts all fail."""
        return self.state == "ACTIVE"


@dataclass(frozen=True)
class Live:
    """An organization that exists. `policy_types` maps a type to its status; `units` a path to the OU's id."""

    id: str
    feature_set: str
    root_id: str
    policy_types: Mapping[str, str]
    units: Mapping[str, str]
    accounts: tuple[LiveAccount, ...]


@dataclass(frozen=True)
class Delegation:
    """A member is to administer a service for the organization.

    Attributes:
        principal: the service principal.
        account: the key of the account.
        own_api: whether the service registers its administrator by an API of its own, in its own step.
        kept: whether destroying leaves it alone, because what the service keeps would go with it.
    """

    principal: str
    account: str
    own_api: bool = False
    kept: bool = False


def agreed(delegations: Iterable[Delegation]) -> tuple[Delegation, ...]:
    """One delegation for each service: the first that names an account for it, kept if any of them is to be."""
    found: dict[str, Delegation] = {}
    for delegation in delegations:
        first = found.setdefault(delegation.principal, delegation)
        found[delegation.principal] = replace(first, kept=first.kept or delegation.kept)
    return tuple(found.values())


@dataclass(frozen=True)
class Need:
    """What a step needs, by name, and another step makes for whichever steps need it; that one knows its kind."""

    name: str


@dataclass(frozen=True)
class Errands:
    """The IAM actions that steps take in member accounts, by the cross-account role.

    Attributes:
        actions: all of them.
        by_account: tells which of them in which account, by its key. That takes a while, and few ask.
    """

    actions: frozenset[str] = frozenset()
    by_account: Callable[[], Mapping[str, frozenset[str]]] = dict


@dataclass(frozen=True)
class Org:
    """What a step knows of the organization: everything in config.yaml that is no step's own, and what is there.

    Attributes:
        home_region: where what is not regional is made, and what is regional is made first.
        regions: the governed regions, the home region first.
        units: the paths of the OUs, every parent before its children.
        accounts: the member accounts by key.
        security_tooling: the key of the security tooling account; likewise the three that follow.
        role_name: the role that the management account assumes in the members.
        trusted_access: the service principals that the steps of the pipeline need trusted access for.
        own_access: those that get it by an API of their own service, in the step of that service.
        policy_types: the policy types that the steps of the pipeline need beyond those that config.yaml names.
        needs: what the steps of the pipeline need that another step makes.
        sections: what config.yaml says of each step of the pipeline, by its id, for the steps that stand on it.
        delegations: who administers which service, for the steps of the pipeline.
        errands: what the steps of the pipeline do in the members.
        management_id: the account id of the caller, which is the management account or is about to be.
        partition: of AWS, such as `aws` or `aws-us-gov`.
        live: the organization that exists, or None.
    """

    home_region: str
    regions: tuple[str, ...]
    units: tuple[str, ...]
    accounts: Mapping[str, Account]
    security_tooling: str
    log_archive: str
    network: str
    shared_services: str
    role_name: str
    trusted_access: tuple[str, ...] = ()
    own_access: tuple[str, ...] = ()
    policy_types: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    sections: Mapping[str, Any] = field(default_factory=dict)
    delegations: tuple[Delegation, ...] = ()
    errands: Errands = field(default=Errands(), compare=False, repr=False)
    management_id: str = ""
    partition: str = "aws"
    live: Live | None = None

    def exists(self, account: str) -> bool:
        """Whether there is anything to read in a logical account; in one that does not exist yet, nothing exists."""
        if account == ORGANIZATION:
            return self.live is not None
        return account == MANAGEMENT or self.live_account(account) is not None

    @property
    def existing(self) -> Live:
        """The organization that exists, for whoever changes it: the engine asks for no change in one that does not.

        Raises:
            RuntimeError: there is none.
        """
        if self.live is None:
            raise RuntimeError("there is no organization yet")
        return self.live

    def live_account(self, key: str) -> LiveAccount | None:
        """The active account of a logical name: it is known by its email address, as config.yaml says it.

        The logical name of an account that config.yaml does not name is its email address.
        """
        email = self.accounts[key].email if key in self.accounts else key
        return self._active_by_email.get(email.lower())

    def live_accounts(self) -> tuple[LiveAccount, ...]:
        """Every account of the organization, in whatever state; none when there is no organization."""
        return () if self.live is None else self.live.accounts

    @property
    def id(self) -> str | Ref:
        """The id of the organization, or a reference to it while there is none."""
        return Ref("organization.id") if self.live is None else self.live.id

    def id_of(self, account: str) -> str | Ref:
        """The id of a logical account, or a reference to it while there is none."""
        if account in {ORGANIZATION, MANAGEMENT}:
            return self.management_id
        live = self.live_account(account)
        return Ref(f"account.{account}.id") if live is None else live.id

    def name_of(self, account_id: str) -> str:
        """The logical name of an account: its key; the email address of one that config.yaml does not name."""
        return MANAGEMENT if account_id == self.management_id else self._names.get(account_id, account_id)

    def members(self) -> Iterator[str]:
        """The logical names of all accounts that are to be active: those of config.yaml, and others that are there.

        The management account comes first; an account that AWS has suspended is left out.
        """
        yield MANAGEMENT
        for key, account in self.accounts.items():
            states = {a.state for a in self.live_accounts() if a.email.lower() == account.email.lower()}
            if not states or "ACTIVE" in states:
                yield key
        wanted = {account.email.lower() for account in self.accounts.values()}
        for live in self.live_accounts():
            if live.active and live.id != self.management_id and live.email.lower() not in wanted:
                yield live.email

    @cached_property
    def _active_by_email(self) -> Mapping[str, LiveAccount]:
        members = (live for live in self.live_accounts() if live.active and live.id != self.management_id)
        return {live.email.lower(): live for live in members}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        keys = {account.email.lower(): key for key, account in self.accounts.items()}
        return {live.id: keys.get(live.email.lower(), live.email) for live in self.live_accounts()}
