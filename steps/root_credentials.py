"""Members without root credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Address, Change, Note, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding, Step, StepConfig
from sra_bootstrap.values import Value

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_ALL = "ALL"
_TASK = "IAMDeleteRootUserCredentials"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html"""
_SUMMARY = {
    "password": "AccountPasswordPresent",
    "access_keys": "AccountAccessKeysPresent",
    "signing_certificates": "AccountSigningCertificatesPresent",
    "mfa_devices": "AccountMFAEnabled",
}
"""What GetAccountSummary calls the credentials of the root user, in the order that they are deleted in.

The MFA devices are last: at no time can the root user sign in with less than before.
"""


class RootCredentials(Step[StepConfig]):
    """Delete the credentials of members' root users: password, access keys, certificates and MFA devices.

    AWS recommends that members have no root credentials once root access is managed centrally; accounts that AWS
    Organizations creates have none from the start. What there is left is of accounts that were created or invited
    before, or whose root password somebody has set by the email address of the account.
    """

    class Config(StepConfig):
        """Whose root credentials are deleted."""

        enabled: bool = Field(
            default=False,
            description="Off by default: what is deleted cannot be brought back. Look first for whoever uses it.",
        )
        accounts: tuple[str, ...] = Field(
            default=(_ALL,), description="The members whose root credentials are deleted, by their keys; ALL is each."
        )
        exempt: tuple[str, ...] = Field(
            default=(), description="The members whose root credentials stay, by their keys; also out of ALL."
        )

    id = "root_credentials"
    after = ("accounts", "root_access")
    kept = {"root-credentials": "What was deleted cannot be brought back; allow password recovery account by account."}
    reads = frozenset({"iam:GetAccountSummary"})
    writes = frozenset(
        {
            "iam:DeactivateMFADevice",
            "iam:DeleteAccessKey",
            "iam:DeleteLoginProfile",
            "iam:DeleteSigningCertificate",
            "iam:ListAccessKeys",
            "iam:ListMFADevices",
            "iam:ListSigningCertificates",
            "sts:AssumeRoot",
        }
    )
    in_members = frozenset({"iam:GetAccountSummary", *(writes - {"sts:AssumeRoot"})})
    # Guessed, as for other services: STS hears from IAM and Organizations that root access is managed centrally.
    not_yet = {"sts:AssumeRoot": frozenset({"AccessDenied"})}
    considerations = (
        "Planning never becomes a root user: the account summary, which every reader sees, tells what there is.",
        "Applying does, in a session that can do nothing but this, and only in accounts where there is something.",
        "A member without root credentials cannot recover its password by email, until that is allowed for it.",
        "Programs that use an access key of a root user end with it: the credential report tells when it was used.",
        "Alarms on the use of root users see these sessions; they are marked by assumedRoot in CloudTrail.",
        "The management account has no such protection: keep its root user's MFA devices, and delete its access keys.",
    )
    irreversible = (
        "Passwords, access keys, signing certificates and MFA registrations of root users are deleted for good. "
        "New ones can be made once password recovery was allowed for the account."
    )
    documentation = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html",
    )

    config: Config

    def problems(self, org: Org) -> Iterable[Finding]:
        """Keys that no member has."""
        known = sorted(org.accounts)
        for field, keys, others in (("accounts", self.config.accounts, (_ALL,)), ("exempt", self.config.exempt, ())):
            for index, key in enumerate(keys):
                if key not in {*known, *others}:
                    yield (field, index), f'there is no account "{key}"; there are {", ".join((*others, *known))}'

    def desired(self, org: Org) -> Iterable[Resource]:
        """No credentials, in every member that is named."""
        for name in org.members():
            named = {_ALL, name} & set(self.config.accounts)
            if name != MANAGEMENT and named and name not in self.config.exempt:
                yield Resource(Address("root-credentials", Target(name)), dict.fromkeys(_SUMMARY, "none"))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Which credentials the root user of an account has."""
        iam: IAMClient = aws.client("iam", at)
        summary: dict[Any, int] = dict(iam.get_account_summary()["SummaryMap"])
        found: dict[str, Value] = {ours: "some" if summary[theirs] else "none" for ours, theirs in _SUMMARY.items()}
        if "some" in found.values():
            yield Note("Root credentials that are deleted cannot be brought back: look first for whoever uses them.")
        yield Resource(Address("root-credentials", at), found)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Delete what one root user has; of what is gone already, there is nothing to delete."""
        iam: IAMClient = aws.as_root("iam", change.address.at.account, _TASK)
        for credential in _SUMMARY:
            if credential in change.after:
                _DELETE[credential](iam)


def _delete_password(iam: IAMClient) -> None:
    try:
        iam.delete_login_profile()
    except iam.exceptions.NoSuchEntityException:
        return


def _delete_access_keys(iam: IAMClient) -> None:
    for page in iam.get_paginator("list_access_keys").paginate():
        for key in page["AccessKeyMetadata"]:
            iam.delete_access_key(AccessKeyId=key["AccessKeyId"])


def _delete_certificates(iam: IAMClient) -> None:
    for page in iam.get_paginator("list_signing_certificates").paginate():
        for certificate in page["Certificates"]:
            iam.delete_signing_certificate(CertificateId=certificate["CertificateId"])


def _deactivate_mfa_devices(iam: IAMClient) -> None:
    for page in iam.get_paginator("list_mfa_devices").paginate():
        for device in page["MFADevices"]:
            iam.deactivate_mfa_device(SerialNumber=device["SerialNumber"])


_DELETE: dict[str, Callable[[IAMClient], None]] = {
    "password": _delete_password,
    "access_keys": _delete_access_keys,
    "signing_certificates": _delete_certificates,
    "mfa_devices": _deactivate_mfa_devices,
}
