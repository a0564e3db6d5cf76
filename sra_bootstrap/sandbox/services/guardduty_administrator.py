"""Amazon GuardDuty: the administrator of a member account, as the member sees it."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.guardduty import guardduty_of, owned
from sra_bootstrap.sandbox.services.guardduty_features import rejected


def _administrator(call: Call, detector_id: str) -> dict[str, str] | None:
    state, _ = owned(call, detector_id)
    if state.administrator_id is None:
        return None
    member = guardduty_of(state.administrator_id, call.region).members[call.account_id]
    return {"AccountId": state.administrator_id, "RelationshipStatus": member.status}


@operation("guardduty", "GetAdministratorAccount")
def get_administrator_account(call: Call, DetectorId: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetAdministratorAccount.html."""
    administrator = _administrator(call, DetectorId)
    return {} if administrator is None else {"Administrator": administrator}


@operation("guardduty", "GetMasterAccount")
def get_master_account(call: Call, DetectorId: str) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetMasterAccount.html."""
    administrator = _administrator(call, DetectorId)
    return {} if administrator is None else {"Master": administrator}


@operation("guardduty", "DisassociateFromAdministratorAccount")
def disassociate_from_administrator_account(call: Call, DetectorId: str) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DisassociateFromAdministratorAccount.html.

    A member through an organization cannot, says the table in
    https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html; and invitations, whose
    members can, are not accepted in the sandbox.

    Raises:
        AwsFault: always, for one of these.
    """
    _administrator(call, DetectorId)
    text = "the current account cannot disassociate itself from an administrator account."
    raise rejected(f"The request is rejected because {text}")
