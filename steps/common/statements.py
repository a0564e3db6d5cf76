"""Statements of resource policies: what ours should say, what they say, and how they stand among those of others.

A statement of ours is known by its id (`Sid`). It is compared element by element as AWS means it: neither order nor
whether there is one value or a list of one makes a difference, and an account is the same as its root.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.values import Attrs, Ref, Value

Text = str | Ref
Conditions = Mapping[str, Mapping[str, Sequence[Text]]]
Document = Mapping[str, Any]
EVERYONE = {"*": ["*"]}
_COMPARED = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
_ROOT, _ACCOUNT = re.compile(r"^arn:[a-z-]+:iam::(\d{12}):root$"), r"\1"


@dataclass(frozen=True)
class Statement:
    """What a statement should say; a `Ref` is in place of what is known only after an earlier change.

    `principals` maps a kind, such as `Service` or `AWS`, to names; `EVERYONE` is all of them. The policies of an
    identity name no principals, and who may assume a role is said without resources.
    """

    effect: str
    principals: Mapping[str, Sequence[Text]]
    actions: Sequence[Text]
    resources: Sequence[Text]
    conditions: Conditions = field(default_factory=dict)

    def attrs(self) -> Attrs:
        """The statement as a plan holds it."""
        return {
            "effect": self.effect,
            "principals": _told(_prefixed(self.principals)),
            "actions": _told(self.actions),
            "resources": _told(self.resources),
            "conditions": _told(
                text for operator, keys in self.conditions.items() for text in _prefixed(keys, f"{operator} ")
            ),
            "others": (),
        }

    def written(self, sid: str) -> dict[str, Any]:
        """The statement as AWS takes it; everything in it must be known."""
        everyone = self.principals == EVERYONE
        elements = {
            "Principal": "*" if everyone else {kind: list(names) for kind, names in self.principals.items()},
            "Action": list(self.actions),
            "Resource": list(self.resources),
            "Condition": {
                operator: {k: list(v) for k, v in keys.items()} for operator, keys in self.conditions.items()
            },
        }
        return {"Sid": sid, "Effect": self.effect, **{name: value for name, value in elements.items() if value}}


def allow(
    principals: Mapping[str, Sequence[Text]],
    actions: Sequence[Text],
    resources: Sequence[Text],
    conditions: Conditions | None = None,
) -> Statement:
    """A statement that allows something."""
    return Statement("Allow", principals, actions, resources, conditions or {})


def deny(
    principals: Mapping[str, Sequence[Text]],
    actions: Sequence[Text],
    resources: Sequence[Text],
    conditions: Conditions | None = None,
) -> Statement:
    """A statement that denies something."""
    return Statement("Deny", principals, actions, resources, conditions or {})


def planned(statements: Mapping[str, Statement]) -> Attrs:
    """Statements as a plan holds them, by their ids."""
    return {sid: statement.attrs() for sid, statement in statements.items()}


def said(document: Document | None, sids: Collection[str]) -> Attrs:
    """What the statements with some ids say; of several with one id, the first."""
    found: dict[str, Value] = {}
    for sid, statement in _statements(document):
        if sid in sids:
            found.setdefault(sid, told(statement))
    return found


def merged(document: Document | None, statements: Mapping[str, Statement]) -> Document:
    """A policy with these statements in place of those with the same ids; all others stay as and where they are."""
    ours = {sid: statement.written(sid) for sid, statement in statements.items()}
    # What is taken out was put in; of several with one id, the others are somebody else's.
    kept = [ours.pop(sid, statement) for sid, statement in _statements(document)]
    return {"Version": "2012-10-17", **(document or {}), "Statement": [*kept, *ours.values()]}


def without(document: Document | None, sids: Collection[str]) -> Document | None:
    """A policy without the statements with some ids; None if there are no others."""
    kept = [statement for sid, statement in _statements(document) if sid not in sids]
    return {**(document or {}), "Statement": kept} if kept else None


def of_others(document: Document | None, sids: Collection[str]) -> Iterator[str]:
    """What a policy says beyond the statements with some ids, each statement as its id or, without one, whole."""
    seen: set[str] = set()
    for sid, statement in _statements(document):
        if sid not in sids or sid in seen:
            yield sid if sid not in {"", *seen} else json.dumps(statement, sort_keys=True)
        seen.add(sid)


def _statements(document: Document | None) -> list[tuple[str, Mapping[str, Any]]]:
    """The statements with their ids, which are empty where there are none."""
    found = [] if document is None else document["Statement"]
    return [(one.get("Sid", ""), one) for one in ([found] if isinstance(found, Mapping) else found)]


def told(statement: Mapping[str, Any]) -> Attrs:
    """What a statement says, as a plan holds it; `others` are the elements that a `Statement` has not."""
    principals = statement.get("Principal", {})
    conditions: Mapping[str, Mapping[str, Any]] = statement.get("Condition", {})
    return {
        "effect": statement["Effect"],
        "principals": _told(_prefixed(principals if isinstance(principals, Mapping) else {"*": principals})),
        "actions": _told(_listed(statement.get("Action", ()))),
        "resources": _told(_listed(statement.get("Resource", ()))),
        "conditions": _told(text for operator, keys in conditions.items() for text in _prefixed(keys, f"{operator} ")),
        "others": _told(text for text in _prefixed({name: statement[name] for name in statement.keys() - _COMPARED})),
    }


def _prefixed(named: Mapping[str, Any], before: str = "") -> Iterator[Text]:
    """Each value behind its name; `AWS *` is `*`, and an account's root is the account."""
    for name, values in named.items():
        for value in _listed(values):
            if isinstance(value, Ref):
                yield value
            elif not before and value == "*" and name in {"*", "AWS"}:
                yield "*"
            else:
                yield f"{before}{name} {_ROOT.sub(_ACCOUNT, value)}"


def _told(texts: Iterable[Text]) -> Value:
    """Texts in one order, each once; as long as one of them is unknown, nothing is known of their order."""
    listed = list(texts)
    unknown = next((text for text in listed if isinstance(text, Ref)), None)
    return unknown or tuple(sorted({str(text) for text in listed}))


def _listed(value: Any) -> Sequence[Text]:
    """The values of an element, of which one may stand for itself, as text: JSON also has numbers and booleans."""
    values = value if isinstance(value, list | tuple) else [value]
    return [one if isinstance(one, str | Ref) else json.dumps(one) for one in values]
