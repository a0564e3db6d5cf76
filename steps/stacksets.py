"""AWS CloudFormation StackSets: stacks in all accounts of the organization, by roles that it makes itself."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import delegations, trust
from steps.common.delegations import Part

_PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"
_HERE = trust.address(_PRINCIPAL)


class StackSets(Step[StepConfig]):
    """Let StackSets put stacks into all accounts, and into those that join an OU.

    With trusted access, CloudFormation makes the roles that stack sets need by itself. No stack set is made.
    """

    class Config(StepConfig):
        """Who makes stack sets for the organization, beside the management account."""

        administrator: Part | None = Field(
            default=None,
            description="Which account, by its part in `roles`, may put stacks into all accounts but the management "
            "account; none by default, because it can then do there whatever it likes.",
        )

    id = "stacksets"
    after = ("accounts",)
    own_access = (_PRINCIPAL,)
    reads = frozenset({"cloudformation:DescribeOrganizationsAccess"})
    writes = frozenset({"cloudformation:ActivateOrganizationsAccess", "cloudformation:DeactivateOrganizationsAccess"})
    implied = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "organizations:DisableAWSServiceAccess",
            "organizations:EnableAWSServiceAccess",
            "organizations:ListAWSServiceAccessForOrganization",
        }
    )
    considerations = (
        "Stack sets with permissions managed by the service never put stacks into the management account.",
        "Destroying takes the access away: stack sets stay, and can no longer be changed.",
    )
    costs = "Nothing; AWS charges for what stacks contain."
    documentation = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ActivateOrganizationsAccess.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The administrator that config.yaml names."""
        return delegations.to(self.config.administrator, _PRINCIPAL, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """Trusted access."""
        yield Resource(_HERE)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Trusted access, as StackSets tells it; it has a status that AWS does not explain."""
        status = aws.client("cloudformation", at).describe_organizations_access()["Status"]
        if status == "ENABLED":
            yield Resource(_HERE)
        elif status != "DISABLED":
            yield Obstacle(
                _HERE,
                f"StackSets has the status {status} in this organization.",
                "Ask AWS Support to let it be activated, or turn the step stacksets off.",
            )

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Activate or deactivate it."""
        cloudformation = aws.client("cloudformation", change.address.at)
        if change.action is Action.DELETE:
            cloudformation.deactivate_organizations_access()
        else:
            cloudformation.activate_organizations_access()
