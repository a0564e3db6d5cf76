"""What the sandbox remembers: one object of each state class for every account and region."""

from __future__ import annotations

from typing import Any, TypeVar

from moto.core.base_backend import BackendDict, BaseBackend

S = TypeVar("S")


class _Shelf(BaseBackend):  # type: ignore[misc]  # moto carries no types
    """The state objects of one account and region. Being a moto backend, it is cleared when moto is."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.objects: dict[type, Any] = {}


class _Shelves(BackendDict):  # type: ignore[misc]
    """Backends for any region, those that botocore lists for no service of moto's included."""

    def at(self, account_id: str, region: str) -> _Shelf:
        account = self[account_id]
        if region not in account.regions:
            account.regions.append(region)
        shelf: _Shelf = account[region]
        return shelf


_SHELVES = _Shelves(_Shelf, "sra_bootstrap_sandbox", use_boto3_regions=False)


def state(kind: type[S], account_id: str, region: str) -> S:
    """The object of class `kind` for an account and region, made without arguments at its first use."""
    objects = _SHELVES.at(account_id, region).objects
    if kind not in objects:
        objects[kind] = kind()
    found: S = objects[kind]
    return found
