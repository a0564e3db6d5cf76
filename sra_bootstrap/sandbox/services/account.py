"""AWS Account Management: the regions and the name of an account, and who may ask for those of another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import boto3
from moto.core.utils import get_service_model
from moto.sts.models import sts_backends

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, check, open_all_paths, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.settings import Rules

open_all_paths("account", "AccountResponse")

_DEFAULT_REGIONS = {
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
}
"""The regions enabled in every account, for good: those launched before March 20, 2019.

https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""
_REGIONS = _DEFAULT_REGIONS.union(boto3.Session().get_available_regions("ec2"))
_PRINCIPAL = "account.amazonaws.com"


@dataclass
class Profile:
    """What an account is called and reached by; its organization states the same."""

    name: str = "Management"
    email: str = "management@example.com"
    created: datetime = field(default_factory=moment)


@dataclass
class OptIns:
    """The status of the opt-in regions of an account that are not simply DISABLED."""

    statuses: dict[str, str] = field(default_factory=dict)


def is_opt_in(region: str) -> bool:
    """Whether an account has a region only once it has enabled it.

    Anything else that moto takes for a region, such as aws-global, is the address of a global service.
    """
    return region in _REGIONS - _DEFAULT_REGIONS


def region_status(account_id: str, partition: str, region: str) -> str:
    """The opt-in status of a region: https://docs.aws.amazon.com/accounts/latest/reference/API_Region.html."""
    if not is_opt_in(region):
        return "ENABLED_BY_DEFAULT"
    return store.state(OptIns, account_id, partition).statuses.get(region, "DISABLED")


def has_region(account_id: str, partition: str, region: str) -> bool:
    """Whether an account uses a region at all, so that a service can act in it."""
    return region_status(account_id, partition, region) in {"ENABLED", "ENABLED_BY_DEFAULT"}


@check("account", *get_service_model("account").operation_names)
def whose_account(call: Call, AccountId: str | None = None, **_: Any) -> None:
    """An account is its own, or the management account's and the delegated administrator's, with trusted access.

    https://docs.aws.amazon.com/accounts/latest/reference/using-orgs-trusted-access.html and the parameter AccountId of
    every operation.

    Raises:
        AwsFault: the caller may not name this account.
    """
    if AccountId is None:
        return
    backend = membership.organization_of(call.account_id)
    reason = "You can only call this operation on your own account."
    if backend is not None:
        administrators = membership.administrators(call.account_id, _PRINCIPAL)
        if AccountId == backend.org.master_account_id:
            reason = (
                "The management account can only be managed using the standalone context from the management account."
            )
        elif AccountId not in {account.id for account in backend.accounts}:
            reason = "The account is not a member of your organization."
        elif not membership.trusts(call.account_id, _PRINCIPAL):
            reason = "Your organization must first enable trusted access with AWS Account Management."
        elif call.account_id in {backend.org.master_account_id, *administrators}:
            return
    identity = sts_backends[call.account_id][call.partition].get_caller_identity(call.access_key, call.region)
    text = f"User: {identity[1]} is not authorized to perform: account:{call.operation} ({reason})"
    raise AwsFault("AccessDeniedException", text)


def _invalid(message: str) -> AwsFault:
    return AwsFault("ValidationException", message, reason="fieldValidationFailed")


@operation("account", "ListRegions")
def list_regions(
    call: Call,
    AccountId: str | None = None,
    MaxResults: int = 50,
    NextToken: str | None = None,
    RegionOptStatusContains: list[str] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html."""
    regions = [get_region_opt_status(call, region, AccountId) for region in sorted(_REGIONS)]
    wanted = [
        region
        for region in regions
        if not RegionOptStatusContains or region["RegionOptStatus"] in RegionOptStatusContains
    ]
    found, following = page(wanted, MaxResults, NextToken, _invalid("The NextToken is not valid."))
    return {"Regions": found} if following is None else {"Regions": found, "NextToken": following}


@operation("account", "GetRegionOptStatus")
def get_region_opt_status(call: Call, RegionName: str, AccountId: str | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html.

    Raises:
        AwsFault: there is no such region.
    """
    if RegionName not in _REGIONS:
        raise _invalid(f"The region {RegionName} does not exist.")
    status = region_status(AccountId or call.account_id, call.partition, RegionName)
    return {"RegionName": RegionName, "RegionOptStatus": status}


@operation("account", "EnableRegion")
def enable_region(call: Call, RegionName: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html."""
    _change_region(call, RegionName, AccountId, ("DISABLED", "ENABLING", "ENABLED"))


@operation("account", "DisableRegion")
def disable_region(call: Call, RegionName: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_DisableRegion.html."""
    _change_region(call, RegionName, AccountId, ("ENABLED", "DISABLING", "DISABLED"))


def _change_region(call: Call, region: str, account_id: str | None, stages: tuple[str, str, str]) -> None:
    before, meanwhile, after = stages
    status = get_region_opt_status(call, region, account_id)["RegionOptStatus"]
    if status == "ENABLED_BY_DEFAULT":
        raise _invalid(f"The region {region} is enabled by default and cannot be changed.")
    if status in {meanwhile, after}:
        return
    if status != before:
        raise AwsFault("ConflictException", f"The region {region} is {status}.")
    _refuse_too_many(call, account_id or call.account_id)
    statuses = call.state(OptIns, account_id=account_id, region=call.partition).statuses
    statuses[region] = meanwhile
    later(Rules.settings.region_seconds, partial(_changed, statuses, region, after))


def _refuse_too_many(call: Call, account_id: str) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/quotas.html: "concurrent region-opt requests".

    The code that AWS answers with is guessed; of those of EnableRegion no other fits.

    Raises:
        AwsFault: as many regions are being enabled or disabled as may be, in the account or in its organization.
    """

    def under_way(account_ids: Iterable[str]) -> int:
        statuses = (store.state(OptIns, one, call.partition).statuses.values() for one in account_ids)
        return sum(status in {"ENABLING", "DISABLING"} for of_one in statuses for status in of_one)

    rules = Rules.settings
    if (
        under_way([account_id]) >= rules.region_changes_of_account
        or under_way(membership.active_accounts(account_id)) >= rules.region_changes_of_organization
    ):
        raise AwsFault("TooManyRequestsException", "Too many regions are being enabled or disabled.")


def _changed(statuses: dict[str, str], region: str, status: str, at: float) -> None:
    statuses[region] = status


@operation("account", "GetAccountInformation")
def get_account_information(call: Call, AccountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetAccountInformation.html."""
    account_id = AccountId or call.account_id
    profile = call.state(Profile, account_id=account_id, region=call.partition)
    return {
        "AccountId": account_id,
        "AccountName": profile.name,
        "AccountCreatedDate": profile.created,
        "AccountState": membership.state_of(account_id),
    }


@operation("account", "PutAccountName")
def put_account_name(call: Call, AccountName: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_PutAccountName.html."""
    account_id = AccountId or call.account_id
    call.state(Profile, account_id=account_id, region=call.partition).name = AccountName
    backend = membership.organization_of(account_id)
    if backend is not None:
        backend.get_account_by_id(account_id).name = AccountName
