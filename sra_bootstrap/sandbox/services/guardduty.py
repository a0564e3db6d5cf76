"""Amazon GuardDuty: the detector of an account in a region.

moto's operations are all replaced but those of filters, which need a detector of moto's and so find none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, open_all_paths, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import guardduty_features
from sra_bootstrap.sandbox.services.guardduty_features import Features, rejected

open_all_paths("guardduty", "GuardDutyResponse")

ASSOCIATED = {"Enabled", "Disabled"}
"""How a member stands to its administrator while GuardDuty is managed for it, enabled or suspended."""


@dataclass
class Detector:
    """GuardDuty's presence in an account and region."""

    features: Features
    enabled: bool = True
    frequency: str = "SIX_HOURS"
    tags: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(mock_random.get_random_hex(32)))
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)


@dataclass
class Member:
    """An account that an administrator has added, and how the two stand to each other."""

    account_id: str
    status: str
    email: str | None = None
    updated: datetime = field(default_factory=moment)


@dataclass
class GuardDuty:
    """What GuardDuty knows of one account in one region: its detector, its members, and whose member it is."""

    detector: Detector | None = None
    members: dict[str, Member] = field(default_factory=dict)
    administrator_id: str | None = None

    def associated(self) -> list[Member]:
        """The members that GuardDuty is managed for."""
        return [member for member in self.members.values() if member.status in ASSOCIATED]


def guardduty_of(account_id: str, region: str) -> GuardDuty:
    """What GuardDuty knows of an account in a region."""
    return store.state(GuardDuty, account_id, region)


def timestamp(at: datetime) -> str:
    """A time as GuardDuty writes it: https://docs.aws.amazon.com/cli/latest/reference/guardduty/get-detector.html."""
    return f"{at.isoformat(timespec='milliseconds')}Z"


def owned(call: Call, detector_id: str) -> tuple[GuardDuty, Detector]:
    """The caller's GuardDuty and detector, which every operation on a detector asks for.

    The text: https://github.com/hashicorp/terraform-provider-aws/issues/10925.

    Raises:
        AwsFault: the detector is not the caller's.
    """
    state = guardduty_of(call.account_id, call.region)
    if state.detector is None or state.detector.id != detector_id:
        raise rejected("The request is rejected because the input detectorId is not owned by the current account.")
    return state, state.detector


def _frequency(state: GuardDuty, region: str) -> str:
    """How often updated findings are published, which a member's administrator decides.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    """
    if state.administrator_id is not None:
        return _frequency(guardduty_of(state.administrator_id, region), region)
    assert state.detector is not None  # noqa: S101 (an administrator cannot delete its detector)
    return state.detector.frequency


def _checked(frequency: str) -> str:
    if frequency not in {"FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"}:
        raise rejected()
    return frequency


def _refuse_managed(state: GuardDuty) -> None:
    if state.administrator_id is not None:
        raise rejected("The request is rejected because the current account is managed by its administrator account.")


def _refuse_with_members(state: GuardDuty, action: str) -> None:
    if state.associated():
        text = f"cannot {action} detector while it has invited or associated members."
        raise rejected(f"The request is rejected because the current account {text}")


@operation("guardduty", "CreateDetector")
def create_detector(
    call: Call,
    *,
    Enable: bool,
    FindingPublishingFrequency: str = "SIX_HOURS",
    Features: list[dict[str, Any]] | None = None,
    DataSources: Mapping[str, Any] | None = None,
    Tags: dict[str, str] | None = None,
    ClientToken: str | None = None,
) -> dict[str, str]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html.

    The text: https://github.com/nozaq/terraform-aws-secure-baseline/issues/199.

    Raises:
        AwsFault: the account has a detector in this region, or a feature cannot be.
        NotImplementedError: features are named in the words of before March 2023.
    """
    if DataSources is not None:
        raise NotImplementedError("DataSources")
    state = guardduty_of(call.account_id, call.region)
    if state.detector is not None:
        raise rejected("The request is rejected because a detector already exists for the current account.")
    features = guardduty_features.of_new_detector()
    guardduty_features.merge(features, Features or [], "Status", call.region)
    state.detector = Detector(features, Enable, _checked(FindingPublishingFrequency), Tags or {})
    return {"DetectorId": state.detector.id}


@operation("guardduty", "ListDetectors")
def list_detectors(call: Call, MaxResults: int = 50, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListDetectors.html."""
    detector = guardduty_of(call.account_id, call.region).detector
    found, _ = page([] if detector is None else [detector.id], MaxResults, NextToken, rejected())
    return {"DetectorIds": found}


@operation("guardduty", "GetDetector")
def get_detector(call: Call, DetectorId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html."""
    state, detector = owned(call, DetectorId)
    role = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    return {
        "CreatedAt": timestamp(detector.created),
        "UpdatedAt": timestamp(detector.updated),
        "FindingPublishingFrequency": _frequency(state, call.region),
        "ServiceRole": f"arn:{call.partition}:iam::{call.account_id}:{role}",
        "Status": "ENABLED" if detector.enabled else "DISABLED",
        "DataSources": guardduty_features.data_sources(detector.features),
        "Features": [
            *guardduty_features.foundational(detector.created),
            *guardduty_features.describe(detector.features, "Status", call.region),
        ],
        "Tags": detector.tags,
    }


@operation("guardduty", "UpdateDetector")
def update_detector(
    call: Call,
    DetectorId: str,
    *,
    Enable: bool | None = None,
    FindingPublishingFrequency: str | None = None,
    Features: list[dict[str, Any]] | None = None,
    DataSources: Mapping[str, Any] | None = None,
) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html.

    What an associated member may not do itself:
    https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html; and an administrator:
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_suspend-disable.html.

    Raises:
        AwsFault: the account is another's member, or would suspend GuardDuty while it has members of its own; or a
            feature cannot be.
        NotImplementedError: features are named in the words of before March 2023.
    """
    if DataSources is not None:
        raise NotImplementedError("DataSources")
    state, detector = owned(call, DetectorId)
    _refuse_managed(state)
    if Enable is False:
        _refuse_with_members(state, "suspend")
    frequency = _checked(FindingPublishingFrequency or detector.frequency)
    guardduty_features.merge(detector.features, Features or [], "Status", call.region)
    detector.enabled = detector.enabled if Enable is None else Enable
    detector.frequency = frequency
    detector.updated = moment()


@operation("guardduty", "DeleteDetector")
def delete_detector(call: Call, DetectorId: str) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteDetector.html.

    The text: https://github.com/aws-samples/amazon-guardduty-multiaccount-scripts/issues/3.

    Raises:
        AwsFault: the account is another's member, or has members of its own.
    """
    state, _ = owned(call, DetectorId)
    _refuse_managed(state)
    _refuse_with_members(state, "delete")
    state.detector = None
    state.members.clear()
