"""What config.yaml says of contacts: whom, and of which accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.step import StepConfig

_WITH_STATE = frozenset({"US", "CA", "GB", "DE", "JP", "IN", "BR"})
"""The countries whose addresses need a state or region.

https://docs.aws.amazon.com/accounts/latest/reference/API_ContactInformation.html
"""


def _matching(pattern: str, hint: str, longest: int) -> AfterValidator:
    """Refuses what AWS would, and says what would be right."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value) or len(value) > longest:
            raise PydanticCustomError("contact", "AWS would refuse {value}: {hint}", {"value": value, "hint": hint})
        return value

    return AfterValidator(check)


_Text20 = Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True)]
_Text50 = Annotated[str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True)]
_Text60 = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
_Text64 = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
_Text256 = Annotated[str, StringConstraints(min_length=1, max_length=256, strip_whitespace=True)]
# https://docs.aws.amazon.com/accounts/latest/reference/API_AlternateContact.html
_Email = Annotated[
    str, _matching(r"[\w+=.#|!&-]+@[\w.-]+\.\w+", "before the @ it may have letters, digits and +=.#|!&-_", 254)
]
_Phone = Annotated[
    str, _matching(r"[()+ -]*[0-9][0-9()+ -]*", "it may have digits, spaces and ()+-, and up to 25 characters", 25)
]
# https://docs.aws.amazon.com/accounts/latest/reference/API_ContactInformation.html
_InternationalPhone = Annotated[
    str,
    _matching(
        r"[+][() -]*[0-9][0-9() -]*",
        "it begins with + and the country code, and has digits, spaces and ()-, 20 at most",
        20,
    ),
]
_Country = Annotated[str, _matching(r"[A-Z]{2}", 'it is the two capital letters of ISO 3166, as in "NL"', 2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlternateContact(_Part):
    """Whom AWS writes to and calls beside the owner of an account; a team rather than a person."""

    name: _Text64 = Field(description="The name of the team or person.")
    title: _Text50 = Field(description="What they are in the company.")
    email: _Email = Field(description="Their email address.")
    phone: _Phone = Field(description="Their phone number, in quotes.")

    def sent(self) -> dict[str, str]:
        """As PutAlternateContact takes it."""
        return {
            "Name": self.name,
            "Title": self.title,
            "EmailAddress": self.email,
            "PhoneNumber": self.phone,
        }


class PrimaryContact(_Part):
    """The owner of an account, as AWS knows them; what is left out here, the account then has not."""

    full_name: _Text50 = Field(description="The name of the owner.")
    company: _Text50 | None = Field(default=None, description="The company.")
    address_line_1: _Text60 = Field(description="Street and number.")
    address_line_2: _Text60 | None = Field(default=None, description="The second line of the address.")
    address_line_3: _Text60 | None = Field(default=None, description="The third line of the address.")
    city: _Text50 = Field(description="The city.")
    district_or_county: _Text50 | None = Field(default=None, description="The district or county.")
    state_or_region: _Text50 | None = Field(default=None, description="The state or region; some countries need it.")
    postal_code: _Text20 = Field(description="The postal code, in quotes.")
    country_code: _Country = Field(description="The two letters of the country.")
    phone: _InternationalPhone = Field(description="The phone number with + and the country code, in quotes.")
    website: _Text256 | None = Field(default=None, description="The website of the company.")

    @model_validator(mode="after")
    def _has_a_state(self) -> Self:
        if self.country_code in _WITH_STATE and self.state_or_region is None:
            text = "AWS wants a state_or_region for addresses in {country}"
            raise PydanticCustomError("contact", text, {"country": self.country_code})
        return self

    def sent(self) -> dict[str, str]:
        """As PutContactInformation takes it."""
        parts = {theirs: getattr(self, ours) for ours, theirs in PARTS.items()}
        return {theirs: value for theirs, value in parts.items() if value is not None}


PARTS: Mapping[str, str] = {
    "full_name": "FullName",
    "company": "CompanyName",
    "address_line_1": "AddressLine1",
    "address_line_2": "AddressLine2",
    "address_line_3": "AddressLine3",
    "city": "City",
    "district_or_county": "DistrictOrCounty",
    "state_or_region": "StateOrRegion",
    "postal_code": "PostalCode",
    "country_code": "CountryCode",
    "phone": "PhoneNumber",
    "website": "WebsiteUrl",
}
"""What AWS calls the parts of a primary contact."""

_TEAM = {
    "name": "Security Team",
    "title": "Security Operations",
    "email": "security@example.com",
    "phone": "+31 20 555 0100",
}
_OWNER = {
    "full_name": "Example Owner",
    "company": "Example B.V.",
    "address_line_1": "1 Any Street",
    "city": "Amsterdam",
    "postal_code": "1000 AA",
    "country_code": "NL",
    "phone": "+31 20 555 0199",
}


def _alternate(about: str) -> Any:
    return Field(default=None, description=about, examples=[_TEAM])


def _primary(about: str) -> Any:
    return Field(default=None, description=about, examples=[_OWNER])


class Contacts(_Part):
    """The contacts of one account, where they are other than those of all."""

    security: AlternateContact | None = _alternate("Whom AWS tells of security in this account.")
    operations: AlternateContact | None = _alternate("Whom AWS tells of operations in this account.")
    billing: AlternateContact | None = _alternate("Whom AWS tells of invoices of this account.")
    primary: PrimaryContact | None = _primary("The owner of this account.")


class Section(StepConfig):
    """Whom AWS turns to. None is set by default, as only you know them."""

    security: AlternateContact | None = _alternate(
        "Whom AWS tells of security, such as of abuse and leaked keys, in every account; null leaves them as they are."
    )
    operations: AlternateContact | None = Field(
        default=None, description="Likewise, of operations and the health of services."
    )
    billing: AlternateContact | None = Field(default=None, description="Likewise, of invoices and payments.")
    primary: PrimaryContact | None = _primary(
        "The owner of every account, the management account included; null leaves them as they are."
    )
    accounts: dict[str, Contacts] = Field(
        default_factory=dict,
        description=f"Contacts of single accounts, by their keys ({MANAGEMENT} for the management account): these go "
        "before those of all.",
        examples=[{"workload-prod": {"operations": _TEAM | {"name": "Shop Team", "email": "shop@example.com"}}}],
    )

    def of(self, account: str) -> Contacts:
        """The contacts that an account is to have."""
        own = self.accounts.get(account, Contacts())
        return Contacts(
            security=own.security or self.security,
            operations=own.operations or self.operations,
            billing=own.billing or self.billing,
            primary=own.primary or self.primary,
        )

    @property
    def empty(self) -> bool:
        """Whether no contact is named at all."""
        own = (contacts for contacts in self.accounts.values() if contacts != Contacts())
        return not any((self.security, self.operations, self.billing, self.primary, *own))
