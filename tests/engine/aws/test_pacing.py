from __future__ import annotations

import threading

import pytest

from sra_bootstrap.aws.pacing import Pacer
from sra_bootstrap.clock import VirtualClock

LOG, NETWORK = "111111111111", "222222222222"


def admitted(
    pacer: Pacer, clock: VirtualClock, calls: int, service: str = "guardduty", *, read: bool = True
) -> list[float]:
    """When each of so many calls in a row was let go, in seconds from the first."""
    start = clock.now()
    times = []
    for _ in range(calls):
        pacer.admit(LOG, "eu-west-1", service, read=read)
        times.append(clock.now() - start)
    return times


@pytest.mark.parametrize(
    ("service", "read", "burst", "rate"),
    [
        ("guardduty", True, 20, 10),
        ("guardduty", False, 20, 10),
        ("organizations", True, 30, 15),
        ("organizations", False, 10, 5),
        ("account", True, 3, 3),
        ("account", False, 1, 1),
    ],
)
def test_a_burst_goes_at_once_and_what_follows_keeps_to_the_rate(
    service: str, read: bool, burst: int, rate: float
) -> None:
    clock = VirtualClock(start=1_000_000)

    times = admitted(Pacer(clock), clock, burst + 10, service, read=read)

    assert times[:burst] == pytest.approx([0] * burst, abs=1e-6)
    assert times[burst:] == pytest.approx([(n + 1) / rate for n in range(10)])


def test_a_pause_brings_the_burst_back() -> None:
    clock = VirtualClock(start=1_000_000)
    pacer = Pacer(clock)
    admitted(pacer, clock, 30)
    clock.wait(2)

    assert admitted(pacer, clock, 20) == [0] * 20


def test_a_short_pause_brings_back_as_many_calls_as_its_seconds_are_worth() -> None:
    clock = VirtualClock(start=1_000_000)
    pacer = Pacer(clock)
    admitted(pacer, clock, 20)
    clock.wait(0.5)

    times = admitted(pacer, clock, 7)

    assert times == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2], abs=1e-4)


def test_a_long_pause_is_worth_no_more_than_one_burst() -> None:
    clock = VirtualClock(start=1_000_000)
    pacer = Pacer(clock)
    admitted(pacer, clock, 1)
    clock.wait(3600)

    assert admitted(pacer, clock, 21)[-1] == pytest.approx(0.1)


def test_accounts_regions_services_and_writes_do_not_wait_for_each_other() -> None:
    clock = VirtualClock(start=1_000_000)
    pacer = Pacer(clock)
    admitted(pacer, clock, 20)

    pacer.admit(NETWORK, "eu-west-1", "guardduty", read=True)
    pacer.admit(LOG, "us-east-1", "guardduty", read=True)
    pacer.admit(LOG, "eu-west-1", "securityhub", read=True)
    pacer.admit(LOG, "eu-west-1", "guardduty", read=False)

    assert clock.now() == 1_000_000
    pacer.admit(LOG, "eu-west-1", "guardduty", read=True)
    assert clock.now() > 1_000_000


def test_a_crowd_of_threads_keeps_to_the_rate_too() -> None:
    clock = VirtualClock(start=1_000_000)
    pacer = Pacer(clock)
    ready = threading.Barrier(8)

    def call_often() -> None:
        ready.wait()
        for _ in range(50):
            pacer.admit(LOG, "eu-west-1", "guardduty", read=True)

    threads = [threading.Thread(target=call_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock.now() - 1_000_000 >= (400 - 20) / 10 - 1e-3
