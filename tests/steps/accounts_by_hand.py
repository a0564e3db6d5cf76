"""Accounts through the API of the sandbox: what others do to them."""

from __future__ import annotations

from tests.steps.by_hand import Life
from tests.world import World


def ask_for_one(world: World) -> None:
    """Ask for an account as an apply does that is then killed: the next one finds the request."""
    org = world.arrive()
    if org.live is None:
        world.client("organizations").create_organization(FeatureSet="ALL")
        world.sandbox.clock.wait(world.sandbox.settings.finalizing_seconds)
    wanted = org.accounts["log-archive"]
    world.client("organizations").create_account(AccountName=wanted.name, Email=wanted.email)


def drift(world: World) -> None:
    """Rename an account and move it."""
    org = world.arrive()
    network = org.id_of("network")
    world.client("account").put_account_name(AccountId=network, AccountName="Somebody's")
    ids = {"SourceParentId": org.existing.units["Workloads"], "DestinationParentId": org.existing.root_id}
    world.client("organizations").move_account(AccountId=network, **ids)


LIFE = Life(ask_for_one, drift)
