"""AWS Account Management: the contacts of an account. Alternate contacts are kept by moto, which takes anything."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from moto.account.models import account_backends
from moto.core.utils import get_service_model

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault

_WITH_STATE = {"US", "CA", "GB", "DE", "JP", "IN", "BR"}
"""https://docs.aws.amazon.com/accounts/latest/reference/API_ContactInformation.html, StateOrRegion"""


def _signed_up_with() -> dict[str, str]:
    return {
        "FullName": "Management",
        "AddressLine1": "1 Any Street",
        "City": "Any Town",
        "PostalCode": "1000",
        "CountryCode": "NL",
        "PhoneNumber": "+31 20 555 0000",
        "CompanyName": "Example",
    }


@dataclass
class PrimaryContact:
    """The owner of an account, as ContactInformation describes it; whoever signs up for an account names one."""

    information: dict[str, str] = field(default_factory=_signed_up_with)


def copy_contact(from_account: str, to_account: str, partition: str) -> None:
    """Let a created account have the owner of the management account.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html names what Organizations
    copies: phone number, company and website among others. That the address is copied too is guessed.
    """
    information = store.state(PrimaryContact, from_account, partition).information
    store.state(PrimaryContact, to_account, partition).information = dict(information)


@check("account", "PutAlternateContact")
def valid_alternate_contact(call: Call, **parameters: Any) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html."""
    _validate(parameters, get_service_model("account").operation_model(call.operation).input_shape)


@check("account", "DeleteAlternateContact")
def there_is_one(call: Call, AlternateContactType: str, AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_DeleteAlternateContact.html.

    Raises:
        AwsFault: there is none of this type, which moto passes over.
    """
    account_backends[AccountId or call.account_id][call.partition].get_alternate_contact(AlternateContactType)


@operation("account", "GetContactInformation")
def get_contact_information(call: Call, AccountId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_GetContactInformation.html."""
    return {"ContactInformation": call.state(PrimaryContact, account_id=AccountId, region=call.partition).information}


@operation("account", "PutContactInformation")
def put_contact_information(call: Call, ContactInformation: dict[str, str], AccountId: str | None = None) -> None:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_PutContactInformation.html.

    What is not named is gone: that is guessed of the name and of the shape, which is put as a whole.

    Raises:
        AwsFault: a part of it is not valid, or the country needs a state or region.
    """
    _validate(ContactInformation, get_service_model("account").shape_for("ContactInformation"))
    if ContactInformation["CountryCode"] in _WITH_STATE and "StateOrRegion" not in ContactInformation:
        raise _invalid("StateOrRegion")
    state = call.state(PrimaryContact, account_id=AccountId, region=call.partition)
    state.information = dict(ContactInformation)


def _validate(given: dict[str, Any], shape: Any) -> None:
    """Hold texts against the lengths and patterns of the service's model; clients check no patterns."""
    for name, value in given.items():
        rules = shape.members[name].metadata
        longest, shortest = rules.get("max", len(value)), rules.get("min", 0)
        if not shortest <= len(value) <= longest or not re.fullmatch(rules.get("pattern", ".*"), value):
            raise _invalid(name)


def _invalid(name: str) -> AwsFault:
    """The message is guessed; it does not repeat the value, which the model calls sensitive."""
    return AwsFault("ValidationException", f"The value of {name} is not valid.", reason="fieldValidationFailed")
