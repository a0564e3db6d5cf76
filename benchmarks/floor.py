"""The least number of calls to AWS that the tool's promises leave possible, with the reason for each.

The floor is that of an ideal tool which keeps no state between runs, lists what is unmanaged, plans again before it
writes and looks at what it has written. So when it applies, it reads each list before the first write to what is
listed, and after the last; it takes ids from the answers to its writes where AWS gives them; and it makes each change
once, in the largest batch that AWS takes. It never waits. The engine reads more often than that: after every stage of
a step, not only after its last.

How many items AWS puts on a page is in the reference of each operation. Whatever is not counted in pages here fits on
one page in the organizations that are measured.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import Any

from sra_bootstrap.config import Settings
from sra_bootstrap.org import ROOT

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
        accounts: the member accounts.
        moved: those that do not stay in the root, where AWS makes every account.
        tagged: those that config.yaml gives tags.
        regions: the governed regions.
        units: the OUs.
        parents: those of them that can have children.
        policy_types: the policy types to enable.
        trusted: the services to trust.
        delegated: the services whose administrator AWS Organizations registers.
        administrators: the accounts that administer any service.
    """

    accounts: int
    moved: int
    tagged: int
    regions: int
    units: int
    parents: int
    policy_types: int
    trusted: int
    delegated: int
    administrators: int

    @classmethod
    def of(cls, wanted: Settings) -> Size:
        """The size of the organization that config.yaml wants."""
        org = wanted.org
        policy_types: Any = next(step.config for step in wanted.pipeline if step.id == "policy_types")
        return cls(
            accounts=len(org.accounts),
            moved=sum(account.unit != ROOT for account in org.accounts.values()),
            tagged=sum(bool(account.tags) for account in org.accounts.values()),
            regions=len(org.regions),
            units=len(org.units),
            parents=sum(path.count("/") + 1 < DEEPEST for path in org.units),
            policy_types=len(policy_types.types),
            trusted=len(org.trusted_access),
            delegated=sum(not delegation.own_api for delegation in org.delegations),
            administrators=len({delegation.account for delegation in org.delegations}),
        )

    @property
    def account_pages(self) -> int:
        """Pages of ListAccounts, which gives 20 accounts at a time, the management account included."""
        return ceil((self.accounts + 1) / 20)

    @property
    def batches(self) -> int:
        """Batches of members of GuardDuty, of 50 at most: every account but the administrator's own."""
        return ceil(self.accounts / 50)


def plan_of_nothing(size: Size) -> Needs:
    """What it takes to plan a bare management account: there is no organization, so there is nothing to ask it."""
    return {
        "sts:GetCallerIdentity": Need(1, "whose account this is"),
        "organizations:DescribeOrganization": Need(1, "whether there is an organization"),
        "account:ListRegions": Need(1, "which regions are enabled: 50 to a page, and AWS has fewer"),
        "controltower:ListLandingZones": Need(1, "whether AWS Control Tower is here"),
        "guardduty:ListDetectors": Need(size.regions, "in each region: whether the account has a detector"),
    }


def plan_of_what_is_built(size: Size) -> Needs:
    """What it takes to see that nothing is left to do: everything that is managed is looked at once."""
    regions = size.regions
    return {
        "sts:GetCallerIdentity": Need(1, "whose account this is"),
        "sts:AssumeRole": Need(1, "to read in the security tooling account, the only one that is entered"),
        "account:ListRegions": Need(1, "which regions are enabled: 50 to a page, and AWS has fewer"),
        "controltower:ListLandingZones": Need(1, "whether AWS Control Tower is here"),
        "organizations:DescribeOrganization": Need(1, "its features, which nothing else tells"),
        "organizations:ListRoots": Need(1, "the root's id and the policy types, which nothing else tells"),
        "organizations:ListAccounts": Need(size.account_pages, "20 to a page, each with its place in the tree"),
        "organizations:ListOrganizationalUnitsForParent": Need(
            1 + size.parents, "the root and each OU that can have children: AWS lists one level at a time"
        ),
        "organizations:ListTagsForResource": Need(
            size.tagged, "each account with tags: no other operation of AWS Organizations tells them"
        ),
        "organizations:ListAWSServiceAccessForOrganization": Need(1, "one page of services"),
        "organizations:ListDelegatedAdministrators": Need(
            2, "one page of accounts, without what they administer; and that of GuardDuty, in whatever region"
        ),
        "organizations:ListDelegatedServicesForAccount": Need(size.administrators, "what each administrator is for"),
        "guardduty:ListDetectors": Need(
            2 * regions, "in the management and the security tooling account: the id, which every other read asks for"
        ),
        "guardduty:GetDetector": Need(regions, "the administrator's: its features; members tells of the others"),
        "guardduty:ListOrganizationAdminAccounts": Need(regions, "who administers a region"),
        "guardduty:DescribeOrganizationConfiguration": Need(regions, "what is enabled in members"),
        "guardduty:ListMembers": Need(regions * size.batches, "50 to a page, without their features"),
        "guardduty:GetMemberDetectors": Need(regions * size.batches, "the features of 50 members"),
    }


