"""AWS Security Hub (v2): what the organization's Security Hub policies enable and disable in its accounts."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import boto3

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.organization_effective_policies import effective_policy
from sra_bootstrap.sandbox.services.organization_policy_changes import follows, last_change
from sra_bootstrap.sandbox.services.securityhub_v2 import HubV2, securityhub_v2_of
from sra_bootstrap.sandbox.settings import Rules

_TYPE = "SECURITYHUB_POLICY"
_ALL = "ALL_SUPPORTED"


@cache
def _regions(partition: str) -> frozenset[str]:
    return frozenset(boto3.Session().get_available_regions("securityhub", partition))


def _named(region: str, regions: Collection[str]) -> bool:
    return region in regions or _ALL in regions


def _settled(backend: Any, account: Any) -> bool:
    """Whether what the policies say has had the time to arrive in an account; how long it takes is guessed."""
    changed = max(moment(max(last_change(backend), 0)), account.create_time)
    return bool((moment() - changed).total_seconds() >= Rules.settings.securityhub_policy_seconds)


def _follow(backend: Any, account: Any, region: str) -> None:
    """Do in an account and region what the policies say, once they have arrived.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_syntax.html: disabling
    goes first, and a region in neither list is left as it is. That detaching a policy leaves Security Hub on, and that
    a managed account refuses to have it changed as soon as the policy is there:
    https://github.com/primeharbor/org-kickstart. That it refuses until the end of the policy has arrived too, and that
    all this goes for the management account too, is guessed: only SCPs and RCPs are said to spare it.
    """
    block = (effective_policy(backend, account, _TYPE) or {}).get("securityhub", {})
    disabled = _named(region, block.get("disable_in_regions", ()))
    enabled = _named(region, block.get("enable_in_regions", ())) and not disabled
    state = securityhub_v2_of(account.id, region)
    settled = _settled(backend, account)
    state.managed = disabled or enabled or (state.managed and not settled)
    if not settled:
        return
    if disabled:
        state.hub = None
    elif enabled and state.hub is None:
        state.hub = HubV2()


def _has(account: Any, partition: str, region: str) -> bool:
    active = account.status == "ACTIVE"
    return active and has_region(account.id, partition, region)


@follows
def follow_everywhere(backend: Any) -> None:
    """Before the policies of an organization change: see to it that what they said has been done."""
    for account in backend.accounts:
        for region in _regions(backend.partition):
            if _has(account, backend.partition, region):
                _follow(backend, account, region)


@gate
def follow_here(call: Call) -> None:
    """Before any call of Security Hub: see to it that what the policies say of the caller has been done."""
    backend = membership.organization_of(call.account_id) if call.service == "securityhub" else None
    if backend is None:
        securityhub_v2_of(call.account_id, call.region).managed = False
        return
    account = backend.get_account_by_id(call.account_id)
    if call.region in _regions(call.partition) and _has(account, call.partition, call.region):
        _follow(backend, account, call.region)
