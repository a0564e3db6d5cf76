"""A failure stays in its lane: what stands on something that is blocked or has failed, and what does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sra_bootstrap.model import MANAGEMENT, ORGANIZATION, Address, Change, Target
from sra_bootstrap.registry import discover
from sra_bootstrap.step import AnyStep


def place(at: Target) -> Address:
    """The address that stands for everything at one place."""
    return Address("", at)


class Lanes:
    """What of each step is blocked or has failed so far, in one run through the pipeline."""

    def __init__(self, steps: Sequence[AnyStep], *, destroy: bool = False) -> None:
        # A step that is left out of this run still ties those above it to those below it.
        self._after = {name: step.after for name, step in discover().items()} | {step.id: step.after for step in steps}
        self._destroy = destroy
        self._broken: dict[str, list[Address]] = {}

    def mark(self, step: AnyStep, addresses: Iterable[Address]) -> None:
        """Remember what of a step is blocked or has failed."""
        self._broken.setdefault(step.id, []).extend(addresses)

    def of(self, step: AnyStep) -> Sequence[Address]:
        """What of a step is blocked or has failed."""
        return self._broken.get(step.id, ())

    def obstruction(self, step: AnyStep, change: Change, here: Collection[Address] = ()) -> Address | None:
        """The first that is broken of what a change stands on; `here` is broken in the step itself.

        What is destroyed must not go before what stands on it. As it is hard to say of a whole service which part of
        what it stands on it can do without, nothing is destroyed that a step stands on of which anything is broken.
        """
        if self._destroy:
            for name, broken in self._broken.items():
                if broken and step.id in self._foundation(name):
                    return broken[0]
        own = (*self.of(step), *here)
        below = () if self._destroy else (a for name in self._foundation(step.id) for a in self._broken.get(name, ()))
        return next((address for address in (*own, *below) if _stands_on(change, step, address)), None)

    def _foundation(self, name: str) -> frozenset[str]:
        direct = self._after.get(name, ())
        return frozenset(direct).union(*map(self._foundation, direct))


def _stands_on(change: Change, step: AnyStep, broken: Address) -> bool:
    at = change.address.at
    if broken.name:
        return broken.name in {
            *(*change.mentions(), at.region),
            *(*step.trusted_access, *step.policy_types, *step.delegates),
        }
    if broken.at.region and at.region != broken.at.region:
        return False
    return broken.at.account in {ORGANIZATION, MANAGEMENT, at.account}
