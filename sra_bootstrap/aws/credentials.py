"""One set of clients for all accounts: which credentials sign a request is decided at its signature.

botocore asks its credentials object in the calling thread each time it signs, so an object that answers by a context
variable lets one client of a service and region serve every account. A session for every account would cost 100 to
300 ms and 10 MB each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from botocore.credentials import CredentialProvider, Credentials, ReadOnlyCredentials

from sra_bootstrap.clock import Clock

REFRESH_SECONDS = 300
"""How long before their expiry assumed credentials are renewed."""


@dataclass(frozen=True)
class Identity:
    """Whose credentials sign: the caller's own, or those of a role or the root user in a member account.

    Attributes:
        account_id: the member's; empty for the caller's own credentials.
        role_arn: of the role that is assumed there; empty where it is the root user.
        root_task: the name of the task policy that limits a session of the root user.
        joined: when the account joined its organization, in seconds since the epoch; a role is not there at once.
        read_only: whether what is signed must not change anything.
    """

    account_id: str = ""
    role_arn: str = ""
    root_task: str = ""
    joined: float = 0.0
    read_only: bool = True


CURRENT: ContextVar[Identity] = ContextVar("CURRENT")
"""Who signs the requests of this thread."""


class Vault:
    """The credentials of every identity, fetched when first needed and renewed before they expire."""

    def __init__(self, own: Credentials, assume: Callable[[Identity], Any], clock: Clock) -> None:
        self._own = own
        self._assume = assume
        self._clock = clock
        self._held: dict[Identity, tuple[ReadOnlyCredentials, float]] = {}
        self._locks: dict[Identity, threading.Lock] = {}

    def credentials(self, identity: Identity) -> ReadOnlyCredentials:
        """What signs for an identity.

        Raises:
            failures.FAILURES: the role cannot be assumed, or the caller's own credentials cannot be renewed.
        """
        if not identity.account_id:
            return self._own.get_frozen_credentials()
        with self._lock_of(identity):
            held, expires = self._held.get(identity, (None, 0.0))
            if held is None or self._clock.now() > expires - REFRESH_SECONDS:
                answer = self._assume(identity)["Credentials"]
                held = ReadOnlyCredentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
                self._held[identity] = held, answer["Expiration"].timestamp()
            return held

    def _lock_of(self, identity: Identity) -> threading.Lock:
        # Unlike that of a defaultdict, one step even for several threads: all of them get the same lock.
        return self._locks.setdefault(identity, threading.Lock())

    def forget(self, identity: Identity) -> None:
        """Fetch the credentials of an identity anew when they are next needed."""
        with self._lock_of(identity):
            self._held.pop(identity, None)


class RoutedCredentials(Credentials):
    """What botocore takes for the credentials of its session; they are the current identity's."""

    def __init__(self, vault: Vault) -> None:
        super().__init__("routed", "routed")
        self._vault = vault

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """What signs the request that this thread is about to send."""
        return self._vault.credentials(CURRENT.get())


class RoutedProvider(CredentialProvider):
    """Hands the routed credentials to a botocore session."""

    METHOD = "sra-bootstrap"

    def __init__(self, vault: Vault) -> None:
        super().__init__()
        self._vault = vault

    def load(self) -> RoutedCredentials:
        """The credentials of the session."""
        return RoutedCredentials(self._vault)
