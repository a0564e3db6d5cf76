"""Central management of the root users of all members, delegated to the security tooling account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import ORGANIZATION, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_PRINCIPAL = "iam.amazonaws.com"
_CREDENTIALS, _SESSIONS = "RootCredentialsManagement", "RootSessions"
_NOT_TRUSTED = frozenset({"ServiceAccessNotEnabledException"})


class RootAccess(Step[StepConfig]):
    """Manage the root users of all members centrally, from the security tooling account.

    With it, members need no root credentials: passwords, access keys, certificates and MFA devices of root users can be
    seen and deleted from one place, and what only a root user may do is done in a session of 15 minutes that is limited
    to one task. The SRA enables both in the management account and delegates them to the security tooling account.
    """

    class Config(StepConfig):
        """What can be done to root users."""

        credentials_management: bool = Field(
            default=True,
            description="Whether root credentials of members can be seen, deleted, and their recovery be allowed.",
        )
        sessions: bool = Field(
            default=True,
            description="Whether a bucket or queue whose policy locks everybody out can be unlocked in a root session.",
        )

    id = "root_access"
    after = ("delegated_administrators",)
    trusted_access = (_PRINCIPAL,)
    delegates: ClassVar[tuple[str, ...]] = (_PRINCIPAL,)
    reads = frozenset({"iam:ListOrganizationsFeatures"})
    writes = frozenset(
        {
            "iam:DisableOrganizationsRootCredentialsManagement",
            "iam:DisableOrganizationsRootSessions",
            "iam:EnableOrganizationsRootCredentialsManagement",
            "iam:EnableOrganizationsRootSessions",
        }
    )
    # Guessed, as for other services: IAM hears of trusted access from Organizations.
    not_yet = {
        "iam:EnableOrganizationsRootCredentialsManagement": _NOT_TRUSTED,
        "iam:EnableOrganizationsRootSessions": _NOT_TRUSTED,
    }
    considerations = (
        "Nothing of the root users themselves changes: the step root_credentials deletes credentials that are there.",
        "A policy that denies root users denies their sessions too, unless it spares those with aws:AssumedRoot.",
        "A feature that is on and not wanted is reported and stays on: somebody may be using it.",
        "Who may call sts:AssumeRoot in the management or the security tooling account reaches into every member.",
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/org-management.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """Each feature that is wanted."""
        if self.config.credentials_management:
            yield Resource(_address(_CREDENTIALS))
        if self.config.sessions:
            yield Resource(_address(_SESSIONS))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The features that are on. They are hidden while IAM has no trusted access, and none is in effect then."""
        iam: IAMClient = aws.client("iam", at)
        try:
            features = iam.list_organizations_features()["EnabledFeatures"]
        except iam.exceptions.ServiceAccessNotEnabledException:
            return
        for feature in features:
            yield Resource(_address(feature))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Turn one feature on or off."""
        iam: IAMClient = aws.client("iam", change.address.at)
        match change.address.name, change.action:
            case "RootCredentialsManagement", Action.DELETE:
                iam.disable_organizations_root_credentials_management()
            case "RootCredentialsManagement", _:
                iam.enable_organizations_root_credentials_management()
            case _, Action.DELETE:
                iam.disable_organizations_root_sessions()
            case _:
                iam.enable_organizations_root_sessions()


def _address(feature: str) -> Address:
    return Address("root-access", Target(ORGANIZATION), feature)
