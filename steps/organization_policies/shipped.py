"""The policies that ship, in the folder of their type: the first line of each, a comment, says what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sra_bootstrap.textfile import Text
from steps.common.policy_types import EVERY, PolicyType

_FOLDER = Path(__file__).parent / "baseline"


@dataclass(frozen=True)
class Shipped:
    """A policy that ships."""

    type: PolicyType
    description: str
    text: Text


@cache
def shipped() -> Mapping[str, Shipped]:
    """The policies that ship, by name."""
    found: dict[str, Shipped] = {}
    for policy_type in EVERY:
        for path in sorted((_FOLDER / policy_type).glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            description = text.partition("\n")[0].lstrip("# ")
            found[path.stem] = Shipped(policy_type, description, Text(f"baseline/{policy_type}/{path.name}", text))
    return found
