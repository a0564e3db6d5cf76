"""AWS Backup: the settings of an organization; moto knows vaults and plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, open_all_paths, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure

open_all_paths("backup", "BackupResponse")

PRINCIPAL = "backup.amazonaws.com"
_SYNCHRONIZED = "isDelegatedAdministratorEnabled"


@dataclass
class GlobalSettings:
    """What an organization has set, kept for its management account in all regions together."""

    values: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(("isCrossAccountBackupEnabled", "isMpaEnabled", _SYNCHRONIZED), "false")
    )
    changed: datetime | None = None


def _of_organization(call: Call) -> tuple[str, GlobalSettings]:
    management_id = membership.management_account_of(call.account_id)
    if management_id is None:
        raise AwsFault("InvalidRequestException", "Your account is not a member of an organization.")
    return management_id, call.state(GlobalSettings, account_id=management_id, region=call.partition)


@operation("backup", "DescribeGlobalSettings")
def describe_global_settings(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeGlobalSettings.html.

    "Returns an error if the account is not a member of an Organizations organization": so any member may ask.
    """
    _, settings = _of_organization(call)
    changed = {} if settings.changed is None else {"LastUpdateTime": settings.changed}
    return {"GlobalSettings": dict(settings.values), **changed}


@operation("backup", "UpdateGlobalSettings")
def update_global_settings(call: Call, GlobalSettings: dict[str, str] | None = None) -> None:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateGlobalSettings.html.

    "Returns an error if the account is not an Organizations management account"; which of those of the operation is
    guessed. Settings that are not named stay, as in each example of the page, which names one. That synchronizing the
    administrator makes the role is said of the setting: "A value for Backup Service-Linked Role creation".

    Raises:
        AwsFault: the caller is no management account, or a setting or its value is unknown.
    """
    management_id, settings = _of_organization(call)
    if management_id != call.account_id:
        raise AwsFault("InvalidRequestException", "Only the management account can update global settings.")
    if not GlobalSettings:
        raise AwsFault("MissingParameterValueException", "GlobalSettings is required.")
    for name, value in GlobalSettings.items():
        if name not in settings.values or value not in {"true", "false"}:
            raise AwsFault("InvalidParameterValueException", f"Invalid global setting: {name}={value}")
    settings.values.update(GlobalSettings)
    settings.changed = moment()
    if settings.values[_SYNCHRONIZED] == "true":
        ensure(call.account_id, call.partition, PRINCIPAL)
