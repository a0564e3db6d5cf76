"""AWS IAM: the root user of an account and its credentials, as its account summary and a root session see them.

Only the root user itself makes its access keys, certificates and MFA devices, in the console; here, `root_user` gives
them. What IAM answers to users and roles is moto's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.iam.models import iam_backends

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, LeftToMotoError, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.sts_root_sessions import is_root_session


@dataclass
class RootUser:
    """The credentials of a root user: when each was made, by its id or serial number."""

    looked_at: bool = False
    password: datetime | None = None
    access_keys: dict[str, datetime] = field(default_factory=dict)
    certificates: dict[str, datetime] = field(default_factory=dict)
    mfa_devices: dict[str, datetime] = field(default_factory=dict)


def root_user(account_id: str, partition: str = "aws") -> RootUser:
    """The root user of an account. One that somebody has signed up for begins with a password.

    "New accounts you create in AWS Organizations have no root user credentials by default":
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management. This page does
    not say whether that depends on what the organization has on when it creates them; here, it does not.
    """
    user = store.state(RootUser, account_id, partition)
    if not user.looked_at:
        user.looked_at = True
        backend = membership.organization_of(account_id)
        # So has the management account joined.
        if backend is None or backend.get_account_by_id(account_id).joined_method == "INVITED":
            user.password = moment()
    return user


@operation("iam", "GetAccountSummary")
def get_account_summary(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html."""
    user = root_user(call.account_id, call.partition)
    summary = dict(iam_backends[call.account_id][call.partition].account_summary.summary_map)
    summary["AccountPasswordPresent"] = int(user.password is not None)
    summary["AccountAccessKeysPresent"] = int(bool(user.access_keys))
    summary["AccountSigningCertificatesPresent"] = int(bool(user.certificates))
    summary["AccountMFAEnabled"] = int(bool(user.mfa_devices))
    return {"SummaryMap": summary}


def _as_root(call: Call, user_name: str | None) -> RootUser:
    """The root user that calls without naming a user; who is none of the two is left to moto."""
    if not is_root_session(call):
        raise LeftToMotoError
    if user_name is not None:
        # The task policies deny it on everything but the root user.
        raise AwsFault("AccessDenied", f"The root session is not authorized to perform: iam:{call.operation}")
    return root_user(call.account_id, call.partition)


def _absent(what: str) -> AwsFault:
    return AwsFault("NoSuchEntity", f"The {what} of the root user cannot be found.")


def _profile(user: RootUser) -> dict[str, Any]:
    """The login profile of a root user, which has no name."""
    return {"LoginProfile": {"CreateDate": user.password, "PasswordResetRequired": False}}


@operation("iam", "CreateLoginProfile")
def create_login_profile(
    call: Call, UserName: str | None = None, Password: str | None = None, **_: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html: "allow password recovery".

    Raises:
        AwsFault: there is a password.
    """
    user = _as_root(call, UserName)
    if user.password is not None:
        raise AwsFault("EntityAlreadyExists", "The login profile of the root user already exists.")
    user.password = moment()
    return _profile(user)


@operation("iam", "GetLoginProfile")
def get_login_profile(call: Call, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html.

    Raises:
        AwsFault: there is no password.
    """
    user = _as_root(call, UserName)
    if user.password is None:
        raise _absent("login profile")
    return _profile(user)


@operation("iam", "DeleteLoginProfile")
def delete_login_profile(call: Call, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html.

    Raises:
        AwsFault: there is no password.
    """
    user = _as_root(call, UserName)
    if user.password is None:
        raise _absent("login profile")
    user.password = None


@operation("iam", "ListAccessKeys")
def list_access_keys(call: Call, UserName: str | None = None, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html."""
    keys = _as_root(call, UserName).access_keys
    described = [{"AccessKeyId": key, "Status": "Active", "CreateDate": made} for key, made in keys.items()]
    return {"AccessKeyMetadata": described, "IsTruncated": False}


@operation("iam", "DeleteAccessKey")
def delete_access_key(call: Call, AccessKeyId: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html.

    Raises:
        AwsFault: there is none of this id.
    """
    if _as_root(call, UserName).access_keys.pop(AccessKeyId, None) is None:
        raise _absent("access key")


@operation("iam", "ListSigningCertificates")
def list_signing_certificates(call: Call, UserName: str | None = None, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html."""
    certificates = _as_root(call, UserName).certificates
    described = [
        {"UserName": "", "CertificateId": name, "CertificateBody": "", "Status": "Active", "UploadDate": made}
        for name, made in certificates.items()
    ]
    return {"Certificates": described, "IsTruncated": False}


@operation("iam", "DeleteSigningCertificate")
def delete_signing_certificate(call: Call, CertificateId: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSigningCertificate.html.

    Raises:
        AwsFault: there is none of this id.
    """
    if _as_root(call, UserName).certificates.pop(CertificateId, None) is None:
        raise _absent("signing certificate")


@operation("iam", "ListMFADevices")
def list_mfa_devices(call: Call, UserName: str | None = None, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html."""
    devices = _as_root(call, UserName).mfa_devices
    described = [{"UserName": "", "SerialNumber": serial, "EnableDate": made} for serial, made in devices.items()]
    return {"MFADevices": described, "IsTruncated": False}


@operation("iam", "DeactivateMFADevice")
def deactivate_mfa_device(call: Call, SerialNumber: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html.

    Raises:
        AwsFault: there is none of this serial number.
    """
    if _as_root(call, UserName).mfa_devices.pop(SerialNumber, None) is None:
        raise _absent("MFA device")
