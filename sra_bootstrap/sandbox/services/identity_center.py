"""AWS IAM Identity Center: the organization instance, who may manage it, and what it holds.

An instance that a single account has of its own is not in the sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import LOCK, Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page

PRINCIPAL = "sso.amazonaws.com"


@dataclass
class PermissionSet:
    """A permission set. `provisioned` maps an account to the version that its role was made from."""

    arn: str
    name: str
    description: str | None
    session_duration: str
    relay_state: str | None
    tags: dict[str, str]
    created: datetime = field(default_factory=moment)
    managed: list[str] = field(default_factory=list)
    customer_managed: list[dict[str, str]] = field(default_factory=list)
    inline: str = ""
    boundary: dict[str, Any] | None = None
    version: int = 1
    provisioned: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    """Who may sign in to an account, with which permission set."""

    account: str
    permission_set: str
    principal_type: str
    principal: str


@dataclass
class Request:
    """What AWS works off after it has answered; `about` is what its status tells beside."""

    id: str
    kind: str
    about: dict[str, Any]
    status: str = "IN_PROGRESS"
    reason: str = ""
    created: datetime = field(default_factory=moment)


@dataclass
class Center:
    """The instance of an organization."""

    region: str
    arn: str
    store_id: str
    management: str
    name: str = ""
    created: datetime = field(default_factory=moment)
    sets: dict[str, PermissionSet] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class _Holder:
    """What the management account has of it."""

    center: Center | None = None


def enable(management_id: str, region: str, partition: str = "aws") -> Center:
    """Enable it for an organization, as only a person can in the console; twice changes nothing.

    Trusted access is enabled with it: https://docs.aws.amazon.com/singlesignon/latest/userguide/enable-identity-center.html.

    Raises:
        ValueError: the account manages no organization.
    """
    with LOCK:
        if membership.management_account_of(management_id) != management_id:
            raise ValueError(f"the account {management_id} manages no organization")
        holder = store.state(_Holder, management_id, partition)
        if holder.center is None:
            arn = f"arn:{partition}:sso:::instance/ssoins-{mock_random.get_random_hex(16)}"
            holder.center = Center(region, arn, f"d-{mock_random.get_random_hex(10)}", management_id)
            membership.trust(management_id, PRINCIPAL)
        return holder.center


def center_of(call: Call) -> Center | None:
    """The instance that an account sees where it asks: its organization's, in the region that this is in."""
    management_id = membership.management_account_of(call.account_id)
    if management_id is None:
        return None
    center = store.state(_Holder, management_id, call.partition).center
    return center if center is not None and center.region == call.region else None


def absent(what: str) -> AwsFault:
    """The error of what is not there."""
    return AwsFault("ResourceNotFoundException", f"Could not find {what}.")


def denied(call: Call, why: str) -> AwsFault:
    """The error of who may not do something."""
    return AwsFault("AccessDeniedException", f"User is not authorized to perform: sso:{call.operation} ({why})")


def invalid(message: str) -> AwsFault:
    """The error of parameters that cannot be."""
    return AwsFault("ValidationException", message)


def conflict(message: str) -> AwsFault:
    """The error of what is there already, or on its way."""
    return AwsFault("ConflictException", message)


def managed(call: Call, arn: str) -> Center:
    """The instance, for the management account and the delegated administrator.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html. Which error another region and
    another account get is guessed.

    Raises:
        AwsFault: there is none of this name here, or the caller may not manage it.
    """
    center = center_of(call)
    if center is None or center.arn != arn:
        raise absent(f"the instance {arn}")
    if not membership.trusts(center.management, PRINCIPAL):
        raise denied(call, "the organization does not trust IAM Identity Center")
    if call.account_id not in {center.management, *membership.administrators(center.management, PRINCIPAL)}:
        raise denied(call, "neither the management account nor the delegated administrator")
    return center


def set_of(call: Call, center: Center, arn: str, *, change: bool = False) -> PermissionSet:
    """A permission set; only the management account changes one that is provisioned in it.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html

    Raises:
        AwsFault: there is none of this ARN, or the caller may not change it.
    """
    found = center.sets.get(arn)
    if found is None:
        raise absent(f"PermissionSet with id {arn.rpartition('/')[2]}")
    if change and call.account_id != center.management and center.management in found.provisioned:
        raise denied(call, "the permission set is provisioned in the management account")
    return found


def paged(name: str, items: Sequence[Any], size: int | None, token: str | None) -> dict[str, Any]:
    """One page of a list."""
    found, following = page(items, size or 100, token, invalid("The pagination token is not valid."))
    return {name: found} if following is None else {name: found, "NextToken": following}


def _described(center: Center) -> dict[str, Any]:
    return {
        "InstanceArn": center.arn,
        "IdentityStoreId": center.store_id,
        "OwnerAccountId": center.management,
        "Name": center.name,
        "CreatedDate": center.created,
        "Status": "ACTIVE",
    }


@operation("sso-admin", "ListInstances")
def list_instances(
    call: Call, MaxResults: int | None = None, NextToken: str | None = None, RegionScope: str = "CURRENT_REGION"
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListInstances.html.

    The organization's is visible to each of its accounts.
    """
    if RegionScope != "CURRENT_REGION":
        raise NotImplementedError(f"RegionScope {RegionScope}")
    center = center_of(call)
    return paged("Instances", [] if center is None else [_described(center)], MaxResults, NextToken)


@operation("sso-admin", "DescribeInstance")
def describe_instance(call: Call, InstanceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeInstance.html."""
    center = managed(call, InstanceArn)
    encryption = {"KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"}
    return {**_described(center), "EncryptionConfigurationDetails": encryption}


@operation("sso-admin", "UpdateInstance")
def update_instance(call: Call, InstanceArn: str, **others: Any) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UpdateInstance.html."""
    center = managed(call, InstanceArn)
    if set(others) - {"Name"}:
        raise NotImplementedError(", ".join(sorted(set(others) - {"Name"})))
    center.name = others.get("Name", center.name)


@operation("sso-admin", "CreateInstance")
def create_instance(call: Call, **_: Any) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateInstance.html.

    It is rejected in a management account; by which error is guessed.

    Raises:
        AwsFault: the account manages an organization.
        NotImplementedError: it does not.
    """
    if membership.management_account_of(call.account_id) == call.account_id:
        raise invalid("The management account of an organization cannot have an account instance.")
    raise NotImplementedError("an account that has an instance of its own")


@operation("sso-admin", "DeleteInstance")
def delete_instance(call: Call, InstanceArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteInstance.html.

    Raises:
        AwsFault: the caller is not the account that owns it.
    """
    center = managed(call, InstanceArn)
    if call.account_id != center.management:
        raise denied(call, "only the account that owns the instance can delete it")
    store.state(_Holder, center.management, call.partition).center = None
