"""Words for what a plan holds. Whatever a user or AWS has named comes out as it is, and on one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from sra_bootstrap.model import Action
from sra_bootstrap.values import Ref, Value

FEW: Final = 4
"""Up to so many things are listed where only a summary is asked for."""
UNKNOWN: Final = "(known after apply)"
ABSENT: Final = "(none)"

SYMBOLS: Final[Mapping[Action, str]] = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
DOING: Final[Mapping[Action, str]] = {Action.CREATE: "creating", Action.UPDATE: "changing", Action.DELETE: "destroying"}
DONE: Final[Mapping[Action, str]] = {Action.CREATE: "created", Action.UPDATE: "changed", Action.DELETE: "destroyed"}
TO_DO: Final[Mapping[Action, str]] = {
    Action.CREATE: "to create",
    Action.UPDATE: "to change",
    Action.DELETE: "to destroy",
}


def literal(text: str) -> str:
    """A text with all that could steer a terminal, line breaks included, written out as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def literal_lines(text: str) -> str:
    """The same for a text whose line breaks are meant."""
    return "\n".join(map(literal, text.splitlines()))


def kind_words(kind: str) -> str:
    """A kind of resource in words."""
    return literal(kind.replace("-", " ").replace("_", " "))


def counted(number: int, noun: str) -> str:
    """A number of things: "1 region", "17 regions"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(items: Sequence[str], limit: int | None = None) -> str:
    """A list in one line; of more than `limit` items the first ones, and how many more there are."""
    if limit is None or len(items) <= limit:
        return ", ".join(items)
    return f"{', '.join(items[:limit])} and {len(items) - limit} more"


def value_words(value: Value, *, verbose: bool = False) -> str:
    """A value on one line. A long tuple is cut short unless `verbose`."""
    match value:
        case Ref():
            return UNKNOWN
        case None | bool():
            return {None: ABSENT, True: "true", False: "false"}[value]
        case str():
            return literal(value) if value.strip() == value != "" else json.dumps(value)
        case tuple():
            items = [value_words(item, verbose=verbose) for item in value]
            return f"[{listed(items, None if verbose else FEW)}]"
        case Mapping():
            return f"{{{', '.join(f'{literal(k)}: {value_words(v, verbose=verbose)}' for k, v in value.items())}}}"
        case _:
            return str(value)


def duration(seconds: float) -> str:
    """A length of time: "0.4 s", "42 s", "3 min 12 s", "1 h 4 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
