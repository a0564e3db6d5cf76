"""The commented config.yaml that `init` writes: the SRA as AWS recommends it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from string import Template
from textwrap import wrap
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python
from ruamel.yaml import YAML

from sra_bootstrap.aws import partition_of
from sra_bootstrap.config.model import EmailTemplate, Region, summary
from sra_bootstrap.errors import InputError, Problem
from sra_bootstrap.registry import discover
from sra_bootstrap.step import StepConfig

_TEXT = Template("""\
# yaml-language-server: $$schema=config.schema.json
# The organization that sra-bootstrap builds: the AWS Security Reference Architecture (SRA) as AWS recommends it.
# What you do not name here is left alone in AWS, and `plan` lists it as unmanaged.

organization:
  # Where what is not regional is made, and what is regional is made first. It is hard to change later.
  home_region: $home_region
  # The regions that are watched and guarded; those that an account must opt in to are enabled in each.
  governed_regions:
$regions
  # A safety catch: nothing runs in any other account than this.
  # management_account_id: "111122223333"
  # The role that the management account assumes in the members; accounts are created with it.
  cross_account_role: OrganizationAccountAccessRole

# The organizational units (OUs) below the root, at most five deep.
organizational_units:
  Security:
  Infrastructure:
  Workloads:
    Prod:
    NonProd:
  Sandbox:
  Suspended:

# The email addresses of accounts that name none of their own; {key} stands for the key of the account. Every account
# needs its own address, and you must receive what is sent to it.
email_template: $email_template

# The member accounts. An account is known by its email address: one that exists with that address is adopted.
# An account cannot be deleted again, only closed.
accounts:
  security-tooling:
    name: Security Tooling
    ou: Security
  log-archive:
    name: Log Archive
    ou: Security
  network:
    name: Network
    ou: Infrastructure
  shared-services:
    name: Shared Services
    ou: Infrastructure
  workload-prod:
    name: Workload Prod
    ou: Workloads/Prod
    tags:
      environment: prod

# Which account plays which part in the architecture.
roles:
  security_tooling: security-tooling
  log_archive: log-archive
  network: network
  shared_services: shared-services

# One section for each step, in the order of the pipeline; what is left out has the value shown here. A step with
# `enabled: false` is not part of the pipeline: what it has made stays, and is no longer looked at.
steps:
""")


def example(home_region: str, email_template: str) -> str:
    """A complete config.yaml, with a comment on every setting.

    Raises:
        InputError: there is no such region, or the template is none of email addresses.
    """
    for option, kind, value in (
        ("--home-region", Region, home_region),
        ("--email-template", EmailTemplate, email_template),
    ):
        try:
            TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            raise InputError(option, [Problem(0, error.errors()[0]["msg"])]) from error
    # Services that are global report in us-east-1, a region that the other partitions do not have.
    others = ("us-east-1",) if partition_of(home_region) == "aws" else ()
    regions = dict.fromkeys((home_region, *others))
    text = _TEXT.substitute(
        home_region=home_region,
        regions="\n".join(f"    - {region}" for region in regions),
        email_template=_value(email_template),
    )
    return text + "\n".join(_steps()) + "\n"


def _steps() -> Iterator[str]:
    for name, step in discover().items():
        yield from wrap(summary(step), 118, initial_indent="  # ", subsequent_indent="  # ")
        yield f"  {name}:"
        yield from _fields(step.Config(), "    ")


def _fields(section: BaseModel, indent: str) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if name not in StepConfig.model_fields or field.description != StepConfig.model_fields[name].description:
            yield from wrap(field.description or "", 118, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
        if isinstance(value, BaseModel):
            yield f"{indent}{name}:"
            yield from _fields(value, indent + "  ")
        else:
            yield from (f"{indent}{line}" for line in _lines({name: value}))
            if field.examples:
                yield from (f"{indent}{line}" for line in _commented(name, value, field.examples[0]))


def _commented(name: str, value: Any, example: Any) -> list[str]:
    """What a setting could be, as a comment; where it is nothing, taking away the marks makes it so."""
    lines = _lines({name: example})
    if value is None:
        return [f"  # {line.removeprefix('  ')}" for line in lines[1:]]
    return ["# For example:", *(f"# {line}" for line in lines)]


def _value(value: str) -> str:
    """A text as YAML writes it, in quotes where it needs them."""
    return _lines({"value": value})[0].removeprefix("value: ")


def _lines(mapping: dict[str, Any]) -> list[str]:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1000
    stream = StringIO()
    yaml.dump(to_jsonable_python(mapping), stream)
    return stream.getvalue().splitlines()
