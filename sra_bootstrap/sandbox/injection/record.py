"""What was injected, and what took effect: a reset of the sandbox clears it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import LOCK, Call
from sra_bootstrap.sandbox.injection.plan import Faults, Kind


@dataclass(frozen=True)
class Write:
    """A write that took effect, whether or not its answer arrived.

    Attributes:
        operation: such as `organizations:CreateAccount`.
        digest: of the parameters, those left out that only tell requests apart.
    """

    operation: str
    account_id: str
    region: str
    digest: str


@dataclass
class Record:
    """The state of the injector.

    Attributes:
        faults: those that `calls` counts since.
        calls: how often each operation, in each region and in all, was called; and how many writes.
        used: the access keys that have been good for a call.
    """

    injected: Counter[Kind] = field(default_factory=Counter)
    writes: list[Write] = field(default_factory=list)
    faults: Faults | None = None
    calls: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)


def record() -> Record:
    """The one record of this process."""
    return store.state(Record, "sandbox", "aws")


def count(kind: Kind) -> None:
    """Note that a fault was injected."""
    with LOCK:
        record().injected[kind] += 1


def note_write(call: Call, parameters: Mapping[str, Any]) -> None:
    """Note that a write took effect."""
    write = Write(f"{call.service}:{call.operation}", call.account_id, call.region, digest_of(call, parameters))
    with LOCK:
        record().writes.append(write)


def digest_of(call: Call, parameters: Mapping[str, Any]) -> str:
    """The same for the same parameters; the SDK makes up idempotency tokens, which are no part of what is asked for."""
    shape = get_service_model(call.service).operation_model(call.operation).input_shape
    members = {} if shape is None else shape.members
    tokens = {name for name, member in members.items() if member.metadata.get("idempotencyToken")}
    told = {name: value for name, value in parameters.items() if name not in tokens}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def injected() -> dict[str, int]:
    """How many faults there were, by kind."""
    with LOCK:
        return {str(kind): number for kind, number in sorted(record().injected.items())}


def writes() -> list[Write]:
    """Every write that took effect, in order."""
    with LOCK:
        return list(record().writes)
