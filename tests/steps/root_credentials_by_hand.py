"""The credentials of root users: only these make them, in the console, so they are put into the sandbox."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.iam_root_user import root_user
from tests.steps.by_hand import Life
from tests.world import World

EVERY = ("password", "access_keys", "signing_certificates", "mfa_devices")


def give(world: World, name: str, *credentials: str) -> None:
    """Give the root user of a member credentials."""
    user = root_user(str(world.arrive().id_of(name)))
    if "password" in credentials:
        user.password = moment()
    if "access_keys" in credentials:
        user.access_keys |= {f"AKIAOFTHEROOTUSER{number:03}": moment() for number in range(2)}
    if "signing_certificates" in credentials:
        user.certificates["CERTIFICATEOFTHEROOTUSER"] = moment()
    if "mfa_devices" in credentials:
        user.mfa_devices[f"arn:aws:iam::{world.arrive().id_of(name)}:mfa/root"] = moment()


def summary(world: World, name: str) -> dict[str, int]:
    """What the account summary tells of the root user, without the zeros."""
    found: Any = world.client("iam", name).get_account_summary()["SummaryMap"]
    return {key: found[key] for key in sorted(found) if key.startswith("Account") and found[key]}


def drift(world: World) -> None:
    give(world, "network", *EVERY)


LIFE = Life(drift=drift)
