"""Amazon Inspector: what of an account is scanned in a region, how, and who manages it.

Of moto's operations, those of findings, filters and tags are left; all that is shared in an organization is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, open_all_paths
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.settings import Rules

open_all_paths("inspector2", "Inspector2Response")

SCAN_TYPES = {
    "EC2": "ec2",
    "ECR": "ecr",
    "LAMBDA": "lambda",
    "LAMBDA_CODE": "lambdaCode",
    "CODE_REPOSITORY": "codeRepository",
}
"""What can be scanned: as requests name it, and as answers do.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html
"""
_IN_SENTENCES = {"LAMBDA": "Lambda standard", "LAMBDA_CODE": "Lambda code", "CODE_REPOSITORY": "Code repository"}
BATCH = 100
"""How many accounts one call takes: https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html"""


@dataclass
class ScanSettings:
    """How an account scans.

    The durations for new accounts:
    https://docs.aws.amazon.com/inspector/latest/user/scanning_resources_configure_duration_setting_ecr.html; the scan
    mode: https://github.com/hashicorp/terraform-provider-aws/pull/47826. Deep inspection comes with scans of EC2:
    https://docs.aws.amazon.com/inspector/latest/user/deep-inspection.html.

    Attributes:
        rescan: how long images are scanned again, in the words of EcrConfiguration.
        pending: what of this was set and has not come into effect everywhere.
        individual: whether the administrator has configured this member by itself.
        deep_inspection: ACTIVATED, DEACTIVATED, or PENDING.
        package_paths: where deep inspection looks in this account beyond its default paths.
        organization_paths: and, where this is an administrator, in all accounts that it manages.
    """

    rescan: dict[str, str] = field(
        default_factory=lambda: {
            "rescanDuration": "DAYS_14",
            "pullDateRescanDuration": "DAYS_14",
            "pullDateRescanMode": "LAST_IN_USE_AT",
        }
    )
    rescan_updated: datetime = field(default_factory=moment)
    scan_mode: str = "EC2_HYBRID"
    vm_scanner: bool = False
    pending: set[str] = field(default_factory=set)
    individual: bool = False
    deep_inspection: str = "ACTIVATED"
    package_paths: list[str] = field(default_factory=list)
    organization_paths: list[str] = field(default_factory=list)


@dataclass
class Member:
    """An account that an administrator has associated, and how the two stand to each other."""

    account_id: str
    status: str
    updated: datetime = field(default_factory=moment)


@dataclass
class Inspector:
    """What Inspector knows of one account in one region: its scans, its members, and whose member it is."""

    statuses: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SCAN_TYPES, "DISABLED"))
    settings: ScanSettings = field(default_factory=ScanSettings)
    members: dict[str, Member] = field(default_factory=dict)
    administrator_id: str | None = None

    @property
    def status(self) -> str:
        """Of Inspector as a whole: it is on as long as anything is scanned."""
        found = set(self.statuses.values())
        return next((one for one in ("ENABLED", "ENABLING", "DISABLING") if one in found), "DISABLED")

    def associated(self) -> list[Member]:
        """The members that the account manages."""
        return [member for member in self.members.values() if member.status == "ASSOCIATED"]


def inspector_of(account_id: str, region: str) -> Inspector:
    """What Inspector knows of an account in a region."""
    return store.state(Inspector, account_id, region)


def invalid(message: str) -> AwsFault:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ValidationException.html."""
    return AwsFault("ValidationException", message, reason="FIELD_VALIDATION_FAILED")


def denied(message: str) -> AwsFault:
    """Whether an account lacks a permission, a role in the organization, or a region a feature: it is one code.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html#API_Enable_Errors
    """
    return AwsFault("AccessDeniedException", message)


def not_enabled() -> AwsFault:
    """Seen in AWS: https://github.com/schubergphilis/terraform-aws-mcaf-landing-zone/pull/200."""
    return invalid("Invoking account is not enabled")


def missing_in(region: str) -> frozenset[str]:
    """The scan types that a region does not have."""
    return Rules.settings.inspector_missing_scan_types.get(region, frozenset())


def refuse_missing(region: str, scan_types: Iterable[str]) -> None:
    """Seen in AWS: https://github.com/aws-samples/inspector2-enablement-with-cli/issues/7.

    Raises:
        AwsFault: the region does not have one of the scan types, or nobody has.
    """
    for scan_type in scan_types:
        if scan_type not in SCAN_TYPES:
            raise invalid(f"{scan_type} is no resource scan type.")
        if scan_type in missing_in(region):
            raise denied(f"{_IN_SENTENCES.get(scan_type, scan_type)} scanning is not supported in {region}")


def refuse_many(account_ids: Sequence[Any]) -> None:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html.

    Raises:
        AwsFault: there are more accounts than a call takes.
    """
    if len(account_ids) > BATCH:
        raise invalid(f"accountIds has {len(account_ids)} items; the maximum is {BATCH}.")


def may_manage(call: Call, account_id: str) -> bool:
    """Whether the caller may read and change an account's scans: its own, or as its administrator."""
    member = inspector_of(call.account_id, call.region).members.get(account_id)
    return account_id == call.account_id or (member is not None and member.status == "ASSOCIATED")


def effective_settings(account_id: str, region: str) -> ScanSettings:
    """A member has its administrator's settings, but for one that was configured by itself.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateConfiguration.html
    """
    state = inspector_of(account_id, region)
    if state.administrator_id is None or state.settings.individual:
        return state.settings
    return inspector_of(state.administrator_id, region).settings


def turn_on(account_id: str, region: str, scan_types: Iterable[str]) -> None:
    """Begin to enable scans that are off."""
    _turn(account_id, region, scan_types, ("DISABLED", "ENABLING", "ENABLED"))


def turn_off(account_id: str, region: str, scan_types: Iterable[str]) -> None:
    """Begin to disable scans that are on."""
    _turn(account_id, region, scan_types, ("ENABLED", "DISABLING", "DISABLED"))


def _turn(account_id: str, region: str, scan_types: Iterable[str], stages: tuple[str, str, str]) -> None:
    before, meanwhile, after = stages
    statuses = inspector_of(account_id, region).statuses
    for scan_type in scan_types:
        if statuses[scan_type] == before:
            statuses[scan_type] = meanwhile
            later(Rules.settings.enabling_seconds, partial(_settle, account_id, region, scan_type, after))


def _settle(account_id: str, region: str, scan_type: str, status: str, at: float) -> None:
    """With the last scan, all settings go.

    https://docs.aws.amazon.com/inspector/latest/user/deactivating-best-practices.html
    """
    state = inspector_of(account_id, region)
    state.statuses[scan_type] = status
    if state.status == "DISABLED":
        state.settings = ScanSettings()


def release(member: Inspector, region: str) -> None:
    """Make a member an account of its own, which keeps its scans and the settings that it had.

    https://docs.aws.amazon.com/inspector/latest/user/remove-delegated-admin.html
    """
    assert member.administrator_id is not None  # noqa: S101 (only members are let go)
    theirs = inspector_of(member.administrator_id, region).settings
    if not member.settings.individual:
        member.settings.rescan, member.settings.scan_mode = dict(theirs.rescan), theirs.scan_mode
        member.settings.vm_scanner = theirs.vm_scanner
    member.administrator_id, member.settings.individual = None, False
