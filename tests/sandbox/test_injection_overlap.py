from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.sandbox.injection import Kind
from sra_bootstrap.sandbox.settings import Settings
from tests.sandbox.conftest import Aws
from tests.sandbox.injection import at, outcome

CONFLICT = ("ConcurrentModificationException", 400)


class Busy(VirtualClock):
    """While somebody waits, something happens, in another thread."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], None]] = []

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        while self.meanwhile:
            thread = threading.Thread(target=self.meanwhile.pop())
            thread.start()
            thread.join()


@pytest.fixture
def busy() -> Iterator[tuple[Aws, Busy]]:
    clock = Busy()
    with sandbox.in_process() as begun:
        running = replace(begun, clock=clock)
        running.reset()
        yield Aws(running), clock


def _while_a_write_is_under_way(busy: tuple[Aws, Busy], other: Callable[[str], Any]) -> tuple[Any, Any]:
    """What a write meets, and what is called meanwhile with the id of the root."""
    aws, clock = busy
    root = aws.found_organization()
    aws.settings.faults = at(Kind.SLOW)
    met: list[Any] = []
    clock.meanwhile.append(lambda: met.append(other(root)))
    organizations = aws.client("organizations")
    return outcome(organizations.create_organizational_unit, ParentId=root, Name="Security"), met[0]


def test_a_write_that_begins_while_another_is_under_way_is_refused(busy: tuple[Aws, Busy]) -> None:
    aws = busy[0]
    organizations = aws.client("organizations")

    def other(root: str) -> Any:
        return outcome(organizations.create_organizational_unit, ParentId=root, Name="Workloads")

    assert _while_a_write_is_under_way(busy, other) == (("", 200), CONFLICT)
    assert aws.running.injected() == {"conflict": 1, "slow": 1}
    root = organizations.list_roots()["Roots"][0]["Id"]
    assert other(root) == ("", 200)


def test_reads_and_writes_of_other_services_do_not_disturb_a_write(busy: tuple[Aws, Busy]) -> None:
    aws = busy[0]
    organizations, guardduty = aws.client("organizations"), aws.client("guardduty")

    def other(root: str) -> Any:
        return [outcome(organizations.list_roots), outcome(guardduty.create_detector, Enable=True)]

    assert _while_a_write_is_under_way(busy, other) == (("", 200), [("", 200)] * 2)


def test_overlapping_writes_can_be_allowed(busy: tuple[Aws, Busy]) -> None:
    aws = busy[0]
    aws.settings.overlaps_conflict = False
    organizations = aws.client("organizations")

    def other(root: str) -> Any:
        return outcome(organizations.create_organizational_unit, ParentId=root, Name="Workloads")

    assert _while_a_write_is_under_way(busy, other) == (("", 200), ("", 200))


def test_of_two_clients_of_a_served_sandbox_one_is_refused() -> None:
    with sandbox.served(settings=Settings(organizations_write_seconds=0.5), clock=VirtualClock()) as running:
        aws = Aws(running)
        root = aws.found_organization()
        clients = [aws.client("organizations") for _ in range(2)]
        together = threading.Barrier(2)

        def write(number: int) -> tuple[str, int]:
            together.wait()
            return outcome(clients[number].create_organizational_unit, ParentId=root, Name=f"Unit {number}")

        with ThreadPoolExecutor(2) as pool:
            met = list(pool.map(write, range(2)))
        assert sorted(met) == [("", 200), CONFLICT]
        assert running.injected() == {"conflict": 1}


def test_a_conflict_can_be_had_at_a_chosen_write(aws: Aws) -> None:
    aws.settings.faults = at(Kind.CONFLICT)
    organizations = aws.client("organizations")

    assert outcome(organizations.create_organization) == CONFLICT
    assert outcome(organizations.create_organization) == ("", 200)
