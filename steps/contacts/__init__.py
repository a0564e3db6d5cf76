"""Whom AWS turns to about an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding, Step, StepConfig
from sra_bootstrap.values import Attrs
from steps.contacts.settings import PARTS, AlternateContact, PrimaryContact, Section

if TYPE_CHECKING:
    from mypy_boto3_account import AccountClient

_PRINCIPAL = "account.amazonaws.com"
_KINDS: tuple[Literal["security", "operations", "billing"], ...] = ("security", "operations", "billing")
_AS_SAID, _OTHER = "as config.yaml says", "another"
"""What a plan shows of phone numbers and postal addresses."""
_DENIED = frozenset({"AccessDeniedException"})


class Contacts(Step[StepConfig]):
    """Tell AWS whom to turn to about security, operations and invoices, in every account, and who owns the accounts.

    AWS writes to the security contact when it sees abuse, a leaked key or a compromised instance. Without one it
    writes to the email address of the account, which few people read. The SRA sets alternate contacts in all accounts.
    """

    Config = Section

    id = "contacts"
    after = ("accounts", "trusted_access")
    kept = {"primary-contact": "An account always has an owner, whom only another can replace."}
    reads = frozenset({"account:GetAlternateContact", "account:GetContactInformation"})
    writes = frozenset(
        {"account:DeleteAlternateContact", "account:PutAlternateContact", "account:PutContactInformation"}
    )
    # Guessed, as for other services: Account Management hears of trusted access and of accounts from Organizations.
    not_yet = dict.fromkeys((*reads, *writes), _DENIED)
    considerations = (
        "Contacts are personal data. A plan shows names, titles and email addresses, so that they can be reviewed.",
        "Of phone numbers and postal addresses, it shows whether AWS has what config.yaml says; the journal, nothing.",
        "Name a team and a mailbox that several people read, and keep it outside of what the accounts themselves host.",
        "AWS may ask for a new phone number of an owner to be verified, and refuses some.",
        "Each contact of each account is a call, three a second at most: 200 accounts with all four take five minutes.",
        "The management account does all of it; delegated_administrators can let another account do so too.",
        "A contact that config.yaml does not name stays as it is. Destroying removes the alternate contacts it names.",
    )
    documentation = (
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-primary.html",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html",
        "https://docs.aws.amazon.com/accounts/latest/reference/quotas.html",
    )

    config: Section

    def principals(self) -> Iterable[str]:
        """Other accounts than the management account have contacts by way of trusted access."""
        return () if self.config.empty else (_PRINCIPAL,)

    def problems(self, org: Org) -> Iterable[Finding]:
        """Keys that no account has."""
        known = (MANAGEMENT, *org.accounts)
        for key in self.config.accounts:
            if key not in known:
                yield ("accounts", key), f'there is no account "{key}"; there are {", ".join(known)}'

    def desired(self, org: Org) -> Iterable[Resource]:
        """The contacts of every account: the alternate ones, then the primary one."""
        names = tuple(org.members())
        for name in names:
            contacts = self.config.of(name)
            for kind in _KINDS:
                if (contact := getattr(contacts, kind)) is not None:
                    yield Resource(
                        Address("alternate-contact", Target(name), kind), _alternate(contact.sent(), contact)
                    )
        for name in names:
            if (owner := self.config.of(name).primary) is not None:
                yield Resource(Address("primary-contact", Target(name)), _primary(owner.sent(), owner))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The contacts of an account that config.yaml has something to say about; one that is not set is absent."""
        account: AccountClient = aws.client("account", Target(MANAGEMENT))
        whose, wanted = _named(at.account, org), self.config.of(at.account)
        for kind in _KINDS:
            contact: AlternateContact | None = getattr(wanted, kind)
            if contact is None:
                continue
            try:
                found: Any = account.get_alternate_contact(AlternateContactType=_type(kind), **whose)
            except account.exceptions.ResourceNotFoundException:
                continue
            yield Resource(Address("alternate-contact", at, kind), _alternate(found["AlternateContact"], contact))
        if wanted.primary is not None:
            try:
                owner: Any = account.get_contact_information(**whose)
            except account.exceptions.ResourceNotFoundException:
                return
            yield Resource(Address("primary-contact", at), _primary(owner["ContactInformation"], wanted.primary))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Set one contact, or remove it; what the plan does not show of it is what config.yaml says."""
        account: AccountClient = aws.client("account", Target(MANAGEMENT))
        at = change.address.at
        whose, wanted = _named(at.account, org), self.config.of(at.account)
        if change.address.kind == "primary-contact":
            owner: Any = wanted.primary.sent() if wanted.primary is not None else {}
            account.put_contact_information(ContactInformation=owner, **whose)
        elif change.action is not Action.DELETE:
            contact: Any = getattr(wanted, change.address.name).sent()
            account.put_alternate_contact(AlternateContactType=_type(change.address.name), **contact, **whose)
        else:
            try:
                account.delete_alternate_contact(AlternateContactType=_type(change.address.name), **whose)
            except account.exceptions.ResourceNotFoundException:
                return


def _type(kind: str) -> Any:
    """What AWS calls a kind of alternate contact."""
    return kind.upper()


def _named(name: str, org: Org) -> dict[str, Any]:
    """How an account is named to the API: the management account must not name itself."""
    return {} if name == MANAGEMENT else {"AccountId": str(org.id_of(name))}


def _alternate(found: Mapping[str, str], wanted: AlternateContact) -> Attrs:
    """An alternate contact, without the phone number."""
    return {
        "name": found["Name"].strip(),
        "title": found["Title"].strip(),
        "email": found["EmailAddress"].strip(),
        "phone": _AS_SAID if found["PhoneNumber"].strip() == wanted.phone else _OTHER,
    }


def _primary(found: Mapping[str, str], wanted: PrimaryContact) -> Attrs:
    """A primary contact, without the phone number and the postal address."""
    sent = wanted.sent()
    shown = ("full_name", "company", "website")

    def same(parts: Iterable[str]) -> str:
        return _AS_SAID if all(found.get(PARTS[part]) == sent.get(PARTS[part]) for part in parts) else _OTHER

    return {
        **{part: found.get(PARTS[part], "") for part in shown},
        "address": same(part for part in PARTS if part not in {*shown, "phone"}),
        "phone": same(("phone",)),
    }
