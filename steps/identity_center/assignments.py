"""Assignments: which group has which permission set in which accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sra_bootstrap.aws import Writer
from sra_bootstrap.aws.failures import FAILURES, reason_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Value
from steps.identity_center.instance import SECONDS, Instance, past_conflicts
from steps.identity_center.settings import ALL, Assignment

_AT_ONCE = 10
"""How many may be on their way at a time: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html."""
_GROUP, _SET = "group name", "permission set name"
"""What an assignment stands on, beside its accounts; no account has a key with a space."""

Pair = tuple[str, str]
"""The names of a group and of a permission set."""


def address(at: Target, pair: Pair) -> Address:
    """The address of all assignments of a permission set to a group."""
    return Address("assignments", at, " with ".join(pair))


def wanted(assignments: Iterable[Assignment], org: Org) -> dict[Pair, tuple[str, ...]]:
    """The accounts in which a group should have a permission set."""
    found: defaultdict[Pair, dict[str, None]] = defaultdict(dict)
    for one in assignments:
        for target in one.accounts:
            found[one.group, one.permission_set].update(dict.fromkeys(_accounts(target, org)))
    return {pair: tuple(accounts) for pair, accounts in found.items() if accounts}


def _accounts(target: str, org: Org) -> Iterator[str]:
    """The active accounts that a name stands for; the management account only by its own."""
    for name in org.members():
        if name == MANAGEMENT or target in {MANAGEMENT, name}:
            if name == target:
                yield name
        elif target == ALL or (target not in org.accounts and f"{_unit(name, org)}/".startswith(f"{target}/")):
            yield name


def _unit(name: str, org: Org) -> str:
    if name in org.accounts:
        return org.accounts[name].unit
    live = org.live_account(name)
    return "" if live is None else live.unit


def desired(at: Target, pair: Pair, accounts: Iterable[str]) -> Resource:
    """Assignments as they should be, with what they stand on."""
    attrs: dict[str, Value] = {_GROUP: pair[0], _SET: pair[1], **dict.fromkeys(accounts, "ASSIGNED")}
    return Resource(address(at, pair), attrs)


def there_are(at: Target, pair: Pair, accounts: Iterable[str], ours: Iterable[str]) -> Resource:
    """Assignments as they are; where none of them is ours, there is nothing to destroy."""
    if not set(accounts) & set(ours):
        return Resource(address(at, pair), dict.fromkeys(accounts, "ASSIGNED"))
    return desired(at, pair, accounts)


def observed(group_id: str, sets: Mapping[str, str], there: Instance) -> dict[str, list[str]]:
    """The accounts in which a group has which permission set, by the names of both.

    One call tells them all, and only to the management account:
    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    pages = there.sso.get_paginator("list_account_assignments_for_principal").paginate(
        InstanceArn=there.arn, PrincipalId=group_id, PrincipalType="GROUP"
    )
    for one in (one for page in pages for one in page["AccountAssignments"]):
        name = sets.get(one["PermissionSetArn"], one["PermissionSetArn"].rpartition("/")[2])
        found[name].append(there.org.name_of(one["AccountId"]))
    return found


def change_accounts(change: Change, group_id: str, permission_set_arn: str, there: Instance, aws: Writer) -> None:
    """Assign or take away, as many at a time as AWS takes, and wait: only the status of each tells why it fails.

    Raises:
        RefusalError: it was not done in every account.
    """
    whole = change.before if change.action is Action.DELETE else change.after
    names = [name for name, value in whole.items() if value == "ASSIGNED"]
    failures: list[str] = []
    while names:
        begun, names = names[:_AT_ONCE], names[_AT_ONCE:]
        asked = {
            "InstanceArn": there.arn,
            "PermissionSetArn": permission_set_arn,
            "PrincipalType": "GROUP",
            "PrincipalId": group_id,
            "TargetType": "AWS_ACCOUNT",
        }
        answers = {name: _begin(change.action, name, asked, there, aws) for name in begun}
        failures += (answer for answer in answers.values() if isinstance(answer, str))
        under_way = {name: answer for name, answer in answers.items() if isinstance(answer, Mapping)}
        _wait(change.action, under_way, there, aws, failures)
    if failures:
        text = f"{change.address.name}: it was not done in every account. {'. '.join(failures)}."
        raise RefusalError(text, "Run it again when that is mended: it goes on where it has ended.")


def _begin(
    action: Action, name: str, asked: Mapping[str, str], there: Instance, aws: Writer
) -> Mapping[str, Any] | str | None:
    """The status of a request for one account, or why it was refused; None where there is nothing to be taken away."""
    about = {**asked, "TargetId": there.org.id_of(name)}
    found: Mapping[str, Any]
    try:
        if action is Action.DELETE:
            answer = past_conflicts(lambda: there.sso.delete_account_assignment(**about), there, aws)
            found = answer["AccountAssignmentDeletionStatus"]
        else:
            answer = past_conflicts(lambda: there.sso.create_account_assignment(**about), there, aws)
            found = answer["AccountAssignmentCreationStatus"]
    except FAILURES as error:
        if action is Action.DELETE and isinstance(error, there.sso.exceptions.ResourceNotFoundException):
            return None
        return f"{name}: {reason_of(error)}"
    return found


def _wait(
    action: Action,
    under_way: dict[str, Mapping[str, Any]],
    there: Instance,
    aws: Writer,
    failures: list[str],
) -> None:
    """Wait until all requests have ended, and add those that have failed."""

    def look() -> list[str]:
        for name, status in under_way.items():
            if status["Status"] == "IN_PROGRESS":
                under_way[name] = _status(action, status["RequestId"], there)
        return [name for name, status in under_way.items() if status["Status"] == "IN_PROGRESS"]

    left = aws.poll(look, lambda names: not names, SECONDS)
    failures += (f"{name}: AWS has not finished after {SECONDS} seconds" for name in left)
    for name, status in under_way.items():
        if status["Status"] == "FAILED":
            failures.append(f"{name}: {status.get('FailureReason', 'AWS tells no reason')}".rstrip("."))


def _status(action: Action, request_id: str, there: Instance) -> Mapping[str, Any]:
    found: Mapping[str, Any]
    if action is Action.DELETE:
        answer = there.sso.describe_account_assignment_deletion_status(
            InstanceArn=there.arn, AccountAssignmentDeletionRequestId=request_id
        )
        found = answer["AccountAssignmentDeletionStatus"]
    else:
        answer = there.sso.describe_account_assignment_creation_status(
            InstanceArn=there.arn, AccountAssignmentCreationRequestId=request_id
        )
        found = answer["AccountAssignmentCreationStatus"]
    return found
