"""Writes of AWS Organizations that overlap in time: the later one is refused.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html, its errors:
ConcurrentModificationException, "the target of the operation is currently being modified by a different request".
https://github.com/hashicorp/terraform-provider-aws/issues/5073 shows that it takes no more than two at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import LOCK, Exchange
from sra_bootstrap.sandbox.settings import Rules

_UNDER_WAY: set[str] = set()


@contextmanager
def undisturbed(exchange: Exchange) -> Iterator[bool]:
    """While a write of Organizations is under way, whether it is the only one of its organization; else, True."""
    call = exchange.call
    if call.service != "organizations" or exchange.reads or not Rules.settings.overlaps_conflict:
        yield True
        return
    with LOCK:
        organization = membership.management_account_of(call.account_id) or call.account_id
        alone = organization not in _UNDER_WAY
        _UNDER_WAY.add(organization)
    try:
        if alone and exchange.served and Rules.settings.organizations_write_seconds:
            threading.Event().wait(Rules.settings.organizations_write_seconds)
        yield alone
    finally:
        if alone:
            with LOCK:
                _UNDER_WAY.discard(organization)
