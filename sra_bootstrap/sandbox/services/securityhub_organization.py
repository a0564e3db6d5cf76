"""AWS Security Hub CSPM: how an organization is configured, centrally or in each account and region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.securityhub import conflict, denied, hub_of, not_found, securityhub_of
from sra_bootstrap.sandbox.services.securityhub_administrator import CSPM, Place, as_administrator, invalid
from sra_bootstrap.sandbox.services.securityhub_aggregator import aggregator_of, linked_regions
from sra_bootstrap.sandbox.services.securityhub_central import Central, central_of, in_force, start, stop
from sra_bootstrap.sandbox.services.securityhub_enrolment import AutoEnable, auto_enable_of


def _as_administrator(call: Call) -> tuple[Place, Central, AutoEnable]:
    hub_of(call)
    as_administrator(call)
    management_id = membership.management_account_of(call.account_id)
    assert management_id is not None  # noqa: S101 (an administrator is in an organization)
    place = Place(management_id, call.partition, call.region, CSPM)
    return place, central_of(management_id), auto_enable_of(management_id, call.region)


def _is_central(call: Call, central: Central) -> bool:
    return central.home is not None and call.region in {
        central.home,
        *linked_regions(call.account_id, call.partition),
    }


@operation("securityhub", "DescribeOrganizationConfiguration")
def describe_organization_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeOrganizationConfiguration.html.

    At most 10,000 members: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-accounts-orgs.html.
    That a linked region tells of central configuration too is guessed; AutoEnable "can't be changed" there either.
    """
    _, central, auto_enable = _as_administrator(call)
    is_central = _is_central(call, central)
    status = "PENDING" if is_central and not in_force(central) else "ENABLED"
    if central.overruled:
        # "Central configuration is disabled because the organization is managed by Security Hub CSPM policies in
        # Organizations": https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_OrganizationConfiguration.html.
        status = "DISABLED"
    return {
        "AutoEnable": auto_enable.hub and not is_central,
        "AutoEnableStandards": "NONE" if is_central else auto_enable.standards,
        "MemberAccountLimitReached": len(securityhub_of(call.account_id, call.region).members) >= 10_000,
        "OrganizationConfiguration": {
            "ConfigurationType": "CENTRAL" if is_central else "LOCAL",
            "Status": status,
        },
    }


@operation("securityhub", "UpdateOrganizationConfiguration")
def update_organization_configuration(
    call: Call,
    *,
    AutoEnable: bool,
    AutoEnableStandards: str = "DEFAULT",
    OrganizationConfiguration: Mapping[str, Any] | None = None,
) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateOrganizationConfiguration.html.

    The text on AutoEnable: https://github.com/schubergphilis/terraform-aws-mcaf-landing-zone/pull/213. Central
    configuration needs a home region: https://docs.aws.amazon.com/securityhub/latest/userguide/start-central-configuration.html;
    to stop it, policies must be gone: https://docs.aws.amazon.com/securityhub/latest/userguide/stop-central-configuration.html.
    The codes of the other refusals are guessed, but for those that the operation's page gives.

    Raises:
        AwsFault: what is asked does not go together, central configuration is on its way, or cannot be started or
            stopped here.
    """
    place, central, auto_enable = _as_administrator(call)
    if AutoEnableStandards not in {"NONE", "DEFAULT"}:
        raise invalid(f"Invalid parameter 'AutoEnableStandards': {AutoEnableStandards}")
    is_central = _is_central(call, central)
    wanted = (OrganizationConfiguration or {}).get("ConfigurationType", "CENTRAL" if is_central else "LOCAL")
    if wanted not in {"CENTRAL", "LOCAL"}:
        raise invalid(f"Invalid parameter 'ConfigurationType': {wanted}")
    if wanted == "CENTRAL" and (AutoEnable or AutoEnableStandards != "NONE"):
        raise invalid("Auto Enable and AutoEnableStandards can not be enabled for Central Configuration")
    if is_central and not in_force(central):
        raise conflict("Central configuration is being enabled.")
    if is_central and wanted != "CENTRAL":
        _stop(call, place, central)
    elif wanted == "CENTRAL" and not is_central:
        _start(call, place)
    auto_enable.hub, auto_enable.standards = AutoEnable, AutoEnableStandards


def _start(call: Call, place: Place) -> None:
    aggregator = aggregator_of(call.account_id)
    if aggregator is None:
        raise not_found("A finding aggregator is needed for central configuration.")
    if aggregator.home != call.region:
        raise denied("Central Configuration APIs can only be called from the aggregation region")
    start(place)


def _stop(call: Call, place: Place, central: Central) -> None:
    if central.home != call.region:
        raise denied("Central Configuration APIs can only be called from the aggregation region")
    if central.policies or central.applied:
        raise conflict("Configuration policies and associations must be deleted first.")
    stop(place.management_id)
