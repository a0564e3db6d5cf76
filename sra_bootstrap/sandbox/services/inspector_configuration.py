"""Amazon Inspector: how images and instances are scanned, in an account and by its administrator in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.inspector import (
    ScanSettings,
    denied,
    effective_settings,
    inspector_of,
    invalid,
    may_manage,
)
from sra_bootstrap.sandbox.settings import Rules


def _refuse_unknown(shape: str, given: Mapping[str, Any]) -> None:
    """Refuse a value that the service's model does not list."""
    members = get_service_model("inspector2").shape_for(shape).members
    for name, value in given.items():
        values = getattr(members[name], "enum", ())
        if values and value not in values:
            raise invalid(f"{value} is no {name}.")


def _checked(call: Call, account_id: str | None) -> str:
    """Whose configuration is meant; what is answered where it is not the caller's to say is guessed."""
    concerned = account_id or call.account_id
    if not may_manage(call, concerned):
        raise denied("Invoking account does not have access to this account")
    # Seen in AWS for another operation: the code of CreateCisScanConfiguration where Inspector is off.
    if inspector_of(concerned, call.region).status == "DISABLED":
        raise denied("Invoking account is not enabled.")
    return concerned


@operation("inspector2", "GetConfiguration")
def get_configuration(call: Call, accountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_GetConfiguration.html.

    Raises:
        AwsFault: the account is none of the caller's, or its Inspector is off.
    """
    settings = effective_settings(_checked(call, accountId), call.region)
    rescan = {
        **settings.rescan,
        "status": "PENDING" if "ecr" in settings.pending else "SUCCESS",
        "updatedAt": settings.rescan_updated,
    }
    state = "PENDING" if "ec2" in settings.pending else "SUCCESS"
    return {
        "ecrConfiguration": {"rescanDurationState": rescan},
        "ec2Configuration": {
            "scanModeState": {"scanMode": settings.scan_mode, "scanModeStatus": state},
            "vmScannerState": {"activated": settings.vm_scanner, "status": state},
        },
    }


@operation("inspector2", "UpdateConfiguration")
def update_configuration(
    call: Call,
    ecrConfiguration: dict[str, str] | None = None,
    ec2Configuration: dict[str, Any] | None = None,
    amiConfiguration: Mapping[str, Any] | None = None,
    accountId: str | None = None,
) -> None:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateConfiguration.html.

    "Only the delegated administrator can specify an accountId; member accounts cannot call this operation." That what
    is not named stays as it was is guessed.

    Raises:
        AwsFault: the caller is a member, the account is none of the caller's, or a value is not known.
        NotImplementedError: scans of machine images are configured.
    """
    if amiConfiguration is not None:
        raise NotImplementedError("amiConfiguration")
    if inspector_of(call.account_id, call.region).administrator_id is not None:
        raise denied("Member accounts cannot update the configuration.")
    concerned = inspector_of(_checked(call, accountId), call.region)
    if concerned.administrator_id is not None and not concerned.settings.individual:
        theirs = inspector_of(concerned.administrator_id, call.region).settings
        concerned.settings.rescan, concerned.settings.scan_mode = dict(theirs.rescan), theirs.scan_mode
        concerned.settings.vm_scanner, concerned.settings.individual = theirs.vm_scanner, True
    settings = concerned.settings
    if ecrConfiguration is not None:
        _refuse_unknown("EcrConfiguration", ecrConfiguration)
        settings.rescan |= ecrConfiguration
        settings.rescan_updated = moment()
        _wait(settings, "ecr")
    if ec2Configuration is not None:
        _refuse_unknown("Ec2Configuration", ec2Configuration)
        settings.scan_mode = ec2Configuration["scanMode"]
        settings.vm_scanner = ec2Configuration.get("activateVMScanner", settings.vm_scanner)
        _wait(settings, "ec2")


def _wait(settings: ScanSettings, what: str) -> None:
    settings.pending.add(what)
    later(Rules.settings.enabling_seconds, partial(_succeed, settings, what))


def _succeed(settings: ScanSettings, what: str, at: float) -> None:
    settings.pending.discard(what)
