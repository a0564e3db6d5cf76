"""AWS Compute Optimizer in all accounts of the organization."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Address, Change, Note, Observation, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import delegations
from steps.common.delegations import Part

_PRINCIPAL = "compute-optimizer.amazonaws.com"


class ComputeOptimizer(Step[StepConfig]):
    """Let Compute Optimizer recommend sizes of instances, volumes and functions in all accounts."""

    class Config(StepConfig):
        """Who sees the recommendations of all accounts."""

        enabled: bool = Field(
            default=False,
            description="Off by default: it is about costs and not about security, and whoever sees its "
            "recommendations sees what runs in all accounts.",
        )
        administrator: Part | None = Field(
            default=None,
            description="Which account, by its part in `roles`, sees it all beside the management account.",
        )

    id = "compute_optimizer"
    after = ("accounts", "trusted_access")
    trusted_access = (_PRINCIPAL,)
    kept = {"enrollment": "Opting out deletes recommendations, also of accounts that others have enrolled before."}
    reads = frozenset({"compute-optimizer:GetEnrollmentStatus"})
    writes = frozenset({"compute-optimizer:UpdateEnrollmentStatus"})
    implied = frozenset({"iam:CreateServiceLinkedRole", "organizations:EnableAWSServiceAccess"})
    considerations = ("It takes up to a day for an account to be enrolled, and metrics of some days to recommend.",)
    costs = "Nothing; AWS charges for enhanced metrics, which stay off."
    documentation = (
        "https://docs.aws.amazon.com/compute-optimizer/latest/ug/account-opt-in.html",
        "https://docs.aws.amazon.com/compute-optimizer/latest/APIReference/API_UpdateEnrollmentStatus.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The administrator that config.yaml names."""
        return delegations.to(self.config.administrator, _PRINCIPAL, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """All accounts, enrolled."""
        yield Resource(Address("enrollment", Target(ORGANIZATION)), {"enrolled": True, "members": True})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Whether the management account is enrolled, and its members are; those that are on their way are."""
        found = aws.client("compute-optimizer", at).get_enrollment_status()
        if found["status"] == "Failed":
            yield Note(
                f"Compute Optimizer could not enrol all accounts: {found.get('statusReason', 'no reason given')}."
            )
        if found["status"] != "Inactive":
            attrs = {"enrolled": found["status"] != "Failed", "members": bool(found.get("memberAccountsEnrolled"))}
            yield Resource(Address("enrollment", at), attrs)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enrol all accounts; members are enrolled only by a request that names them."""
        optimizer = aws.client("compute-optimizer", change.address.at)
        optimizer.update_enrollment_status(status="Active", includeMemberAccounts=True)
