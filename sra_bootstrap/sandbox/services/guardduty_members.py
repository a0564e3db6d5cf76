"""Amazon GuardDuty: the member accounts of an administrator."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import guardduty_features
from sra_bootstrap.sandbox.services.guardduty import (
    ASSOCIATED,
    Detector,
    GuardDuty,
    Member,
    guardduty_of,
    owned,
    timestamp,
)
from sra_bootstrap.sandbox.services.guardduty_enrolment import enrol, obstacle
from sra_bootstrap.sandbox.services.guardduty_features import ORGANIZATION_FEATURES, Features, rejected
from sra_bootstrap.sandbox.services.guardduty_organization import administered_by

Unprocessed = list[dict[str, str]]

_REJECTED = "The request is rejected because the given account ID is"
_ALREADY = f"{_REJECTED} already a member or associated member of the current account."
_NOT_ASSOCIATED = f"{_REJECTED} not an associated member of account the current account."


def _refuse_many(name: str, items: Sequence[Any]) -> None:
    """https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/139 has the text."""
    if len(items) > 50:
        text = f"the length provided for the {name} array was {len(items)}. Max allowed length is 50."
        raise rejected(f"The request failed because {text}")


def _chosen(
    call: Call, detector_id: str, account_ids: Sequence[str], statuses: Container[str] | None = None
) -> tuple[list[Member], Unprocessed]:
    """The caller's members among the accounts, in one of the statuses, and why the others are none.

    The text: https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/151.
    """
    state, _ = owned(call, detector_id)
    _refuse_many("accountIds", account_ids)
    chosen, unprocessed = [], []
    for account_id in account_ids:
        member = state.members.get(account_id)
        if member is None or (statuses is not None and member.status not in statuses):
            unprocessed.append({"AccountId": account_id, "Result": _NOT_ASSOCIATED})
        else:
            chosen.append(member)
    return chosen, unprocessed


def _refuse_for_all(call: Call) -> None:
    delegation = administered_by(call.account_id, call.region)
    if delegation is not None and delegation.configuration.auto_enable == "ALL":
        text = "autoEnableOrganizationMembers is ALL, which enables GuardDuty in all accounts of the organization."
        raise rejected(f"The request failed because {text}")


def _detector(member: Member, region: str) -> Detector:
    detector = guardduty_of(member.account_id, region).detector
    assert detector is not None  # noqa: S101 (an associated member cannot delete its detector)
    return detector


def _managed(detector: Detector) -> Features:
    return {name: feature for name, feature in detector.features.items() if name in ORGANIZATION_FEATURES}


def _describe(call: Call, member: Member) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Member.html.

    The email address is "available only if the member accounts are added by invitation".
    """
    detector = guardduty_of(member.account_id, call.region).detector if member.status in ASSOCIATED else None
    description = {
        "AccountId": member.account_id,
        "DetectorId": None if detector is None else detector.id,
        "MasterId": call.account_id,
        "AdministratorId": call.account_id,
        "Email": member.email,
        "RelationshipStatus": member.status,
        "UpdatedAt": timestamp(member.updated),
    }
    return {key: value for key, value in description.items() if value is not None}


def _turn(call: Call, members: Sequence[Member], status: str) -> None:
    for member in members:
        member.status, member.updated = status, moment()
        if status in ASSOCIATED:
            _detector(member, call.region).enabled = status == "Enabled"
        else:
            guardduty_of(member.account_id, call.region).administrator_id = None


