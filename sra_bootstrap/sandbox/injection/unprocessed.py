"""Batch operations that leave accounts out, for which the answer is a success nevertheless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.sandbox.extension import Answer, Exchange


@dataclass(frozen=True)
class _Wording:
    """How a service speaks of the accounts of a batch.

    Attributes:
        parameters: under which of these names they are sent.
        key: what an account's id is called, where more than the id is sent, and in the answer.
        left_out: where the answer tells of those that were left out.
        why: what it says of each.
        most: how many it takes; more are refused.
    """

    parameters: tuple[str, ...]
    key: str
    left_out: str
    why: Mapping[str, str]
    most: int


_WORDINGS = {
    # https://github.com/superwerker/superwerker/issues/84 and
    # https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/139
    "guardduty": _Wording(
        ("AccountIds", "AccountDetails"), "AccountId", "UnprocessedAccounts", {"Result": "Internal error"}, 50
    ),
    # https://docs.aws.amazon.com/detective/latest/APIReference/API_UnprocessedAccount.html
    "detective": _Wording(
        ("AccountIds", "Accounts"), "AccountId", "UnprocessedAccounts", {"Reason": "Internal error"}, 50
    ),
    # https://docs.aws.amazon.com/inspector/v2/APIReference/API_FailedAccount.html
    "inspector2": _Wording(
        ("accountIds",),
        "accountId",
        "failedAccounts",
        {"errorCode": "SSM_THROTTLED", "errorMessage": "Systems Manager has throttled Inspector."},
        100,
    ),
}


def _parameter(exchange: Exchange) -> tuple[_Wording, str] | None:
    """How a service speaks of the accounts of a call, and under which name they were sent."""
    call = exchange.call
    wording = _WORDINGS.get(call.service)
    if wording is None or not exchange.handled:
        return None
    output = get_service_model(call.service).operation_model(call.operation).output_shape
    if output is None or wording.left_out not in output.members:
        return None
    return next(((wording, name) for name in wording.parameters if name in exchange.parameters), None)


def accounts_of(exchange: Exchange) -> list[str]:
    """The ids of the accounts that a batch operation is for; none where it is no such operation, or refused anyway."""
    found = _parameter(exchange)
    if found is None:
        return []
    wording, name = found
    items = exchange.parameters[name]
    return [_id(item, wording) for item in items] if len(items) <= wording.most else []


def _id(item: Any, wording: _Wording) -> str:
    return item if isinstance(item, str) else str(item[wording.key])


def leave_some_out(exchange: Exchange, chance: Random) -> tuple[Answer, Mapping[str, Any] | None]:
    """Let a call proceed for some of its accounts: at least one is not among them, and perhaps all.

    Returns:
        The answer, and the parameters that took effect; None if none did.
    """
    found = _parameter(exchange)
    assert found is not None  # noqa: S101 (a fault that does not apply is not drawn)
    wording, name = found
    accounts = accounts_of(exchange)
    left = chance.sample(accounts, chance.randint(1, len(accounts)))
    done = [item for item in exchange.parameters[name] if _id(item, wording) not in left]
    parameters = exchange.parameters | {name: done}

    def tell(output: Mapping[str, Any]) -> Mapping[str, Any]:
        told = [{wording.key: account, **wording.why} for account in accounts if account in left]
        return {**output, wording.left_out: [*output.get(wording.left_out, []), *told]}

    return exchange.proceed(parameters, tell), parameters if done else None
