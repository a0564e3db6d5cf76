"""AWS Resource Access Manager: accounts share resources within the organization, and nobody is invited."""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import trust

_PRINCIPAL = "ram.amazonaws.com"
_ROLE = "AWSServiceRoleForResourceAccessManager"


class Ram(Step[StepConfig]):
    """Let accounts share resources with the organization, its OUs and its accounts, without invitations.

    In the SRA, the network account shares subnets, transit gateways and firewall policies with the workloads. Nothing
    is shared by this step: whoever owns a resource decides that.
    """

    id = "ram"
    after = ("accounts",)
    Config = StepConfig
    own_access = (_PRINCIPAL,)
    reads = trust.READS | trust.ROLE_READS
    writes = frozenset({"organizations:DisableAWSServiceAccess", "ram:EnableSharingWithAwsOrganization"})
    implied = frozenset({"iam:CreateServiceLinkedRole", "organizations:EnableAWSServiceAccess"})
    considerations = (
        "Trusted access that AWS Organizations has given shares nothing: the role is missing that AWS RAM makes.",
        "Destroying takes the trusted access away, and what is shared with the organization ends; the role stays.",
    )
    documentation = (
        "https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html",
        "https://docs.aws.amazon.com/ram/latest/APIReference/API_EnableSharingWithAwsOrganization.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-ram.html",
    )

    def desired(self, org: Org) -> Iterable[Resource]:
        """Trusted access, and the role that sharing needs."""
        yield Resource(trust.address(_PRINCIPAL), {"service_linked_role": _ROLE})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Trusted access, and whether the role is there."""
        if trust.is_given(_PRINCIPAL, aws):
            yield Resource(trust.address(_PRINCIPAL), {"service_linked_role": trust.role_in_place(_ROLE, aws)})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enable sharing, which makes both; or take the trusted access away, which AWS RAM has no operation for."""
        at = change.address.at
        if change.action is Action.DELETE:
            aws.client("organizations", at).disable_aws_service_access(ServicePrincipal=_PRINCIPAL)
        elif not aws.client("ram", at).enable_sharing_with_aws_organization()["returnValue"]:
            raise RefusalError(
                "AWS RAM has answered that it has not enabled sharing with the organization.",
                "Enable it in the settings of AWS RAM in the management account, which tells why.",
            )
