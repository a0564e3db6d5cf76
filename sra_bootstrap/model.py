"""What a plan is made of. Pure data: no client, no clock, no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sra_bootstrap.values import Attrs, Value, leaves, refines

ORGANIZATION = "organization"
"""The logical account of what belongs to the organization as a whole; it is managed from the management account."""

MANAGEMENT = "management"
"""The logical name of the management account, for what is in that account itself."""


@dataclass(frozen=True, order=True)
class Target:
    """Where: the logical name of an account (a key of config.yaml) and, for regional services, a region."""

    account: str
    region: str = ""

    def __str__(self) -> str:
        return f"{self.account}/{self.region}" if self.region else self.account


@dataclass(frozen=True, order=True)
class Address:
    """Which: names one resource without any id that AWS chooses, so that it has a name before it exists."""

    kind: str
    at: Target
    name: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.at), self.kind, self.name)))


@dataclass(frozen=True)
class Resource:
    """One thing that should be, or is: its address, and the attributes that are wanted or were seen."""

    address: Address
    attrs: Attrs = field(default_factory=dict)


@dataclass(frozen=True)
class Obstacle:
    """What keeps a resource from being made as wanted and is for a person to solve; its changes are blocked."""

    address: Address
    reason: str
    remedy: str


@dataclass(frozen=True)
class Unavailable:
    """AWS does not offer an attribute of a resource here. It is left out, and the plan says so.

    `path` leads to the attribute through nested mappings; an empty path leaves out the whole resource.
    """

    address: Address
    path: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Note:
    """What a reader of the plan should know and need not act on."""

    text: str


Observation = Resource | Obstacle | Unavailable | Note


class Action(StrEnum):
    """What a change does to its resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Change:
    """One difference between what is and what should be.

    `before` and `after` hold the attributes that differ and nothing else: `before` is empty for a creation, `after`
    for a deletion.
    """

    address: Address
    action: Action
    before: Attrs
    after: Attrs

    def allows(self, final: Change) -> bool:
        """Whether doing `final` would do no more, and nothing else, than what was reviewed here.

        A creation may have shrunk to an update; a known value must be the same, a `Ref` may have become any value, and
        the `before` of an update or a deletion must still hold.
        """
        if self.address != final.address or not refines(self.after, final.after):
            return False
        if self.action is Action.CREATE:
            return final.action is not Action.DELETE
        return final.action is self.action and all(
            key in self.before and refines(self.before[key], value) for key, value in final.before.items()
        )

    def apart_from(self, name: str) -> Change:
        """The rest of a change without one of its attributes, such as one account among many."""
        before, after = without(self.before, (name,)), without(self.after, (name,))
        return Change(self.address, self.action, before, after)

    def mentions(self) -> frozenset[str]:
        """The names a change stands on: its own, its account's, and every string among what it wants."""
        return leaves(self.after) | {self.address.name, self.address.at.account}


@dataclass(frozen=True)
class Blocked:
    """A place or a resource that could not be planned, or must not be changed, and what to do about it.

    `step` is the id of the step, where the message is not shown below the step.
    """

    where: str
    reason: str
    remedy: str = ""
    step: str = ""


@dataclass(frozen=True)
class StepPlan:
    """One step's part of a plan. `unmanaged` is what was seen and is not in config.yaml; it is left alone."""

    step: str
    changes: tuple[Change, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    notes: tuple[str, ...] = ()
    unmanaged: tuple[Resource, ...] = ()
    kept: tuple[Address, ...] = ()
    """Only when destroying: what is not destroyed, because AWS cannot or because it holds what others own."""


@dataclass(frozen=True)
class Plan:
    """What `apply` would do, step by step, in the order of the pipeline."""

    steps: tuple[StepPlan, ...]
    destroy: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change of every step, in order."""
        return tuple(change for step in self.steps for change in step.changes)

    @property
    def blocked(self) -> tuple[Blocked, ...]:
        """Everything that is blocked, in order."""
        return tuple(blocked for step in self.steps for blocked in step.blocked)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to change and nothing is blocked."""
        return not self.changes and not self.blocked

    def counts(self) -> Mapping[Action, int]:
        """How many changes there are of each action."""
        return {action: sum(change.action is action for change in self.changes) for action in Action}


def indexed(resources: Iterable[Resource]) -> dict[Address, Attrs]:
    """Attributes by address.

    Raises:
        ValueError: two resources have one address; that is a fault of the step that named them.
    """
    found: dict[Address, Attrs] = {}
    for resource in resources:
        if resource.address in found:
            raise ValueError(f"two resources have the address {resource.address}")
        found[resource.address] = resource.attrs
    return found


def without(attrs: Attrs, path: tuple[str, ...]) -> Attrs:
    """`attrs` without the nested attribute that `path` leads to; the same if there is none."""
    if not path or path[0] not in attrs:
        return attrs
    head, *tail = path
    inner: Value = attrs[head]
    if not tail:
        return {key: value for key, value in attrs.items() if key != head}
    if not isinstance(inner, Mapping):
        return attrs
    return {key: without(inner, tuple(tail)) if key == head else value for key, value in attrs.items()}
