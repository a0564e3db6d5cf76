"""Who administers CloudTrail for the organization: up to three members, of which ours is one.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from steps.common import administrator
from steps.common.administrator import Service

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

PRINCIPAL = "cloudtrail.amazonaws.com"
_MOST = 3


def _registered(region: str, aws: Reader) -> list[str]:  # noqa: ARG001 (they are those of all regions)
    organizations = aws.client("organizations", Target(ORGANIZATION))
    pages = organizations.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=PRINCIPAL)
    return [one["Id"] for page in pages for one in page["DelegatedAdministrators"]]


_SERVICE = Service(
    name="CloudTrail",
    client="cloudtrail",
    principal=PRINCIPAL,
    removal="cloudtrail deregister-organization-delegated-admin --delegated-admin-account-id {account}",
    administrators=_registered,
)


def _address(at: Target, org: Org) -> Address:
    """It has a name, unlike one that is alone: nothing else at this place stands on it."""
    return Address("administrator", at, org.security_tooling)


def desired(at: Target, org: Org) -> Resource:
    """The security tooling account as an administrator."""
    return Resource(_address(at, org), {"account": org.id_of(org.security_tooling)})


def observe(at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """Ours, if it is one; others are reported, and in the way only if there are as many as there may be."""
    if org.live is None:
        return
    ours, there = org.id_of(org.security_tooling), administrator.registered(_SERVICE, aws)
    others = [f"{org.name_of(account_id)} ({account_id})" for account_id in there if account_id != ours]
    if others:
        yield Note(f"CloudTrail is also administered by {', '.join(others)}, who can change and delete the trail.")
    if ours in there:
        yield Resource(_address(at, org), {"account": ours})
    elif len(others) >= _MOST:
        removal = _SERVICE.removal.format(account="…")
        yield Obstacle(
            _address(at, org),
            f"CloudTrail is administered by {', '.join(others)}, and has {_MOST} administrators at most.",
            f"Remove one of them (aws {removal}), or name one of them as roles.security_tooling.",
        )


def appoint(change: Change, aws: Writer) -> None:
    """Register an account by CloudTrail's API, which also makes the role that CloudTrail acts by."""
    cloudtrail: CloudTrailClient = aws.client("cloudtrail", change.address.at)
    register = cloudtrail.register_organization_delegated_admin
    refused = (cloudtrail.exceptions.AccountRegisteredException, cloudtrail.exceptions.AccountNotFoundException)
    administrator.appoint(_SERVICE, change, lambda account: register(MemberAccountId=account), refused, aws)


def dismiss(change: Change, aws: Writer) -> None:
    """Deregister an account; trails stay as they are, whoever has made them."""
    cloudtrail: CloudTrailClient = aws.client("cloudtrail", change.address.at)
    account_id = str(change.before["account"])
    cloudtrail.deregister_organization_delegated_admin(DelegatedAdminAccountId=account_id)
