"""Delegated administrators that AWS Organizations registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Action, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.trusted_access import ServicePrincipal

Part = Literal["security_tooling", "log_archive", "network", "shared_services"]
"""Which account of the architecture: a key of `roles` in config.yaml."""


class DelegatedAdministrators(Step[StepConfig]):
    """Let the security tooling account, not the management account, administer the services.

    The SRA delegates the administration of nearly every security service to the security tooling account, so that
    nobody needs the management account for daily work. Services whose administrator is registered by an API of their
    own, such as Amazon GuardDuty, are delegated in their own step.
    """

    class Config(StepConfig):
        """Who administers what, beyond what the steps of the pipeline need."""

        administrators: dict[ServicePrincipal, Part] = Field(
            default_factory=dict,
            description="Which account, by its part in `roles`, administers a service, beyond what the steps say.",
        )

    id = "delegated_administrators"
    after = ("accounts", "trusted_access")
    reads = frozenset({"organizations:ListDelegatedAdministrators", "organizations:ListDelegatedServicesForAccount"})
    writes = frozenset(
        {"organizations:DeregisterDelegatedAdministrator", "organizations:RegisterDelegatedAdministrator"}
    )
    considerations = (
        "When another account administers a service already, this is reported and nothing is changed.",
        "Removing an administrator can destroy what it has set up, such as the policies of AWS Security Hub.",
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html",
    )

    config: Config

    def principals(self) -> Iterable[str]:
        """A service must be trusted before it can have an administrator."""
        return self.config.administrators

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """What config.yaml adds to what the other steps need."""
        for principal, part in self.config.administrators.items():
            yield Delegation(principal, getattr(org, part))

    def keeps(self, address: Address, org: Org) -> bool:
        """What a service keeps for its administrator would go with it."""
        return any(delegation.kept and delegation.principal == address.name for delegation in org.delegations)

    def desired(self, org: Org) -> Iterable[Resource]:
        """One administrator for every service that a step of the pipeline, or config.yaml, asks for."""
        for delegation in org.delegations:
            if delegation.own_api:
                continue
            yield Resource(_address(delegation.principal), {"account": org.id_of(delegation.account)})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Every service that has an administrator, and who it is."""
        wanted = {delegation.principal: delegation for delegation in org.delegations}
        for principal, account_ids in _administrators(at, aws).items():
            if principal not in wanted:
                yield Resource(_address(principal), {"accounts": tuple(account_ids)})
                continue
            if wanted[principal].own_api:
                continue
            ours = org.id_of(wanted[principal].account)
            if ours in account_ids:
                yield Resource(_address(principal), {"account": ours})
            else:
                others = " and ".join(f"{org.name_of(account_id)} ({account_id})" for account_id in account_ids)
                yield Obstacle(
                    _address(principal),
                    f"{principal} is administered by {others}.",
                    "Name that account in config.yaml, or deregister it first: aws organizations "
                    f"deregister-delegated-administrator --service-principal {principal} --account-id {account_ids[0]}",
                )

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Register or deregister the administrator of one service."""
        organizations = aws.client("organizations", change.address.at)
        principal = change.address.name
        if change.action is Action.DELETE:
            organizations.deregister_delegated_administrator(
                AccountId=change.before["account"], ServicePrincipal=principal
            )
        else:
            organizations.register_delegated_administrator(
                AccountId=change.after["account"], ServicePrincipal=principal
            )


def _address(principal: str) -> Address:
    return Address("delegated-administrator", Target(ORGANIZATION), principal)


def _administrators(at: Target, aws: Reader) -> dict[str, list[str]]:
    """The administrators of each service, by account id: one list, and one for each of the few administrators."""
    organizations = aws.client("organizations", at)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for page in organizations.get_paginator("list_delegated_administrators").paginate():
        for administrator in page["DelegatedAdministrators"]:
            account_id = administrator["Id"]
            services = organizations.get_paginator("list_delegated_services_for_account").paginate(AccountId=account_id)
            for services_page in services:
                for service in services_page["DelegatedServices"]:
                    found[service["ServicePrincipal"]].append(account_id)
    return found
