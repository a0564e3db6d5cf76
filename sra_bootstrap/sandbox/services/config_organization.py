"""AWS Config for an organization: who may manage it, what it has deployed, and in what words it refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.settings import Rules

if TYPE_CHECKING:
    from sra_bootstrap.sandbox.services.config_organization_deployments import Deployment

DEPLOYMENTS = "config-multiaccountsetup.amazonaws.com"
"""Who deploys conformance packs and rules in an organization."""
AGGREGATION = "config.amazonaws.com"
"""Who reads an organization's accounts for an aggregator.

https://docs.aws.amazon.com/config/latest/developerguide/aggregated-register-delegated-administrator.html
"""


@dataclass(frozen=True)
class Place:
    """An account in a region, and the partition that both are in."""

    account_id: str
    region: str
    partition: str


@dataclass
class Roster:
    """What is deployed in an organization and region, by whomever; kept for its management account."""

    deployments: list[Deployment] = field(default_factory=list)


def roster_of(account_id: str, region: str) -> Roster:
    """What is deployed in the organization of an account, in a region."""
    return store.state(Roster, membership.management_account_of(account_id) or account_id, region)


def random_suffix() -> str:
    """What Config appends to the names of what it deploys, as in `OrgConformsPack-baseline-15lssxz6`."""
    suffix: str = mock_random.get_random_string(length=8, lower_case=True)
    return suffix


def invalid(message: str) -> AwsFault:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html, the errors."""
    return AwsFault("ValidationException", message)


def invalid_parameter(message: str) -> AwsFault:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConfigRule.html, the errors."""
    return AwsFault("InvalidParameterValueException", message)


def access_denied() -> AwsFault:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationAggregator.html, the errors."""
    text = "This action can only be performed by the management account or a delegated administrator of AWS Config."
    return AwsFault("OrganizationAccessDeniedException", text)


def check_name(name: str, pattern: str, what: str) -> None:
    """Refuse a name that the SDK would send, and AWS not take.

    Raises:
        AwsFault: it does not match the pattern of the service's model.
    """
    if not re.fullmatch(pattern, name):
        text = f"1 validation error detected: Value '{name}' at '{what}' failed to satisfy constraint: {pattern}"
        raise invalid(text)


def may_read(call: Call, principal: str) -> None:
    """Let only those call who manage the organization: the management account, and delegated administrators.

    A delegated administrator is known to Config a while after its registration, as
    https://github.com/aws-samples/aws-security-reference-architecture-examples waits for it; how long is guessed. What
    it may do ends with its registration, and with the trusted access of the service, which is guessed.

    Raises:
        AwsFault: the caller is another.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None:
        raise access_denied()
    if call.account_id == backend.org.master_account_id:
        return
    effective = moment() - timedelta(seconds=Rules.settings.delegation_seconds)
    registered = [
        admin.services[principal]["DelegationEnabledDate"]
        for admin in backend.admins
        if admin.account.id == call.account_id and principal in admin.services
    ]
    if not any(date <= effective for date in registered) or not membership.trusts(call.account_id, principal):
        raise access_denied()


def may_write(call: Call, principal: str) -> None:
    """Let only those call who manage an organization with all features; the management account enables the trust.

    https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html

    Raises:
        AwsFault: there is no organization, it lacks features, or the caller does not manage it.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None:
        raise AwsFault("NoAvailableOrganizationException", "Organization is no longer available.")
    if backend.org.feature_set != "ALL":
        text = "AWS Config resource cannot be created because your organization does not have all features enabled."
        raise AwsFault("OrganizationAllFeaturesNotEnabledException", text)
    may_read(call, principal)
    if call.account_id == backend.org.master_account_id:
        membership.trust(call.account_id, principal)


def listed(key: str, items: Sequence[Any], limit: int | None, token: str | None) -> dict[str, Any]:
    """An answer in pages of 100, the default and the maximum of these operations.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePacks.html

    Raises:
        AwsFault: more are asked for on a page, or the token is none.
    """
    if limit is not None and not 0 <= limit <= 100:
        raise AwsFault("InvalidLimitException", "The specified limit is outside the allowable range.")
    refusal = AwsFault("InvalidNextTokenException", "The specified next token is not valid.")
    found, following = page(items, limit or 100, token, refusal)
    return {key: found} if following is None else {key: found, "NextToken": following}
