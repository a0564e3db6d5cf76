from __future__ import annotations

import threading
import time

import pytest

from sra_bootstrap.clock import FastClock, StoppedError, VirtualClock, WallClock


def test_virtual_time_passes_when_somebody_waits_and_not_otherwise() -> None:
    clock = VirtualClock(start=1000)
    began = time.monotonic()

    clock.wait(3600)

    assert clock.now() == 4600
    assert clock.now() == 4600
    assert time.monotonic() - began < 60


def test_virtual_time_begins_at_the_real_time() -> None:
    assert VirtualClock().now() == pytest.approx(time.time(), abs=60)


def test_no_second_of_virtual_time_is_lost_between_threads() -> None:
    clock = VirtualClock(start=0)
    ready = threading.Barrier(8)

    def wait_often() -> None:
        ready.wait()
        for _ in range(1000):
            clock.wait(1)

    threads = [threading.Thread(target=wait_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock.now() == 8000


def test_the_real_clock_tells_the_time_and_blocks_for_as_long_as_it_is_told() -> None:
    clock = WallClock()
    began = time.monotonic()

    clock.wait(0.02)

    assert time.monotonic() - began >= 0.02
    assert clock.now() == pytest.approx(time.time(), abs=60)


def test_a_fast_clock_lets_its_seconds_pass_sooner() -> None:
    clock = FastClock(speed=10_000)
    before, began = clock.now(), time.monotonic()

    clock.wait(100)

    assert clock.now() - before >= 100
    assert 0.01 <= time.monotonic() - began < 50


@pytest.mark.parametrize("clock", [WallClock(), VirtualClock(), FastClock(10)], ids=lambda clock: type(clock).__name__)
def test_nobody_waits_by_a_clock_that_was_stopped(clock: WallClock) -> None:
    assert not clock.stopped
    clock.stop()
    before, began = clock.now(), time.monotonic()

    with pytest.raises(StoppedError):
        clock.wait(3600)

    assert clock.stopped
    assert time.monotonic() - began < 60
    assert clock.now() - before < 3600


@pytest.mark.parametrize("clock", [WallClock(), FastClock(10)], ids=lambda clock: type(clock).__name__)
def test_stopping_a_clock_wakes_whoever_is_waiting(clock: WallClock) -> None:
    woken: list[bool] = []
    waits = threading.Event()

    def wait() -> None:
        waits.set()
        try:
            clock.wait(3600)
        except StoppedError:
            woken.append(True)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    waits.wait()
    clock.stop()
    thread.join(60)

    assert woken == [True]
