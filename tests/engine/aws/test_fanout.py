from __future__ import annotations

import threading

import pytest

from sra_bootstrap.aws.fanout import fan_out
from sra_bootstrap.clock import VirtualClock


def test_answers_come_in_the_order_of_what_was_asked() -> None:
    first_may_end = threading.Event()

    def double(number: int) -> int:
        if number == 0:
            assert first_may_end.wait(60)
        else:
            first_may_end.set()
        return number * 2

    assert fan_out(double, range(5), 2, VirtualClock()) == [0, 2, 4, 6, 8]


def test_so_many_are_under_way_at_a_time_and_no_more() -> None:
    lock, together = threading.Lock(), threading.Barrier(3)
    under_way, most = 0, 0

    def call(_: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(60)
        with lock:
            under_way -= 1

    fan_out(call, range(9), 3, VirtualClock())

    assert most == 3


def test_nothing_to_ask_has_no_answers() -> None:
    assert fan_out(str, [], 8, VirtualClock()) == []


def test_a_failure_is_raised_where_the_answers_are_wanted() -> None:
    def fail(number: int) -> None:
        raise ValueError(str(number))

    clock = VirtualClock()

    with pytest.raises(ValueError, match="0"):
        fan_out(fail, range(3), 2, clock)

    assert not clock.stopped


def test_whoever_stops_the_tool_stops_its_clock_and_nothing_more_is_begun() -> None:
    begun: list[int] = []
    clock = VirtualClock()

    def interrupt(number: int) -> None:
        begun.append(number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fan_out(interrupt, range(10_000), 1, clock)

    assert clock.stopped
    assert len(begun) < 10_000
