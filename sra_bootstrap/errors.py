"""What can go wrong, each with one message for the person who runs the tool.

    SraError
    ├── InputError      config.yaml, a plan file or an option is not as it must be
    ├── AccessError     AWS does not know the caller, or the caller is not the one this tool works for
    ├── DriftError      what would be done is not what was reviewed
    ├── LockedError     another run is applying to the same management account
    └── RefusalError    AWS has answered with success, and said in it that it did not do what it was asked

What AWS's SDK raises is not among them: `sra_bootstrap.aws.failures` says what an error of AWS means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class SraError(Exception):
    """A message for a person, and what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: on which line (from 1; 0 is the whole file), and in words what would be right."""

    line: int
    message: str


class InputError(SraError):
    """A file or an option that is not as it must be. Nothing has been written to AWS."""

    def __init__(self, path: Path | str, problems: Sequence[Problem]) -> None:
        lines = (f"{path}:{p.line}: {p.message}" if p.line else f"{path}: {p.message}" for p in problems)
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


class AccessError(SraError):
    """AWS does not know the caller, or the caller is not the one this tool works for."""


class DriftError(SraError):
    """What would be done is no longer what was reviewed. Nothing of the stage that drifted has been written."""


class LockedError(SraError):
    """Another run holds the lock of the management account, or has taken ours over."""


class RefusalError(SraError):
    """AWS has answered with success, and said in it that it did not do, or did not tell, what it was asked.

    Such as the `UnprocessedAccounts` of a batch, or the `FailureReason` of an account's creation.
    """
