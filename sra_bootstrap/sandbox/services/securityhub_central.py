"""AWS Security Hub CSPM: central configuration of an organization, and what its policies do in accounts and regions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, check, gate
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.securityhub import Hub, denied, securityhub_of
from sra_bootstrap.sandbox.services.securityhub_administrator import (
    CSPM,
    Place,
    administrator_of,
    appoint,
    delegations_of,
    dismissed,
)
from sra_bootstrap.sandbox.services.securityhub_aggregator import home_region_left, linked_regions
from sra_bootstrap.sandbox.services.securityhub_enrolment import enrol
from sra_bootstrap.sandbox.services.securityhub_standards import standards_named
from sra_bootstrap.sandbox.settings import Rules

SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"


@dataclass
class Policy:
    """A configuration policy; `version` counts its updates."""

    name: str
    description: str | None
    security_hub: dict[str, Any]
    tags: dict[str, str]
    version: int = 0
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)


@dataclass(frozen=True)
class Wanted:
    """What is to be in an account: a policy, or self-managed behavior, in one of its versions and in these regions."""

    policy_id: str
    version: int
    regions: tuple[str, ...]


@dataclass
class Outcome:
    """How far an account is with what is wanted in it: PENDING for a while, then SUCCESS or FAILED."""

    wanted: Wanted
    status: str = "PENDING"
    message: str | None = None
    updated: datetime = field(default_factory=moment)


@dataclass
class Central:
    """The central configuration of an organization.

    `home` is its region, or None under local configuration; it is in force from `effective` on. `overruled` says that
    Security Hub policies of AWS Organizations manage Security Hub; the sandbox has none of these. `applied` are the
    targets, by id, that a policy or self-managed behavior is associated with directly, and since when.
    """

    home: str | None = None
    effective: float = math.inf
    overruled: bool = False
    policies: dict[str, Policy] = field(default_factory=dict)
    applied: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def central_of(management_id: str) -> Central:
    """The central configuration of an organization."""
    return store.state(Central, management_id, "aws")


def in_force(central: Central) -> bool:
    """Whether policies can be made and take effect."""
    return central.home is not None and central.effective <= Time.clock.now()


def as_central_administrator(call: Call) -> Central:
    """The code and the texts are what AWS was seen to answer, as terraform-provider-aws looks for the first.

    Raises:
        AwsFault: the caller does not administer Security Hub, there is no central configuration, or its home region is
            another.
    """
    management_id = membership.management_account_of(call.account_id)
    central = None if management_id is None else central_of(management_id)
    home = None if central is None or not in_force(central) else central.home
    if central is None or home is None or administrator_of(call.account_id, home) != call.account_id:
        raise denied("Must be a Security Hub delegated administrator with Central Configuration enabled")
    if home != call.region:
        raise denied("Central Configuration APIs can only be called from the aggregation region")
    return central


def lineage(backend: Any, entity: Any) -> Iterator[str]:
    """The ids of an account, an OU or the root, and of all that it is in, from the inside out."""
    yield entity.id
    while entity.parent_id is not None:
        entity = backend.get_organizational_unit_by_id(entity.parent_id)
        yield entity.id


def effective(central: Central, backend: Any, entity: Any) -> tuple[str, str] | None:
    """What an entity is associated with, and the id of where that was applied: its own, or its closest parent's.

    https://docs.aws.amazon.com/securityhub/latest/userguide/configuration-policies-overview.html
    """
    for entity_id in lineage(backend, entity):
        if entity_id in central.applied:
            return central.applied[entity_id][0], entity_id
    return None


def start(place: Place) -> None:
    """Begin central configuration with a home region; the same administrator is set in all linked regions.

    https://docs.aws.amazon.com/securityhub/latest/userguide/start-central-configuration.html
    """
    central = central_of(place.management_id)
    central.home = place.region
    central.effective = Time.clock.now() + Rules.settings.enabling_seconds


def stop(management_id: str) -> None:
    """End central configuration: policies and associations are gone, accounts keep their settings and manage them.

    https://docs.aws.amazon.com/securityhub/latest/userguide/stop-central-configuration.html
    """
    central = central_of(management_id)
    for account_id, outcome in central.outcomes.items():
        for region in outcome.wanted.regions:
            securityhub_of(account_id, region).centrally_managed = False
    central.home, central.effective = None, math.inf
    central.policies, central.applied, central.outcomes = {}, {}, {}


@dismissed
def stop_without_administrator(place: Place, account_id: str) -> None:
    """https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html."""
    if place.feature == CSPM and central_of(place.management_id).home == place.region:
        stop(place.management_id)


@home_region_left
def stop_without_home_region(account_id: str) -> None:
    """https://docs.aws.amazon.com/securityhub/latest/userguide/aggregation-central-configuration.html."""
    management_id = membership.management_account_of(account_id)
    home = None if management_id is None else central_of(management_id).home
    if management_id is not None and home is not None and administrator_of(account_id, home) == account_id:
        stop(management_id)


