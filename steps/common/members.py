"""The members of a service in a region: one resource `members`, with the attributes of each under its logical name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sra_bootstrap.aws import Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Note, Observation, Resource, Target
from sra_bootstrap.org import LiveAccount, Org
from sra_bootstrap.values import Attrs

PATIENCE = 120
"""How many seconds a service may take for what it does a while after it has answered."""

Unprocessed = Mapping[str, str]
"""Why accounts were not processed, by account id."""


def observed(
    service: str, at: Target, org: Org, found: Mapping[str, Attrs], *, on_its_way: str = ""
) -> Iterator[Observation]:
    """The members that a service lists, given by account id; those that joined by invitation are left alone.

    An account whose status is `on_its_way` is no member yet: services enroll accounts by themselves too, and a plan
    that was reviewed before one has begun to is still right.
    """
    active = set(org.members())
    known = {account.id for account in org.live_accounts()}
    for account_id in sorted(found.keys() - known):
        yield Note(f"{account_id} is a member of {service} in {at.region} by invitation; it is left alone.")
    ours = {org.name_of(account_id): attrs for account_id, attrs in sorted(found.items()) if account_id in known}
    members = {name: attrs for name, attrs in ours.items() if name in active and attrs.get("status") != on_its_way}
    if members:
        yield Resource(Address("members", at), members)


def live(name: str, org: Org) -> LiveAccount:
    """The account of a logical name, the management account included.

    Raises:
        RefusalError: it does not exist yet.
    """
    account_id = org.id_of(name)
    for account in org.live_accounts():
        if account.id == account_id:
            return account
    raise RefusalError(f"The account {name} does not exist yet.", "Run the step accounts first.")


def in_batches(account_ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Accounts, so many at a time."""
    return (account_ids[start : start + size] for start in range(0, len(account_ids), size))


def process(
    service: str, account_ids: Sequence[str], size: int, send: Callable[[Sequence[str]], Unprocessed], aws: Writer
) -> None:
    """Send accounts in batches, and those again for a while that the service says it did not process.

    Raises:
        RefusalError: some were not processed in the end.
    """
    for batch in in_batches(account_ids, size):
        left: list[str] = list(batch)

        def attempt(left: list[str] = left) -> Unprocessed:
            unprocessed = send(left)
            left[:] = unprocessed
            return unprocessed

        refuse(service, aws.poll(attempt, lambda unprocessed: not unprocessed, PATIENCE))


def refuse(service: str, unprocessed: Unprocessed) -> None:
    """Refuse an answer that leaves accounts out.

    Raises:
        RefusalError: there are any.
    """
    if unprocessed:
        reasons = "; ".join(f"{account_id}: {reason}" for account_id, reason in unprocessed.items())
        raise RefusalError(
            f"{service} did not process {len(unprocessed)} accounts: {reasons}",
            "Enable the region in these accounts, if it is not; then run it again.",
        )
