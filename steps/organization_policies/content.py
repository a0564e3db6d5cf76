"""What policies say, as a plan holds it: neither the order of statements nor that of values makes a difference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sra_bootstrap.values import Attrs, Ref, Value, nested
from steps.common.policy_types import AUTHORIZATION, PolicyType
from steps.common.statements import told


def planned(policy_type: PolicyType, content: Mapping[str, Any]) -> Attrs:
    """What a policy should say: statement by statement, or setting by setting; and nothing beyond."""
    if policy_type in AUTHORIZATION:
        statements = {name: told(statement) for name, statement in _named(content)}
        return {"version": content.get("Version", ""), "statements": statements, "others": ()}
    return {"content": _ordered(content), "others": ()}


def said(policy_type: PolicyType, content: Mapping[str, Any], wanted: Attrs) -> Attrs:
    """What a policy says of what is wanted; `others` are the statements or settings that it has beyond."""
    if policy_type in AUTHORIZATION:
        found, others = _matched(content, nested(wanted, "statements"))
        return {"version": content.get("Version", ""), "statements": found, "others": others}
    there = _ordered(content)
    return {"content": there, "others": tuple(sorted(_beyond(there, nested(wanted, "content"))))}


def _named(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The statements by their ids; one without an id by its place among all."""
    statements = content.get("Statement", ())
    listed = [statements] if isinstance(statements, Mapping) else statements
    for number, statement in enumerate(listed, start=1):
        yield statement.get("Sid") or f"statement {number}", statement


def _matched(content: Mapping[str, Any], wanted: Attrs) -> tuple[Attrs, tuple[str, ...]]:
    """The statements of a policy by the names of those that are wanted, and what there is beside them.

    One without an id is the one that says the same or, if none does, the one in its place.
    """
    found: dict[str, Value] = {}
    nameless: list[tuple[str, Attrs]] = []
    others: list[str] = []
    for name, statement in _named(content):
        if "Sid" not in statement:
            nameless.append((name, told(statement)))
        elif name in wanted and name not in found:
            found[name] = told(statement)
        else:
            others.append(name)
    for name, says in list(nameless):
        same = next((one for one in wanted if one not in found and wanted[one] == says), None)
        if same is not None:
            found[same] = says
            nameless.remove((name, says))
    for name, says in nameless:
        if name in wanted and name not in found:
            found[name] = says
        else:
            others.append(json.dumps(says, sort_keys=True))
    return found, tuple(sorted(others))


def _ordered(value: Any) -> Any:
    """A setting with its lists in one order, as far as all of their values are known."""
    if isinstance(value, Mapping):
        return {key: _ordered(one) for key, one in value.items()}
    if isinstance(value, float):
        # Somebody else's: a plan holds no fractions.
        return str(value)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    unknown = next((one for one in value if isinstance(one, Ref)), None)
    return unknown or tuple(sorted(map(_ordered, value), key=str))


def _beyond(there: Mapping[str, Any], wanted: Attrs, above: str = "") -> Iterator[str]:
    for key, value in there.items():
        where = f"{above}{key}"
        if key not in wanted:
            yield f"{where}: {json.dumps(value, sort_keys=True)}"
        elif isinstance(value, Mapping):
            yield from _beyond(value, nested(wanted, key), f"{where} / ")
