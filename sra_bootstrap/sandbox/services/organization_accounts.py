"""AWS Organizations: member accounts, from their creation to their closure."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from functools import partial
from typing import Any

from moto.moto_api._internal import mock_random
from moto.organizations.models import organizations_backends

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.organization import (
    Creation,
    NewAccount,
    acting_in,
    describe_account,
    find,
    ledger,
    paged,
    violation,
)
from sra_bootstrap.sandbox.services.account import Profile
from sra_bootstrap.sandbox.services.account_contacts import copy_contact
from sra_bootstrap.sandbox.services.organization_policy_changes import about_to_change
from sra_bootstrap.sandbox.settings import Rules

MINIMUM_AGE = timedelta(days=4)
"""How old a created account must be to be removed.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ConstraintViolationException.html, WAIT_PERIOD_ACTIVE
"""


def _account(backend: Any, account_id: str) -> Any:
    text = "You specified an account that doesn't exist."
    return find(backend.accounts, account_id, "AccountNotFoundException", text)


@operation("organizations", "CreateAccount")
def create_account(call: Call, AccountName: str, Email: str, **parameters: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html.

    The account exists, in the root, when the request has succeeded; nothing tells two equal requests apart. Quotas:
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.

    Raises:
        AwsFault: there are too many accounts, or too many in creation.
    """
    backend = acting_in(call)
    creations = ledger(backend).creations
    in_progress = sum(creation.state == "IN_PROGRESS" for creation in creations)
    if len(backend.accounts) + in_progress >= Rules.settings.account_quota:
        text = "You have exceeded the allowed number of AWS accounts."
        raise violation("ACCOUNT_NUMBER_LIMIT_EXCEEDED", text)
    if in_progress >= Rules.settings.concurrent_creations:
        text = "You attempted to exceed the number of accounts that can be in progress at a time."
        raise violation("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", text)
    suffix = "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(32))
    creation = Creation(f"car-{suffix}", AccountName, moment())
    creations.append(creation)
    request = {"AccountName": AccountName, "Email": Email, **parameters}
    later(Rules.settings.account_creation_seconds, partial(_complete, backend, creation, request))
    return {"CreateAccountStatus": creation.describe()}


def _complete(backend: Any, creation: Creation, request: dict[str, Any], at: float) -> None:
    creation.completed = moment(at)
    creation.failure = _reason_to_fail(backend, request["Email"])
    creation.state = "SUCCEEDED" if creation.failure is None else "FAILED"
    if creation.failure is not None:
        return
    made = backend.create_account(**request)
    creation.account_id = made["CreateAccountStatus"]["AccountId"]
    account = _account(backend, creation.account_id)
    account.create_time = moment(at)
    store.state(Profile, account.id, backend.partition).name = account.name
    copy_contact(backend.org.master_account_id, account.id, backend.partition)
    store.state(NewAccount, account.id, backend.partition).role_usable = at + Rules.settings.role_delay_seconds


def _reason_to_fail(backend: Any, email: str) -> str | None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccountStatus.html, FailureReason."""
    if len(backend.accounts) >= Rules.settings.account_quota:
        return "ACCOUNT_LIMIT_EXCEEDED"
    # The pattern of the API lets more through than an address that mail can reach.
    if not re.fullmatch(r"[^@.][^@]*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", email, re.IGNORECASE):
        return "INVALID_EMAIL"
    for _, _, other in organizations_backends.iter_backends():
        if any(account.email.lower() == email.lower() for account in other.accounts):
            return "EMAIL_ALREADY_EXISTS"
    return None


@operation("organizations", "DescribeCreateAccountStatus")
def describe_create_account_status(call: Call, CreateAccountRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeCreateAccountStatus.html."""
    text = "You specified a create account request that doesn't exist."
    creations = ledger(acting_in(call)).creations
    creation = find(creations, CreateAccountRequestId, "CreateAccountStatusNotFoundException", text)
    return {"CreateAccountStatus": creation.describe()}


@operation("organizations", "ListCreateAccountStatus")
def list_create_account_status(
    call: Call, States: list[str] | None = None, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListCreateAccountStatus.html."""
    creations = ledger(acting_in(call)).creations
    statuses = [creation.describe() for creation in creations if not States or creation.state in States]
    return paged("CreateAccountStatuses", statuses, MaxResults, NextToken)


@operation("organizations", "ListAccounts")
def list_accounts(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html."""
    backend = acting_in(call)
    accounts = [describe_account(backend, account) for account in backend.accounts]
    if not Rules.settings.paths_in_lists:
        for account in accounts:
            del account["Paths"]
    return paged("Accounts", accounts, MaxResults, NextToken)


@operation("organizations", "DescribeAccount")
def describe_one_account(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html."""
    backend = acting_in(call)
    return {"Account": describe_account(backend, _account(backend, AccountId))}


@operation("organizations", "MoveAccount")
def move_account(call: Call, AccountId: str, SourceParentId: str, DestinationParentId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html.

    Raises:
        AwsFault: the account is not in the source, or in the destination already; or one of the three does not exist.
    """
    backend = acting_in(call)
    account = _account(backend, AccountId)
    text = "We can't find the destination container (a root or OU) with the ParentId that you specified."
    destination = find(backend.ou, DestinationParentId, "DestinationParentNotFoundException", text)
    if account.parent_id == destination.id:
        text = "That account is already present in the specified destination."
        raise AwsFault("DuplicateAccountException", text)
    if account.parent_id != SourceParentId:
        text = "We can't find a source root or OU with the ParentId that you specified."
        raise AwsFault("SourceParentNotFoundException", text)
    about_to_change(backend)
    account.parent_id = destination.id


@operation("organizations", "CloseAccount")
def close_account(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html.

    Raises:
        AwsFault: the account is the management account, or closed, or in closure; or too many are.
    """
    backend = acting_in(call)
    account = _account(backend, AccountId)
    if account.id == backend.org.master_account_id:
        raise violation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
    if account.state == "SUSPENDED":
        text = "You attempted to close an account that is already closed."
        raise AwsFault("AccountAlreadyClosedException", text)
    if account.state == "PENDING_CLOSURE":
        text = "The request failed because it conflicts with the current state of the specified resource."
        raise AwsFault("ConflictException", text)
    closures = sum(account.state == "PENDING_CLOSURE" for account in backend.accounts)
    if closures >= Rules.settings.concurrent_closures:
        text = "You attempted to exceed the number of accounts that you can close at a time."
        raise violation("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED", text)
    account.status = account.state = "PENDING_CLOSURE"
    later(Rules.settings.account_closure_seconds, partial(_suspend, account))


def _suspend(account: Any, at: float) -> None:
    account.status = account.state = "SUSPENDED"


@operation("organizations", "RemoveAccountFromOrganization")
def remove_account_from_organization(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_RemoveAccountFromOrganization.html.

    Raises:
        AwsFault: the account is the management account, a delegated administrator, or too new.
    """
    backend = acting_in(call)
    account = _account(backend, AccountId)
    if account.id == backend.org.master_account_id:
        text = "You can't remove a management account from an organization."
        raise AwsFault("MasterCannotLeaveOrganizationException", text)
    if any(admin.account is account for admin in backend.admins):
        text = "You attempted to remove an account that is registered as a delegated administrator."
        raise violation("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", text)
    if account.joined_method == "CREATED" and moment() < account.create_time + MINIMUM_AGE:
        text = "You must wait until at least four days after the account was created."
        raise violation("WAIT_PERIOD_ACTIVE", text)
    backend.remove_account_from_organization(AccountId=AccountId)
