"""The organization instance of IAM Identity Center: where permission sets, groups and assignments are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Target
from sra_bootstrap.org import Org

T = TypeVar("T")

SECONDS = 900
"""How long what AWS works off after its answer is waited for."""


@dataclass(frozen=True)
class Instance:
    """The instance, and the way to it.

    Attributes:
        at: the management account, and the region that the instance is in.
        arn: how AWS names it.
        store_id: the id of the identity store that it has users and groups in.
        org: whose instance it is.
        sso: the client for what is in it.
        store: the client for its users and groups.
    """

    at: Target
    arn: str
    store_id: str
    org: Org
    sso: Any
    store: Any


def address(at: Target) -> Address:
    """The address of its resource."""
    return Address("instance", at)


def found(at: Target, org: Org, aws: Reader) -> Instance | None:
    """The active organization instance in a region, or None."""
    ids = _found(at, org, aws)
    if ids is None:
        return None
    return Instance(at, *ids, org, aws.client("sso-admin", at), aws.client("identitystore", at))


def _found(at: Target, org: Org, aws: Reader) -> tuple[str, str] | None:
    """Its ARN and the id of its store.

    The management account owns it, and can own no other:
    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateInstance.html.
    """
    sso: Any = aws.client("sso-admin", at)
    for page in sso.get_paginator("list_instances").paginate():
        for one in page["Instances"]:
            if one["OwnerAccountId"] == org.management_id and one.get("Status", "ACTIVE") == "ACTIVE":
                return one["InstanceArn"], one["IdentityStoreId"]
    return None


def existing(at: Target, org: Org, aws: Reader) -> Instance:
    """The instance, for whoever changes what is in it; asked once for all changes of a round.

    Raises:
        RefusalError: there is none any more.
    """
    ids = aws.once(f"instance of Identity Center in {at.region}", lambda: _found(at, org, aws))
    if ids is None:
        raise RefusalError(missing(at), remedy(at))
    return Instance(at, *ids, org, aws.client("sso-admin", at), aws.client("identitystore", at))


def past_conflicts(ask: Callable[[], T], there: Instance, aws: Writer) -> T:
    """What AWS answers once what it works off of the same, such as of a run before this one, has ended.

    "A retry (with appropriate backoff logic) is the recommended response to this exception", says
    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html of ConflictException.

    Raises:
        aws.failures.FAILURES: the call failed for good, or the conflict lasts.
    """

    def look() -> T | Exception:
        try:
            return ask()
        except there.sso.exceptions.ConflictException as error:
            conflict: Exception = error
            return conflict

    answer = aws.poll(look, lambda seen: not isinstance(seen, Exception), SECONDS)
    if isinstance(answer, Exception):
        raise answer
    return answer


def missing(at: Target) -> str:
    """What is said where there is none."""
    return f"IAM Identity Center is not enabled for the organization in {at.region}."


def remedy(at: Target) -> str:
    """What a person can do about that: no API makes an organization instance."""
    return (
        "Sign in to the management account, open https://console.aws.amazon.com/singlesignon, choose the region "
        f"{at.region}, then Enable, with AWS Organizations. If it is enabled in another region, name that as `region`."
    )
