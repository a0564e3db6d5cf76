"""Contacts of accounts through the API of the sandbox: what others make of them, and how they stand."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

TEAM = {"name": "Security Team", "title": "On call", "email": "security@example.com", "phone": "+31 20 555 0100"}
SHOP = TEAM | {"name": "Shop Team", "email": "shop@example.com"}
OWNER = {
    "full_name": "Example Owner",
    "address_line_1": "2 Other Street",
    "city": "Amsterdam",
    "postal_code": "1000 AA",
    "country_code": "NL",
    "phone": "+31 20 555 0199",
}
CONFIG = {"security": TEAM, "primary": OWNER, "accounts": {"workload-prod": {"operations": SHOP}}}
THEIRS = {"Name": "Somebody", "Title": "Intern", "EmailAddress": "somebody@example.com", "PhoneNumber": "1"}


def named(world: World, name: str) -> dict[str, Any]:
    return {} if name == MANAGEMENT else {"AccountId": world.arrive().id_of(name)}


def alternate(world: World, name: str, kind: str = "security") -> dict[str, str] | None:
    """An alternate contact of an account, or None."""
    account = world.client("account")
    try:
        found = account.get_alternate_contact(AlternateContactType=kind.upper(), **named(world, name))
    except account.exceptions.ResourceNotFoundException:
        return None
    return {key: value for key, value in found["AlternateContact"].items() if key != "AlternateContactType"}


def owner(world: World, name: str) -> dict[str, str]:
    found: dict[str, str] = world.client("account").get_contact_information(**named(world, name))["ContactInformation"]
    return found


def put(world: World, name: str, kind: str = "security", **parts: str) -> None:
    """Let somebody else be an alternate contact, or another where there is one."""
    contact = (alternate(world, name, kind) or THEIRS) | parts
    world.client("account").put_alternate_contact(AlternateContactType=kind.upper(), **contact, **named(world, name))


def put_owner(world: World, name: str, **parts: str) -> None:
    information = owner(world, name) | parts
    world.client("account").put_contact_information(ContactInformation=information, **named(world, name))


def drift(world: World) -> None:
    put(world, "network", Title="Intern")
    put_owner(world, MANAGEMENT, City="Rotterdam")


LIFE = Life(configs=(CONFIG,), late_drift=drift)