@check("securityhub", "DisableOrganizationAdminAccount")
def keep_administrator(call: Call, Feature: str = CSPM, **_: Any) -> None:
    """Under central configuration, "you can't use" this "to change or remove the delegated administrator account".

    https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html; the code is guessed.

    Raises:
        AwsFault: the organization is configured centrally.
    """
    if Feature == CSPM and central_of(call.account_id).home is not None:
        raise denied("The delegated administrator cannot be removed while central configuration is enabled.")


@gate
def take_effect(call: Call) -> None:
    """Before any call of Security Hub: let policies take effect in the caller's account; for an administrator, in all.

    An association "can take up to 24 hours" to leave PENDING:
    https://docs.aws.amazon.com/securityhub/latest/userguide/view-policy.html.
    """
    backend = membership.organization_of(call.account_id) if call.service == "securityhub" else None
    if backend is None:
        return
    management_id = str(backend.org.master_account_id)
    central = central_of(management_id)
    if not in_force(central) or central.home is None:
        return
    administrator_id = administrator_of(call.account_id, central.home)
    if administrator_id is None:
        return
    linked = linked_regions(administrator_id, call.partition)
    for region in linked:
        if (region, CSPM) not in delegations_of(management_id).by_place:
            appoint(Place(management_id, call.partition, region, CSPM), administrator_id, seconds=0)
    for account in backend.accounts:
        if call.account_id in {administrator_id, account.id}:
            _bring_forward(central, backend, account, (central.home, *linked), call)


def _bring_forward(central: Central, backend: Any, account: Any, regions: tuple[str, ...], call: Call) -> None:
    found = effective(central, backend, account)
    outcome = central.outcomes.get(account.id)
    if found is None:
        if outcome is not None:
            _release(account.id, outcome.wanted.regions)
            del central.outcomes[account.id]
        return
    policy_id, _ = found
    version = 0 if policy_id == SELF_MANAGED else central.policies[policy_id].version
    wanted = Wanted(policy_id, version, regions)
    if outcome is None or outcome.wanted != wanted:
        left = () if outcome is None else tuple(set(outcome.wanted.regions) - set(regions))
        _release(account.id, left)
        outcome = Outcome(wanted)
        central.outcomes[account.id] = outcome
        later(Rules.settings.enabling_seconds, partial(_mature, central, account, outcome, call.partition))


def _mature(central: Central, account: Any, outcome: Outcome, partition: str, at: float) -> None:
    if central.outcomes.get(account.id) is outcome:
        outcome.message = _settle(central, account, outcome.wanted, partition)
        outcome.status = "SUCCESS" if outcome.message is None else "FAILED"
        outcome.updated = moment(at)


def _release(account_id: str, regions: tuple[str, ...]) -> None:
    for region in regions:
        securityhub_of(account_id, region).centrally_managed = False


def _settle(central: Central, account: Any, wanted: Wanted, partition: str) -> str | None:
    """Bring an account to what is wanted; why that failed in some region, or None.

    Some reasons for a failure are in
    https://docs.aws.amazon.com/securityhub/latest/userguide/configuration-policies-overview.html: a management account
    that has not enabled Security Hub, and a suspended account. A region that the account has not enabled is passed over
    by https://docs.aws.amazon.com/securityhub/latest/userguide/aggregation-central-configuration.html. The texts are
    guessed; so is that a policy can switch on again what a policy has switched off in the management account.
    """
    if account.status != "ACTIVE":
        return "The account is suspended."
    if wanted.policy_id == SELF_MANAGED:
        _release(account.id, wanted.regions)
        return None
    security_hub = central.policies[wanted.policy_id].security_hub
    reasons = [
        _settle_region(account.id, region, security_hub)
        for region in wanted.regions
        if has_region(account.id, partition, region)
    ]
    return next((reason for reason in reasons if reason is not None), None)


def _settle_region(account_id: str, region: str, security_hub: dict[str, Any]) -> str | None:
    state = securityhub_of(account_id, region)
    administrator_id = administrator_of(account_id, region)
    is_management = membership.management_account_of(account_id) == account_id
    if security_hub.get("ServiceEnabled", True):
        if is_management and state.hub is None and not state.centrally_managed:
            return f"Security Hub is not enabled in the organization management account in {region}."
        _configure(account_id, region, security_hub)
        if administrator_id not in {None, account_id}:
            enrol(str(administrator_id), account_id, region)
    elif administrator_id != account_id:
        state.hub = None
    state.centrally_managed = True
    return None


def _configure(account_id: str, region: str, security_hub: dict[str, Any]) -> None:
    state = securityhub_of(account_id, region)
    if state.hub is None:
        state.hub = Hub()
    wanted = standards_named(security_hub.get("EnabledStandardIdentifiers", []))
    for standard in set(state.hub.standards) - set(wanted):
        del state.hub.standards[standard]
    state.hub.enable(*wanted)
    controls = security_hub.get("SecurityControlsConfiguration", {})
    state.hub.disabled_controls = set(controls.get("DisabledSecurityControlIdentifiers", []))
