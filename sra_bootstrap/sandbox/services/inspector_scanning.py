"""Amazon Inspector: switching scans on and off, in one's own account and in those of members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.inspector import (
    SCAN_TYPES,
    Inspector,
    denied,
    inspector_of,
    invalid,
    may_manage,
    missing_in,
    refuse_many,
    refuse_missing,
    turn_off,
    turn_on,
)

_NO_ACCESS = "Invoking account does not have access to this account"
"""Seen in AWS: https://github.com/hashicorp/terraform-provider-aws/issues/27646."""

Failure = tuple[str, str]
"""The code and the message with which one account among several is refused."""


def _obstacle(call: Call, account_id: str) -> Failure | None:
    """Why nothing can be changed in an account.

    That a suspended account fails: https://github.com/schubergphilis/terraform-aws-mcaf-landing-zone/pull/226. Its
    code, and that of an account without the region, are guessed from the list of codes in
    https://docs.aws.amazon.com/inspector/v2/APIReference/API_FailedAccount.html.
    """
    if not may_manage(call, account_id):
        return "ACCESS_DENIED", _NO_ACCESS
    if membership.state_of(account_id) != "ACTIVE":
        return "ACCOUNT_IS_ISOLATED", "The account is suspended."
    if not has_region(account_id, call.partition, call.region):
        return "ACCESS_DENIED", "The account has not enabled this region."
    return None


def _obstacle_to_disabling(call: Call, account_id: str, scan_types: Sequence[str]) -> Failure | None:
    """An administrator cannot deactivate Inspector for itself as long as it has members.

    https://docs.aws.amazon.com/inspector/latest/user/deactivating-best-practices.html; the codes are those of
    https://docs.aws.amazon.com/inspector/v2/APIReference/API_FailedAccount.html.
    """
    state = inspector_of(account_id, call.region)
    if "ENABLING" in state.statuses.values():
        return "ENABLE_IN_PROGRESS", "Inspector is being enabled in the account."
    remaining = [one for one, status in state.statuses.items() if status == "ENABLED" and one not in scan_types]
    if state.associated() and not remaining:
        return "DISASSOCIATE_ALL_MEMBERS", "Disassociate all members before you disable Inspector."
    return None


def _statuses(state: Inspector, region: str) -> dict[str, str]:
    """The status of each scan type.

    In a region without Lambda code scanning, that is DISABLED and nothing tells it apart: what Terraform tried to
    disable in https://github.com/hashicorp/terraform-provider-aws/pull/38254 was what Inspector had listed. That a
    region without code repository scanning does not list it is guessed: the model requires no more than EC2 and ECR.
    """
    unlisted = missing_in(region) & {"CODE_REPOSITORY"}
    return {SCAN_TYPES[one]: status for one, status in state.statuses.items() if one not in unlisted}


def _account(account_id: str, region: str) -> dict[str, Any]:
    state = inspector_of(account_id, region)
    return {"accountId": account_id, "status": state.status, "resourceStatus": _statuses(state, region)}


def _failed(account_id: str, failure: Failure) -> dict[str, str]:
    code, message = failure
    return {"accountId": account_id, "errorCode": code, "errorMessage": message}


@operation("inspector2", "Enable")
def enable(
    call: Call, resourceTypes: list[str], accountIds: list[str] | None = None, clientToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html.

    What is on already stays so. That Lambda code scanning needs standard scanning:
    https://docs.aws.amazon.com/inspector/latest/user/scanning-lambda.html; the answer where it is not is guessed.

    Raises:
        AwsFault: there are too many accounts, the region does not have a scan type, or one lacks what it needs.
    """
    accounts = [call.account_id] if accountIds is None else accountIds
    refuse_many(accounts)
    if not resourceTypes:
        raise invalid("resourceTypes must not be empty.")
    refuse_missing(call.region, resourceTypes)
    failures = {account_id: _obstacle_to_enabling(call, account_id) for account_id in accounts}
    able = [account_id for account_id in accounts if failures[account_id] is None]
    if "LAMBDA_CODE" in resourceTypes and "LAMBDA" not in resourceTypes:
        for account_id in able:
            if inspector_of(account_id, call.region).statuses["LAMBDA"] not in {"ENABLED", "ENABLING"}:
                raise invalid("LAMBDA_CODE can only be enabled together with LAMBDA, or after it.")
    for account_id in able:
        turn_on(account_id, call.region, resourceTypes)
    return {
        "accounts": [_account(account_id, call.region) for account_id in able],
        "failedAccounts": [_failed(account_id, why) for account_id, why in failures.items() if why is not None],
    }


def _obstacle_to_enabling(call: Call, account_id: str) -> Failure | None:
    obstacle = _obstacle(call, account_id)
    if obstacle is None and "DISABLING" in inspector_of(account_id, call.region).statuses.values():
        return "DISABLE_IN_PROGRESS", "Inspector is being disabled in the account."
    return obstacle


@operation("inspector2", "Disable")
def disable(call: Call, accountIds: list[str] | None = None, resourceTypes: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_Disable.html.

    What a member is told: https://github.com/hashicorp/terraform-provider-aws/issues/27639; in a region without a scan
    type: https://github.com/hashicorp/terraform-provider-aws/pull/38254. That Lambda code scanning ends with standard
    scanning is guessed.

    Raises:
        AwsFault: there are too many accounts, the region does not have a scan type, or a member would disable itself.
    """
    accounts = [call.account_id] if accountIds is None else accountIds
    refuse_many(accounts)
    if call.account_id in accounts and inspector_of(call.account_id, call.region).administrator_id is not None:
        raise denied(f"Member account {call.account_id} is not authorized to disable itself.")
    scan_types = resourceTypes or [one for one in SCAN_TYPES if one not in missing_in(call.region)]
    refuse_missing(call.region, scan_types)
    if "LAMBDA" in scan_types and "LAMBDA_CODE" not in missing_in(call.region):
        scan_types = [*scan_types, "LAMBDA_CODE"]
    done, failed = [], []
    for account_id in accounts:
        obstacle = _obstacle(call, account_id) or _obstacle_to_disabling(call, account_id, scan_types)
        if obstacle is None:
            turn_off(account_id, call.region, scan_types)
            done.append(_account(account_id, call.region))
        else:
            failed.append(_failed(account_id, obstacle))
    return {"accounts": done, "failedAccounts": failed}


@operation("inspector2", "BatchGetAccountStatus")
def batch_get_account_status(call: Call, accountIds: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html.

    Who is neither asking nor a member of who is, is refused in a list of its own:
    https://github.com/hashicorp/terraform-provider-aws/issues/27646. That the scans of a suspended account are
    SUSPENDED is guessed from the list of statuses.

    Raises:
        AwsFault: there are too many accounts.
    """
    accounts = [call.account_id] if accountIds is None else accountIds
    refuse_many(accounts)
    found, failed = [], []
    for account_id in accounts:
        if not may_manage(call, account_id):
            failed.append(_failed(account_id, ("ACCESS_DENIED", _NO_ACCESS)))
            continue
        state = inspector_of(account_id, call.region)
        suspended = membership.state_of(account_id) != "ACTIVE" and state.status != "DISABLED"
        resources = {
            name: {"status": "SUSPENDED" if suspended and status != "DISABLED" else status}
            for name, status in _statuses(state, call.region).items()
        }
        status = "SUSPENDED" if suspended else state.status
        found.append({"accountId": account_id, "state": {"status": status}, "resourceState": resources})
    return {"accounts": found, "failedAccounts": failed}