def apply_to_nothing(size: Size) -> Needs:
    """What it takes to build all of it: look, write, look again."""
    return _organization(size) | _accounts(size) | _guardduty(size)


def _organization(size: Size) -> Needs:
    """The caller, the organization, and what belongs to it as a whole."""
    twice = "before the first write, and after the last"
    return {
        "sts:GetCallerIdentity": Need(1, "whose account this is"),
        "account:ListRegions": Need(1, "planned again; nothing is written"),
        "controltower:ListLandingZones": Need(1, "planned again; nothing is written"),
        "organizations:DescribeOrganization": Need(2, "before and after it is made"),
        "organizations:CreateOrganization": Need(1, "once"),
        "organizations:ListRoots": Need(2, twice),
        "organizations:EnablePolicyType": Need(size.policy_types, "each; there is no batch"),
        "organizations:ListAWSServiceAccessForOrganization": Need(2, twice),
        "organizations:EnableAWSServiceAccess": Need(size.trusted, "each; there is no batch"),
        "organizations:ListOrganizationalUnitsForParent": Need(
            1 + 1 + size.parents, "before, the root has no OUs; after, the root and each OU that can have children"
        ),
        "organizations:CreateOrganizationalUnit": Need(size.units, "each; its answer tells the id"),
        "organizations:ListDelegatedAdministrators": Need(4, f"all, and that of GuardDuty, {twice}"),
        "organizations:ListDelegatedServicesForAccount": Need(
            size.administrators, "before, there are no administrators; after, what each is for"
        ),
        "organizations:RegisterDelegatedAdministrator": Need(size.delegated, "each; there is no batch"),
    }


def _accounts(size: Size) -> Needs:
    return {
        "organizations:ListAccounts": Need(
            1 + size.account_pages, "before, there is the management account; after, all, each with its place"
        ),
        "organizations:ListCreateAccountStatus": Need(1, "whether an earlier run has asked for any of them"),
        "organizations:CreateAccount": Need(size.accounts, "each; there is no batch"),
        "organizations:DescribeCreateAccountStatus": Need(size.accounts, "each at least once: how it went"),
        "organizations:MoveAccount": Need(size.moved, "each that does not stay in the root"),
        "organizations:ListTagsForResource": Need(2 * size.tagged, "each account with tags, before and after"),
        "organizations:TagResource": Need(size.tagged, "each account with tags"),
    }


def _guardduty(size: Size) -> Needs:
    regions = size.regions
    return {
        "sts:AssumeRole": Need(2, "in the security tooling account, to read with and to write with"),
        "guardduty:ListDetectors": Need(
            3 * regions, "before, in both accounts; after the delegation, the administrator's appears by itself"
        ),
        "guardduty:CreateDetector": Need(regions, "in the management account; its answer tells the id"),
        "guardduty:GetDetector": Need(
            3 * regions, "the management account's when it is made; the administrator's before and after its update"
        ),
        "guardduty:UpdateDetector": Need(regions, "the administrator's"),
        "guardduty:ListOrganizationAdminAccounts": Need(2 * regions, "before and after the delegation"),
        "guardduty:EnableOrganizationAdminAccount": Need(regions, "in each region"),
        "guardduty:DescribeOrganizationConfiguration": Need(2 * regions, "before and after its update"),
        "guardduty:UpdateOrganizationConfiguration": Need(regions, "in each region"),
        "guardduty:ListMembers": Need(regions * (1 + size.batches), "before, there are none; after, 50 to a page"),
        "guardduty:CreateMembers": Need(regions * size.batches, "50 at a time"),
        "guardduty:UpdateMemberDetectors": Need(regions * size.batches, "50 at a time, all with the same features"),
        "guardduty:GetMemberDetectors": Need(regions * size.batches, "after, the features of 50 members"),
    }


def calls(needs: Needs) -> Counter[str]:
    """How often each operation has to be called."""
    return Counter({operation: need.calls for operation, need in needs.items()})
