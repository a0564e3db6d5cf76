"""Values that a plan may hold: plain data, or a `Ref` to what exists only after an earlier change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union


@dataclass(frozen=True, order=True)
class Ref:
    """A value known only after apply, named by its logical path, as in `account.security_tooling.id`."""

    path: str

    def __str__(self) -> str:
        return f"(known after apply: {self.path})"


Value = Union[None, bool, int, str, Ref, "tuple[Value, ...]", "Attrs"]
Attrs = Mapping[str, Value]


def filled(template: str, *parts: str | Ref) -> str | Ref:
    """A text with its `{}` filled in order; while a part is unknown, the text is that part's `Ref`."""
    return next((part for part in parts if isinstance(part, Ref)), template.format(*parts))


def nested(attrs: Attrs, key: str) -> Attrs:
    """The attributes that an attribute is made of; none where it has none."""
    value = attrs.get(key)
    return value if isinstance(value, Mapping) else {}


def refines(planned: Value, final: Value) -> bool:
    """Whether doing `final` is no more, and nothing else, than what was reviewed as `planned`.

    A `Ref` may become any value, a mapping may lose keys, everything else must be the same.
    """
    if isinstance(planned, Ref):
        return True
    if isinstance(planned, tuple) and isinstance(final, tuple):
        return len(planned) == len(final) and all(map(refines, planned, final))
    if isinstance(planned, Mapping) and isinstance(final, Mapping):
        return final.keys() <= planned.keys() and all(refines(planned[k], v) for k, v in final.items())
    return same(planned, final)


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same; unlike to Python, true and 1 are not to AWS."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


def to_json(value: Value) -> Any:
    """The JSON form of a value; a `Ref` becomes `{"$ref": path}` and keys are sorted.

    A key that begins with a dollar has one more, so that no mapping is taken for a `Ref`.
    """
    match value:
        case Ref(path):
            return {"$ref": path}
        case tuple():
            return [to_json(v) for v in value]
        case Mapping():
            return {f"${k}" if k.startswith("$") else k: to_json(v) for k, v in sorted(value.items())}
        case _:
            return value


def from_json(raw: Any) -> Value:
    """The value whose JSON form `raw` is.

    Raises:
        ValueError: `raw` holds what no value can be, such as a fraction or a reference to nothing.
    """
    match raw:
        case {"$ref": str(path), **rest} if not rest:
            return Ref(path)
        case dict():
            return {_key(str(key)): from_json(value) for key, value in raw.items()}
        case list():
            return tuple(from_json(v) for v in raw)
        case None | bool() | int() | str():
            return raw
        case _:
            raise ValueError(f"not a value of a plan: {raw!r}")


def _key(raw: str) -> str:
    if raw.startswith("$") and not raw.startswith("$$"):
        raise ValueError(f"not a value of a plan: the key {raw!r}")
    return raw.removeprefix("$")


def attrs_from_json(raw: Any) -> Attrs:
    """The attributes whose JSON form `raw` is.

    Raises:
        ValueError: `raw` is not a mapping of values.
    """
    value = from_json(raw)
    if not isinstance(value, Mapping):
        raise ValueError(f"not attributes: {raw!r}")  # noqa: TRY004 (bad data, not a bad call)
    return value


def leaves(value: Value) -> frozenset[str]:
    """Every string that a value holds, at any depth, keys and the parts of a `Ref`'s path included."""
    match value:
        case str():
            return frozenset({value})
        case Ref(path):
            return frozenset(path.split("."))
        case tuple():
            return frozenset().union(*map(leaves, value))
        case Mapping():
            return frozenset(value).union(*map(leaves, value.values()))
        case _:
            return frozenset()


def has_ref(value: Value) -> bool:
    """Whether a value holds what is known only after an earlier change."""
    match value:
        case Ref():
            return True
        case tuple():
            return any(map(has_ref, value))
        case Mapping():
            return any(map(has_ref, value.values()))
        case _:
            return False
