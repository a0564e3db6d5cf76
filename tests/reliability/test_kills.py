"""For every write of a full apply: killed right before and right after it, the next apply makes everything good.

Here, after every 16th write it is killed; of services, after the second and every 23rd from there;
all in `make soak`.
"""

from __future__ import annotations

from itertools import product

import pytest

from sra_bootstrap import sandbox
from tests.reliability.kills import When, kill, recover
from tests.reliability.tally import soaking, tally
from tests.steps.by_hand import clean
from tests.world import World, only, pending, services

WRITES = 80
"""More than an apply makes: each beyond the last is seen to be none."""
_IDLE = {"audit_manager", "contacts", "identity_center", "regions", "root_credentials"}
"""What these would write is not there to be written here; the tests of these steps stop them where it is."""


@pytest.mark.parametrize(
    ("when", "part"),
    list(product(("before", "after"), range(8))) if soaking() else [("after", 1)],
)
def test_an_apply_that_is_killed_at_any_write_is_completed_by_the_next(when: When, part: int) -> None:
    killed = 0
    for number in range(1 + part, WRITES, 8 if soaking() else 16):
        with sandbox.in_process() as running:
            world = World(running)
            if not kill(world, number, when):
                break
            killed += 1
            tally(kills=1)
            recover(world, world.build)
    else:
        pytest.fail(f"an apply makes more than {WRITES} writes; raise WRITES")
    assert killed


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", sorted(set(services()) - _IDLE))
@pytest.mark.parametrize("when", ["before", "after"] if soaking() else ["after"])
def test_a_service_whose_apply_is_killed_at_any_write_is_completed_by_the_next(when: When, name: str) -> None:
    for number in range(1, WRITES) if soaking() else range(2, WRITES, 23):
        if not _killed_and_completed(name, number, when):
            break
    else:
        pytest.fail(f"an apply of {name} makes more than {WRITES} writes; raise WRITES")
    # Some make one write only.
    assert number > 2 or _killed_and_completed(name, 1, when)


def _killed_and_completed(name: str, number: int, when: When) -> bool:
    """Kill the apply of a service at a write, and let the next complete it; whether there is such a write."""
    with sandbox.in_process() as running:
        world = World(running, only(name))
        world.stand_before_the_last()
        if not kill(world, number, when):
            return False
        tally(kills=1)
        recover(world, world.build)
        return True


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", ["guardduty", *services()])
@pytest.mark.parametrize("when", ["before", "after"] if soaking() else ["before"])
def test_a_service_whose_destruction_is_killed_at_any_write_is_destroyed_by_the_next(when: When, name: str) -> None:
    with sandbox.in_process() as running:
        world = World(running, only(name))
        last = world.steps[-1:]
        world.stand()
        org = world.arrive()
        if all(last[0].keeps(resource.address, org) for resource in last[0].desired(org)):
            assert pending(world.plan(last, destroy=True)) == []
            return
        assert clean(world.apply(world.plan(last, destroy=True), last))
        writes = len([record for record in world.records if not record.read])
        left = registrations(world)
        assert writes
        for number in range(1, writes + 1) if soaking() else {writes // 2 + 1}:
            running.reset()
            world.stand()
            # Side by side, two regions may write less together than one after the other.
            if kill(world, number, when, last, destroy=True):
                tally(kills=1)
            world.connection = world.connect()
            assert clean(world.apply(world.plan(last, destroy=True), last))
            assert pending(world.plan(last, destroy=True)) == []
            assert registrations(world) == left


def registrations(world: World) -> dict[str, list[str]]:
    """The services that each administrator is registered for."""
    organizations = world.client("organizations")
    administrators = organizations.list_delegated_administrators()["DelegatedAdministrators"]
    return {
        one["Id"]: [
            service["ServicePrincipal"]
            for service in organizations.list_delegated_services_for_account(AccountId=one["Id"])["DelegatedServices"]
        ]
        for one in administrators
    }


@pytest.mark.parametrize("number", [4, 12, 13, 21])
def test_the_reviewed_plan_itself_can_be_carried_on_with_after_a_kill(world: World, number: int) -> None:
    plan = world.plan()
    assert kill(world, number, "after")

    def carry_on() -> None:
        outcome = world.apply(plan)
        assert (outcome.failed, outcome.blocked, outcome.drift) == ([], [], None)

    recover(world, carry_on)
