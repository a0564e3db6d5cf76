"""What the steps do in the member accounts, by the cross-account role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from sra_bootstrap.model import MANAGEMENT, ORGANIZATION
from sra_bootstrap.org import Errands, Org
from sra_bootstrap.step import AnyStep

_OF_MANAGEMENT = "organizations:"
"""What only the management account may ask, but for what a step says that it does in members only."""


def errands(steps: Collection[AnyStep], org: Org) -> Errands:
    """What steps do in the members.

    They are some too many, as a step does not say of each action where it takes it: they are all of its actions in an
    account in which it makes something, and in one that administers its service what it reads, and what it does in
    members only.
    """

    @cache
    def by_account() -> Mapping[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for step in steps:
            for account in {resource.address.at.account for resource in step.desired(org)}:
                found[account] |= _of_members(step.reads | step.writes | step.implied) | step.in_members
            for account in {delegation.account for delegation in step.delegations(org)}:
                found[account] |= _of_members(step.reads) | step.in_members
        return {key: frozenset(found[key]) for key in found if key not in {MANAGEMENT, ORGANIZATION}}

    every = (_of_members(step.reads | step.writes | step.implied) | step.in_members for step in steps)
    return Errands(frozenset().union(*every), by_account)


def _of_members(actions: Iterable[str]) -> set[str]:
    return {action for action in actions if not action.startswith(_OF_MANAGEMENT)}
