"""Amazon Inspector: who is a member of its administrator, and what is scanned in each account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Value, nested
from steps.common import members
from steps.common.members import Unprocessed

if TYPE_CHECKING:
    from mypy_boto3_inspector2 import Inspector2Client

BATCH = 100
"""How many accounts a call takes: https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html"""
TYPES = {
    "ec2": ("EC2", "ec2"),
    "ecr": ("ECR", "ecr"),
    "lambda_standard": ("LAMBDA", "lambda"),
    "lambda_code": ("LAMBDA_CODE", "lambdaCode"),
    "code_repository": ("CODE_REPOSITORY", "codeRepository"),
}
"""The scan types of config.yaml: what AWS calls each in requests to enable it, and in what it says of an account."""
_ON_ITS_WAY = {"ENABLING": "ENABLED", "DISABLING": "DISABLED"}


def associated(inspector: Inspector2Client) -> dict[str, str]:
    """How each member stands to its administrator, by account id."""
    pages = inspector.get_paginator("list_members").paginate(onlyAssociated=True)
    found = (member for page in pages for member in page.get("members", []))
    return {member["accountId"]: member["relationshipStatus"] for member in found}


def statuses(inspector: Inspector2Client, account_ids: Sequence[str]) -> dict[str, dict[str, Value]]:
    """What is scanned in each account, by account id; what is on its way counts as what it is to become.

    Raises:
        RefusalError: Inspector did not tell it of all of them.
    """
    found = {}
    for batch in members.in_batches(account_ids, BATCH):
        answer = inspector.batch_get_account_status(accountIds=batch)
        members.refuse("Inspector", _failed(answer.get("failedAccounts", [])))
        for account in answer["accounts"]:
            states: Any = account["resourceState"]
            statuses = named({field: state["status"] for field, state in states.items()})
            found[account["accountId"]] = {
                name: _ON_ITS_WAY.get(str(status), status) for name, status in statuses.items()
            }
    return found


def named(fields: Mapping[str, Any]) -> dict[str, Value]:
    """What AWS says of scan types, under the names of config.yaml, of those that it lists."""
    return {name: fields[field] for name, (_, field) in TYPES.items() if field in fields}


def off(before: Attrs) -> Attrs:
    """The same scans, off, of those that are on."""
    return {name: "DISABLED" for name, status in before.items() if status == "ENABLED"}


def switch(account_ids: Sequence[str], scans: Attrs, region: str, inspector: Inspector2Client, aws: Writer) -> None:
    """Enable and disable scans in accounts."""
    on: list[Any] = [TYPES[name][0] for name, status in scans.items() if status == "ENABLED"]
    off: list[Any] = [TYPES[name][0] for name, status in scans.items() if status == "DISABLED"]

    def enable(batch: Sequence[str]) -> Unprocessed:
        try:
            return _failed(inspector.enable(accountIds=batch, resourceTypes=on).get("failedAccounts", []))
        except inspector.exceptions.AccessDeniedException as refusal:
            # AWS has the same code for a region without a scan type as for a caller without a permission.
            text = str(refusal.response["Error"].get("Message", ""))
            if "is not supported in" not in text:
                raise
            remedy = f"Name it in config.yaml as steps.inspector.not_offered, such as {{{region}: [lambda_code]}}."
            raise RefusalError(f"Inspector does not offer a scan type: {text}.", remedy) from refusal

    def disable(batch: Sequence[str]) -> Unprocessed:
        return _failed(inspector.disable(accountIds=batch, resourceTypes=off).get("failedAccounts", []))

    if on:
        members.process("Inspector", account_ids, BATCH, enable, aws)
    if off:
        members.process("Inspector", account_ids, BATCH, disable, aws)


def _failed(accounts: Iterable[Any]) -> Unprocessed:
    return {account["accountId"]: f"{account['errorCode']}: {account['errorMessage']}" for account in accounts}


def configure_organization(after: Attrs, inspector: Inspector2Client) -> None:
    """Set what is enabled in accounts that join; what is not ours to say is sent as it is."""
    listed: Any = inspector.describe_organization_configuration()["autoEnable"]
    wanted = {TYPES[name][1]: on for name, on in after.items() if TYPES[name][1] in listed}
    inspector.update_organization_configuration(autoEnable=listed | wanted)


def put_members(after: Attrs, region: str, org: Org, inspector: Inspector2Client, aws: Writer) -> None:
    """Associate the accounts that are no members yet, and bring members to the same scans.

    Raises:
        RefusalError: an account was not associated, or not brought to them; the others were.
    """
    accounts = {members.live(name, org).id: nested(after, name) for name in after}
    outside = _associate([one for one, attrs in accounts.items() if "status" in attrs], inspector, aws)
    alike: defaultdict[tuple[tuple[str, Value], ...], list[str]] = defaultdict(list)
    inspected: defaultdict[Value, list[str]] = defaultdict(list)
    for account_id, attrs in accounts.items():
        if account_id in outside:
            continue
        alike[tuple(nested(attrs, "scans").items())].append(account_id)
        if "deep_inspection" in attrs:
            inspected[attrs["deep_inspection"]].append(account_id)
    for scans, account_ids in alike.items():
        switch(account_ids, dict(scans), region, inspector, aws)
    for status, account_ids in inspected.items():
        inspect = partial(_inspect_deeply, str(status), inspector)
        members.process("Inspector", account_ids, BATCH, inspect, aws)
    members.refuse("Inspector", outside)


def _associate(account_ids: Sequence[str], inspector: Inspector2Client, aws: Writer) -> Unprocessed:
    """Associate accounts, one at a time, and wait until Inspector has; those that it has not in the end."""
    for account_id in account_ids:
        inspector.associate_member(accountId=account_id)

    def missing() -> list[str]:
        there = associated(inspector)
        return [account_id for account_id in account_ids if account_id not in there]

    left = aws.poll(missing, lambda left: not left, members.PATIENCE) if account_ids else []
    return dict.fromkeys(left, "It was not associated.")


def _inspect_deeply(status: str, inspector: Inspector2Client, account_ids: Sequence[str]) -> Unprocessed:
    """Switch deep inspection in members where it is not as wanted, which it is with new scans; which could not be."""
    answer = inspector.batch_get_member_ec2_deep_inspection_status(accountIds=account_ids)
    right = {a["accountId"] for a in answer.get("accountIds", []) if a.get("status") in {status, "PENDING"}}
    wrong: list[Any] = [
        {"accountId": account_id, "activateDeepInspection": status == "ACTIVATED"}
        for account_id in account_ids
        if account_id not in right
    ]
    if not wrong:
        return {}
    failed = inspector.batch_update_member_ec2_deep_inspection_status(accountIds=wrong).get("failedAccountIds", [])
    return {account["accountId"]: account.get("errorMessage", "") for account in failed}


def remove_members(before: Attrs, region: str, org: Org, inspector: Inspector2Client, aws: Writer) -> None:
    """Enroll no new accounts any more, disable the scans of members, and let the members go."""
    configure_organization(dict.fromkeys(TYPES, False), inspector)
    alike: defaultdict[tuple[tuple[str, Value], ...], list[str]] = defaultdict(list)
    for name in before:
        alike[tuple(off(nested(nested(before, name), "scans")).items())].append(members.live(name, org).id)
    for scans, account_ids in alike.items():
        switch(account_ids, dict(scans), region, inspector, aws)
        for account_id in account_ids:
            try:
                inspector.disassociate_member(accountId=account_id)
            except inspector.exceptions.ValidationException:
                # It is not associated any more when the answer to an earlier call was lost.
                if account_id in associated(inspector):
                    raise
