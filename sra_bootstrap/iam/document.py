"""Policy documents, read by the grammar of IAM.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sra_bootstrap.iam.conditions import Condition, condition

Effect = Literal["Allow", "Deny"]
_VERSIONS = ("2008-10-17", "2012-10-17")
_PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}
_PAIRS = ("Principal", "Action", "Resource")


class MalformedError(Exception):
    """A document that is no policy; the message says what is wrong with it."""


@dataclass(frozen=True)
class Matching:
    """The values of an element, such as `Action`, or of its negation, such as `NotAction`."""

    negated: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Principals:
    """The principals that a statement is about, or, negated, that it is not about; by kind."""

    negated: bool
    named: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        variables: whether what looks like a policy variable is one; in the version of 2008 it is not.
        sid: its id, or "".
    """

    effect: Effect
    principals: Principals
    actions: Matching
    resources: Matching
    conditions: tuple[Condition, ...]
    variables: bool
    sid: str = ""


@lru_cache
def parse(text: str) -> tuple[Statement, ...]:
    """The statements of a policy on a resource.

    Raises:
        MalformedError: it is none.
    """
    try:
        document = json.loads(text)
    except ValueError:
        raise MalformedError("Policies must be valid JSON and the first byte must be '{'") from None
    if not isinstance(document, dict):
        raise MalformedError("Policies must be valid JSON and the first byte must be '{'")
    return _read(document)


def restrictions(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a policy that restricts the accounts of an organization, which are about everybody.

    A service control policy names no principal, and a resource control policy all of them.

    Raises:
        MalformedError: it is none.
    """
    everybody = [{"Principal": "*", **statement} for statement in _listed(document.get("Statement"))]
    return _read({**document, "Statement": everybody})


def _read(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    _refuse_unknown(document, {"Version", "Id", "Statement"})
    version = document.get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise MalformedError("The policy must contain a valid version string")
    statements = _listed(document.get("Statement"))
    if not statements:
        raise MalformedError("Missing required field Statement")
    return tuple(_statement(statement, variables=version == _VERSIONS[1]) for statement in statements)


def _statement(statement: Any, *, variables: bool) -> Statement:
    if not isinstance(statement, dict):
        raise MalformedError("Invalid policy syntax.")
    negations = {f"Not{name}" for name in _PAIRS}
    _refuse_unknown(statement, {"Sid", "Effect", "Condition", *_PAIRS, *negations})
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise MalformedError(f"Invalid effect: {statement.get('Effect')}")
    named, principal = _element(statement, "Principal")
    return Statement(
        statement["Effect"],
        Principals(named != "Principal", _principals(principal)),
        _matching(statement, "Action"),
        _matching(statement, "Resource"),
        _conditions(statement.get("Condition", {})),
        variables,
        str(statement.get("Sid", "")),
    )


def _refuse_unknown(document: Mapping[str, Any], known: set[str]) -> None:
    for name in document:
        if name not in known:
            raise MalformedError(f"Unknown field {name}")


def _element(statement: Mapping[str, Any], name: str) -> tuple[str, Any]:
    """An element or its negation, and what it says."""
    spellings = [spelling for spelling in (name, f"Not{name}") if spelling in statement]
    if not spellings:
        raise MalformedError(f"Missing required field {name}")
    if len(spellings) > 1:
        raise MalformedError(f"{name} and Not{name} cannot both be given")
    return spellings[0], statement[spellings[0]]


def _matching(statement: Mapping[str, Any], name: str) -> Matching:
    spelling, values = _element(statement, name)
    texts = _texts(values)
    if not texts:
        raise MalformedError(f"Policy statement must contain {name.lower()}s.")
    return Matching(spelling != name, texts)


def _principals(principal: Any) -> dict[str, tuple[str, ...]]:
    if principal == "*":
        return {"AWS": ("*",)}
    if not isinstance(principal, dict) or not principal or not set(principal) <= _PRINCIPALS:
        raise MalformedError("Invalid principal in policy")
    named = {kind: _texts(names) for kind, names in principal.items()}
    if any("*" in name and (kind, name) != ("AWS", "*") for kind, names in named.items() for name in names):
        raise MalformedError("Invalid principal in policy")
    return named


def _conditions(block: Any) -> tuple[Condition, ...]:
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise MalformedError("Invalid condition in policy")
    found = [condition(name, key, _texts(values)) for name, keys in block.items() for key, values in keys.items()]
    known = tuple(one for one in found if one is not None)
    if len(known) < len(found) or not all(one.values for one in known):
        raise MalformedError("Policy has an invalid condition key or operator")
    return known


def _texts(values: Any) -> tuple[str, ...]:
    texts = []
    for value in _listed(values):
        if isinstance(value, bool):
            texts.append(str(value).lower())
        elif isinstance(value, (str, int, float)):
            texts.append(str(value))
        else:
            raise MalformedError("Invalid policy syntax.")
    return tuple(texts)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
