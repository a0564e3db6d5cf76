"""The organization itself."""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig

_ADDRESS = Address("organization", Target(MANAGEMENT))


class Organization(Step[StepConfig]):
    """Make this account the management account of an organization with all features.

    The root of the architecture: OUs, accounts, policies and every organization-wide security service live in it. An
    organization that exists is adopted.
    """

    id = "organization"
    after = ("preflight",)
    Config = StepConfig
    surveyed = frozenset({"organization"})
    kept = {"organization": "An organization can be deleted only when every other account has left it, by hand."}
    reads = frozenset({"organizations:DescribeOrganization"})
    writes = frozenset({"organizations:CreateOrganization"})
    implied = frozenset({"iam:CreateServiceLinkedRole"})
    considerations = (
        "The management account should hold nothing but the organization: service control policies do not restrict it.",
        "For up to an hour after its creation, an organization may not be ready for new accounts; the tool waits.",
    )
    irreversible = "The account becomes the management account, and stays it for as long as the organization exists."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/organizations.html",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html",
    )

    def desired(self, org: Org) -> Iterable[Resource]:
        """One organization, with all features."""
        yield Resource(_ADDRESS, {"feature_set": "ALL"})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The organization that the survey found."""
        if org.live is None:
            return
        if org.live.feature_set != "ALL":
            yield Obstacle(
                _ADDRESS,
                f"The organization {org.live.id} has only consolidated billing. Enabling all features asks every "
                "invited account for its consent.",
                "Enable all features in the console of AWS Organizations, and wait until every account has agreed: "
                "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html",
            )
        yield Resource(_ADDRESS, {"feature_set": org.live.feature_set})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Create the organization."""
        aws.client("organizations", _ADDRESS.at).create_organization(FeatureSet="ALL")
