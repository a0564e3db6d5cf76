"""The policies of Firewall Manager that its administrator has in a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_fms import FMSClient


@dataclass(frozen=True)
class Listed:
    """A policy that is there. `in_scope` is whether the administrator may change it."""

    id: str
    name: str
    type: str
    in_scope: bool


def policies(fms: FMSClient) -> list[Listed]:
    """Every policy, whoever has made it."""
    pages = fms.get_paginator("list_policies").paginate()
    return [
        Listed(
            one["PolicyId"],
            one["PolicyName"],
            one["SecurityServiceType"],
            one.get("PolicyStatus", "ACTIVE") == "ACTIVE",
        )
        for page in pages
        for one in page["PolicyList"]
    ]
