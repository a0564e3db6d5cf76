"""What is so, is not so, or depends on what is not known: https://plato.stanford.edu/entries/logic-manyvalued/ (K3)."""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None
"""None is what may be so or not."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether all are so; what comes behind one that is not is not looked at."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def any_of(truths: Iterable[Truth]) -> Truth:
    """Whether one at least is so; what comes behind it is not looked at."""
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            found = None
    return found


def contrary(truth: Truth) -> Truth:
    """The contrary of what is so or not."""
    return None if truth is None else not truth
