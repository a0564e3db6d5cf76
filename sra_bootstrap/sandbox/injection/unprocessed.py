"""Batch operations that leave accounts out, for which the answer is a success nevertheless."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.sandbox.extension import Answer, Exchange

_PARAMETERS = ("AccountIds", "AccountDetails", "Accounts")
_REASONS = {"Reason", "Result"}
_REASON = "Internal error"
"""As seen of GuardDuty in https://github.com/superwerker/superwerker/issues/84."""


def _told_by(exchange: Exchange) -> str | None:
    """The member by which an operation tells why it did not process an account; None where it tells nothing."""
    call = exchange.call
    if not exchange.handled:
        return None
    output = get_service_model(call.service).operation_model(call.operation).output_shape
    if output is None or "UnprocessedAccounts" not in output.members:
        return None
    members = output.members["UnprocessedAccounts"].member.members
    return next((str(name) for name in members if name in _REASONS), None)


def _parameter(exchange: Exchange) -> str | None:
    if _told_by(exchange) is None:
        return None
    return next((name for name in _PARAMETERS if name in exchange.parameters), None)


def accounts_of(exchange: Exchange) -> list[str]:
    """The ids of the accounts that a batch operation is for; none where it is no such operation, or refused anyway.

    More than 50 are refused: https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/139.
    """
    name = _parameter(exchange)
    items = exchange.parameters[name] if name else []
    return [_id(item) for item in items] if len(items) <= 50 else []


def _id(item: Any) -> str:
    return item if isinstance(item, str) else str(item["AccountId"])


def leave_some_out(exchange: Exchange, chance: Random) -> tuple[Answer, Mapping[str, Any] | None]:
    """Let a call proceed for some of its accounts: at least one is not among them, and perhaps all.

    Returns:
        The answer, and the parameters that took effect; None if none did.
    """
    name = _parameter(exchange)
    assert name is not None  # noqa: S101 (a fault that does not apply is not drawn)
    accounts = accounts_of(exchange)
    left = chance.sample(accounts, chance.randint(1, len(accounts)))
    done = [item for item in exchange.parameters[name] if _id(item) not in left]
    parameters = exchange.parameters | {name: done}

    def tell(output: Mapping[str, Any]) -> Mapping[str, Any]:
        told = [{"AccountId": account, _told_by(exchange): _REASON} for account in accounts if account in left]
        return {**output, "UnprocessedAccounts": [*output.get("UnprocessedAccounts", []), *told]}

    return exchange.proceed(parameters, tell), parameters if done else None
