"""Amazon Macie: automated sensitive data discovery, of an organization or of a standalone account."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.macie import Macie, Session, conflict, denied, enabled, invalid, macie_of
from sra_bootstrap.sandbox.services.macie_members import bad_token
from sra_bootstrap.sandbox.services.macie_organization import PAGE


def _own(call: Call) -> tuple[Macie, Session]:
    """Only an administrator or a standalone account may: the code and the text for a member are guessed.

    https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-configuration.html

    Raises:
        AwsFault: Macie is not enabled, or the account is a member.
    """
    state, session = enabled(call)
    if state.administrator_id is not None:
        text = "you must be the Macie administrator for an organization to perform this operation"
        raise denied(f"The request failed because {text}")
    return state, session


def _sessions(state: Macie, call: Call) -> dict[str, Session]:
    """The sessions of the members that Macie is enabled for, by account id."""
    found = {one.account_id: macie_of(one.account_id, call.region).session for one in state.associated()}
    return {account_id: session for account_id, session in found.items() if session is not None}


def _word(*, on: bool) -> str:
    return "ENABLED" if on else "DISABLED"


@operation("macie2", "GetAutomatedDiscoveryConfiguration")
def get_automated_discovery_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-configuration.html."""
    discovery = _own(call)[1].discovery
    answer = {
        "autoEnableOrganizationMembers": discovery.members,
        "classificationScopeId": discovery.scope_id,
        "disabledAt": None if discovery.enabled else discovery.disabled,
        "firstEnabledAt": discovery.first_enabled,
        "lastUpdatedAt": discovery.updated,
        "sensitivityInspectionTemplateId": discovery.template_id,
        "status": _word(on=discovery.enabled),
    }
    return {key: value for key, value in answer.items() if value is not None}


@operation("macie2", "UpdateAutomatedDiscoveryConfiguration")
def update_automated_discovery_configuration(
    call: Call, status: str, autoEnableOrganizationMembers: str | None = None
) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-configuration.html.

    To disable it for an administrator is to disable it for all members; to enable it for ALL includes those that are
    there. That disabling keeps what it is not told is guessed.

    Raises:
        AwsFault: the account is a member, or a value is none that there is.
    """
    state, session = _own(call)
    discovery = session.discovery
    members = autoEnableOrganizationMembers or ("ALL" if status == "ENABLED" else discovery.members)
    if status not in {"ENABLED", "DISABLED"} or members not in {"ALL", "NEW", "NONE"}:
        raise invalid("The request failed because the request contains invalid input")
    discovery.enabled, discovery.members, discovery.updated = status == "ENABLED", members, moment()
    if discovery.enabled:
        discovery.first_enabled = discovery.first_enabled or moment()
    else:
        discovery.disabled = moment()
    if members == "ALL" or not discovery.enabled:
        for member in _sessions(state, call).values():
            member.discovered = discovery.enabled


@operation("macie2", "ListAutomatedDiscoveryAccounts")
def list_automated_discovery_accounts(
    call: Call, accountIds: list[str] | None = None, maxResults: int = PAGE, nextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-accounts.html.

    A member can ask for itself.

    Raises:
        AwsFault: there are more than 50 accounts, or the token is none.
    """
    state, session = enabled(call)
    if len(accountIds or ()) > 50:
        raise invalid("The request failed because accountIds has more than 50 items")
    own = session.discovered if state.administrator_id is not None else session.discovery.enabled
    statuses = {call.account_id: own, **{one: s.discovered for one, s in _sessions(state, call).items()}}
    items = [
        {"accountId": account_id, "status": _word(on=on)}
        for account_id, on in statuses.items()
        if not accountIds or account_id in accountIds
    ]
    found, following = page(items, maxResults, nextToken, bad_token())
    return {"items": found} if following is None else {"items": found, "nextToken": following}


@operation("macie2", "BatchUpdateAutomatedDiscoveryAccounts")
def batch_update_automated_discovery_accounts(
    call: Call, accounts: list[dict[str, str]] | None = None
) -> dict[str, list[dict[str, str]]]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/automated-discovery-accounts.html.

    It must be enabled for the organization first:
    https://docs.aws.amazon.com/macie/latest/user/discovery-asdd-account-enable.html; the code is guessed, and that it
    takes as many accounts as can be listed at a time.

    Raises:
        AwsFault: there are more than 50 accounts, the caller is a member, or discovery is disabled.
    """
    state, session = _own(call)
    if len(accounts or ()) > 50:
        raise invalid("The request failed because accounts has more than 50 items")
    if not session.discovery.enabled:
        raise conflict("The request failed because automated sensitive data discovery isn't enabled for your account")
    sessions, errors = _sessions(state, call), []
    for account in accounts or ():
        account_id = account["accountId"]
        if account_id not in sessions:
            errors.append({"accountId": account_id, "errorCode": "ACCOUNT_NOT_FOUND"})
        elif sessions[account_id].status == "PAUSED":
            errors.append({"accountId": account_id, "errorCode": "ACCOUNT_PAUSED"})
        else:
            sessions[account_id].discovered = account["status"] == "ENABLED"
    return {"errors": errors}
