"""The section of IAM Identity Center in config.yaml: permission sets, groups, and who has which of them where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sra_bootstrap.document import parse
from sra_bootstrap.errors import InputError
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding, StepConfig
from sra_bootstrap.textfile import TextFile

ALL = "all"
"""What stands for every member account."""
_INLINE = 10240
"""How many characters an inline policy has that are no white space: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html."""
_POLICIES = 20
"""How many policies a permission set has, from the same page."""


def _duration(value: str) -> str:
    if not re.fullmatch(r"PT(([1-9]|1[01])H([1-5]?[0-9]M)?|12H)", value):
        raise PydanticCustomError("duration", "it must be from PT1H to PT12H, as in PT4H or PT1H30M")
    return value


# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
SetName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@-]{1,32}$")]
Duration = Annotated[str, AfterValidator(_duration)]
RelayState = Annotated[str, Field(min_length=1, max_length=240)]
TagKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _.:/=+@-]{1,128}$")]
TagValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _.:/=+@-]{0,256}$")]
# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_AttachManagedPolicyToPermissionSet.html
AwsPolicy = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+=,.@_-]+(/[A-Za-z0-9+=,.@_-]+)*$")]
# https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_CreateGroup.html
GroupName = Annotated[str, Field(min_length=1, max_length=1024)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomerPolicy(_Model):
    """An IAM policy that every account must have in which the permission set is assigned."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@-]{1,128}$")] = Field(description="Its name.")
    path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9.,+@=_-]+)*/$")] = Field(
        default="/", description="Its path."
    )

    @property
    def told(self) -> str:
        """It as a plan names it."""
        return f"{self.path}{self.name}"


class Boundary(_Model):
    """The permissions boundary of a permission set: one policy, of AWS or of the accounts."""

    aws_managed: AwsPolicy | None = Field(default=None, description="The name of a policy of AWS, after `policy/`.")
    customer_managed: CustomerPolicy | None = Field(default=None, description="A policy that each account must have.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.aws_managed is None) == (self.customer_managed is None):
            raise PydanticCustomError("boundary", "it must have either aws_managed or customer_managed")
        return self


class PermissionSet(_Model):
    """What whoever signs in with it may do."""

    description: Annotated[str, Field(max_length=700)] = Field(default="", description="What it is for.")
    session_duration: Duration = Field(default="PT1H", description="How long a session lasts: PT1H to PT12H.")
    relay_state: RelayState | None = Field(default=None, description="The address in the console that it leads to.")
    aws_managed_policies: tuple[AwsPolicy, ...] = Field(
        default=(), description="Policies of AWS by name, as in ReadOnlyAccess or job-function/ViewOnlyAccess."
    )
    customer_managed_policies: tuple[CustomerPolicy, ...] = Field(
        default=(), description="Policies that every account must have in which it is assigned."
    )
    inline_policy: dict[str, Any] | None = Field(default=None, description="A policy of its own.")
    inline_policy_file: TextFile | None = Field(default=None, description="The same in a file, in JSON or YAML.")
    permissions_boundary: Boundary | None = Field(default=None, description="What it must not go beyond.")
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=50, description="Tags of it.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.inline_policy is not None and self.inline_policy_file is not None:
            raise PydanticCustomError("inline", "it must have either inline_policy or inline_policy_file")
        if len(self.aws_managed_policies) + len(self.customer_managed_policies) > _POLICIES:
            raise PydanticCustomError("policies", "it must have at most {most} policies", {"most": _POLICIES})
        return self

    def inline(self) -> Mapping[str, Any] | None:
        """The policy of its own, or None.

        Raises:
            InputError: its file is neither JSON nor YAML.
        """
        if self.inline_policy_file is None:
            return self.inline_policy
        # JSON allows tabs between its values, where YAML may not.
        return parse(self.inline_policy_file.text.replace("\t", " "), self.inline_policy_file.path).data


class Group(_Model):
    """A group that is made where it is not there."""

    description: Annotated[str, Field(max_length=1024)] = Field(default="", description="What it is for.")


class Assignment(_Model):
    """A group that has a permission set in accounts."""

    group: GroupName = Field(description="The group, by its display name.")
    permission_set: str = Field(description="The permission set, by its name here.")
    accounts: tuple[str, ...] = Field(
        min_length=1,
        description="Accounts by their keys, OUs by their paths, `all` members; `management` is only by name.",
    )


class Section(StepConfig):
    """Where IAM Identity Center is, and what is in it."""

    region: str | None = Field(
        default=None, description="The region in which it is, or is to be, enabled; by default the home region."
    )
    permission_sets: dict[SetName, PermissionSet] = Field(
        default_factory=dict, description="Permission sets by name; one of this name that is there is taken over."
    )
    groups: dict[GroupName, Group] = Field(
        default_factory=dict,
        description="Groups to make in its own directory; those from elsewhere are only named in assignments.",
    )
    assignments: tuple[Assignment, ...] = Field(
        default=(), description="Which group has which permission set in which accounts."
    )


def problems(section: Section, org: Org) -> Iterator[Finding]:
    """What does not fit together in the section, or is not in the organization."""
    for name, one in section.permission_sets.items():
        for field, what in _of_inline(one):
            yield ("permission_sets", name, field), what
    for number, assignment in enumerate(section.assignments):
        here = ("assignments", number)
        if assignment.permission_set not in section.permission_sets:
            known = ", ".join(sorted(section.permission_sets)) or "none"
            text = f'there is no permission set "{assignment.permission_set}" in permission_sets; there are {known}'
            yield (*here, "permission_set"), text
        for index, target in enumerate(assignment.accounts):
            if target not in {ALL, MANAGEMENT, *org.accounts, *org.units}:
                text = f'"{target}" is neither an account nor an OU of this file, nor `all` or `management`'
                yield (*here, "accounts", index), text


def _of_inline(one: PermissionSet) -> Iterator[tuple[str, str]]:
    field = "inline_policy" if one.inline_policy_file is None else "inline_policy_file"
    try:
        policy = one.inline()
    except InputError as error:
        yield field, error.message
        return
    if policy is None:
        return
    if "Statement" not in policy:
        yield field, "it must have a Statement, as every IAM policy has"
    try:
        length = len("".join(json.dumps(policy).split()))
    except TypeError as error:
        yield field, f"it must be what JSON can say: {error}"
        return
    if length > _INLINE:
        yield field, f"it must have at most {_INLINE} characters that are no white space, and has {length}"
