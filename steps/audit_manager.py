"""AWS Audit Manager, where it is in use already: administered from the security tooling account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Address, Change, Note, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import administrator
from steps.common.administrator import Service
from steps.common.offers import unoffered

if TYPE_CHECKING:
    from mypy_boto3_auditmanager import AuditManagerClient

_CLOSED = "closed to new customers since April 30, 2026"


def _administrators(region: str, aws: Reader) -> tuple[str, ...]:
    """Who administers Audit Manager in a region; only where the management account uses it does it say so."""
    client: AuditManagerClient = aws.client("auditmanager", Target(MANAGEMENT, region))
    try:
        account_id = client.get_organization_admin_account().get("adminAccountId")
    except client.exceptions.ResourceNotFoundException:
        return ()
    return () if account_id is None else (account_id,)


_SERVICE = Service(
    name="Audit Manager",
    client="auditmanager",
    principal="auditmanager.amazonaws.com",
    removal="auditmanager deregister-organization-admin-account --admin-account-id {account}",
    administrators=_administrators,
    beforehand="end its evidence finder in that account, whose data goes with it, and ",
)


class AuditManager(Step[StepConfig]):
    """Let the security tooling account administer Audit Manager, in the regions where the organization uses it already.

    The SRA makes the security tooling account the administrator of Audit Manager. AWS takes no new customers for it:
    this step never registers an account, and where Audit Manager is off it says so and does nothing.
    """

    class Config(StepConfig):
        """Nothing but whether it is looked at."""

        enabled: bool = Field(
            default=False,
            description=f"Off by default: it is {_CLOSED}; for organizations that use Audit Manager already.",
        )

    id = "audit_manager"
    after = ("accounts",)
    follows = ("regions",)
    home_first = frozenset({"administrator"})
    kept = {"administrator": "It may be that AWS, which takes no new customers, would not register it again."}
    reads = frozenset(
        {
            "auditmanager:GetAccountStatus",
            "auditmanager:GetOrganizationAdminAccount",
            "organizations:ListDelegatedAdministrators",
        }
    )
    writes = frozenset({"auditmanager:RegisterOrganizationAdminAccount"})
    implied = administrator.IMPLIED
    considerations = (
        "Audit Manager is off in most organizations, and stays off: AWS Config's conformance packs are AWS's advice.",
        "Each region has an administrator of its own, and AWS wants the same account everywhere.",
        "AWS may refuse an administrator that does not use Audit Manager itself; the plan says where that is so.",
        "Assessments, their keys and the evidence finder are left to whoever runs the audits.",
    )
    costs = "By the number of resource assessments, for those that somebody runs; the administrator costs nothing."
    irreversible = "An administrator that is removed may not be taken again."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/audit-manager/latest/userguide/audit-manager-availability-change.html",
        "https://docs.aws.amazon.com/audit-manager/latest/userguide/add-delegated-admin.html",
        "https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_RegisterOrganizationAdminAccount.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The security tooling account, by Audit Manager's own operation, which enables trusted access too."""
        yield Delegation(_SERVICE.principal, org.security_tooling, own_api=True, kept=True)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The administrator in every governed region, of which those are left out that do not use Audit Manager."""
        yield from administrator.desired(org)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Whether Audit Manager is used in a region, and who administers it there."""
        if not aws.offers("auditmanager", at.region):
            yield from unoffered(self.desired(org), at, "Audit Manager")
            return
        in_management = _is_used(at, aws)
        tooling = Target(org.security_tooling, at.region)
        in_tooling = org.exists(tooling.account) and _is_used(tooling, aws)
        if not in_management:
            yield from _unused(at, tooling.account if in_tooling else None)
            return
        observed = list(administrator.observe(_SERVICE, at, org, aws, regions=[at.region]))
        if not observed and not in_tooling:
            who = f"{tooling.account} does not use Audit Manager in {at.region}"
            yield Note(f"{who}; AWS may refuse to make it the administrator.")
        yield from observed

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Register the administrator of one region."""
        client: AuditManagerClient = aws.client("auditmanager", change.address.at)
        client.register_organization_admin_account(adminAccountId=str(change.after["account"]))


def _is_used(at: Target, aws: Reader) -> bool:
    client: AuditManagerClient = aws.client("auditmanager", at)
    return client.get_account_status()["status"] == "ACTIVE"


def _unused(at: Target, by: str | None) -> Iterator[Unavailable]:
    """What is left undone in a region where the management account does not use Audit Manager, and why."""
    reason = f"Audit Manager is off in {at.region}, and it is {_CLOSED}."
    if by is not None:
        reason = (
            f"In {at.region}, {by} uses Audit Manager for itself; the management account does not, and it is {_CLOSED}."
        )
    yield Unavailable(Address("administrator", at), (), reason)
