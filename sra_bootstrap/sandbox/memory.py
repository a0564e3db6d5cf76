"""All that the sandbox remembers, put aside and taken up again: what was built once need not be built for each test."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from moto.core.base_backend import BackendDict
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends

from sra_bootstrap.sandbox.extension import LOCK


@dataclass(frozen=True)
class Memory:
    """What moto and the sandbox knew at some time, apart from what has become of it since.

    Attributes:
        backends: moto's shelves, those of the sandbox among them.
        contents: what was on each.
        organizations: which account belongs to which organization, which moto keeps beside.
        now: what time it was, in seconds since the epoch.
    """

    backends: tuple[BackendDict, ...]
    contents: tuple[dict[str, Any], ...]
    organizations: dict[str, Any]
    now: float


def save(now: float) -> Memory:
    """Put a copy of everything aside."""
    with LOCK:
        backends = tuple(BackendDict._instances)  # noqa: SLF001 (moto has no public way)
        # At once, because what is to happen later refers to what is on several shelves.
        contents = deepcopy(tuple(dict(backend) for backend in backends))
        return Memory(backends, contents, dict(organizations_backends.master_accounts), now)


def restore(memory: Memory) -> None:
    """Know a copy of what was known, and nothing else."""
    with LOCK:
        BackendDict.reset()
        for backend, content in zip(memory.backends, deepcopy(memory.contents), strict=True):
            backend.update(content)
            BackendDict._instances.append(backend)  # noqa: SLF001 (moto has no public way)
        organizations_backends.master_accounts.clear()
        organizations_backends.master_accounts.update(memory.organizations)
        # moto keeps beside whose each bucket is, and its reset forgets it.
        for account_id, partitions in s3_backends.items():
            for partition, backend in partitions.items():
                s3_backends.bucket_accounts.update(dict.fromkeys(backend.buckets, (partition, account_id)))
