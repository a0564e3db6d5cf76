"""AWS Backup across the organization: its settings, backup policies and administrator."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import delegations
from steps.common.delegations import Part

_PRINCIPAL = "backup.amazonaws.com"
_ADMINISTRATOR = "isDelegatedAdministratorEnabled"
_HERE = Target(ORGANIZATION)


class Backup(Step[StepConfig]):
    """Let AWS Backup work in all accounts: by policies of the organization, and with copies in other accounts.

    The SRA has backups managed by policies of the organization, and kept in another account than what they are of. This
    step makes no vault and no plan: these are what backup policies say.
    """

    class Config(StepConfig):
        """What of AWS Backup is on in the organization."""

        backup_policies: bool = Field(
            default=True, description="Whether the type of backup policies is enabled; no policy is attached by that."
        )
        cross_account_backup: bool | None = Field(
            default=True,
            description="Whether accounts can copy backups to vaults of other accounts of the organization, where the "
            "policy of the vault admits them; null leaves it as it is.",
        )
        multi_party_approval: bool | None = Field(
            default=None,
            description="Whether a team that approves can be assigned to logically air-gapped vaults; null leaves it "
            "as it is.",
        )
        administrator: Part | None = Field(
            default=None,
            description="Which account, by its part in `roles`, monitors the jobs of all accounts; none by default, "
            "because the SRA names none.",
        )

    id = "backup"
    after = ("accounts", "trusted_access")
    follows = ("delegated_administrators",)
    trusted_access = (_PRINCIPAL,)
    reads = frozenset({"backup:DescribeGlobalSettings"})
    writes = frozenset({"backup:UpdateGlobalSettings"})
    implied = frozenset({"iam:CreateServiceLinkedRole"})
    considerations = (
        "Copies between accounts also need vaults whose policies admit them, and keys that both accounts may use.",
        "Which resources are backed up is an opt-in of each account and region, that backup policies may override.",
    )
    costs = "Nothing; AWS charges for what is backed up, copied between regions, and restored."
    documentation = (
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/manage-cross-account.html",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateGlobalSettings.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-backup.html",
    )

    config: Config

    def types(self) -> Iterable[str]:
        """The type of backup policies, where config.yaml wants it."""
        return ("BACKUP_POLICY",) if self.config.backup_policies else ()

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The administrator that config.yaml names."""
        return delegations.to(self.config.administrator, _PRINCIPAL, org)

    def keeps(self, address: Address, org: Org) -> bool:
        """What is off is not destroyed."""
        return not self._wanted()[address.name]

    def desired(self, org: Org) -> Iterable[Resource]:
        """Each setting that config.yaml decides."""
        for name, on in self._wanted().items():
            yield Resource(Address("global-setting", _HERE, name), {"on": on})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Each setting that is on, and one that is off where it is to be off; else that is how it is by itself."""
        backup = aws.client("backup", at)
        wanted = self._wanted()
        for name, value in backup.describe_global_settings()["GlobalSettings"].items():
            on = value == "true"
            if on or wanted.get(name) is False:
                yield Resource(Address("global-setting", at, name), {"on": on})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Turn one setting on or off; the others stay as they are."""
        backup = aws.client("backup", change.address.at)
        backup.update_global_settings(
            GlobalSettings={change.address.name: "true" if change.after.get("on") else "false"}
        )

    def _wanted(self) -> dict[str, bool]:
        """The settings that config.yaml decides, by their names; an administrator's rights follow its registration."""
        wanted = {
            "isCrossAccountBackupEnabled": self.config.cross_account_backup,
            "isMpaEnabled": self.config.multi_party_approval,
            _ADMINISTRATOR: True if self.config.administrator else None,
        }
        return {name: on for name, on in wanted.items() if on is not None}
