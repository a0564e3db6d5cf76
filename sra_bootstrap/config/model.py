"""What config.yaml may say: its sections and their values, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, create_model
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from sra_bootstrap.aws import known_regions
from sra_bootstrap.step import AnyStep


def nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion for a word that is not known, and what is known, to go behind a message."""
    names = sorted(known)
    close = get_close_matches(str(word), names, n=1)
    return f'did you mean "{close[0]}"?' if close else f"there are {', '.join(names)}"


def _region(value: str) -> str:
    if value not in known_regions():
        close = get_close_matches(value, known_regions(), n=1)
        hint = (
            f'did you mean "{close[0]}"?' if close else "see https://docs.aws.amazon.com/general/latest/gr/rande.html"
        )
        text = 'there is no region "{region}"; {hint}'
        raise PydanticCustomError("region", text, {"region": value, "hint": hint})
    return value


def email_problem(email: str) -> str | None:
    """Why AWS would refuse an email address, or None.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html, the parameter Email.
    """
    local, at, domain = email.partition("@")
    rules = (
        (6 <= len(email) <= 64, "it must have 6 to 64 characters"),
        (email.isascii(), "its characters must be ASCII"),
        (bool(at) and "@" not in domain, "it must have one @"),
        (bool(local), "it must have a name before the @"),
        (
            not re.search(r"""[\s"'()<>\[\]:;,\\|%&]""", local),
            "its name must have no space and none of \"'()<>[]:;,\\|%&",
        ),
        (not local.startswith("."), "its name must not begin with a dot"),
        (bool(re.fullmatch(r"[A-Za-z0-9.-]*", domain)), "its domain may hold only letters, digits, hyphens and dots"),
        (not re.search(r"^[.-]|[.-]$|\.\.", domain), "its domain must not begin or end with a dot or hyphen"),
        ("." in domain, "its domain must have a dot"),
    )
    return next((text for holds, text in rules if not holds), None)


def _email(value: str) -> str:
    if problem := email_problem(value):
        raise PydanticCustomError("email", "AWS would refuse this email address: {problem}", {"problem": problem})
    return value


def template_problem(template: str) -> str | None:
    """Why no email addresses can be made from a template, or None."""
    if "{key}" not in template or re.search(r"[{}]", template.replace("{key}", "")):
        return "it must hold {key}, which stands for the key of an account, and no other braces"
    problem = email_problem(template.replace("{key}", "k"))
    return problem and f"AWS would refuse these email addresses: {problem}"


def _template(value: str) -> str:
    if problem := template_problem(value):
        raise PydanticCustomError("template", "{problem}", {"problem": problem})
    return value


Region = Annotated[str, AfterValidator(_region)]
Email = Annotated[str, AfterValidator(_email)]
EmailTemplate = Annotated[str, AfterValidator(_template)]
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
# and API_PutAccountName.html, which renames and takes no < and >. To Python, $ also stands before a last newline.
AccountName = Annotated[str, StringConstraints(pattern=r"^[ -;=?-~]{1,50}$(?!\n)")]
AccountKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$(?!\n)")]
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html
UnitName = Annotated[str, StringConstraints(pattern=r"^[^/]{1,128}$")]
UnitTree = TypeAliasType("UnitTree", "dict[UnitName, UnitTree | None]")
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Tag.html; of its spaces, only the usual one.
TagKey = Annotated[str, StringConstraints(pattern=r"^(?![aA][wW][sS]:)[\w .:/=+@-]{1,128}$(?!\n)")]
TagValue = Annotated[str, StringConstraints(pattern=r"^(?![aA][wW][sS]:)[\w .:/=+@-]{0,256}$(?!\n)")]


class Section(BaseModel):
    """A section of config.yaml: keys that it does not know are refused."""

    # Python's own regular expressions, unlike the default ones, can look ahead.
    model_config = ConfigDict(extra="forbid", frozen=True, regex_engine="python-re")


class OrganizationSection(Section):
    """The organization as a whole."""

    home_region: Region = Field(description="Where what is not regional is made, and what is regional is made first.")
    governed_regions: tuple[Region, ...] = Field(
        min_length=1, description="The regions that are watched and guarded; the home region is one of them."
    )
    management_account_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$(?!\n)")] | None = Field(
        default=None, description="A safety catch: nothing runs in any other account. Put it in quotes."
    )
    cross_account_role: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@-]{1,64}$(?!\n)")] = Field(
        default="OrganizationAccountAccessRole",
        description="The role that the management account assumes in members; new accounts are made with it.",
    )


class AccountSection(Section):
    """A member account."""

    name: AccountName = Field(description="Its name, as AWS shows it.")
    email: Email | None = Field(
        default=None, description="Its email address, by which it is known; by default made from email_template."
    )
    ou: str = Field(description="The path of its OU, as in Workloads/Prod.")
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=50, description="Tags of the account.")


class RolesSection(Section):
    """Which account plays which part in the architecture, by its key."""

    security_tooling: AccountKey = Field(default="security-tooling", description="Administers the security services.")
    log_archive: AccountKey = Field(default="log-archive", description="Holds the logs.")
    network: AccountKey = Field(default="network", description="Connects the others, and guards the way in and out.")
    shared_services: AccountKey = Field(default="shared-services", description="Holds what the others share.")


class Configuration(Section):
    """What the organization is to be. The section of the steps comes from the registry."""

    organization: OrganizationSection = Field(description="The organization as a whole.")
    organizational_units: UnitTree = Field(
        default_factory=dict, description="The tree of organizational units (OUs) by name, at most five deep."
    )
    email_template: EmailTemplate | None = Field(
        default=None, description="The email addresses of accounts that name none; {key} stands for the account's key."
    )
    accounts: dict[AccountKey, AccountSection] = Field(
        description="The member accounts by key.", json_schema_extra={"additionalProperties": False}
    )
    roles: RolesSection = Field(
        default_factory=RolesSection, description="Which account plays which part in the architecture, by its key."
    )
    steps: Any


def model_for(steps: Mapping[str, type[AnyStep]]) -> type[Configuration]:
    """The model of config.yaml with a section for every step."""
    sections: dict[str, Any] = {
        name: (step.Config, Field(default_factory=step.Config, description=summary(step)))
        for name, step in steps.items()
    }
    every: Any = create_model("StepsSection", __base__=Section, __doc__="One section for each step.", **sections)
    field = Field(default_factory=every, description="One section for each step; what is left out has its default.")
    model: type[Configuration] = create_model(
        "Configuration", __base__=Configuration, __doc__=Configuration.__doc__, steps=(every, field)
    )
    return model


def summary(step: type[AnyStep]) -> str:
    """The first line of what a step says of itself."""
    return (step.__doc__ or "").strip().splitlines()[0]


def schema(steps: Mapping[str, type[AnyStep]]) -> dict[str, Any]:
    """The JSON Schema of config.yaml, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model_for(steps).model_json_schema()
