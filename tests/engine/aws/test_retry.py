from __future__ import annotations

from collections.abc import Callable

import pytest

from sra_bootstrap.aws.failures import Kind
from sra_bootstrap.aws.retry import REACTIONS, persist
from sra_bootstrap.clock import StoppedError, VirtualClock


class FailureError(Exception):
    """A failure whose kind is known, told apart by the number of the attempt."""

    def __init__(self, kind: Kind, attempt: int) -> None:
        super().__init__(f"{kind.name} {attempt}")
        self.kind = kind


def kind_of(error: BaseException) -> Kind:
    assert isinstance(error, FailureError)
    return error.kind


class Service:
    """Fails as it is told, attempt by attempt, and then answers; the last of `kinds` goes on for ever if it is to."""

    def __init__(self, clock: VirtualClock, *kinds: Kind, forever: bool = False) -> None:
        self._kinds = kinds
        self._forever = forever
        self._clock = clock
        self.times: list[float] = []

    def __call__(self) -> str:
        self.times.append(self._clock.now())
        attempt = len(self.times)
        if attempt <= len(self._kinds) or self._forever:
            raise FailureError(self._kinds[min(attempt, len(self._kinds)) - 1], attempt)
        return "answer"

    @property
    def attempts(self) -> int:
        return len(self.times)


FINAL = [kind for kind in Kind if kind not in REACTIONS]


def test_a_call_that_succeeds_is_made_once_and_without_waiting() -> None:
    clock = VirtualClock(start=0)
    service = Service(clock)

    assert persist(service, kind_of, clock) == "answer"
    assert service.attempts == 1
    assert clock.now() == 0


@pytest.mark.parametrize("kind", REACTIONS)
def test_a_passing_error_is_tried_again_until_there_is_an_answer(kind: Kind) -> None:
    clock = VirtualClock(start=0)
    service = Service(clock, kind, kind, kind)

    assert persist(service, kind_of, clock) == "answer"
    assert service.attempts == 4
    assert clock.now() > 0


@pytest.mark.parametrize("kind", FINAL)
def test_a_final_error_is_raised_at_once(kind: Kind) -> None:
    clock = VirtualClock(start=0)
    service = Service(clock, kind, forever=True)

    with pytest.raises(FailureError, match=f"{kind.name} 1"):
        persist(service, kind_of, clock)

    assert service.attempts == 1
    assert clock.now() == 0


def test_a_final_error_ends_what_a_passing_one_began() -> None:
    clock = VirtualClock(start=0)
    service = Service(clock, Kind.THROTTLED, Kind.THROTTLED, Kind.DENIED)

    with pytest.raises(FailureError, match="DENIED 3"):
        persist(service, kind_of, clock)


@pytest.mark.parametrize("kind", REACTIONS)
def test_an_error_that_does_not_pass_is_raised_at_last_when_its_budget_is_used_up(kind: Kind) -> None:
    clock = VirtualClock(start=0)
    service = Service(clock, kind, forever=True)

    with pytest.raises(FailureError) as raised:
        persist(service, kind_of, clock)

    assert str(raised.value) == f"{kind.name} {service.attempts}"
    assert REACTIONS[kind].budget <= clock.now() < REACTIONS[kind].budget + REACTIONS[kind].longest


@pytest.mark.parametrize("kind", REACTIONS)
def test_pauses_grow_to_the_longest_and_no_longer(kind: Kind) -> None:
    clock = VirtualClock(start=0)
    service = Service(clock, kind, forever=True)
    reaction = REACTIONS[kind]

    with pytest.raises(FailureError):
        persist(service, kind_of, clock)

    pauses = [after - before for before, after in zip(service.times, service.times[1:], strict=False)]
    assert all(pause <= min(reaction.first * 2**n, reaction.longest) for n, pause in enumerate(pauses))
    assert max(pauses) > reaction.first


def test_each_kind_has_a_budget_of_its_own() -> None:
    clock = VirtualClock(start=0)
    attempts: list[float] = []

    def call() -> None:
        attempts.append(clock.now())
        if len(attempts) == 2:
            clock.wait(200)
        raise FailureError(Kind.CONFLICT if len(attempts) == 1 else Kind.THROTTLED, len(attempts))

    with pytest.raises(FailureError, match="THROTTLED"):
        persist(call, kind_of, clock)

    assert clock.now() >= 200 + REACTIONS[Kind.THROTTLED].budget


def test_a_kind_does_not_get_its_budget_again_when_it_comes_back() -> None:
    clock = VirtualClock(start=0)
    attempts: list[Kind] = []

    def call() -> None:
        kind = Kind.UNAVAILABLE if len(attempts) % 2 == 0 else Kind.CONFLICT
        attempts.append(kind)
        raise FailureError(kind, len(attempts))

    with pytest.raises(FailureError, match="UNAVAILABLE"):
        persist(call, kind_of, clock)

    longest = REACTIONS[Kind.UNAVAILABLE].longest + REACTIONS[Kind.CONFLICT].longest
    assert clock.now() < REACTIONS[Kind.UNAVAILABLE].budget + longest


def test_nothing_is_tried_again_once_somebody_stops_the_tool() -> None:
    clock = VirtualClock(start=0)
    attempts: list[int] = []

    def call() -> None:
        attempts.append(1)
        clock.stop()
        raise FailureError(Kind.THROTTLED, 1)

    with pytest.raises(StoppedError):
        persist(call, kind_of, clock)

    assert attempts == [1]


def test_calls_do_not_share_their_budgets() -> None:
    clock = VirtualClock(start=0)
    with pytest.raises(FailureError):
        persist(Service(clock, Kind.UNAVAILABLE, forever=True), kind_of, clock)

    assert persist(Service(clock, Kind.UNAVAILABLE), kind_of, clock) == "answer"


def test_an_attempt_that_takes_long_uses_the_budget_up_too() -> None:
    clock = VirtualClock(start=0)
    attempts: list[float] = []

    def hang() -> None:
        clock.wait(60)
        attempts.append(clock.now())
        raise FailureError(Kind.UNAVAILABLE, len(attempts))

    with pytest.raises(FailureError):
        persist(hang, kind_of, clock)

    assert 2 <= len(attempts) <= 4


def test_what_an_error_means_may_change_while_it_is_answered_to() -> None:
    """An error can be passing at first sight and final at the second, such as an expiry that was mended once."""
    clock = VirtualClock(start=0)
    service = Service(clock, Kind.EXPIRED, forever=True)

    with pytest.raises(FailureError):
        persist(service, once(Kind.THROTTLED, then=Kind.EXPIRED), clock)

    assert service.attempts == 2


def once(first: Kind, *, then: Kind) -> Callable[[BaseException], Kind]:
    seen: list[BaseException] = []

    def kind(error: BaseException) -> Kind:
        seen.append(error)
        return first if len(seen) == 1 else then

    return kind
