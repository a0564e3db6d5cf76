"""Amazon Inspector: deep inspection of EC2 instances, in an account and by its administrator in all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.inspector import (
    ScanSettings,
    denied,
    inspector_of,
    invalid,
    may_manage,
    refuse_many,
)
from sra_bootstrap.sandbox.services.inspector_organization import as_administrator
from sra_bootstrap.sandbox.settings import Rules

_NOT_SCANNED = "Amazon EC2 scanning is not enabled in the account."


def _checked(paths: Sequence[str]) -> list[str]:
    """At most five paths: https://docs.aws.amazon.com/inspector/latest/user/deep-inspection.html."""
    model = get_service_model("inspector2")
    if len(paths) > model.shape_for("PathList").metadata["max"]:
        raise invalid("There can be five paths.")
    pattern = model.shape_for("Path").metadata["pattern"]
    for path in paths:
        if not re.fullmatch(pattern, path):
            raise invalid(f"{path} is not a path.")
    return list(paths)


def _scanned(account_id: str, region: str) -> bool:
    return inspector_of(account_id, region).statuses["EC2"] in {"ENABLING", "ENABLED"}


def _described(call: Call) -> dict[str, Any]:
    """That nothing is inspected where EC2 is not scanned is clear, that it says so in this way is guessed."""
    state = inspector_of(call.account_id, call.region)
    administrator = inspector_of(state.administrator_id or call.account_id, call.region)
    scanned = _scanned(call.account_id, call.region)
    return {
        "packagePaths": state.settings.package_paths,
        "orgPackagePaths": administrator.settings.organization_paths,
        "status": state.settings.deep_inspection if scanned else "DEACTIVATED",
    }


def _set(settings: ScanSettings, *, active: bool) -> None:
    wanted = "ACTIVATED" if active else "DEACTIVATED"
    if settings.deep_inspection != wanted:
        settings.deep_inspection = "PENDING"
        later(Rules.settings.enabling_seconds, partial(_settle, settings, wanted))


def _settle(settings: ScanSettings, status: str, at: float) -> None:
    settings.deep_inspection = status


@operation("inspector2", "GetEc2DeepInspectionConfiguration")
def get_ec2_deep_inspection_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_GetEc2DeepInspectionConfiguration.html."""
    return _described(call)


@operation("inspector2", "UpdateEc2DeepInspectionConfiguration")
def update_ec2_deep_inspection_configuration(
    call: Call, *, activateDeepInspection: bool | None = None, packagePaths: list[str] | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateEc2DeepInspectionConfiguration.html.

    "Member accounts in an organization cannot deactivate deep inspection." The code of that, and of an account where
    EC2 is not scanned, are guessed.

    Raises:
        AwsFault: EC2 is not scanned, a member would deactivate it, or there is no such path.
    """
    state = inspector_of(call.account_id, call.region)
    if not _scanned(call.account_id, call.region):
        raise denied(_NOT_SCANNED)
    if activateDeepInspection is False and state.administrator_id is not None:
        raise denied("Member accounts cannot deactivate deep inspection.")
    paths = state.settings.package_paths if packagePaths is None else _checked(packagePaths)
    state.settings.package_paths = paths
    if activateDeepInspection is not None:
        _set(state.settings, active=activateDeepInspection)
    return _described(call)


@operation("inspector2", "UpdateOrgEc2DeepInspectionConfiguration")
def update_org_ec2_deep_inspection_configuration(call: Call, orgPackagePaths: list[str]) -> None:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateOrgEc2DeepInspectionConfiguration.html.

    Raises:
        AwsFault: there is no such path, or the caller is no administrator.
    """
    as_administrator(call)
    inspector_of(call.account_id, call.region).settings.organization_paths = _checked(orgPackagePaths)


def _described_member(account_id: str, region: str) -> dict[str, str]:
    return {"accountId": account_id, "status": inspector_of(account_id, region).settings.deep_inspection}


def _failed(call: Call, account_id: str) -> dict[str, str] | None:
    """Why an account has no deep inspection; the text is guessed."""
    if not may_manage(call, account_id):
        return {"accountId": account_id, "errorMessage": "Invoking account does not have access to this account"}
    if not _scanned(account_id, call.region):
        status = inspector_of(account_id, call.region).statuses["EC2"]
        return {"accountId": account_id, "ec2ScanStatus": status, "errorMessage": _NOT_SCANNED}
    return None


@operation("inspector2", "BatchGetMemberEc2DeepInspectionStatus")
def batch_get_member_ec2_deep_inspection_status(call: Call, accountIds: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetMemberEc2DeepInspectionStatus.html.

    That without accounts it is all members, up to a hundred, is guessed.
    """
    as_administrator(call)
    members = [member.account_id for member in inspector_of(call.account_id, call.region).associated()]
    accounts = members[:100] if accountIds is None else accountIds
    refuse_many(accounts)
    failures = {account_id: _failed(call, account_id) for account_id in accounts}
    return {
        "accountIds": [_described_member(one, call.region) for one, failure in failures.items() if failure is None],
        "failedAccountIds": [failure for failure in failures.values() if failure is not None],
    }


@operation("inspector2", "BatchUpdateMemberEc2DeepInspectionStatus")
def batch_update_member_ec2_deep_inspection_status(call: Call, accountIds: list[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchUpdateMemberEc2DeepInspectionStatus.html."""
    as_administrator(call)
    refuse_many(accountIds)
    done, failed = [], []
    for wanted in accountIds:
        account_id = wanted["accountId"]
        failure = _failed(call, account_id)
        if failure is None:
            settings = inspector_of(account_id, call.region).settings
            _set(settings, active=wanted["activateDeepInspection"])
            done.append(_described_member(account_id, call.region))
        else:
            failed.append(failure)
    return {"accountIds": done, "failedAccountIds": failed}
