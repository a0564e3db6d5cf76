"""Audit Manager through the API of the sandbox: who used it before it was closed, and who administers it."""

from __future__ import annotations

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

TOOLING = "security-tooling"


def used(world: World, account: str, *regions: str) -> None:
    """Have an account be a customer of old, in regions; by default in all that are governed."""
    world.sandbox.settings.auditmanager_takes_new_customers = True
    for region in regions or world.regions:
        world.client("auditmanager", account, region).register_account()
    world.sandbox.settings.auditmanager_takes_new_customers = False


def administrator(world: World, region: str) -> str | None:
    """Who administers Audit Manager in a region, by the names of config.yaml."""
    client = world.client("auditmanager", MANAGEMENT, region)
    try:
        account_id = client.get_organization_admin_account()["adminAccountId"]
    except client.exceptions.ResourceNotFoundException:
        return None
    return world.arrive().name_of(account_id)


def by_both(world: World) -> None:
    for account in (MANAGEMENT, TOOLING):
        used(world, account)


LIFE = Life(drift=by_both, stands=by_both)
