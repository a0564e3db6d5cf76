"""What a floor is made of."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from sra_bootstrap.config import Settings
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.org import ROOT
from steps.common import buckets, keys

DEEPEST = 5
"""Below an OU of this depth there is no other, so there is nothing to ask it for.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""


@dataclass(frozen=True)
class Need:
    """How often an operation has to be called, and why."""

    calls: int
    why: str


Needs = dict[str, Need]


@dataclass(frozen=True)
class Size:
    """What of an organization the number of calls depends on.

    Attributes:
        steps: the ids of the steps that are enabled.
        accounts: the member accounts.
        moved: those that do not stay in the root, where AWS makes every account.
        tagged: those that config.yaml gives tags.
        regions: the governed regions.
        units: the OUs.
        parents: those of them that can have children.
        policy_types: the policy types to enable.
        trusted: the services to trust.
        own_access: those that get this by an API of their own.
        delegated: the services whose administrator AWS Organizations registers.
        administrators: the accounts that administer any service.
        registered: those of them that AWS Organizations registers, which is before services do.
        keys: the keys for logs, in all places.
        key_places: the places that have any.
        keys_of_management: those of these that are the management account's.
        buckets: the buckets for logs.
        locked_buckets: those of them that are locked by default.
        policies: the policies of the organization that config.yaml names.
        attachments: what these are attached to, counted for each.
    """

    steps: frozenset[str]
    accounts: int
    moved: int
    tagged: int
    regions: int
    units: int
    parents: int
    policy_types: int
    trusted: int
    own_access: int
    delegated: int
    administrators: int
    registered: int
    keys: int
    key_places: int
    keys_of_management: int
    buckets: int
    locked_buckets: int
    policies: int
    attachments: int

    @classmethod
    def of(cls, wanted: Settings) -> Size:
        """The size of the organization that config.yaml wants."""
        org = wanted.org
        places = [at for key in keys.needed(org) for at in key.places(org)]
        policies: Any = (
            org.sections["organization_policies"].policies if "organization_policies" in org.sections else {}
        )
        policy_types: Any = next(step.config for step in wanted.pipeline if step.id == "policy_types")
        return cls(
            steps=frozenset(step.id for step in wanted.pipeline),
            accounts=len(org.accounts),
            moved=sum(account.unit != ROOT for account in org.accounts.values()),
            tagged=sum(bool(account.tags) for account in org.accounts.values()),
            regions=len(org.regions),
            units=len(org.units),
            parents=sum(path.count("/") + 1 < DEEPEST for path in org.units),
            policy_types=len({*policy_types.types, *org.policy_types}),
            trusted=len(org.trusted_access),
            own_access=len(org.own_access),
            delegated=sum(not delegation.own_api for delegation in org.delegations),
            administrators=len({delegation.account for delegation in org.delegations}),
            registered=len({delegation.account for delegation in org.delegations if not delegation.own_api}),
            keys=len(places),
            key_places=len(set(places)),
            keys_of_management=len({at for at in places if at.account == MANAGEMENT}),
            buckets=len(buckets.needed(org)),
            locked_buckets=sum(bucket.object_lock for bucket in buckets.needed(org)),
            policies=len(policies),
            attachments=sum(len(policy.attach_to) for policy in policies.values()),
        )

    @property
    def account_pages(self) -> int:
        """Pages of ListAccounts, which gives 20 accounts at a time, the management account included."""
        return ceil((self.accounts + 1) / 20)

    @property
    def trust_pages(self) -> int:
        """Pages of ListAWSServiceAccessForOrganization, which gives 20 services at a time."""
        return ceil((self.trusted + self.own_access) / 20)

    @property
    def batches(self) -> int:
        """Batches of members, of 50 at most: every account but the administrator's own."""
        return ceil(self.accounts / 50)
