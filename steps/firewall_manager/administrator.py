"""The administrator of Firewall Manager: one for the organization, appointed in one region for all of them.

https://docs.aws.amazon.com/waf/latest/developerguide/fms-prereq.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from steps.firewall_manager import listing

if TYPE_CHECKING:
    from mypy_boto3_fms import FMSClient

PRINCIPAL = "fms.amazonaws.com"
KIND = "administrator"
READY = "READY"
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where the administrator is appointed, and what is not regional is protected, in each partition."""
_PATIENCE = 600
"""How many seconds Firewall Manager may refuse an administrator, or not take it, after the organization has changed."""
_NOBODY = ("is not currently delegated by AWS FM", "No default admin could be found")
"""What Firewall Manager says with AccessDeniedException where there is no administrator.

https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/fms/admin_account.go and
https://github.com/rebuy-de/aws-nuke/issues/992
"""


@dataclass(frozen=True)
class Administrator:
    """Who administers Firewall Manager, and how the account's role stands, as in READY or CREATING."""

    account_id: str
    status: str


def global_region(org: Org) -> str:
    """The region in which the administrator is appointed, and what is not regional is protected."""
    return _REGIONS.get(org.partition, org.home_region)


def place(org: Org) -> Target:
    """Where the administrator is appointed."""
    return Target(MANAGEMENT, global_region(org))


def desired(org: Org) -> Resource:
    """The security tooling account as the administrator, with a role that is ready."""
    return Resource(Address(KIND, place(org)), {"account": org.id_of(org.security_tooling), "status": READY})


def seen(org: Org, aws: Reader) -> Administrator | None:
    """Who administers Firewall Manager, asked once for all places of a round."""
    return aws.once("administrator of Firewall Manager", lambda: _ask(aws.client("fms", place(org))))


def _ask(fms: FMSClient) -> Administrator | None:
    try:
        answer = fms.get_admin_account()
    except fms.exceptions.ResourceNotFoundException:
        return None
    except fms.exceptions.ClientError as error:
        # The code is the one with which IAM denies a call: nothing but the text tells that there is nobody.
        if any(text in error.response["Error"].get("Message", "") for text in _NOBODY):
            return None
        raise
    administrator = Administrator(answer["AdminAccount"], answer["RoleStatus"])
    return None if administrator.status == "DELETED" else administrator


def is_ours(org: Org, aws: Reader) -> bool:
    """Whether the security tooling account administers Firewall Manager, and can."""
    found = seen(org, aws) if org.live is not None else None
    return found is not None and found == Administrator(str(org.id_of(org.security_tooling)), READY)


def observe(org: Org, aws: Reader) -> Iterator[Observation]:
    """The administrator, whoever is in the way of ours, and those that it shares its work with."""
    found = seen(org, aws) if org.live is not None else None
    if found is None:
        return
    address = Address(KIND, place(org))
    if found.account_id != org.id_of(org.security_tooling):
        name = org.name_of(found.account_id)
        yield Obstacle(
            address,
            f"Firewall Manager is administered by {name} ({found.account_id}, {found.status}).",
            "Name that account as roles.security_tooling; or have it revoked, which deletes all its policies: in that "
            f"account, aws fms disassociate-admin-account --region {address.at.region}",
        )
    for account_id in _further(aws.client("fms", address.at)):
        yield Note(
            f"{org.name_of(account_id)} ({account_id}) administers Firewall Manager too, within a scope of its own; "
            "its policies are not seen."
        )
    yield Resource(address, {"account": found.account_id, "status": found.status})


def _further(fms: FMSClient) -> list[str]:
    """The administrators beside the one that was appointed first, which alone sees the whole organization."""
    pages = fms.get_paginator("list_admin_accounts_for_organization").paginate()
    found = (one for page in pages for one in page["AdminAccounts"])
    return [one["AdminAccount"] for one in found if not one["DefaultAdmin"] and one["Status"] != "OFFBOARDING_COMPLETE"]


def appoint(change: Change, org: Org, aws: Writer) -> None:
    """Make the security tooling account the administrator.

    Firewall Manager refuses this for a while after the organization has changed, and with the same error when it is so
    already; or it answers with success and does nothing, if the organization is new. So it is asked who it is.

    Raises:
        Exception: the last refusal, when Firewall Manager has not come round in ten minutes.
        RefusalError: likewise, if it has not refused.
    """
    fms: FMSClient = aws.client("fms", place(org))
    account_id = str(org.id_of(org.security_tooling))

    def attempt() -> Exception | None:
        refusal: Exception = RefusalError(
            f"Firewall Manager has not made {org.security_tooling} its administrator, and does not say why.",
            "Run it again in a while.",
        )
        try:
            fms.associate_admin_account(AdminAccount=account_id)
        except fms.exceptions.InvalidOperationException as refused:
            refusal = refused
        found = _ask(fms)
        # While another role of this account goes, its successor cannot come.
        there = found is not None and found.account_id == account_id and found.status in {"CREATING", READY}
        return None if there else refusal

    if "account" not in change.after and change.before.get("status") == "CREATING":
        # It is on its way.
        return
    refusal = aws.poll(attempt, lambda refusal: refusal is None, _PATIENCE)
    if refusal is not None:
        raise refusal


def dismiss(change: Change, regions: Collection[str], org: Org, aws: Writer) -> None:
    """Revoke the administrator, which only itself can. AWS deletes all its policies then, so there must be none.

    Raises:
        RefusalError: there are policies of others, or further administrators.
    """
    if change.before.get("status") in {"PENDING_DELETION", "DELETING"}:
        # It is on its way.
        return
    further = _further(aws.client("fms", place(org)))
    if further:
        names = ", ".join(f"{org.name_of(account_id)} ({account_id})" for account_id in further)
        raise RefusalError(
            f"Firewall Manager has further administrators, and the first of them goes last: {names}.",
            "Have these revoke themselves first: in each account, aws fms disassociate-admin-account --region "
            f"{global_region(org)}",
        )
    for region in regions:
        left = listing.policies(aws.client("fms", Target(org.security_tooling, region)))
        if left:
            names = ", ".join(sorted(policy.name for policy in left))
            raise RefusalError(
                f"Firewall Manager has policies in {region} that AWS would delete with its administrator: {names}.",
                "Delete them first, or keep the administrator: they are not from config.yaml.",
            )
    fms: FMSClient = aws.client("fms", Target(org.security_tooling, global_region(org)))
    fms.disassociate_admin_account()
