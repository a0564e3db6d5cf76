"""Member accounts, each in its OU."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import FAILURES, Kind, kind_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import (
    MANAGEMENT,
    ORGANIZATION,
    Action,
    Address,
    Change,
    Note,
    Observation,
    Obstacle,
    Resource,
    Target,
)
from sra_bootstrap.org import ROOT, Account, Org
from sra_bootstrap.step import Step, StepConfig

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import CreateAccountStatusTypeDef, TagTypeDef

_HERE = Target(ORGANIZATION)
_IN_ROOT = "the root"
"""What a plan shows where no OU is."""
_CREATION_SECONDS = 3600
"""How long AWS may take to create an account; it says that it takes minutes."""
_ANSWER_SECONDS = 120
"""How long a request may take to be listed that AWS has taken without answering."""
_REMEDIES = {
    "EMAIL_ALREADY_EXISTS": "The email address belongs to another AWS account. Invite that account, or choose another.",
    "ACCOUNT_LIMIT_EXCEEDED": "Ask for a higher quota of accounts in Service Quotas, in us-east-1.",
    "INVALID_EMAIL": "AWS does not take the email address. Choose another.",
    "INVALID_ADDRESS": "Complete the address of the management account in its account settings.",
    "MISSING_PAYMENT_INSTRUMENT": "Add a method of payment to the management account.",
    "INVALID_PAYMENT_INSTRUMENT": "Mend the method of payment of the management account.",
}
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccountStatus.html, FailureReason"""


