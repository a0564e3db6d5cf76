"""The section of Firewall Manager in config.yaml: its policies, and what may be said of each."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sra_bootstrap.step import StepConfig
from sra_bootstrap.textfile import TextFile

PolicyType = Literal[
    "WAFV2",
    "SHIELD_ADVANCED",
    "SECURITY_GROUPS_COMMON",
    "SECURITY_GROUPS_CONTENT_AUDIT",
    "SECURITY_GROUPS_USAGE_AUDIT",
    "NETWORK_ACL_COMMON",
    "NETWORK_FIREWALL",
    "IMPORT_NETWORK_FIREWALL",
    "DNS_FIREWALL",
    "THIRD_PARTY_FIREWALL",
]
"""Every type but that of AWS WAF Classic, which AWS has ended."""
WITHOUT_DATA: frozenset[PolicyType] = frozenset({"SHIELD_ADVANCED", "NETWORK_ACL_COMMON"})
"""The types that need no data beside their type."""
PolicyName = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+\-@]{1,128}$")]
ResourceType = Annotated[str, StringConstraints(pattern=r"^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$")]
TagText = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+\-@*\\]*$", max_length=256)]


class PolicyScope(BaseModel):
    """Some of the accounts of the organization."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: tuple[str, ...] = Field(default=(), description="Accounts by their keys; `management` is one too.")
    organizational_units: tuple[str, ...] = Field(
        default=(), description="OUs by their paths, with the accounts that are, or will be, in or below them."
    )

    def __bool__(self) -> bool:
        """Whether any are named."""
        return bool(self.accounts or self.organizational_units)


class FirewallPolicy(BaseModel):
    """A policy: what it puts in place, and on what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: PolicyType = Field(description="What the policy manages.")
    description: Annotated[str, StringConstraints(pattern=r"^[\w .:/=+\-@]*$", max_length=256)] = Field(
        default="Managed by sra-bootstrap.", description="What it is for."
    )
    regions: tuple[str, ...] = Field(
        default=(),
        description="The regions that have it; every governed one if none is named. What protects CloudFront is in "
        "us-east-1 alone, whether that is governed or not.",
    )
    resource_types: tuple[ResourceType, ...] = Field(
        min_length=1, description="The types of resources that it is for, as in AWS::EC2::VPC."
    )
    data: dict[str, Any] | None = Field(
        default=None,
        description="What the policy says: AWS's ManagedServiceData as YAML, without its type. What is not named is "
        "left as it is.",
    )
    file: TextFile | None = Field(default=None, description="A file with the same, in JSON or YAML, instead of `data`.")
    option: dict[str, Any] | None = Field(
        default=None,
        description="AWS's PolicyOption, as in NetworkAclCommonPolicy: what a policy for network ACLs says, and where "
        "a firewall is deployed.",
    )
    remediation_enabled: bool = Field(
        default=False,
        description="Whether AWS puts right what is not as the policy says; if not, it only tells of it. Look at what "
        "it tells before it is true.",
    )
    delete_unused_fm_managed_resources: bool = Field(
        default=False,
        description="Whether AWS cleans up: takes away what it has put in place, where that is in the scope no longer.",
    )
    resource_tags: dict[Annotated[str, StringConstraints(min_length=1, max_length=128)], TagText] = Field(
        default_factory=dict, description="The tags by which resources are told apart; an empty value is any."
    )
    exclude_resource_tags: bool = Field(
        default=False, description="Whether what has these tags is left out, and not what has them not."
    )
    resource_tag_operator: Literal["AND", "OR"] = Field(
        default="AND", description="Whether a resource must have all of these tags, or one of them."
    )
    include: PolicyScope = Field(
        default_factory=PolicyScope, description="The only accounts that it is for; all by default."
    )
    exclude: PolicyScope = Field(default_factory=PolicyScope, description="The only accounts that it is not for.")
    delete_resources: bool = Field(
        default=False,
        description="Whether deleting the policy also takes away what AWS has put in place by it. Otherwise resources "
        "stay as they are, protected and no longer managed.",
    )
    delete: bool = Field(
        default=False, description="Whether the policy is deleted where it is. One that is not named stays as it is."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.data is not None and self.file is not None:
            raise PydanticCustomError("policy", "it has both data and a file; keep one of them")
        if self.data is None and self.file is None and self.type not in WITHOUT_DATA:
            raise PydanticCustomError(
                "policy", "a policy of the type {type} must have data or a file", {"type": self.type}
            )
        if self.type == "NETWORK_ACL_COMMON" and "NetworkAclCommonPolicy" not in (self.option or {}):
            text = "a policy of the type NETWORK_ACL_COMMON must have an option NetworkAclCommonPolicy"
            raise PydanticCustomError("policy", text)
        if self.include and self.exclude:
            raise PydanticCustomError("policy", "it has both include and exclude; AWS takes one of them")
        if self.type == "SHIELD_ADVANCED" and self.delete_unused_fm_managed_resources:
            text = "delete_unused_fm_managed_resources is not for the type SHIELD_ADVANCED; leave it out"
            raise PydanticCustomError("policy", text)
        if self.exclude_resource_tags and not self.resource_tags:
            raise PydanticCustomError("policy", "exclude_resource_tags is true, and resource_tags names none")
        return self


class FirewallSection(StepConfig):
    """What Firewall Manager puts in place."""

    policies: dict[PolicyName, FirewallPolicy] = Field(
        default_factory=dict,
        description="Policies by name; one of this name that is there is taken over. None by default: each has a "
        "monthly price in each region, and what it protects must be decided first.",
    )
