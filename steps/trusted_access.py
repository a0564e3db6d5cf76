"""Trusted access of services to the organization."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig

ServicePrincipal = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.amazonaws\.com$")]


class TrustedAccess(Step[StepConfig]):
    """Let the security services work in every account of the organization.

    Trusted access allows a service to make its service-linked role in each member. Which services need it is collected
    from the other steps; services that enable it by an API of their own do so in their own step.
    """

    class Config(StepConfig):
        """Services beyond those that the steps of the pipeline need."""

        additional: tuple[ServicePrincipal, ...] = Field(
            default=(), description="Service principals to trust beyond those that the enabled steps need."
        )

    id = "trusted_access"
    after = ("organization",)
    reads = frozenset({"organizations:ListAWSServiceAccessForOrganization"})
    writes = frozenset({"organizations:DisableAWSServiceAccess", "organizations:EnableAWSServiceAccess"})
    implied = frozenset({"iam:CreateServiceLinkedRole"})
    considerations = (
        "Disabling it destroys things elsewhere: without that of CloudTrail, members lose the organization trail.",
    )
    documentation = (
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html",
    )

    config: Config

    def principals(self) -> Iterable[str]:
        """What config.yaml adds to what the other steps need."""
        return self.config.additional

    def keeps(self, address: Address, org: Org) -> bool:
        """A service whose administrator is kept stays trusted."""
        return any(delegation.kept and delegation.principal == address.name for delegation in org.delegations)

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every service that a step of the pipeline, or config.yaml, asks for."""
        for principal in org.trusted_access:
            yield Resource(Address("trusted-access", Target(ORGANIZATION), principal))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Every service that has trusted access, but for those that get it in a step of their own."""
        organizations = aws.client("organizations", at)
        for page in organizations.get_paginator("list_aws_service_access_for_organization").paginate():
            for service in page["EnabledServicePrincipals"]:
                principal = service["ServicePrincipal"]
                if principal in org.trusted_access or principal not in org.own_access:
                    yield Resource(Address("trusted-access", at, principal))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enable or disable the trusted access of one service."""
        organizations = aws.client("organizations", change.address.at)
        if change.action is Action.DELETE:
            organizations.disable_aws_service_access(ServicePrincipal=change.address.name)
        else:
            organizations.enable_aws_service_access(ServicePrincipal=change.address.name)
