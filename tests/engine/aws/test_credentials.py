from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials

from sra_bootstrap.aws.credentials import CURRENT, REFRESH_SECONDS, Identity, RoutedProvider, Vault
from sra_bootstrap.clock import VirtualClock

SESSION_SECONDS = 3600
LOG = Identity("111111111111", "arn:aws:iam::111111111111:role/Role")
NETWORK = Identity("222222222222", "arn:aws:iam::222222222222:role/Role")


class Sts:
    """Hands out credentials for an hour, numbered in the order in which they were asked for."""

    def __init__(self, clock: VirtualClock, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._clock = clock
        self._meanwhile = meanwhile
        self.asked: list[Identity] = []

    def assume(self, identity: Identity) -> Any:
        self.asked.append(identity)
        number = len(self.asked)
        self._meanwhile()
        expires = datetime.fromtimestamp(self._clock.now() + SESSION_SECONDS, UTC)
        keys = {
            "AccessKeyId": f"key-{number}",
            "SecretAccessKey": f"secret-{number}",
            "SessionToken": f"token-{number}",
        }
        return {"Credentials": keys | {"Expiration": expires}}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start=1_000_000)


@pytest.fixture
def sts(clock: VirtualClock) -> Sts:
    return Sts(clock)


@pytest.fixture
def vault(clock: VirtualClock, sts: Sts) -> Vault:
    return Vault(Credentials("own", "secret"), sts.assume, clock)


def test_the_callers_own_credentials_are_used_as_they_are(vault: Vault, sts: Sts) -> None:
    assert vault.credentials(Identity()).access_key == "own"
    assert sts.asked == []


def test_a_role_is_assumed_once_and_its_credentials_are_kept(vault: Vault, sts: Sts) -> None:
    first = vault.credentials(LOG)

    assert first == ReadOnlyCredentials("key-1", "secret-1", "token-1")
    assert vault.credentials(LOG) == first
    assert sts.asked == [LOG]


def test_every_identity_has_credentials_of_its_own(vault: Vault, sts: Sts) -> None:
    writing = Identity(LOG.account_id, LOG.role_arn, read_only=False)

    keys = [vault.credentials(identity).access_key for identity in (LOG, NETWORK, writing, LOG)]

    assert keys == ["key-1", "key-2", "key-3", "key-1"]
    assert sts.asked == [LOG, NETWORK, writing]


def test_credentials_are_renewed_before_they_expire(vault: Vault, clock: VirtualClock) -> None:
    vault.credentials(LOG)

    clock.wait(SESSION_SECONDS - REFRESH_SECONDS)
    assert vault.credentials(LOG).access_key == "key-1"
    clock.wait(1)
    assert vault.credentials(LOG).access_key == "key-2"
    assert vault.credentials(LOG).access_key == "key-2"


def test_what_is_forgotten_is_fetched_anew_and_nothing_else(vault: Vault) -> None:
    vault.credentials(LOG)
    vault.credentials(NETWORK)

    vault.forget(LOG)

    assert vault.credentials(NETWORK).access_key == "key-2"
    assert vault.credentials(LOG).access_key == "key-3"


def test_what_was_never_held_can_be_forgotten(vault: Vault) -> None:
    vault.forget(LOG)

    assert vault.credentials(LOG).access_key == "key-1"


def test_a_failure_to_assume_a_role_is_not_kept(clock: VirtualClock) -> None:
    sts = Sts(clock)

    def fail_once() -> None:
        if len(sts.asked) == 1:
            raise RuntimeError

    sts._meanwhile = fail_once
    vault = Vault(Credentials("own", "secret"), sts.assume, clock)

    with pytest.raises(RuntimeError):
        vault.credentials(LOG)
    assert vault.credentials(LOG).access_key == "key-2"


@contextmanager
def eager_threads() -> Iterator[None]:
    """Let Python change threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def test_several_threads_assume_a_role_once(vault: Vault, sts: Sts) -> None:
    identities = [Identity(str(number), "role") for number in range(200)]
    ready = threading.Barrier(8)

    def ask(_: int) -> list[str | None]:
        ready.wait()
        return [vault.credentials(identity).access_key for identity in identities]

    with eager_threads(), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    assert sorted(sts.asked, key=repr) == sorted(identities, key=repr)
    assert all(answer == answers[0] for answer in answers)


class SlowIdentity(Identity):
    """Lets two threads meet between looking for the lock of an identity and making it."""

    looks = threading.local()
    meeting = threading.Barrier(2)

    def __hash__(self) -> int:
        self.looks.count = getattr(self.looks, "count", 0) + 1
        if self.looks.count == 2:
            meet(self.meeting)
        return super().__hash__()


def meet(meeting: threading.Barrier) -> None:
    """Wait for the other thread, unless it is kept waiting elsewhere."""
    with suppress(threading.BrokenBarrierError):
        meeting.wait(0.2)


def test_two_threads_that_need_a_role_at_the_same_time_assume_it_once(clock: VirtualClock) -> None:
    identity = SlowIdentity(LOG.account_id, LOG.role_arn)
    sts = Sts(clock, partial(meet, threading.Barrier(2)))
    vault = Vault(Credentials("own", "secret"), sts.assume, clock)

    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(lambda _: vault.credentials(identity).access_key, range(2)))

    assert keys == ["key-1", "key-1"]
    assert sts.asked == [identity]


def test_one_account_does_not_wait_for_the_role_of_another(clock: VirtualClock) -> None:
    slow_is_asked, fast_has_answered = threading.Event(), threading.Event()

    def assume(identity: Identity) -> Any:
        if identity is LOG:
            slow_is_asked.set()
            assert fast_has_answered.wait(60)
        return Sts(clock).assume(identity)

    vault = Vault(Credentials("own", "secret"), assume, clock)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(vault.credentials, LOG)
        assert slow_is_asked.wait(60)
        vault.credentials(NETWORK)
        fast_has_answered.set()

    assert slow.result().access_key == "key-1"


def test_who_signs_is_asked_at_every_signature_in_the_thread_that_signs(vault: Vault) -> None:
    routed = RoutedProvider(vault).load()
    ready = threading.Barrier(3)

    def sign(identity: Identity) -> list[str | None]:
        CURRENT.set(identity)
        keys: list[str | None] = []
        for _ in range(100):
            ready.wait()
            keys.append(routed.get_frozen_credentials().access_key)
        return keys

    vault.credentials(LOG)
    vault.credentials(NETWORK)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(sign, [LOG, Identity(), NETWORK]))

    assert answers == [["key-1"] * 100, ["own"] * 100, ["key-2"] * 100]
