"""The organization that a call of AWS Organizations acts in, and how its entities are described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.paging import page


@dataclass
class Creation:
    """A request of CreateAccount, as CreateAccountStatus describes it."""

    id: str
    name: str
    requested: datetime
    state: str = "IN_PROGRESS"
    completed: datetime | None = None
    account_id: str | None = None
    failure: str | None = None

    def describe(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccountStatus.html."""
        description = {
            "Id": self.id,
            "AccountName": self.name,
            "State": self.state,
            "RequestedTimestamp": self.requested,
            "CompletedTimestamp": self.completed,
            "AccountId": self.account_id,
            "FailureReason": self.failure,
        }
        return {key: value for key, value in description.items() if value is not None}


@dataclass
class Ledger:
    """What an organization remembers beyond moto: when it can create accounts, and every request to create one."""

    finalized: float = 0.0
    creations: list[Creation] = field(default_factory=list)


@dataclass
class NewAccount:
    """When the role of a created account can first be assumed, in seconds since the epoch; 0 for older accounts."""

    role_usable: float = 0.0


def acting_in(call: Call) -> Any:
    """The organization of the caller, as moto keeps it; who may call has been checked before."""
    return membership.organization_of(call.account_id)


def ledger(backend: Any) -> Ledger:
    """What an organization remembers beyond moto."""
    return store.state(Ledger, backend.account_id, backend.partition)


def invalid(reason: str, message: str = "You specified an invalid value.") -> AwsFault:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_InvalidInputException.html."""
    return AwsFault("InvalidInputException", message, Reason=reason)


def violation(reason: str, message: str) -> AwsFault:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ConstraintViolationException.html."""
    return AwsFault("ConstraintViolationException", message, Reason=reason)


def paged(key: str, items: Sequence[Any], limit: int | None, token: str | None) -> dict[str, Any]:
    """An answer in pages; Organizations never puts more than 20 items on one.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html.
    """
    refusal = invalid("INVALID_NEXT_TOKEN", "You specified an invalid pagination token.")
    found, following = page(items, limit or 20, token, refusal)
    return {key: found} if following is None else {key: found, "NextToken": following}


def find(entities: Sequence[Any], entity_id: str, fault: str, message: str) -> Any:
    """The account, OU or root with an id.

    Raises:
        AwsFault: there is none; the code and the message are the operation's own.
    """
    for entity in entities:
        if entity.id == entity_id:
            return entity
    raise AwsFault(fault, message)


def ancestors(backend: Any, entity: Any) -> list[Any]:
    """The root, the OUs below it, and at last the entity itself."""
    line = [entity]
    while line[0].id != backend.org.root_id:
        line.insert(0, backend.get_organizational_unit_by_id(line[0].parent_id))
    return line


def path(backend: Any, entity: Any) -> str:
    """Where an entity is: organization, root, OUs and the entity itself, each followed by a slash.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html.
    """
    return "/".join([backend.org.id, *(entity.id for entity in ancestors(backend, entity)), ""])


def describe_account(backend: Any, account: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html."""
    return {
        "Id": account.id,
        "Arn": account.arn,
        "Email": account.email,
        "Name": account.name,
        "Status": account.status,
        "State": account.state,
        "Paths": [path(backend, account)],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.create_time,
    }
