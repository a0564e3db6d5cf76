"""The attributes of a change, a line each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sra_bootstrap.model import Action, Change
from sra_bootstrap.ui.wording import FEW, listed, literal, value_words
from sra_bootstrap.values import Attrs, Value

Path = tuple[str, ...]
Becoming = tuple[str | None, str | None]
"""A value before and after, in words."""
_MANY = 12
"""Up to so many parts of paths are named together."""


@dataclass(frozen=True)
class Line:
    """An attribute by its dotted path, and what becomes of it.

    `before` is None in a creation, `after` in a deletion.
    """

    path: str
    before: str | None
    after: str | None


def attribute_lines(change: Change, *, verbose: bool = False) -> list[Line]:
    """What a change does to the attributes of its resource.

    Attributes that differ in one part of their path and are the same otherwise are one line, as in
    `features.{S3, RDS}.status`.
    """
    values = {
        path: _values(change, path, value, verbose=verbose)
        for path, value in _leaves(change.before if change.action is Action.DELETE else change.after)
    }
    folded = _folded(values, None if verbose else _MANY)
    return [Line(".".join(path), before, after) for path, (before, after) in folded.items()]


def _leaves(attrs: Attrs, at: Path = ()) -> Iterator[tuple[Path, Value]]:
    for key, value in attrs.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*at, key))
        else:
            yield (*at, key), value


def _values(change: Change, path: Path, value: Value, *, verbose: bool) -> Becoming:
    words = value_words(value, verbose=verbose)
    if change.action is Action.CREATE:
        return None, words
    if change.action is Action.DELETE:
        return words, None
    before = _at(change.before, path)
    if isinstance(before, tuple) and isinstance(value, tuple) and len(before + value) > FEW and not verbose:
        return f"{len(before)} items", f"{len(value)} items: {_difference(before, value)}"
    return value_words(before, verbose=verbose), words


def _at(value: Value, path: Path) -> Value:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _difference(before: tuple[Value, ...], after: tuple[Value, ...]) -> str:
    added = [f"+{value_words(item)}" for item in after if item not in before]
    removed = [f"-{value_words(item)}" for item in before if item not in after]
    return listed(added + removed) or "in another order"


def _folded(values: Mapping[Path, Becoming], limit: int | None) -> dict[Path, Becoming]:
    folded = {tuple(map(_part, path)): value for path, value in values.items()}
    for index in reversed(range(max(map(len, folded), default=0))):
        groups: dict[tuple[Path, Path, Becoming], list[str]] = {}
        for path, value in folded.items():
            # Attributes of the resource itself are different things even where they have the same value.
            head, part = (path, ()) if len(path) == 1 else (path[:index], path[index : index + 1])
            groups.setdefault((head, path[index + 1 :], value), []).extend(part)
        folded = {(*head, *_braced(parts, limit), *tail): value for (head, tail, value), parts in groups.items()}
    return folded


def _part(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if re.search(r"[^\w/:+=@-]", text) else literal(text)


def _braced(parts: list[str], limit: int | None) -> Path:
    return (f"{{{listed(parts, limit)}}}",) if len(parts) > 1 else tuple(parts)
