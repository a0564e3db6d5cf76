"""Says once what is the same in many places: the same for every form that a plan is shown in."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sra_bootstrap.model import ORGANIZATION, Address, Blocked, Change, Target
from sra_bootstrap.ui.places import names_or_count, place_words
from sra_bootstrap.ui.wording import kind_words, listed, literal
from sra_bootstrap.values import Ref, Value

_REGION = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d+\b")
_PLACE = re.compile(rf"(?P<account>[^\s/]+)/(?P<region>{_REGION.pattern})")
_WHERE = re.compile(rf"{_PLACE.pattern}(?: (?P<what>.+))?")
_HERE = "(that place)"
_REGION_HERE = "(that region)"

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Fold:
    """Resources of one kind that are all there is of each name at each target."""

    kind: str
    names: tuple[str, ...]
    targets: tuple[Target, ...]

    def what(self, limit: int | None = None) -> str:
        """The kind and the names; of more than `limit` names the first ones, and how many more there are."""
        names = listed([literal(name) for name in self.names if name], limit)
        number = f" ({len(self.names)}):" if len(self.names) > 1 else ""
        return f"{kind_words(self.kind)}{number} {names}".rstrip()

    def where(self, *, verbose: bool = False) -> str:
        """The places in few words, to be read after "in"; empty for the organization as a whole."""
        return place_words(self.targets, verbose=verbose)


@dataclass(frozen=True)
class BlockedFold:
    """What is blocked for one reason: names of things, with the targets at which all of them are blocked, if any."""

    things: tuple[tuple[tuple[str, ...], tuple[Target, ...]], ...]
    reason: str
    remedy: str

    def where(self, limit: int | None = None, *, verbose: bool = False) -> str:
        """All that is blocked; of more than `limit` names at a place the first ones, and how many more there are."""
        return "; ".join(_thing_words(names, targets, limit, verbose=verbose) for names, targets in self.things)


def fold_addresses(addresses: Iterable[Address]) -> list[Fold]:
    """Addresses that differ in their places, or that differ in their names and have the same places, as one."""
    by_name = _grouped(addresses, lambda address: (address.kind, address.name))
    alike = _grouped(by_name.items(), lambda item: (item[0][0], frozenset(address.at for address in item[1])))
    return [
        Fold(kind, tuple(name for (_, name), _ in items), tuple(address.at for address in items[0][1]))
        for (kind, _), items in alike.items()
    ]


def fold_changes(changes: Iterable[Change]) -> Iterator[tuple[Change, Fold]]:
    """Changes that do the same to their resources as one, with the first of them. A `Ref` is like any other."""
    alike = _grouped(changes, lambda c: (c.address.kind, c.action, _alike(c.before), _alike(c.after)))
    for same in alike.values():
        for fold in fold_addresses(change.address for change in same):
            yield same[0], fold


def fold_blocked(blocked: Iterable[Blocked]) -> list[BlockedFold]:
    """What is blocked for the same reason as one. Reasons that differ only in the place they speak of are the same."""
    alike = _grouped(blocked, lambda b: (_placeless(b.reason, b.where), _placeless(b.remedy, b.where)))
    return [
        BlockedFold(tuple(_things(same)), *(reasons if len(same) > 1 else (same[0].reason, same[0].remedy)))
        for reasons, same in alike.items()
    ]


def fold_notes(notes: Iterable[str], *, verbose: bool = False) -> list[str]:
    """Notes that differ only in the place or the region they speak of as one."""
    folded = []
    for text, same in _grouped(notes, lambda note: _placeless(note, note)).items():
        if len(same) == 1:
            folded += same
            continue
        targets = [target for note in same if (target := _target(note))]
        if any(target.account for target in targets):
            folded.append(text.replace(_HERE, place_words(targets, verbose=verbose)))
        else:
            regions = [target.region for target in targets]
            folded.append(text.replace(_REGION_HERE, names_or_count(regions, "region", verbose=verbose)))
    return folded


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _alike(value: Value) -> Hashable:
    """The same for values that are shown as the same."""
    match value:
        case Ref():
            return Ref("")
        case tuple():
            return tuple(map(_alike, value))
        case Mapping():
            return frozenset((key, _alike(inner)) for key, inner in value.items())
        case _:
            # True is 1 to Python, and not to a reader.
            return type(value), value


def _target(text: str) -> Target | None:
    """The first place that a text speaks of, or the first region if it names no account."""
    if match := _PLACE.search(text):
        return Target(match["account"], match["region"])
    return Target("", match[0]) if (match := _REGION.search(text)) else None


def _placeless(text: str, where: str) -> str:
    """A text without the place that `where` names."""
    target = _target(where)
    if target is None:
        return text
    if target.account:
        text = re.sub(rf"(?<![^\s(]){re.escape(str(target))}(?![\w-])", _HERE, text)
    return re.sub(rf"(?<![\w-]){re.escape(target.region)}(?![\w-])", _REGION_HERE, text)


def _things(blocked: Iterable[Blocked]) -> Iterator[tuple[tuple[str, ...], tuple[Target, ...]]]:
    targets: dict[str, list[Target]] = {}
    plain: dict[str, None] = {}
    for one in blocked:
        if match := _WHERE.fullmatch(one.where):
            targets.setdefault(match["what"] or "", []).append(Target(match["account"], match["region"]))
        elif one.where.startswith(f"{ORGANIZATION} "):
            targets.setdefault(one.where.removeprefix(f"{ORGANIZATION} "), []).append(Target(ORGANIZATION))
        else:
            plain[one.where] = None
    for places, names in _grouped(targets, lambda what: tuple(targets[what])).items():
        yield tuple(filter(None, names)), places
    if plain:
        yield tuple(plain), ()


def _thing_words(names: Sequence[str], targets: Sequence[Target], limit: int | None, *, verbose: bool) -> str:
    what = listed(list(map(literal, names)), None if verbose else limit)
    where = place_words(targets, verbose=verbose) if targets else ""
    return " in ".join(filter(None, (what, where)))
