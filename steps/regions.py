"""The regions that an account must opt in to."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import FAILURES, reason_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Value

if TYPE_CHECKING:
    from mypy_boto3_account import AccountClient

_HERE = Target(MANAGEMENT)
_BY_DEFAULT = "ENABLED_BY_DEFAULT"
_ENABLING_SECONDS = 7200
"""How long to wait for a region: it "takes a few minutes for most accounts, but it can take several hours"."""


class Regions(Step[StepConfig]):
    """Enable the governed regions that must be opted in to in every account, and wait until they can be used.

    Regions that AWS has launched since March 20, 2019 are disabled in every account until somebody enables them, and
    no guard reaches into a region that is disabled. The management account enables them, in itself and in all others.
    """

    at_once: ClassVar[int] = 50
    """How many regions may be on their way in an organization, and six of them in an account.

    https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    """

    id = "regions"
    after = ("accounts", "trusted_access")
    Config = StepConfig
    trusted_access = ("account.amazonaws.com",)
    kept = {"region": "What is in a region goes on, and can no longer be reached, once the region is disabled."}
    reads = frozenset({"account:ListRegions"})
    writes = frozenset({"account:EnableRegion", "account:GetRegionOptStatus"})
    considerations = (
        "A region takes minutes to be enabled in an account, and can take hours.",
        "AWS takes 50 at a time in an organization: one region in 200 accounts is four rounds of some minutes each.",
        "Where such a region is governed, every plan asks once for each account: 200 accounts take 67 seconds.",
        "Regions that are enabled and not governed are left as they are; deny these by a policy.",
    )
    documentation = (
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html",
        "https://docs.aws.amazon.com/accounts/latest/reference/quotas.html",
    )

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every governed region, enabled in every account."""
        accounts: dict[str, Value] = dict.fromkeys(org.members(), "ENABLED")
        for region in org.regions:
            yield Resource(Address("region", _HERE, region), accounts)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The status of each governed region in each account; accounts are only asked where their answers may differ.

        A region is enabled by default in all accounts, those that are still to be made included, or in none of them.
        """
        account: AccountClient = aws.client("account", at)
        own = _statuses(account)
        opt_in = [region for region in org.regions if own.get(region) != _BY_DEFAULT]
        asked = [name for name in org.members() if name != MANAGEMENT and org.exists(name)] if opt_in else []
        there = {MANAGEMENT: own} | {name: _statuses(account, **_named(name, org)) for name in asked}
        for region in org.regions:
            unasked = "DISABLED" if region in opt_in else "ENABLED"
            statuses = {name: there[name].get(region) for name in there} if region in opt_in else {}
            yield Resource(Address("region", at, region), {**dict.fromkeys(org.members(), unasked), **statuses})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enable one region in accounts, as many at a time as AWS takes, and wait for it."""
        account: AccountClient = aws.client("account", change.address.at)
        region, names = change.address.name, list(change.after)
        failures: list[str] = []
        left: list[str] = []
        while names and not left:
            begun, names = names[: self.at_once], names[self.at_once :]
            under_way = [name for name in begun if _begin(name, region, org, account, failures)]
            look = partial(_still_enabling, under_way, region, org, account)
            left = aws.poll(look, operator.not_, _ENABLING_SECONDS)
        if left:
            failures.append(f"{', '.join(left)}: AWS has not finished after {_ENABLING_SECONDS} seconds")
        if failures:
            text = f"The region {region} was not enabled everywhere. {'. '.join(failures)}."
            raise RefusalError(text, "Run it again in a while: it goes on where it has ended.")

    def opens(self, change: Change) -> Iterable[Target]:
        """The region in each account that it is to be enabled in."""
        return (Target(account, change.address.name) for account in change.after)


def _named(name: str, org: Org) -> dict[str, str]:
    """How an account is named to the API: the management account must not name itself."""
    return {} if name == MANAGEMENT else {"AccountId": str(org.id_of(name))}


def _statuses(account: AccountClient, **whose: Any) -> dict[str, str]:
    """The status of every region in an account."""
    pages = account.get_paginator("list_regions").paginate(**whose)
    return {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}


def _begin(name: str, region: str, org: Org, account: AccountClient, failures: list[str]) -> bool:
    """Ask for a region in an account; what AWS answers otherwise is added to the failures.

    That is also how it answers where somebody is disabling the region: it can be asked for again when that is done.
    """
    try:
        account.enable_region(RegionName=region, **_named(name, org))
    except FAILURES as error:
        failures.append(f"{name}: {reason_of(error)}")
        return False
    return True


def _still_enabling(names: Iterable[str], region: str, org: Org, account: AccountClient) -> list[str]:
    """The accounts in which a region is on its way."""
    status = account.get_region_opt_status
    return [n for n in names if status(RegionName=region, **_named(n, org))["RegionOptStatus"] == "ENABLING"]
