"""Amazon VPC IP Address Manager (IPAM) across the organization."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import administrator, delegations, trust

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_PRINCIPAL = "ipam.amazonaws.com"
_ROLE = "AWSServiceRoleForIPAM"
_HERE = Address("administrator", Target(MANAGEMENT))


class Ipam(Step[StepConfig]):
    """Let the network account plan and watch the IP addresses of all accounts.

    The SRA keeps what concerns the network in the network account. This step makes no IPAM and no pool there.
    """

    class Config(StepConfig):
        """Whether the network account administers IPAM."""

        enabled: bool = Field(
            default=False,
            description="Off by default: it lets the network account see the addresses of all accounts, and is of use "
            "only with an IPAM there, of which AWS charges the advanced tier by the hour and address.",
        )

    id = "ipam"
    after = ("accounts",)
    own_access = (_PRINCIPAL,)
    reads = trust.ROLE_READS | {"organizations:ListDelegatedAdministrators"}
    writes = frozenset({"ec2:DisableIpamOrganizationAdminAccount", "ec2:EnableIpamOrganizationAdminAccount"})
    implied = administrator.IMPLIED | {
        "organizations:DeregisterDelegatedAdministrator",
        "organizations:DisableAWSServiceAccess",
    }
    considerations = (
        "An administrator that AWS Organizations has registered sees nothing: the role is missing that IPAM makes.",
        "When another account administers IPAM already, this is reported and nothing is changed.",
        "Destroying lets an IPAM of the network account see that account only.",
    )
    costs = "Nothing; AWS charges for an IPAM of the advanced tier, by the hour and address that it watches."
    documentation = (
        "https://docs.aws.amazon.com/vpc/latest/ipam/enable-integ-ipam.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-ipam.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableIpamOrganizationAdminAccount.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The network account, by an API of IPAM's own."""
        yield Delegation(_PRINCIPAL, org.network, own_api=True)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The network account as the administrator, with the role that it needs."""
        yield Resource(_HERE, {"account": org.id_of(org.network), "service_linked_role": _ROLE})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Who administers IPAM, which only AWS Organizations tells."""
        if org.live is None:
            return
        for account_id in delegations.registrations(_PRINCIPAL, aws):
            if account_id == org.id_of(org.network):
                role = trust.role_in_place(_ROLE, aws)
                yield Resource(_HERE, {"account": account_id, "service_linked_role": role})
            else:
                yield Obstacle(
                    _HERE,
                    f"IPAM is administered by {org.name_of(account_id)} ({account_id}), and has one only.",
                    "Name that account as roles.network; or remove it: aws ec2 "
                    f"disable-ipam-organization-admin-account --delegated-admin-account-id {account_id}",
                )

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Appoint or remove the network account."""
        ec2: EC2Client = aws.client("ec2", change.address.at)
        network = str(org.id_of(org.network))
        if change.action is Action.DELETE:
            answer = ec2.disable_ipam_organization_admin_account(DelegatedAdminAccountId=network)["Success"]
        else:
            answer = ec2.enable_ipam_organization_admin_account(DelegatedAdminAccountId=network)["Success"]
        if not answer:
            raise RefusalError(
                "IPAM has answered that it has not changed its administrator.",
                "Change it in the settings of IPAM in the management account, which tells why.",
            )
