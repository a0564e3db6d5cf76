"""IPAM through the API of the sandbox: what others do to its administrator."""

from __future__ import annotations

from tests.steps.by_hand import Life
from tests.world import World

PRINCIPAL = "ipam.amazonaws.com"


def appoint(world: World, account: str) -> None:
    world.client("ec2").enable_ipam_organization_admin_account(DelegatedAdminAccountId=world.arrive().id_of(account))


def dismiss(world: World, account: str) -> None:
    world.client("ec2").disable_ipam_organization_admin_account(DelegatedAdminAccountId=world.arrive().id_of(account))


def drift(world: World) -> None:
    dismiss(world, "network")


LIFE = Life(drift=drift)
