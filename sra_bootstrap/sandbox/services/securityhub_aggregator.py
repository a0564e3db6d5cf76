"""AWS Security Hub CSPM: the finding aggregator of an account, which links regions to a home region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.account import has_region, region_status
from sra_bootstrap.sandbox.services.securityhub import hub_of, not_found
from sra_bootstrap.sandbox.services.securityhub_administrator import invalid
from sra_bootstrap.sandbox.services.securityhub_standards import BAD_TOKEN


@cache
def _regions_of(partition: str) -> list[str]:
    """The regions that Security Hub is offered in, as the SDK's data says; AWS has no operation that tells it."""
    return boto3.Session().get_available_regions("securityhub", partition)


@dataclass
class Aggregator:
    """A finding aggregator: its home region, and which regions it links to it."""

    home: str
    mode: str
    regions: list[str]
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))


@dataclass
class Aggregation:
    """The one finding aggregator that an account may have, whatever the region."""

    aggregator: Aggregator | None = None


_LEAVING: list[Callable[[str], None]] = []


def home_region_left(follower: Callable[[str], None]) -> Callable[[str], None]:
    """Register what happens once an account, by its id, has no home region any longer."""
    _LEAVING.append(follower)
    return follower


def aggregator_of(account_id: str) -> Aggregator | None:
    """The finding aggregator of an account, or None."""
    return store.state(Aggregation, account_id, "aws").aggregator


def linked_regions(account_id: str, partition: str) -> list[str]:
    """The regions that an account's finding aggregator links, without the home region."""
    aggregator = aggregator_of(account_id)
    if aggregator is None or aggregator.mode == "NO_REGIONS":
        return []
    named = set(aggregator.regions)
    return [
        region
        for region in _regions_of(partition)
        if region != aggregator.home
        and (aggregator.mode == "ALL_REGIONS" or (region in named) == (aggregator.mode == "SPECIFIED_REGIONS"))
        and has_region(account_id, partition, region)
    ]


def _arn(call: Call, aggregator: Aggregator) -> str:
    return f"arn:{call.partition}:securityhub:{aggregator.home}:{call.account_id}:finding-aggregator/{aggregator.id}"


def _describe(call: Call, aggregator: Aggregator) -> dict[str, Any]:
    return {
        "FindingAggregatorArn": _arn(call, aggregator),
        "FindingAggregationRegion": aggregator.home,
        "RegionLinkingMode": aggregator.mode,
        "Regions": aggregator.regions,
    }


def _checked(call: Call, mode: str, regions: list[str] | None) -> list[str]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateFindingAggregator.html."""
    if mode not in {"ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS", "NO_REGIONS"}:
        raise invalid(f"Invalid parameter 'RegionLinkingMode': {mode}")
    takes_regions = mode in {"ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS"}
    if takes_regions != bool(regions) or call.region in (regions or []):
        raise invalid(f"Invalid parameter 'Regions' for RegionLinkingMode {mode}")
    return list(regions or [])


def _found(call: Call, arn: str) -> Aggregator:
    """The caller's aggregator, as changed only in its home region.

    Raises:
        AwsFault: the account has no such aggregator.
    """
    hub_of(call)
    aggregator = aggregator_of(call.account_id)
    if aggregator is None or _arn(call, aggregator) != arn:
        raise not_found(f"Finding aggregator {arn} not found")
    return aggregator


def _refuse_elsewhere(call: Call, aggregator: Aggregator) -> None:
    if aggregator.home != call.region:
        raise invalid("Finding aggregators can only be changed from the aggregation Region.")


@operation("securityhub", "CreateFindingAggregator")
def create_finding_aggregator(call: Call, RegionLinkingMode: str, Regions: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateFindingAggregator.html.

    A home region cannot be an opt-in region, an account has one aggregator, and neither can a member have its own:
    https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation-enable.html. The codes are guessed.

    Raises:
        AwsFault: the account has an aggregator, cannot have one here, or the regions do not go with the mode.
    """
    hub_of(call)
    regions = _checked(call, RegionLinkingMode, Regions)
    if region_status(call.account_id, call.partition, call.region) != "ENABLED_BY_DEFAULT":
        raise invalid("The aggregation Region cannot be a Region that is disabled by default.")
    if aggregator_of(call.account_id) is not None:
        raise invalid("A finding aggregator already exists for this account.")
    aggregator = Aggregator(call.region, RegionLinkingMode, regions)
    store.state(Aggregation, call.account_id, "aws").aggregator = aggregator
    return _describe(call, aggregator)


@operation("securityhub", "ListFindingAggregators")
def list_finding_aggregators(call: Call, MaxResults: int = 100, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListFindingAggregators.html: "from any Region"."""
    hub_of(call)
    aggregator = aggregator_of(call.account_id)
    arns = [] if aggregator is None else [{"FindingAggregatorArn": _arn(call, aggregator)}]
    found, _ = page(arns, MaxResults, NextToken, BAD_TOKEN)
    return {"FindingAggregators": found}


@operation("securityhub", "GetFindingAggregator")
def get_finding_aggregator(call: Call, FindingAggregatorArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindingAggregator.html."""
    return _describe(call, _found(call, FindingAggregatorArn))


@operation("securityhub", "UpdateFindingAggregator")
def update_finding_aggregator(
    call: Call, FindingAggregatorArn: str, RegionLinkingMode: str, Regions: list[str] | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateFindingAggregator.html.

    Raises:
        AwsFault: there is no such aggregator here, or the regions do not go with the mode.
    """
    aggregator = _found(call, FindingAggregatorArn)
    _refuse_elsewhere(call, aggregator)
    regions = _checked(call, RegionLinkingMode, Regions)
    aggregator.mode, aggregator.regions = RegionLinkingMode, regions
    return _describe(call, aggregator)


@operation("securityhub", "DeleteFindingAggregator")
def delete_finding_aggregator(call: Call, FindingAggregatorArn: str) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DeleteFindingAggregator.html.

    Raises:
        AwsFault: there is no such aggregator here.
    """
    _refuse_elsewhere(call, _found(call, FindingAggregatorArn))
    store.state(Aggregation, call.account_id, "aws").aggregator = None
    for follower in _LEAVING:
        follower(call.account_id)
