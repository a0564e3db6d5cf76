"""How an apply ends when it is not left to its end; what it does otherwise is in tests/contract and tests/steps."""

from __future__ import annotations

from collections.abc import Sequence

from sra_bootstrap.model import Address, Blocked, Change
from tests.world import Silent, World


class Impatient(Silent):
    """Somebody presses Ctrl-C as soon as there is something to wait for."""

    def waiting(self, step: str, addresses: Sequence[Address], seconds: float) -> None:
        raise KeyboardInterrupt


class Denying(Silent):
    """Takes a right away when a change of a kind has been made."""

    def __init__(self, world: World, kind: str, action: str) -> None:
        super().__init__()
        self._world, self._kind, self._action = world, kind, action

    def change_ends(self, step: str, change: Change, failure: Blocked | None) -> None:
        if change.address.kind == self._kind:
            self._world.sandbox.settings.denied = frozenset({self._action})


def test_what_was_made_is_told_also_when_waiting_for_it_is_interrupted(world: World) -> None:
    world.listener = Impatient()

    outcome = world.apply(world.plan())

    assert outcome.interrupted
    assert {change.address for change in outcome.done} == {change.address for change in world.listener.made}
    world.listener, world.connection = Silent(), world.connect()
    world.sandbox.clock.wait(60)
    world.build()


def test_what_was_made_is_told_also_when_the_organization_can_no_longer_be_read(world: World) -> None:
    world.listener = Denying(world, "account", "organizations:ListRoots")

    outcome = world.apply(world.plan())

    assert outcome.error is not None
    assert "ListRoots: AccessDeniedException" in outcome.error.message
    done = [change.address.name for change in outcome.done if change.address.kind == "account"]
    assert done == list(world.wanted.accounts)


def test_what_cannot_be_looked_at_after_it_was_made_says_why(world: World) -> None:
    world.listener = Denying(world, "detector", "guardduty:GetDetector")
    start = world.sandbox.clock.now()

    outcome = world.apply(world.plan())

    assert {failure.where for failure in outcome.failed} == {
        f"security-tooling/{region} detector" for region in world.regions
    }
    assert all("GetDetector: AccessDeniedException" in failure.reason for failure in outcome.failed)
    assert all(failure.step == "guardduty" for failure in outcome.failed)
    assert world.sandbox.clock.now() - start < 1000
