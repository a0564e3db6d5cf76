"""AWS Cost Optimization Hub for all accounts of the organization."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Address, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import delegations
from steps.common.delegations import Part

_PRINCIPAL = "cost-optimization-hub.bcm.amazonaws.com"
_HERE = Address("enrollment", Target(ORGANIZATION, "us-east-1"))
"""The hub has one endpoint, for all regions."""


class CostOptimizationHub(Step[StepConfig]):
    """Let the hub gather what could be saved in all accounts and regions."""

    class Config(StepConfig):
        """Who sees what could be saved."""

        enabled: bool = Field(
            default=False,
            description="Off by default: it is about costs and not about security, and whoever sees its "
            "recommendations sees what runs in all accounts.",
        )
        administrator: Part | None = Field(
            default=None,
            description="Which account, by its part in `roles`, sees it all beside the management account.",
        )

    id = "cost_optimization_hub"
    after = ("accounts", "trusted_access")
    follows = ("compute_optimizer",)
    trusted_access = (_PRINCIPAL,)
    kept = {"enrollment": "Opting out deletes recommendations, also of accounts that others have enrolled before."}
    reads = frozenset({"cost-optimization-hub:ListEnrollmentStatuses"})
    writes = frozenset({"cost-optimization-hub:UpdateEnrollmentStatus"})
    implied = frozenset({"iam:CreateServiceLinkedRole", "organizations:EnableAWSServiceAccess"})
    considerations = ("Most of what it gathers comes from Compute Optimizer, which has an enrollment of its own.",)
    documentation = (
        "https://docs.aws.amazon.com/cost-management/latest/userguide/coh-getting-started.html",
        "https://docs.aws.amazon.com/cost-management/latest/userguide/cost-optimization-hub.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The administrator that config.yaml names."""
        return delegations.to(self.config.administrator, _PRINCIPAL, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """All accounts, enrolled."""
        yield Resource(_HERE, {"members": True})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Whether the management account is enrolled, and its members are."""
        if org.partition != "aws":
            yield Unavailable(_HERE, (), f"Cost Optimization Hub is not offered in the partition {org.partition}.")
            return
        found = aws.client("cost-optimization-hub", at).list_enrollment_statuses(includeOrganizationInfo=False)
        if any(item["status"] == "Active" for item in found["items"]):
            yield Resource(_HERE, {"members": bool(found.get("includeMemberAccounts"))})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enrol all accounts."""
        hub = aws.client("cost-optimization-hub", change.address.at)
        hub.update_enrollment_status(status="Active", includeMemberAccounts=True)