class Accounts(Step[StepConfig]):
    """Create the member accounts, and keep each under its name, in its OU, with its tags.

    The SRA gives security tooling, logs, network and shared services an account each, apart from all workloads. An
    account is known by its email address: one that has it is adopted, and an account that config.yaml does not name is
    left alone.
    """

    id = "accounts"
    after = ("organizational_units", "trusted_access")
    Config = StepConfig
    surveyed = frozenset({"account", "placement"})
    trusted_access = ("account.amazonaws.com",)
    kept = {
        "account": "An account cannot be deleted, only closed; close it by hand in AWS Organizations.",
        "placement": "The account stays where it is.",
    }
    reads = frozenset(
        {
            "organizations:ListAccounts",
            "organizations:ListAccountsForParent",
            "organizations:ListTagsForResource",
        }
    )
    writes = frozenset(
        {
            "account:PutAccountName",
            "organizations:CreateAccount",
            "organizations:DescribeAccount",
            "organizations:DescribeCreateAccountStatus",
            "organizations:ListCreateAccountStatus",
            "organizations:MoveAccount",
            "organizations:TagResource",
            "organizations:UntagResource",
        }
    )
    implied = frozenset({"iam:CreateServiceLinkedRole"})
    considerations = (
        "Accounts are created one after the other: AWS refuses crowds, and takes minutes for each.",
        "An organization begins with a quota of 10 accounts, or fewer when it is new.",
        "A changed email address in config.yaml is another account. Change that of the account itself first.",
    )
    costs = "An account costs nothing by itself."
    irreversible = (
        "An account cannot be deleted, only closed; it stays listed for 90 days, and its email address taken."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/dedicated-accounts.html",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_PutAccountName.html",
    )

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every account of config.yaml, its placement, and the tags that config.yaml gives it."""
        for key, account in org.accounts.items():
            yield Resource(Address("account", _HERE, key), {"email": account.email, "name": account.name})
        for key, account in org.accounts.items():
            yield Resource(Address("placement", _HERE, key), {"unit": account.unit})
        for key, account in org.accounts.items():
            if account.tags:
                yield Resource(Address("tags", _HERE, key), dict(account.tags))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Every account that the survey found, where it is, and its tags where config.yaml gives it any."""
        yield from _obstacles(org)
        for live in org.live_accounts():
            name = org.name_of(live.id)
            if name == MANAGEMENT:
                continue
            if not live.active:
                yield Note(f"The account {live.name} ({live.id}) is {live.state}, and is left out of everything.")
                continue
            # AWS tells addresses apart regardless of case.
            email = org.accounts[name].email if name in org.accounts else live.email
            yield Resource(Address("account", at, name), {"email": email, "name": live.name})
        for key in org.accounts:
            if (placed := org.live_account(key)) is not None:
                yield Resource(Address("placement", at, key), {"unit": placed.unit or _IN_ROOT})
        organizations = aws.client("organizations", at)
        for key, account in org.accounts.items():
            tagged = org.live_account(key)
            if account.tags and tagged is not None:
                pages = organizations.get_paginator("list_tags_for_resource").paginate(ResourceId=tagged.id)
                if tags := {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}:
                    yield Resource(Address("tags", at, key), tags)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Create, rename, move or tag one account."""
        organizations: OrganizationsClient = aws.client("organizations", change.address.at)
        account = org.accounts[change.address.name]
        live = org.live_account(account.key)
        if live is None:
            if change.address.kind != "account":
                raise RefusalError(f"The account {account.key} does not exist.", "Run the step accounts again.")
            _create(account, org, aws, organizations)
            return
        match change.address.kind, change.action:
            case "account", _:
                aws.client("account", Target(MANAGEMENT)).put_account_name(AccountId=live.id, AccountName=account.name)
            case "placement", _:
                ids = {**org.existing.units, ROOT: org.existing.root_id}
                if account.unit not in ids:
                    text = f"The OU {account.unit} does not exist."
                    raise RefusalError(text, "Run the step organizational_units first.")
                organizations.move_account(
                    AccountId=live.id, SourceParentId=ids[live.unit], DestinationParentId=ids[account.unit]
                )
            case "tags", Action.DELETE:
                organizations.untag_resource(ResourceId=live.id, TagKeys=list(account.tags))
            case "tags", _:
                tags: list[TagTypeDef] = [{"Key": k, "Value": v} for k, v in account.tags.items() if k in change.after]
                organizations.tag_resource(ResourceId=live.id, Tags=tags)


def _obstacles(org: Org) -> Iterable[Obstacle]:
    """What keeps accounts from being created: a closed account has the address, or another account the name."""
    for key, account in org.accounts.items():
        address = Address("account", _HERE, key)
        if org.live_account(key) is not None:
            continue
        for live in org.live_accounts():
            if live.email.lower() == account.email.lower() and live.id == org.management_id:
                yield Obstacle(
                    address,
                    f"{account.email} is the address of the management account ({live.id}).",
                    f"Write another address in accounts.{key}.email: this is to be an account of its own.",
                )
            elif live.email.lower() == account.email.lower():
                yield Obstacle(
                    address,
                    f"The account {live.id} has the address {account.email}, and is {live.state}.",
                    "Reopen it through AWS Support, or give the new account another address.",
                )
            elif live.name == account.name and org.name_of(live.id) not in org.accounts:
                yield Obstacle(
                    address,
                    f"There is an account of the name {live.name} ({live.id}), with the address {live.email}.",
                    f"If that is the account, write its address in accounts.{key}.email; "
                    "if a second one is wanted, give it another name.",
                )


def _create(account: Account, org: Org, aws: Writer, organizations: OrganizationsClient) -> None:
    """Create an account, or see through a request to create it that was made before, and wait for its end.

    CreateAccount cannot be told that it is a repetition. So its requests are looked at before, and again when it did
    not answer; and two accounts of one address AWS itself refuses.

    Raises:
        RefusalError: AWS could not create it.
    """
    earlier = _request_for(account, organizations)
    status = earlier or _request(account, org, organizations)
    if status is None:
        # AWS did not answer: has it taken the request? When it is not listed for so long, it is safe to ask again.
        status = aws.poll(lambda: _request_for(account, organizations), lambda s: s is not None, _ANSWER_SECONDS)
    if status is None:
        status = _request(account, org, organizations)
    if status is None:
        raise RefusalError(f"AWS did not answer the request to create the account {account.name}.", "Run it again.")
    request_id = status["Id"]
    status = aws.poll(
        lambda: organizations.describe_create_account_status(CreateAccountRequestId=request_id)["CreateAccountStatus"],
        lambda status: status["State"] != "IN_PROGRESS",
        _CREATION_SECONDS,
    )
    if status["State"] != "SUCCEEDED":
        reason = status.get("FailureReason", f"It is {status['State']} after {_CREATION_SECONDS} seconds")
        text = f"The account {account.name} was not created: {reason} (request {request_id})."
        raise RefusalError(text, _REMEDIES.get(reason, "Run it again."))
    if earlier is not None:
        created = organizations.describe_account(AccountId=status["AccountId"])["Account"]
        if created["Email"].lower() != account.email.lower():
            text = f"An account of the name {account.name} was being created with the address {created['Email']}."
            raise RefusalError(text, "Make a plan again: it says what to do about it.")


def _request(account: Account, org: Org, organizations: OrganizationsClient) -> CreateAccountStatusTypeDef | None:
    """Ask for an account; None when AWS did not answer."""
    try:
        return organizations.create_account(
            AccountName=account.name, Email=account.email, RoleName=org.role_name, IamUserAccessToBilling="ALLOW"
        )["CreateAccountStatus"]
    except FAILURES as error:
        if kind_of(error) is not Kind.UNAVAILABLE:
            raise
        return None


def _request_for(account: Account, organizations: OrganizationsClient) -> CreateAccountStatusTypeDef | None:
    """The request that has created an account of this name and address, or is creating one of this name.

    A request does not tell its address before the account is there.
    """
    paginator = organizations.get_paginator("list_create_account_status")
    for page in paginator.paginate(States=["IN_PROGRESS", "SUCCEEDED"]):
        for status in page["CreateAccountStatuses"]:
            if status["AccountName"] != account.name:
                continue
            if status["State"] == "IN_PROGRESS":
                return status
            try:
                created = organizations.describe_account(AccountId=status["AccountId"])["Account"]
            except organizations.exceptions.AccountNotFoundException:
                # It was created, and has left the organization since.
                continue
            if created["Email"].lower() == account.email.lower():
                return status
    return None
