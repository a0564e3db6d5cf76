"""Security Hub CSPM in one account: its hub, whose regions it gathers findings of, and of which products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader
from sra_bootstrap.model import Action, Address, Change, Observation, Obstacle, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, nested

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient


_SPECIFIED = frozenset({"SPECIFIED_REGIONS", "NO_REGIONS"})
"""The ways of linking regions by name; the second is the first with none, which AWS does not take."""


def hub_settings(securityhub: SecurityHubClient) -> Attrs | None:
    """What is set for the hub of an account in a region, or None where Security Hub is off.

    "Security Hub isn't enabled for the account", says the model of this error; who is denied gets another.
    """
    try:
        hub = securityhub.describe_hub()
    except securityhub.exceptions.InvalidAccessException:
        return None
    return {
        "auto_enable_controls": hub["AutoEnableControls"],
        "control_finding_generator": hub["ControlFindingGenerator"],
    }


def apply_in_account(change: Change, org: Org, securityhub: SecurityHubClient) -> None:
    """Make a change that concerns one account only."""
    match change.address.kind:
        case "hub":
            _put_hub(change, securityhub)
        case "hub-settings":
            _put_settings(change, securityhub)
        case "finding-aggregator":
            _put_aggregator(change, securityhub)
        case "integrations":
            _accept_products(change, org, securityhub)


def _put_hub(change: Change, securityhub: SecurityHubClient) -> None:
    """Switch Security Hub on without the default standards, or switch it off."""
    if change.action is Action.DELETE:
        # It may be off already.
        with suppress(securityhub.exceptions.InvalidAccessException):
            securityhub.disable_security_hub()
    else:
        # It may be on already.
        with suppress(securityhub.exceptions.ResourceConflictException):
            securityhub.enable_security_hub(EnableDefaultStandards=False)


def _put_settings(change: Change, securityhub: SecurityHubClient) -> None:
    """Set what is wanted of a hub."""
    settings = {
        parameter: change.after[name]
        for name, parameter in (
            ("auto_enable_controls", "AutoEnableControls"),
            ("control_finding_generator", "ControlFindingGenerator"),
        )
        if name in change.after
    }
    securityhub.update_security_hub_configuration(**settings)  # type: ignore[arg-type]


def _aggregator_arn(securityhub: SecurityHubClient) -> str | None:
    pages = securityhub.get_paginator("list_finding_aggregators").paginate()
    return next((one["FindingAggregatorArn"] for page in pages for one in page["FindingAggregators"]), None)


def observe_aggregator(at: Target, org: Org, securityhub: SecurityHubClient, aws: Reader) -> Iterator[Observation]:
    """How findings of other regions are gathered, and what other home region is in the way."""
    address = Address("finding-aggregator", at)
    for region in org.regions:
        if not aws.offers("securityhub", region):
            yield Unavailable(address, ("regions", region), f"Security Hub is not offered in {region}.")
    arn = _aggregator_arn(securityhub)
    if arn is None:
        return
    home = arn.split(":")[3]
    if home != at.region:
        yield Obstacle(
            address,
            f"Security Hub gathers findings in {home}, and a home region cannot be changed in place.",
            f"Set organization.home_region to {home}; or end that (aws securityhub delete-finding-aggregator --region "
            f"{home} --finding-aggregator-arn {arn}), which also ends central configuration.",
        )
    found = securityhub.get_finding_aggregator(FindingAggregatorArn=arn)
    specified = found["RegionLinkingMode"] in _SPECIFIED
    mode = "SPECIFIED_REGIONS" if specified else found["RegionLinkingMode"]
    yield Resource(address, {"mode": mode, "regions": dict.fromkeys(found["Regions"] if specified else (), True)})


def gathers_from(region: str, securityhub: SecurityHubClient) -> bool:
    """Whether the home region, which is asked, is a region's own or gathers its findings too."""
    arn = _aggregator_arn(securityhub)
    if arn is None:
        return False
    found = securityhub.get_finding_aggregator(FindingAggregatorArn=arn)
    named = region in found.get("Regions", ())
    linked = {"ALL_REGIONS": True, "ALL_REGIONS_EXCEPT_SPECIFIED": not named}.get(found["RegionLinkingMode"], named)
    return linked or region == found["FindingAggregationRegion"]


def _put_aggregator(change: Change, securityhub: SecurityHubClient) -> None:
    """Link regions to the home region; those that others have linked stay so."""
    arn = _aggregator_arn(securityhub)
    if change.action is Action.DELETE:
        if arn is not None:
            securityhub.delete_finding_aggregator(FindingAggregatorArn=arn)
        return
    regions = set(nested(change.after, "regions"))
    found = None if arn is None else securityhub.get_finding_aggregator(FindingAggregatorArn=arn)
    if found is not None and found["RegionLinkingMode"] in _SPECIFIED:
        regions.update(found["Regions"])
    mode = "SPECIFIED_REGIONS" if regions else "NO_REGIONS"
    if arn is None:
        securityhub.create_finding_aggregator(RegionLinkingMode=mode, Regions=sorted(regions))
    else:
        securityhub.update_finding_aggregator(FindingAggregatorArn=arn, RegionLinkingMode=mode, Regions=sorted(regions))


def _product(arn: str) -> str:
    """The name of a product, by its own ARN or by that of its subscription."""
    return arn.rpartition(":")[2].partition("/")[2]


def accepted_products(securityhub: SecurityHubClient) -> set[str] | None:
    """The products whose findings the hub of an account in a region accepts, or None where Security Hub is off."""
    pages = securityhub.get_paginator("list_enabled_products_for_import").paginate()
    try:
        return {_product(arn) for page in pages for arn in page["ProductSubscriptions"]}
    except securityhub.exceptions.InvalidAccessException:
        return None


def observe_integrations(
    wanted: Iterable[str], accepted: set[str], at: Target, securityhub: SecurityHubClient
) -> Iterator[Observation]:
    """The products whose findings are accepted; and of those wanted, what is not integrated in this region."""
    address = Address("integrations", at)
    missing = set(wanted) - accepted
    if missing:
        products = securityhub.get_paginator("describe_products").paginate()
        missing -= {_product(product["ProductArn"]) for page in products for product in page["Products"]}
    for product in sorted(missing):
        yield Unavailable(address, (product,), f"Security Hub has no integration with {product} in {at.region}.")
    yield Resource(address, dict.fromkeys(sorted(accepted), True))


def _accept_products(change: Change, org: Org, securityhub: SecurityHubClient) -> None:
    """Accept the findings of products."""
    for product in change.after:
        arn = f"arn:{org.partition}:securityhub:{change.address.at.region}::product/{product}"
        # It may be accepted already.
        with suppress(securityhub.exceptions.ResourceConflictException):
            securityhub.enable_import_findings_for_product(ProductArn=arn)
