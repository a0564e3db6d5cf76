"""Answers in pages, with a token for the next."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import TypeVar

from sra_bootstrap.sandbox.faults import AwsFault

T = TypeVar("T")


def page(items: Sequence[T], size: int, token: str | None, refusal: AwsFault) -> tuple[list[T], str | None]:
    """Cut one page out of a list: its items, and the token of the next page, or None after the last.

    Raises:
        AwsFault: `refusal`, when the token is none that this function has given.
    """
    try:
        start = int(urlsafe_b64decode(token or urlsafe_b64encode(b"0")))
    except ValueError:
        raise refusal from None
    end = start + size
    return list(items[start:end]), urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
