"""One apply at a time: a lock that all operators of a management account see, in that account.

It holds for a while, and is renewed for as long as its holder lives; what a crash leaves behind expires. When another
has taken it over nevertheless, no further write leaves this run.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from datetime import UTC, datetime
from types import TracebackType
from typing import NoReturn, Self

from sra_bootstrap import __version__
from sra_bootstrap.aws.connection import Connection, Record
from sra_bootstrap.aws.failures import FAILURES, Kind, code_of, kind_of, reason_of, remedy_of
from sra_bootstrap.aws.lock_bucket import ABOUT, LOCK_ACTIONS, Found, Holder, LockBucket
from sra_bootstrap.clock import StoppedError
from sra_bootstrap.errors import AccessError, LockedError
from sra_bootstrap.org import Org

_TURNS = 20
"""How often a lock that changes under our hands is looked at again."""
_STOPPED = "Once this was seen, nothing more was written."


def whoami(connection: Connection) -> str:
    """Who is about to hold the lock, for the person whom it will stop: the caller, the machine and the process.

    Raises:
        AccessError: AWS does not accept the caller.
    """
    return f"{connection.caller().arn} on {socket.gethostname()} (process {os.getpid()})"


class Lock:
    """The lock of a management account, held while its context lasts.

    From when it is entered, no write leaves through its connection once the lock is no longer ours. It is told of every
    write before those who begin to watch the connection later: so it is made before a journal is begun, and entered
    after.

    Args:
        connection: what to call S3 with. Its clock is stopped when the lock is lost.
        org: which account, and its home region.
        owner: who we are, see `whoami`.
        seconds: how long it holds without being renewed; it is renewed every third of that.
        take_over: break the lock of the run that holds it, if one does.

    Attributes:
        run: what tells this run from every other.
        lost: why it is no longer ours, or None.
        kept: why it could not be given back and is left to expire; empty if it was given back, or lost.
    """

    def __init__(
        self, connection: Connection, org: Org, owner: str, *, seconds: float = 900, take_over: bool = False
    ) -> None:
        self.run = uuid.uuid4().hex
        self.lost: LockedError | None = None
        self.kept = ""
        self._connection = connection
        self._clock = connection.clock
        self._bucket = LockBucket(connection, org)
        self._owner = owner
        self._seconds = seconds
        self._take_over = take_over
        self._held = False
        self._etag = ""
        self._until = 0.0
        self._taken = datetime.fromtimestamp(0, UTC)
        self._writing = threading.Lock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="lock", daemon=True)
        connection.watch(self._before_write, lambda _: None)

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            LockedError: another run holds it.
            AccessError: it cannot be taken, for S3 does not allow it or does not answer.
        """
        try:
            self._take()
        except FAILURES as error:
            text = f"The lock {self._bucket.url} cannot be taken: {reason_of(error)}"
            raise AccessError(text, self._remedy(error)) from error
        self._held = True
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back.

        Raises:
            LockedError: it was lost before, and nothing worse has happened.
        """
        self._over.set()
        self._keeper.join()
        self._held = False
        self._give_back()
        if self.lost is not None and (error is None or isinstance(error, StoppedError)):
            raise self.lost from error

    def renew(self) -> None:
        """Hold it for its whole time again, from now on.

        Raises:
            LockedError: it is lost. The clock is stopped.
            FAILURES: S3 does not say, and it is still ours.
            StoppedError: somebody stopped the tool while S3 did not answer.
        """
        with self._writing:
            self._renew()

    def _take(self) -> None:
        found: Found | None = None
        doomed: str | None = None
        for turn in range(_TURNS):
            if turn > 1:
                self._clock.wait(1)
            if turn > 0:
                found = self._bucket.read("taking it")
            etag: str | None
            if found is not None and found.holder.run == self.run:
                # Our own write took effect, and its answer was lost.
                etag = found.etag
            else:
                if found is not None:
                    if self._take_over and doomed is None:
                        # Only the one that was there: of two who break a lock, the second is to see the first.
                        doomed = found.holder.run
                    if not found.lapsed and found.holder.run != doomed:
                        raise _held_by(found)
                begun = self._clock.now()
                self._taken = datetime.fromtimestamp(begun, UTC)
                etag = self._bucket.write(self._holder(), "taking it", over=found.etag if found else None)
            if etag is not None:
                self._etag, self._until = etag, begun + self._seconds
                return
        text = f"The lock {self._bucket.url} changes hands faster than it can be taken."
        raise AccessError(text, "Run it again when nobody else does.")

    def _renew(self) -> None:
        if self.lost is not None:
            raise LockedError(self.lost.message, self.lost.remedy)
        begun = self._clock.now()
        try:
            etag = self._bucket.write(self._holder(), "renewing it", over=self._etag)
            if etag is None:
                found = self._bucket.read("renewing it")
                if found is None or found.holder.run != self.run:
                    self._lose(_taken_over(found))
                # An earlier renewal took effect, and its answer was lost.
                etag = found.etag
        except FAILURES as error:
            if self._clock.now() < self._until:
                raise
            text = f"The lock has expired, and cannot be renewed: {reason_of(error)}"
            self._lose(LockedError(text, f"{_STOPPED} {remedy_of(error)}".rstrip()))
        except AccessError as error:
            # Whatever is there now, it is not what we wrote.
            self._lose(LockedError(error.message, f"{_STOPPED} {error.remedy}"))
        self._etag, self._until = etag, begun + self._seconds

    def _lose(self, why: LockedError) -> NoReturn:
        self.lost = why
        self._clock.stop()
        raise why

    def _before_write(self, request: Record) -> None:
        """Let a write leave only while the lock is ours.

        When its time is over, be it that this machine was asleep, only S3 can tell whether it still is.
        """
        if not self._held or request.about.startswith(ABOUT):
            return
        if self.lost is None and self._clock.now() < self._until:
            return
        with self._writing:
            if self.lost is not None or self._clock.now() >= self._until:
                self._renew()

    def _keep(self) -> None:
        """Renew the lock until it is given back or lost: on the time of the machine, for nobody waits on a clock."""
        pause = self._seconds / 3
        while not self._over.wait(pause):
            pause = self._seconds / 3
            try:
                self.renew()
            except FAILURES:
                # It is ours for a while yet. If this goes on until it is not, it is lost, and says why.
                pause = self._seconds / 30
            except (LockedError, StoppedError):
                return

    def _give_back(self) -> None:
        if self.lost is not None:
            return
        try:
            while not self._bucket.remove(self._etag, "giving it back"):
                found = self._bucket.read("giving it back")
                if found is None:
                    return
                if found.holder.run != self.run:
                    self.lost = _taken_over(found)
                    return
                self._etag = found.etag
        except (*FAILURES, AccessError) as error:
            why = error.message if isinstance(error, AccessError) else reason_of(error)
            self.kept = f"The lock {self._bucket.url} could not be given back, and holds until it expires: {why}"
        except StoppedError:
            self.kept = f"The lock {self._bucket.url} was not given back, and holds until it expires."

    def _holder(self) -> Holder:
        return Holder(self._owner, self.run, self._taken, self._seconds, __version__)

    def _remedy(self, error: BaseException) -> str:
        if kind_of(error) is not Kind.DENIED and code_of(error) != "PermanentRedirect":
            return remedy_of(error)
        return (
            f"Allow the caller {', '.join(sorted(LOCK_ACTIONS))} on the bucket {self._bucket.name}. If that is "
            "allowed, the bucket belongs to another account, and nothing was written to it: do without the lock, by "
            "--no-lock."
        )


def _held_by(found: Found) -> LockedError:
    text = (
        f"{found.holder.owner} is applying, since {_time(found.holder.taken)}. "
        f"The lock holds until {_time(found.expires)}, and is renewed for as long as that run lives."
    )
    return LockedError(text, "Wait until it has ended. If you know that it is dead: --take-over-lock.")


def _taken_over(found: Found | None) -> LockedError:
    remedy = f"{_STOPPED} When nobody else is applying, run it again: it goes on from there."
    if found is None:
        return LockedError("Somebody has deleted the lock of this run.", remedy)
    text = f"{found.holder.owner} has taken over the lock of this run, at {_time(found.holder.taken)}."
    return LockedError(text, remedy)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
