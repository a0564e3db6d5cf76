"""Who administers a service: as config.yaml says it, and as AWS Organizations has it registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sra_bootstrap.aws import Reader
from sra_bootstrap.model import ORGANIZATION, Target
from sra_bootstrap.org import Delegation, Org

Part = Literal["security_tooling", "log_archive", "network", "shared_services"]
"""Which account of the architecture: a key of `roles` in config.yaml."""


def to(part: Part | None, principal: str, org: Org) -> Iterator[Delegation]:
    """That an account is to administer a service, by its part; nothing where config.yaml names none."""
    if part is not None:
        yield Delegation(principal, getattr(org, part))


def administrator_of(principal: str, org: Org) -> str:
    """The account that is to administer a service: config.yaml may name another than its step does."""
    named = (delegation.account for delegation in org.delegations if delegation.principal == principal)
    return next(named, org.security_tooling)


def registered(principal: str, aws: Reader) -> list[str]:
    """Who is registered as the administrator of a service, whatever the region; asked once for all of a round."""
    return aws.once(f"registered administrators of {principal}", lambda: registrations(principal, aws))


def registrations(principal: str, aws: Reader) -> list[str]:
    """Who is registered with AWS Organizations as the administrator of a service right now."""
    organizations = aws.client("organizations", Target(ORGANIZATION))
    pages = organizations.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=principal)
    return [administrator["Id"] for page in pages for administrator in page["DelegatedAdministrators"]]
