"""AWS Security Hub (v2): the aggregator, which brings what linked regions find to the home region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.account import region_status
from sra_bootstrap.sandbox.services.securityhub import denied, not_found
from sra_bootstrap.sandbox.services.securityhub_administrator import V2, delegations_of
from sra_bootstrap.sandbox.services.securityhub_v2 import invalid_v2, refuse_without_hub


@dataclass
class AggregatorV2:
    """An aggregator: where it is, and which regions are linked to it."""

    arn: str
    home: str
    linked: list[str]
    token: str | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetAggregatorV2.html."""
        return {
            "AggregatorV2Arn": self.arn,
            "AggregationRegion": self.home,
            "RegionLinkingMode": "SPECIFIED_REGIONS",
            "LinkedRegions": self.linked,
        }


@dataclass
class _Holder:
    """The only aggregator that an account can have, whatever the region."""

    aggregator: AggregatorV2 | None = None


def _holder(call: Call) -> _Holder:
    return call.state(_Holder, region=call.partition)


def _refuse_links(call: Call, mode: str, linked: Sequence[str]) -> None:
    """The text of the mode was seen by https://github.com/awslabs/sra-verify, its check SRA-SECURITYHUB-18.

    The links: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-securityhub-aggregatorv2.html;
    the codes are guessed.
    """
    if mode != "SPECIFIED_REGIONS":
        raise invalid_v2("RegionLinkingMode must be set to 'SPECIFIED_REGIONS'")
    if not linked:
        raise invalid_v2("LinkedRegions must name at least one Region.")
    known = boto3.Session().get_available_regions("securityhub", call.partition)
    wrong = [region for region in linked if region not in known or region == call.region]
    if wrong or len(set(linked)) != len(linked):
        raise invalid_v2(f"LinkedRegions has Regions that cannot be linked: {', '.join(wrong or linked)}")


def _refuse_members(call: Call) -> None:
    """Aggregation is enabled "from the administrator account or in a standalone account"; the code is guessed.

    https://docs.aws.amazon.com/securityhub/latest/userguide/sh-finding-aggregation-enable.html

    Raises:
        AwsFault: another account administers Security Hub for the caller's organization.
    """
    management_id = membership.management_account_of(call.account_id)
    delegations = {} if management_id is None else delegations_of(management_id).by_place
    ids = {delegation.administrator_id for (_, feature), delegation in delegations.items() if feature == V2}
    if ids - {call.account_id}:
        raise denied("Only the delegated administrator of Security Hub can aggregate findings.")


def _found(call: Call, arn: str) -> AggregatorV2:
    """The text of the region: https://github.com/awslabs/sra-verify, in NOT_CONFIGURED_ERRORS, of ListAggregatorsV2.

    Raises:
        AwsFault: Security Hub is off, there is no such aggregator, or it is in another region than that of the call.
    """
    refuse_without_hub(call)
    aggregator = _holder(call).aggregator
    if aggregator is None or aggregator.arn != arn:
        raise not_found("The aggregator was not found.")
    if aggregator.home != call.region:
        text = f"The current Region {call.region} does not match the aggregation Region {aggregator.home}"
        raise AwsFault("ConflictException", text)
    return aggregator


@operation("securityhub", "CreateAggregatorV2")
def create_aggregator_v2(
    call: Call,
    *,
    RegionLinkingMode: str,
    LinkedRegions: Sequence[str] = (),
    Tags: dict[str, str] | None = None,
    ClientToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateAggregatorV2.html.

    "You cannot use an AWS Region that is disabled by default as your home Region":
    https://docs.aws.amazon.com/securityhub/latest/userguide/sh-finding-aggregation-enable.html; the code is guessed.

    Raises:
        AwsFault: Security Hub is off here, the account is a member, it has an aggregator; or the regions cannot be.
    """
    refuse_without_hub(call)
    _refuse_members(call)
    if region_status(call.account_id, call.partition, call.region) != "ENABLED_BY_DEFAULT":
        raise invalid_v2(f"{call.region} is disabled by default and cannot be the home Region.")
    _refuse_links(call, RegionLinkingMode, LinkedRegions)
    holder = _holder(call)
    existing = holder.aggregator
    if existing is not None:
        if ClientToken is None or existing.token != ClientToken:
            raise AwsFault("ConflictException", "An aggregator already exists for this account.")
        return existing.describe()
    arn = f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:aggregatorv2/{mock_random.uuid4()}"
    holder.aggregator = AggregatorV2(arn, call.region, list(LinkedRegions), ClientToken, Tags or {})
    return holder.aggregator.describe()


@operation("securityhub", "GetAggregatorV2")
def get_aggregator_v2(call: Call, AggregatorV2Arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetAggregatorV2.html."""
    return _found(call, AggregatorV2Arn).describe()


@operation("securityhub", "ListAggregatorsV2")
def list_aggregators_v2(call: Call, MaxResults: int = 100, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListAggregatorsV2.html.

    Any region answers where Security Hub is on: https://github.com/awslabs/sra-verify, its check SRA-SECURITYHUB-18.

    Raises:
        AwsFault: Security Hub is off here.
    """
    refuse_without_hub(call)
    aggregator = _holder(call).aggregator
    listed = [] if aggregator is None else [{"AggregatorV2Arn": aggregator.arn}]
    found, _ = page(listed, MaxResults, NextToken, invalid_v2("Invalid NextToken."))
    return {"AggregatorsV2": found}


@operation("securityhub", "UpdateAggregatorV2")
def update_aggregator_v2(
    call: Call, AggregatorV2Arn: str, RegionLinkingMode: str, LinkedRegions: Sequence[str] = ()
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateAggregatorV2.html."""
    aggregator = _found(call, AggregatorV2Arn)
    _refuse_links(call, RegionLinkingMode, LinkedRegions)
    aggregator.linked = list(LinkedRegions)
    return aggregator.describe()


@operation("securityhub", "DeleteAggregatorV2")
def delete_aggregator_v2(call: Call, AggregatorV2Arn: str) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DeleteAggregatorV2.html."""
    _found(call, AggregatorV2Arn)
    _holder(call).aggregator = None
