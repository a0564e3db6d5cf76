"""AWS Systems Manager across the organization."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import delegations, trust
from steps.common.delegations import Part

_PRINCIPAL = "ssm.amazonaws.com"
_ROLE = "AWSServiceRoleForAmazonSSM_AccountDiscovery"
_ROLE_OF = "accountdiscovery.ssm.amazonaws.com"


class SystemsManager(Step[StepConfig]):
    """Let one account operate the instances of all accounts: Explorer, OpsCenter and Change Manager.

    Systems Manager has one administrator for all of these. This step gives it the access and the role by which it finds
    the accounts; what it then synchronizes and runs is its own.
    """

    class Config(StepConfig):
        """Whether an account administers Systems Manager, and which."""

        enabled: bool = Field(
            default=False,
            description="Off by default: its administrator sees the operational data of all accounts, and AWS charges "
            "for what it synchronizes and runs there.",
        )
        administrator: Part | None = Field(
            default="shared_services",
            description="Which account, by its part in `roles`, administers Systems Manager; with null, only the "
            "management account does.",
        )

    id = "systems_manager"
    after = ("accounts", "trusted_access")
    follows = ("delegated_administrators",)
    trusted_access = (_PRINCIPAL,)
    kept = {"service-linked-role": "Explorer's synchronizations that others have made need it."}
    reads = trust.ROLE_READS
    writes = frozenset({"iam:CreateServiceLinkedRole"})
    considerations = (
        "Quick Setup and the unified console register further services; they are set up in the console.",
        "Change Manager takes no new customers since November 7, 2025.",
    )
    costs = "Nothing; AWS charges for items of OpsCenter and for what is automated."
    documentation = (
        "https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-ssm.html",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/setting_up_delegated_admin.html",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/Explorer-setup-delegated-administrator.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The administrator that config.yaml names."""
        return delegations.to(self.config.administrator, _PRINCIPAL, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The role by which Systems Manager finds the accounts, of which there are none without an organization."""
        yield Resource(Address("service-linked-role", Target(ORGANIZATION), _ROLE))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """That role, if it is there."""
        if trust.role_in_place(_ROLE, aws):
            yield Resource(Address("service-linked-role", at, _ROLE))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make it."""
        trust.make_role(_ROLE_OF, _ROLE, aws)
