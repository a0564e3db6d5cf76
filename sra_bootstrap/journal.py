"""What an apply has written, as a file that outlives it: JSON lines, each on the disk before the write it tells of.

A run that was killed has no last line; whether AWS has made a write with a first line and no second, nobody knows.
No parameter and no credential is recorded, only which operation was called, where, what for, and how it ended.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sra_bootstrap.aws import Record
from sra_bootstrap.errors import InputError, Problem


def default_folder() -> Path:
    """Where journals are kept: https://specifications.freedesktop.org/basedir-spec/latest/, XDG_STATE_HOME."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "sra-bootstrap"


class Journal:
    """The journal of one run, in a file that only its owner can read.

    Raises:
        InputError: it cannot be written there.
    """

    def __init__(self, folder: Path, head: Mapping[str, str]) -> None:
        now = datetime.now(UTC)
        self.path = folder / f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}.jsonl"
        self._lock = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            text = f"the journal cannot be written there: {error.strerror}; name another folder with --state-dir"
            raise InputError(folder, [Problem(0, text)]) from error
        self._write({"event": "begin", **head})

    def before_write(self, request: Record) -> None:
        """Record that a write is about to be sent; it is on the disk when this returns."""
        self._write({"event": "write", **_request(request)})

    def after_call(self, record: Record) -> None:
        """Record how a write has ended; reads are not recorded."""
        if not record.read:
            outcome = {"error": record.error, "request_id": record.request_id, "seconds": round(record.seconds, 3)}
            self._write({"event": "wrote", **_request(record), **outcome})

    def end(self, status: int, **counts: int) -> None:
        """Record how the run has ended, and close the file."""
        self._write({"event": "end", "status": status, **counts})
        os.close(self._file)

    def _write(self, event: Mapping[str, Any]) -> None:
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **event}, ensure_ascii=False)
        with self._lock:
            os.write(self._file, f"{line}\n".encode())
            os.fsync(self._file)


@dataclass(frozen=True)
class Run:
    """One run, as its journal tells it.

    Attributes:
        path: of its journal.
        head: what was recorded at its beginning: when, who, and which plan.
        writes: how many writes AWS has answered with success.
        errors: how many it has answered with an error, or not at all.
        unanswered: what was sent when the run was killed; whether AWS has made it, nobody knows.
        status: its exit status; None when it was killed.
    """

    path: Path
    head: Mapping[str, str]
    writes: int
    errors: int
    unanswered: tuple[str, ...]
    status: int | None


def runs(folder: Path) -> Iterator[Run]:
    """Every run that has a journal in a folder, the latest first.

    Raises:
        InputError: a journal cannot be read.
    """
    for path in sorted(folder.glob("*.jsonl"), reverse=True):
        yield _run(path)


def _run(path: Path) -> Run:
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, [Problem(0, f"it cannot be read: {error}")]) from error
    head: Mapping[str, str] = {}
    writes = errors = 0
    sent: list[str] = []
    status: int | None = None
    for number, line in enumerate(lines, start=1):
        try:
            event = json.loads(line)
            match event["event"]:
                case "begin":
                    head = {name: str(value) for name, value in event.items() if name != "event"}
                case "write":
                    sent.append(_words(event))
                case "wrote":
                    sent.remove(_words(event))
                    writes, errors = (writes, errors + 1) if event["error"] else (writes + 1, errors)
                case "end":
                    status = event["status"]
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines):
                # The process was killed within this line.
                break
            raise InputError(path, [Problem(number, "it is no line of a journal")]) from error
    return Run(path, head, writes, errors, tuple(sent), status)


def _request(record: Record) -> dict[str, str]:
    return {
        "about": record.about,
        "account": record.account_id,
        "region": record.region,
        "call": f"{record.service}:{record.operation}",
    }


def _words(event: Mapping[str, Any]) -> str:
    return f"{event['about']} ({event['call']} in {event['region']})"
