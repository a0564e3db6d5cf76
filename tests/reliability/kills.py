"""Ends an apply at one of its writes, as a kill would, and sees to it that the next one makes everything good."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from sra_bootstrap.aws import Record
from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.organization import ledger
from sra_bootstrap.step import AnyStep
from tests.world import World, pending

When = Literal["before", "after"]


class Killed(BaseException):
    """The process is gone: no handler of errors sees it, and no other thread does anything more."""


class Killer:
    """Kills at the n-th write: right before it is sent, or right after it was answered."""

    def __init__(self, number: int, when: When) -> None:
        self._number, self._when = number, when
        self._lock = threading.Lock()
        self._writes: Counter[str] = Counter()
        self._dead = False

    def before_write(self, request: Record) -> None:
        self._count("before")

    def on_call(self, record: Record) -> None:
        if record.read:
            self._live()
        else:
            self._count("after")

    def _live(self) -> None:
        if self._dead:
            raise Killed

    def _count(self, when: When) -> None:
        with self._lock:
            self._live()
            self._writes[when] += 1
            if when == self._when and self._writes[when] == self._number:
                self._dead = True
                raise Killed


def kill(
    world: World, number: int, when: When, steps: Sequence[AnyStep] | None = None, *, destroy: bool = False
) -> bool:
    """Apply and kill it at a write; whether there were that many."""
    plan = world.plan(steps, destroy=destroy)
    killer = Killer(number, when)
    world.connection.watch(killer.before_write, killer.on_call)
    try:
        world.apply(plan, steps)
    except Killed:
        return True
    return False


def recover(world: World, apply: Callable[[], None]) -> None:
    """Apply again, as a new process does, and see that all is there, once, and that nothing is left to do."""
    world.connection = world.connect()
    apply()
    assert pending(world.plan()) == []
    there_is_one_of_everything(world)


def there_is_one_of_everything(world: World) -> None:
    """Every account that was ever created is one that is wanted, and nothing is there twice."""
    org = world.arrive()
    emails = Counter(live.email for live in org.live_accounts() if live.id != org.management_id)
    assert emails == Counter(account.email for account in org.accounts.values())
    succeeded = [c for c in ledger(membership.organization_of(org.management_id)).creations if c.state == "SUCCEEDED"]
    assert Counter(creation.name for creation in succeeded) == Counter(a.name for a in org.accounts.values())
    assert set(org.existing.units) == set(org.units)
