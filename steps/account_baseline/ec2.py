"""What EC2 does in an account and region where nothing else is asked for: what is stricter there already stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.values import Attrs, Value

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_NO_PREFERENCE = "no-preference"
_WEAKEST_FIRST: dict[str, tuple[Value, ...]] = {
    "ebs_encryption": (False, True),
    "snapshots": ("unblocked", "block-new-sharing", "block-all-sharing"),
    "images": ("unblocked", "block-new-sharing"),
    "metadata_tokens": (_NO_PREFERENCE, "optional", "required"),
    # A hop limit that is not set is that of the image, or 1.
    "metadata_hop_limit": (_NO_PREFERENCE, *range(64, 0, -1)),
    "serial_console": ("enabled", "disabled"),
    "vpc": ("off", "block-ingress", "block-bidirectional"),
}
"""What each setting can be."""


class Ec2Defaults(BaseModel):
    """What a declarative policy can set for the whole organization; without one, calls set it place by place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Literal["policy", "calls", "off"] = Field(
        default="policy",
        description="Who sets the following: an organization policy of type DECLARATIVE_POLICY_EC2, and this step asks "
        "no account; calls, five and more in every account and region, with each plan; or nobody (off). "
        "What a policy sets nevertheless, calls leave to it.",
    )
    snapshots: Literal["block-all-sharing", "block-new-sharing"] | None = Field(
        default="block-all-sharing", description="How public sharing of EBS snapshots is blocked, or null."
    )
    images: bool = Field(default=True, description="Whether public sharing of images (AMIs) is blocked.")
    imdsv2: bool = Field(default=True, description="Whether new instances serve metadata by IMDSv2 alone.")
    hop_limit: int | None = Field(
        default=2, ge=1, le=64, description="How many hops metadata go at most, or null; containers need 2."
    )
    serial_console_off: bool = Field(default=True, description="Whether the serial console of instances is off.")
    vpc: Literal["block-ingress", "block-bidirectional"] | None = Field(
        default=None,
        description="How traffic through internet gateways is blocked; null by default, as it cuts workloads off.",
    )

    def wanted(self) -> dict[str, Value]:
        """What calls set in every account and region."""
        if self.by != "calls":
            return {}
        settings: dict[str, Value] = {
            "snapshots": self.snapshots,
            "images": "block-new-sharing" if self.images else None,
            "metadata_tokens": "required" if self.imdsv2 else None,
            "metadata_hop_limit": self.hop_limit,
            "serial_console": "disabled" if self.serial_console_off else None,
            "vpc": self.vpc,
        }
        return {name: value for name, value in settings.items() if value is not None}


def seen(wanted: Attrs, ec2: EC2Client) -> tuple[dict[str, Value], set[str]]:
    """The settings that are wanted, as they are, and which of them a declarative policy has set.

    What is stricter than wanted shows as wanted.
    """
    found: dict[str, Value] = {}
    declared: set[str] = set()
    for name, value, manager in _read(wanted, ec2):
        if name not in wanted:
            continue
        order = _WEAKEST_FIRST[name]
        found[name] = wanted[name] if order.index(value) >= order.index(wanted[name]) else value
        if manager == "declarative-policy":
            declared.add(name)
    return found, declared


def _read(wanted: Attrs, ec2: EC2Client) -> Iterator[tuple[str, Value, str]]:
    """Each setting and who manages it."""
    account = "account"
    if "ebs_encryption" in wanted:
        yield "ebs_encryption", ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"], account
    if "snapshots" in wanted:
        snapshots = ec2.get_snapshot_block_public_access_state()
        yield "snapshots", snapshots["State"], snapshots.get("ManagedBy", account)
    if "images" in wanted:
        images = ec2.get_image_block_public_access_state()
        yield "images", images["ImageBlockPublicAccessState"], images.get("ManagedBy", account)
    if wanted.keys() & {"metadata_tokens", "metadata_hop_limit"}:
        metadata = ec2.get_instance_metadata_defaults()["AccountLevel"]
        manager = metadata.get("ManagedBy", account)
        yield "metadata_tokens", metadata.get("HttpTokens", _NO_PREFERENCE), manager
        yield "metadata_hop_limit", metadata.get("HttpPutResponseHopLimit", _NO_PREFERENCE), manager
    if "serial_console" in wanted:
        console = ec2.get_serial_console_access_status()
        on = console["SerialConsoleAccessEnabled"]
        yield "serial_console", "enabled" if on else "disabled", console.get("ManagedBy", account)
    if "vpc" in wanted:
        options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
        yield "vpc", options["InternetGatewayBlockMode"], options.get("ManagedBy", account)


def put(changed: Attrs, ec2: EC2Client) -> None:
    """Set what has changed."""
    values: Any = changed
    if "ebs_encryption" in changed:
        ec2.enable_ebs_encryption_by_default()
    if "snapshots" in changed:
        ec2.enable_snapshot_block_public_access(State=values["snapshots"])
    if "images" in changed:
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState=values["images"])
    names = {"metadata_tokens": "HttpTokens", "metadata_hop_limit": "HttpPutResponseHopLimit"}
    if metadata := {names[name]: values[name] for name in names if name in values}:
        ec2.modify_instance_metadata_defaults(**metadata)
    if "serial_console" in changed:
        ec2.disable_serial_console_access()
    if "vpc" in changed:
        ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode=values["vpc"])
