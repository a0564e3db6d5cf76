"""The organization instance of IAM Identity Center: where permission sets, groups and assignments are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sra_bootstrap.aws import Reader
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Target
from sra_bootstrap.org import Org


@dataclass(frozen=True)
class Instance:
    """The instance as AWS names it: its ARN, and the id of the identity store that it has users and groups in."""

    arn: str
    store: str


def address(at: Target) -> Address:
    """The address of its resource."""
    return Address("instance", at)


def found(at: Target, org: Org, aws: Reader) -> Instance | None:
    """The active organization instance in a region, or None.

    The management account owns it, and can own no other: https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateInstance.html.
    """
    sso: Any = aws.client("sso-admin", at)
    for page in sso.get_paginator("list_instances").paginate():
        for one in page["Instances"]:
            if one["OwnerAccountId"] == org.management_id and one.get("Status", "ACTIVE") == "ACTIVE":
                return Instance(one["InstanceArn"], one["IdentityStoreId"])
    return None


def existing(at: Target, org: Org, aws: Reader) -> Instance:
    """The instance, for whoever changes what is in it; asked once for all changes of a round.

    Raises:
        RefusalError: there is none any more.
    """
    there = aws.once(f"instance of Identity Center in {at.region}", lambda: found(at, org, aws))
    if there is None:
        raise RefusalError(missing(at), remedy(at))
    return there


def missing(at: Target) -> str:
    """What is said where there is none."""
    return f"IAM Identity Center is not enabled for the organization in {at.region}."


def remedy(at: Target) -> str:
    """What a person can do about that: no API makes an organization instance."""
    return (
        "Sign in to the management account, open https://console.aws.amazon.com/singlesignon, choose the region "
        f"{at.region}, then Enable, with AWS Organizations. If it is enabled in another region, name that as `region`."
    )
