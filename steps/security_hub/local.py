"""Security Hub CSPM, configured locally: in each region what accounts that join get, members, and their standards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Writer
from sra_bootstrap.model import Action, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Value
from steps.common import members
from steps.common.members import Unprocessed
from steps.security_hub.central import Policy, policy_ids
from steps.security_hub.standards import arn_of, standard_of

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

_BATCH = 50
"""How many accounts a call takes: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html"""


def local(org: Org, settings: Attrs, standards: Sequence[str], *, auto_enable: bool) -> Iterator[Resource]:
    """In each region: how accounts are enrolled that join, the administrator's settings, members, and all standards."""
    security = org.security_tooling
    for region in org.regions:
        configuration: dict[str, Value] = {"type": "LOCAL", "auto_enable": auto_enable, "auto_enable_standards": "NONE"}
        if region == org.home_region:
            configuration["policies"] = ()
        yield Resource(Address("organization-configuration", Target(security, region)), configuration)
    for region in org.regions:
        yield Resource(Address("hub-settings", Target(security, region)), settings)
    wanted: Attrs = {name: {"status": "ENABLED"} for name in org.members() if name != security}
    for region in org.regions:
        yield Resource(Address("members", Target(security, region)), wanted)
    for region in org.regions if standards else ():
        for name in org.members():
            yield Resource(Address("standards", Target(name, region)), dict.fromkeys(sorted(standards), True))


def observe_local(
    wanted: Iterable[Policy], at: Target, org: Org, securityhub: SecurityHubClient
) -> Iterator[Observation]:
    """How accounts are enrolled that join a region; and what central configuration of others is in the way."""
    answer = securityhub.describe_organization_configuration()
    kind = answer["OrganizationConfiguration"]["ConfigurationType"]
    is_home = at.region == org.home_region
    central = kind == "CENTRAL" and is_home and answer["OrganizationConfiguration"]["Status"] == "ENABLED"
    found = policy_ids(securityhub) if central else {}
    address = Address("organization-configuration", at)
    if others := sorted(found.keys() - {policy.name for policy in wanted}):
        yield Obstacle(
            address,
            f"The organization is configured centrally, with policies of others: {', '.join(others)}.",
            "Keep `configuration: CENTRAL`; or agree with their owners, and delete these policies.",
        )
    configuration: dict[str, Value] = {
        "type": kind,
        "auto_enable": answer["AutoEnable"],
        "auto_enable_standards": answer["AutoEnableStandards"],
    }
    if is_home:
        configuration["policies"] = tuple(sorted(found))
    yield Resource(address, configuration)


def observe_members(at: Target, org: Org, securityhub: SecurityHubClient) -> Iterator[Observation]:
    """The members that the administrator has in a region."""
    pages = securityhub.get_paginator("list_members").paginate(OnlyAssociated=True)
    found: dict[str, Attrs] = {
        member["AccountId"]: {"status": member["MemberStatus"].upper()} for page in pages for member in page["Members"]
    }
    yield from members.observed("Security Hub", at, org, found)


def observe_standards(at: Target, securityhub: SecurityHubClient) -> Iterator[Observation]:
    """The standards of an account in a region; none where it has no hub."""
    try:
        subscriptions = _subscriptions(securityhub)
    except securityhub.exceptions.InvalidAccessException:
        # "Security Hub isn't enabled for the account", says the model; who is denied gets an AccessDeniedException.
        return
    if subscriptions:
        yield Resource(Address("standards", at), dict.fromkeys(subscriptions, True))


def _subscriptions(securityhub: SecurityHubClient) -> dict[str, str]:
    """The ARN of the subscription of each enabled standard, by its name."""
    pages = securityhub.get_paginator("get_enabled_standards").paginate()
    return {
        standard_of(one["StandardsArn"]): one["StandardsSubscriptionArn"]
        for page in pages
        for one in page["StandardsSubscriptions"]
        if one["StandardsStatus"] != "DELETING"
    }


def apply_members(change: Change, org: Org, securityhub: SecurityHubClient, aws: Writer) -> None:
    """Enrol accounts, or let them go; those that join are then not enrolled either."""
    if change.action is Action.DELETE:
        securityhub.update_organization_configuration(AutoEnable=False, AutoEnableStandards="NONE")
        account_ids = [members.live(name, org).id for name in change.before]
        for batch in members.in_batches(account_ids, _BATCH):
            securityhub.disassociate_members(AccountIds=batch)
        return
    accounts = {account.id: account.email for account in (members.live(name, org) for name in change.after)}

    def create(account_ids: Sequence[str]) -> Unprocessed:
        details = [{"AccountId": account_id, "Email": accounts[account_id]} for account_id in account_ids]
        answer = securityhub.create_members(AccountDetails=details)  # type: ignore[arg-type]
        return {one["AccountId"]: one["ProcessingResult"] for one in answer["UnprocessedAccounts"]}

    members.process("Security Hub", list(accounts), _BATCH, create, aws)


def apply_standards(change: Change, org: Org, securityhub: SecurityHubClient) -> None:
    """Enable the standards that an account lacks in a region, or disable those that it got."""
    if change.action is Action.DELETE:
        subscriptions = _subscriptions(securityhub)
        arns = [subscriptions[name] for name, enabled in change.before.items() if enabled and name in subscriptions]
        if arns:
            securityhub.batch_disable_standards(StandardsSubscriptionArns=arns)
        return
    arn = partial(arn_of, region=change.address.at.region, partition=org.partition)
    securityhub.batch_enable_standards(
        StandardsSubscriptionRequests=[{"StandardsArn": arn(one)} for one in change.after]
    )
