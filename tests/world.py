"""An AWS to build in and an organization to build: what tests of the engine, the steps and the command line share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.aws import Connection, Record
from sra_bootstrap.errands import errands
from sra_bootstrap.executor import Outcome, apply_plan
from sra_bootstrap.model import MANAGEMENT, ORGANIZATION, Address, Blocked, Change, Plan, Target
from sra_bootstrap.org import Account, Org, agreed
from sra_bootstrap.planner import make_plan
from sra_bootstrap.registry import discover
from sra_bootstrap.sandbox import Sandbox
from sra_bootstrap.sandbox.memory import Memory
from sra_bootstrap.step import AnyStep
from sra_bootstrap.survey import arrive

_BUILT: dict[tuple[str, str], Memory] = {}
"""What was built before, by what was wanted; by default settings of the sandbox."""


class Silent:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.made: list[Change] = []
        self.waited: list[Address] = []

    def step_begins(self, step: str, changes: int) -> None:
        pass

    def change_begins(self, step: str, change: Change) -> None:
        self.made.append(change)

    def change_ends(self, step: str, change: Change, failure: Blocked | None) -> None:
        pass

    def waiting(self, step: str, addresses: Sequence[Address], seconds: float) -> None:
        self.waited += addresses

    def step_ends(self, step: str) -> None:
        pass


_IAM_NAMES = {
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""The IAM actions of operations that go by another name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""
_OF_ACCOUNTS = {
    "GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
}
"""Likewise, those of S3 Control, which are called as those of S3 are."""
_BESIDE = {
    "trusted_access": ("delegated_administrators",),
    "log_keys": ("cloudtrail",),
    "log_buckets": ("cloudtrail",),
    "config_organization": ("config",),
    "findings_exports": ("guardduty", "macie"),
}
"""Steps that have nothing to do but for what others do or need, each with such others."""
FOUNDATION = ("delegated_administrators", "guardduty", "policy_types")
"""With all that they stand on, what the engine and the command line are tried with: a step of every sort."""


_DELEGATED = {
    "config.amazonaws.com": "security_tooling",
    "config-multiaccountsetup.amazonaws.com": "security_tooling",
}
"""What config.yaml has AWS Organizations delegate, so that there is something of this without a service's step."""


TEAM = (
    {"name": "Security On Call", "job_title": "Team", "email": "security@example.com"},
    {"name": "Platform On Call", "job_title": "Team", "email": "platform@example.com"},
)
_NAMED = {"security_incident_response": {"incident_response_team": TEAM}}
"""What config.yaml must name for a step, because there is no default for it."""


def pipeline(*names: str, **configs: dict[str, Any]) -> list[AnyStep]:
    """Every step of the registry, or the named ones and all that they stand on.

    They have their default configuration but for what is given by the id of a step, and for `_DELEGATED`.
    """
    chosen = _standing(names) if names else set(discover())
    delegated = {"administrators": _DELEGATED, **configs.get("delegated_administrators", {})}
    given = {**configs, "delegated_administrators": delegated}
    return [
        step(step.Config(**{**_NAMED.get(id_, {}), **given.get(id_, {})}))
        for id_, step in discover().items()
        if id_ in chosen
    ]


def services() -> list[str]:
    """The steps beyond the foundation: each is one service's, and is tried on what it stands on."""
    return [name for name in discover() if name not in _standing(FOUNDATION)]


def only(name: str) -> list[AnyStep]:
    """One step, and all that it needs to have something to do."""
    return pipeline(name, *_BESIDE.get(name, ()))


def _standing(names: Iterable[str]) -> set[str]:
    return set(names).union(*(_standing(discover()[name].after) for name in names))


def account(key: str, unit: str = "Security", **tags: str) -> Account:
    return Account(key, key.replace("-", " ").title(), f"aws+{key}@example.com", unit, tags)


def organization(steps: Sequence[AnyStep], *regions: str) -> Org:
    """Four OUs and four accounts, in the given regions; of these, the first is the home region."""
    accounts = (
        account("security-tooling"),
        account("log-archive", data="logs"),
        account("network", "Workloads"),
        account("workload-prod", "Workloads/Prod"),
    )
    org = Org(
        home_region=regions[0],
        regions=regions,
        units=("Security", "Workloads", "Workloads/Prod", "Suspended"),
        accounts={member.key: member for member in accounts},
        security_tooling="security-tooling",
        log_archive="log-archive",
        network="network",
        shared_services="network",
        role_name="OrganizationAccountAccessRole",
        trusted_access=tuple(dict.fromkeys(name for step in steps for name in step.principals())),
        own_access=tuple(name for step in steps for name in step.own_access),
        policy_types=tuple(dict.fromkeys(name for step in steps for name in step.types())),
        sections={step.id: step.config for step in steps},
    )
    delegations = agreed(delegation for step in steps for delegation in step.delegations(org))
    needs = dict.fromkeys(need for step in steps for need in step.needed(org))
    org = replace(org, delegations=delegations, needs=tuple(needs))
    return replace(org, errands=errands(steps, org))


