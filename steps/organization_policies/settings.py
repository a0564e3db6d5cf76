"""The section of organization policies in config.yaml, and the policies that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from sra_bootstrap.model import ORGANIZATION, Address, Resource, Target
from sra_bootstrap.step import StepConfig
from sra_bootstrap.textfile import Text, TextFile
from steps.common.policies import ROOT_NAME
from steps.common.policy_types import AUTHORIZATION, PolicyType
from steps.organization_policies.break_glass import BreakGlass
from steps.organization_policies.shipped import shipped

HERE = Target(ORGANIZATION)
MARK = "[sra-bootstrap]"
"""What the descriptions of our policies end with, as a list of policies tells them, and no tag."""


class PolicySection(BaseModel):
    """A policy: a file of config.yaml's, or one that ships."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: PolicyType | None = Field(default=None, description="The type of the policy in the file.")
    file: TextFile | None = Field(default=None, description="The file with the policy, in JSON or YAML.")
    baseline: str | None = Field(default=None, description="The name of a policy that ships, instead of a file.")
    description: Annotated[str, Field(max_length=480)] = Field(
        default="", description="What it is for; by default what a policy that ships says of itself."
    )
    attach_to: tuple[str, ...] = Field(
        default=(), description="What it is attached to: `root`, OUs by their paths, accounts by their keys."
    )

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if (self.file is None) == (self.baseline is None):
            raise PydanticCustomError("policy", "it must have either a file or a baseline")
        if (self.type is None) != (self.file is None):
            raise PydanticCustomError("policy", "it must have a type with its file; what ships has its own")
        if self.baseline is not None and self.baseline not in shipped():
            text = 'no policy ships as "{name}"; there are {names}'
            raise PydanticCustomError("policy", text, {"name": self.baseline, "names": ", ".join(sorted(shipped()))})
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value not in (None, "")}


_RECOMMENDED: dict[str, tuple[str, ...]] = {
    "ai-opt-out": (ROOT_NAME,),
    "ec2-defaults": (ROOT_NAME,),
    "s3-block-public-access": (ROOT_NAME,),
    "no-confused-deputy": (ROOT_NAME,),
    "only-organization-identities": ("Security",),
    "deny-leaving-organization": (ROOT_NAME,),
    "deny-root-user": (ROOT_NAME,),
    "protect-cross-account-role": (ROOT_NAME,),
    "protect-log-archive": (ROOT_NAME,),
    "protect-security-services": (ROOT_NAME,),
    "quarantine": ("Suspended",),
}
"""What of all that ships does not stop ordinary workloads by surprise, and what it is attached to.

Partners may have access to workloads, long-lived access keys be in use, and workloads be reached from the internet or
run in regions that are not governed: what denies these is for who has looked.
"""


def _recommended() -> dict[str, PolicySection]:
    return {name: PolicySection(baseline=name, attach_to=targets) for name, targets in _RECOMMENDED.items()}


class Section(StepConfig):
    """The policies, and what they are attached to."""

    prefix: Annotated[str, Field(max_length=64)] = Field(
        default="sra-", description="What the names of the policies begin with in AWS."
    )
    policies: dict[Annotated[str, Field(min_length=1, max_length=64)], PolicySection] = Field(
        default_factory=_recommended, description="The policies by name; one of this name that is there is taken over."
    )
    remove_unnamed: bool = Field(
        default=False,
        description="Whether a policy that this step has made is detached and deleted once it is not named here.",
    )
    newer_actions: tuple[str, ...] = Field(
        default=(), description="IAM actions that are newer than the list by which actions are looked up."
    )
    break_glass: tuple[BreakGlass, ...] = Field(
        default=(), description="Roles of the members that no policy may lock out, each with what it must still do."
    )


@dataclass(frozen=True)
class Policy:
    """A policy that should be.

    Attributes:
        key: its name in config.yaml.
        name: its name in AWS.
        type: its type.
        description: what it is for, as AWS is told.
        text: the file that says what it says.
        attach_to: what it is attached to.
        recommended: whether config.yaml does not name it, and it is only attached to what config.yaml has.
    """

    key: str
    name: str
    type: PolicyType
    description: str
    text: Text
    attach_to: tuple[str, ...]
    recommended: bool = False


@dataclass(frozen=True)
class Attachment:
    """A policy, and the name of what it is, or should be, attached to."""

    policy: Policy
    target: str

    @property
    def address(self) -> Address:
        """The address of its resource."""
        return Address("attachment", HERE, f"{self.policy.name} to {self.target}")

    @property
    def resource(self) -> Resource:
        """It as a plan holds it."""
        return Resource(self.address, {"policy": self.policy.name, "target": self.target})


def policies_of(section: Section) -> Iterator[Policy]:
    """The policies that a section names, those that restrict most behind the others.

    Raises:
        ValueError: a policy has no type; its model does not let that happen.
    """
    found = list(_policies(section))
    yield from (policy for policy in found if policy.type not in AUTHORIZATION)
    for policy_type in AUTHORIZATION:
        yield from (policy for policy in found if policy.type == policy_type)


def _policies(section: Section) -> Iterator[Policy]:
    recommended = "policies" not in section.model_fields_set
    for key, one in section.policies.items():
        policy_type, text, description = one.type, one.file, one.description
        if one.baseline is not None:
            ours = shipped()[one.baseline]
            policy_type, text, description = ours.type, ours.text, one.description or ours.description
        if policy_type is None or text is None:
            raise ValueError(f"the policy {key} has no type or no file")
        told = f"{description} {MARK}".lstrip()
        yield Policy(key, section.prefix + key, policy_type, told, text, one.attach_to, recommended)