@operation("guardduty", "CreateMembers")
def create_members(call: Call, DetectorId: str, AccountDetails: list[dict[str, str]]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html.

    The administrator of an organization adds its accounts, "irrespective of the accounts being new or existing
    members"; any other account must then be invited.

    Raises:
        AwsFault: there are more than 50 accounts.
    """
    state, _ = owned(call, DetectorId)
    _refuse_many("accountDetails", AccountDetails)
    unprocessed = []
    for details in AccountDetails:
        reason = _add(call, state, details["AccountId"], details["Email"])
        if reason is not None:
            unprocessed.append({"AccountId": details["AccountId"], "Result": reason})
    return {"UnprocessedAccounts": unprocessed}


def _add(call: Call, state: GuardDuty, account_id: str, email: str) -> str | None:
    """Add one account, or say why not; https://github.com/cloud-custodian/cloud-custodian/issues/3209 has the text."""
    delegation = administered_by(call.account_id, call.region)
    if account_id == call.account_id:
        return guardduty_features.INVALID
    if delegation is not None and membership.management_account_of(account_id) == membership.management_account_of(
        call.account_id
    ):
        reason = obstacle(call, delegation, account_id)
        if reason is None:
            enrol(delegation, account_id, call.region)
        return reason
    if account_id in state.members:
        return _ALREADY
    state.members[account_id] = Member(account_id, "Created", email)
    return None


@operation("guardduty", "ListMembers")
def list_members(
    call: Call, DetectorId: str, MaxResults: int = 50, NextToken: str | None = None, OnlyAssociated: str = "true"
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListMembers.html.

    The default of OnlyAssociated, and what it means:
    https://github.com/awsdocs/amazon-guardduty-user-guide/blob/main/doc_source/list-members.md.

    Raises:
        AwsFault: OnlyAssociated is no boolean, in lower case.
    """
    state, _ = owned(call, DetectorId)
    if OnlyAssociated not in {"true", "false"}:
        raise rejected()
    members = state.associated() if OnlyAssociated == "true" else list(state.members.values())
    found, following = page(members, MaxResults, NextToken, rejected())
    answer: dict[str, Any] = {"Members": [_describe(call, member) for member in found]}
    return answer if following is None else answer | {"NextToken": following}


@operation("guardduty", "GetMembers")
def get_members(call: Call, DetectorId: str, AccountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetMembers.html."""
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds)
    return {"Members": [_describe(call, member) for member in chosen], "UnprocessedAccounts": unprocessed}


@operation("guardduty", "GetMemberDetectors")
def get_member_detectors(call: Call, DetectorId: str, AccountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetMemberDetectors.html."""
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds, ASSOCIATED)
    configurations = []
    for member in chosen:
        features = _managed(_detector(member, call.region))
        configuration = {
            "AccountId": member.account_id,
            "DataSources": guardduty_features.data_sources(features),
            "Features": guardduty_features.describe(features, "Status", call.region),
        }
        configurations.append(configuration)
    return {"MemberDataSourceConfigurations": configurations, "UnprocessedAccounts": unprocessed}


@operation("guardduty", "UpdateMemberDetectors")
def update_member_detectors(
    call: Call,
    DetectorId: str,
    AccountIds: list[str],
    Features: list[dict[str, Any]] | None = None,
    DataSources: dict[str, Any] | None = None,
) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateMemberDetectors.html.

    Raises:
        AwsFault: there are more than 50 accounts, or a feature cannot be.
        NotImplementedError: features are named in the words of before March 2023.
    """
    if DataSources is not None:
        raise NotImplementedError("DataSources")
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds, ASSOCIATED)
    for member in chosen:
        guardduty_features.merge(_managed(_detector(member, call.region)), Features or [], "Status", call.region)
    return {"UnprocessedAccounts": unprocessed}


@operation("guardduty", "DisassociateMembers")
def disassociate_members(call: Call, DetectorId: str, AccountIds: list[str]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DisassociateMembers.html.

    Raises:
        AwsFault: the organization enables GuardDuty in all accounts.
    """
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds, ASSOCIATED)
    _refuse_for_all(call)
    _turn(call, chosen, "Removed")
    return {"UnprocessedAccounts": unprocessed}


@operation("guardduty", "DeleteMembers")
def delete_members(call: Call, DetectorId: str, AccountIds: list[str]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteMembers.html.

    Only once it is disassociated can a member be deleted:
    https://docs.aws.amazon.com/guardduty/latest/ug/delete-member-accounts-guardduty-organization.html.

    Raises:
        AwsFault: the organization enables GuardDuty in all accounts.
    """
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds)
    _refuse_for_all(call)
    for member in chosen:
        if member.status in ASSOCIATED:
            unprocessed.append({"AccountId": member.account_id, "Result": _ALREADY})
        else:
            del guardduty_of(call.account_id, call.region).members[member.account_id]
    return {"UnprocessedAccounts": unprocessed}


@operation("guardduty", "StartMonitoringMembers")
def start_monitoring_members(call: Call, DetectorId: str, AccountIds: list[str]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_StartMonitoringMembers.html."""
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds, ASSOCIATED)
    _turn(call, chosen, "Enabled")
    return {"UnprocessedAccounts": unprocessed}


@operation("guardduty", "StopMonitoringMembers")
def stop_monitoring_members(call: Call, DetectorId: str, AccountIds: list[str]) -> dict[str, Unprocessed]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_StopMonitoringMembers.html.

    Raises:
        AwsFault: the organization enables GuardDuty in all accounts.
    """
    chosen, unprocessed = _chosen(call, DetectorId, AccountIds, ASSOCIATED)
    _refuse_for_all(call)
    _turn(call, chosen, "Disabled")
    return {"UnprocessedAccounts": unprocessed}
