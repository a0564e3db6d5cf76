"""The plan is the difference between what should be and what is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sra_bootstrap.model import Action, Address, Change
from sra_bootstrap.values import Attrs, Value, same


def differences(current: Mapping[Address, Attrs], desired: Mapping[Address, Attrs]) -> Iterator[Change]:
    """The changes that lead from `current` to `desired`, in the order of `desired`.

    Only attributes that are desired are compared, at every depth of nested mappings: what we do not manage, we do not
    see. Resources that only `current` holds are left alone.
    """
    for address, wanted in desired.items():
        seen = current.get(address)
        if seen is None:
            yield Change(address, Action.CREATE, {}, wanted)
        elif after := _unmet(wanted, seen):
            yield Change(address, Action.UPDATE, _overlap(seen, after), after)


def removals(current: Mapping[Address, Attrs], desired: Mapping[Address, Attrs]) -> Iterator[Change]:
    """The deletions that take away what is both in `current` and in `desired`, last first."""
    for address, wanted in reversed(list(desired.items())):
        seen = current.get(address)
        # Where nothing of what is wanted is there, what is there is somebody else's.
        if seen is not None and (not wanted or wanted.keys() & seen.keys()):
            yield Change(address, Action.DELETE, _overlap(seen, wanted), {})


def _unmet(wanted: Attrs, seen: Attrs) -> Attrs:
    unmet: dict[str, Value] = {}
    for key, value in wanted.items():
        have = seen.get(key)
        if isinstance(value, Mapping) and isinstance(have, Mapping):
            if inner := _unmet(value, have):
                unmet[key] = inner
        elif not same(have, value):
            unmet[key] = value
    return unmet


def _overlap(seen: Attrs, wanted: Attrs) -> Attrs:
    overlap: dict[str, Value] = {}
    for key, value in wanted.items():
        have = seen.get(key)
        overlap[key] = _overlap(have, value) if isinstance(value, Mapping) and isinstance(have, Mapping) else have
    return overlap
