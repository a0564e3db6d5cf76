"""A small config.yaml, the steps it is for, and what is said of it once it has been spoilt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.config import Settings, load
from sra_bootstrap.errors import InputError
from sra_bootstrap.model import Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.registry import ordered
from sra_bootstrap.step import AnyStep, Step, StepConfig

TEXT = """\
organization:
  home_region: eu-west-1
  governed_regions:
    - us-east-1
    - eu-west-1
  cross_account_role: OrganizationAccountAccessRole
organizational_units:
  Security:
  Workloads:
    Prod: {}
email_template: aws+{key}@example.com
accounts:
  security-tooling:
    name: Security Tooling
    ou: Security
  log-archive:
    name: Log Archive
    ou: Security
    email: logs@example.com
  network:
    name: Network
    ou: Workloads
  shared-services:
    name: Shared Services
    ou: Workloads/Prod
    tags:
      environment: prod
roles:
  network: network
steps:
  ground:
    enabled: true
  watch:
    enabled: true
    who: ALL
    plans:
      logs: true
"""


class _Idle(Step[StepConfig]):
    def desired(self, org: Org) -> Iterable[Resource]:
        return ()

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        return ()

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        raise AssertionError(f"there is nothing to change, and yet: {change}")


class Ground(_Idle):
    """Make the ground."""

    id = "ground"
    Config = StepConfig
    trusted_access = ("ground.amazonaws.com", "shared.amazonaws.com")


class Plans(BaseModel):
    """What to watch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    logs: bool = Field(default=True, description="Whether to watch logs.")


class Watch(_Idle):
    """Watch from the tower."""

    class Config(StepConfig):
        """How to watch."""

        who: Literal["ALL", "NONE"] = Field(default="ALL", description="Whom to watch.")
        plans: Plans = Field(default_factory=Plans, description="What to watch of each.")

    id = "watch"
    after = ("ground",)
    trusted_access = ("shared.amazonaws.com", "watch.amazonaws.com")
    delegates = ("watch.amazonaws.com",)


STEPS: Mapping[str, type[AnyStep]] = ordered([Ground, Watch])


def edited(old: str, new: str) -> str:
    """The small config.yaml with one thing changed, which must be in it once."""
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def line_of(text: str, marker: str) -> int:
    """The number of the first line that begins with a marker, whatever its indentation."""
    numbered = enumerate(text.splitlines(), start=1)
    return next(number for number, line in numbered if line.strip().startswith(marker))


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, STEPS)


def refusal(folder: Path, content: str | bytes) -> list[str]:
    """What is said of a config.yaml that is refused, a line for each problem, with the file's name for its path."""
    path = folder / "config.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        load(path, STEPS)
    return [line.replace(str(path), "config.yaml") for line in str(caught.value).splitlines()]