@dataclass
class World:
    """A bare management account in this process, and the pipeline that builds in it.

    By default it has the foundation's steps, so that a new service does not slow down the tests of everything else.
    `records` holds every request that was sent, until it is cleared.
    """

    sandbox: Sandbox
    steps: list[AnyStep] = field(default_factory=lambda: pipeline(*FOUNDATION))
    regions: tuple[str, ...] = ("eu-west-1", "us-east-1")
    records: list[Record] = field(default_factory=list)
    listener: Silent = field(default_factory=Silent)

    def __post_init__(self) -> None:
        self.wanted = organization(self.steps, *self.regions)
        self.connection = self.connect()
        self._forget()

    def _forget(self) -> None:
        """Know nothing of accounts any more, as when they are others."""
        self._seen: tuple[Connection | None, Org] = None, self.wanted

    def connect(self) -> Connection:
        not_yet = {name: codes for step in self.steps for name, codes in step.not_yet.items()}
        return Connection(self.regions[0], self.sandbox.clock, not_yet=not_yet, on_call=self.records.append)

    def arrive(self) -> Org:
        return arrive(self.wanted, self.connection)

    def plan(self, steps: Sequence[AnyStep] | None = None, *, destroy: bool = False) -> Plan:
        return make_plan(self.steps if steps is None else steps, self.arrive(), self.connection, destroy=destroy)

    def apply(self, plan: Plan, steps: Sequence[AnyStep] | None = None) -> Outcome:
        chosen = self.steps if steps is None else steps
        return apply_plan(plan, chosen, self.arrive(), self.connection, self.listener)

    def build(self, steps: Sequence[AnyStep] | None = None) -> None:
        """Bring AWS to what is wanted, and see to it that this has worked."""
        outcome = self.apply(self.plan(steps), steps)
        assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)

    def stand(self, steps: Sequence[AnyStep] | None = None) -> None:
        """Have what `build` makes; in a bare account it is built once, and taken up again by other tests."""
        chosen = tuple(self.steps if steps is None else steps)
        if self.sandbox.writes():
            # What somebody has made there by hand stays, and is nobody else's.
            self.build(chosen)
            self.records.clear()
            return
        known = (repr([(step.id, step.config) for step in chosen]), repr(self.wanted))
        if known not in _BUILT:
            self.build(chosen)
            _BUILT[known] = self.sandbox.save()
        self.sandbox.restore(_BUILT[known])
        self._forget()
        if self.records:
            # What it knows of roles is of another time.
            self.connection = self.connect()
            self.records.clear()

    def stand_before_the_last(self) -> None:
        """Have everything that the last step stands on."""
        self.stand(self.steps[:-1])

    def client(self, service: str, account: str = "organization", region: str = "") -> Any:
        """A client for changing things behind the tool's back."""
        return self.connection.writer(self._with(account)).client(service, Target(account, region))

    def _with(self, account: str) -> Org:
        """The organization with an account; what was seen of it before will do, as accounts keep their ids."""
        if account in {ORGANIZATION, MANAGEMENT}:
            return self.wanted
        connection, org = self._seen
        if connection is not self.connection or not org.exists(account):
            self._seen = connection, org = self.connection, self.arrive()
        return org

    def step(self, name: str) -> AnyStep:
        return next(step for step in self.steps if step.id == name)


def pending(plan: Plan) -> list[str]:
    """What a plan would do, as words."""
    return [f"{change.action} {change.address}" for change in plan.changes]


def actions(records: Sequence[Record]) -> set[str]:
    """The IAM actions of requests, whose prefix is the one that a service signs with."""
    of_accounts = {_OF_ACCOUNTS[record.operation] for record in records if record.service == "s3control"}
    others = [record for record in records if record.service != "s3control"]
    names = {f"{get_service_model(record.service).signing_name}:{record.operation}" for record in others}
    return {_IAM_NAMES.get(name, name) for name in names} | of_accounts
