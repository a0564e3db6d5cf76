"""Policies as AWS keeps them, which is not how they were sent.

An account is kept by the ARN of its root, and a list of one as that one; who compares texts finds differences for ever:
https://github.com/hashicorp/terraform/issues/9036 and https://github.com/hashicorp/terraform/issues/4948.
"""

from __future__ import annotations

import json
from typing import Any


def compact(text: str, partition: str) -> str:
    """A policy as S3 keeps it."""
    return json.dumps(_kept(json.loads(text), partition), separators=(",", ":"))


def indented(text: str, partition: str) -> str:
    """A policy as KMS keeps it."""
    return json.dumps(_kept(json.loads(text), partition), indent=2, separators=(",", " : "))


def _kept(document: dict[str, Any], partition: str) -> dict[str, Any]:
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_statement(statement, partition) for statement in listed]}


def _statement(statement: dict[str, Any], partition: str) -> dict[str, Any]:
    kept = {name: _one_or_many(value) for name, value in statement.items()}
    for name in ("Principal", "NotPrincipal"):
        if isinstance(statement.get(name), dict):
            kept[name] = {kind: _principals(names, partition) for kind, names in statement[name].items()}
    if "Condition" in statement:
        kept["Condition"] = {
            operator: {key: _one_or_many(values) for key, values in keys.items()}
            for operator, keys in statement["Condition"].items()
        }
    return kept


def _principals(names: Any, partition: str) -> Any:
    listed = names if isinstance(names, list) else [names]
    return _one_or_many([f"arn:{partition}:iam::{name}:root" if name.isdigit() else name for name in listed])


def _one_or_many(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value[0] if isinstance(value, list) and len(value) == 1 else value
