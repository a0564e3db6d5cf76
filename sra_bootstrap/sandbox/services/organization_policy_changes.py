"""AWS Organizations: when what policies add up to in an account has last changed, for services that follow it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Time

Follower = Callable[[Any], None]
"""Is told of an organization, by moto's backend, before its policies change."""

_FOLLOWERS: list[Follower] = []


@dataclass
class Changes:
    """When an organization's policies, or where its accounts are, last changed: seconds since the epoch."""

    last: float = -math.inf


def follows(follower: Follower) -> Follower:
    """Register who must have done what the policies say before they say something else."""
    _FOLLOWERS.append(follower)
    return follower


def last_change(backend: Any) -> float:
    """When an organization's policies last changed, in seconds since the epoch."""
    return store.state(Changes, backend.account_id, backend.partition).last


def about_to_change(backend: Any) -> None:
    """Let the followers do what they are behind with, and note that the policies change now."""
    for follower in _FOLLOWERS:
        follower(backend)
    store.state(Changes, backend.account_id, backend.partition).last = Time.clock.now()
