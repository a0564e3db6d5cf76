from __future__ import annotations

from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.iam_root_user import root_user
from tests.sandbox.conftest import Aws, refusal

AUDIT, DELETE, RECOVER = "IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials", "IAMCreateRootUserPassword"
BOTH = ["RootCredentialsManagement", "RootSessions"]


def task(account_id: str, name: str) -> dict[str, Any]:
    return {"TargetPrincipal": account_id, "TaskPolicyArn": {"arn": f"arn:aws:iam::aws:policy/root-task/{name}"}}


def as_root(aws: Aws, account_id: str, name: str, service: str = "iam") -> Any:
    keys = aws.client("sts").assume_root(**task(account_id, name))["Credentials"]
    return aws.client_with(keys, service)


def credentials(summary: dict[str, int]) -> set[str]:
    return {key for key, value in summary.items() if key.startswith("Account") and value}


@pytest.fixture
def member(aws: Aws) -> str:
    return managed_member(aws)


def managed_member(aws: Aws) -> str:
    """A member of an organization that has both features on."""
    aws.found_organization()
    member_id = aws.add_account("log")
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    aws.client("iam").enable_organizations_root_credentials_management()
    aws.client("iam").enable_organizations_root_sessions()
    return member_id


def test_features_need_an_organization_that_trusts_iam_and_are_turned_on_by_its_management_account(aws: Aws) -> None:
    iam = aws.client("iam")
    assert refusal(iam.list_organizations_features)[0] == "OrganizationNotFoundException"
    aws.found_organization()
    audit = aws.add_account("audit")
    organizations, there = aws.client("organizations"), aws.client("iam", account=audit)
    assert refusal(iam.list_organizations_features)[0] == "ServiceAccessNotEnabledException"
    assert refusal(iam.enable_organizations_root_sessions)[0] == "ServiceAccessNotEnabledException"
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    unknown = "AccountNotManagementOrDelegatedAdministratorException"
    assert refusal(there.list_organizations_features)[0] == unknown
    organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal="iam.amazonaws.com")

    assert refusal(there.enable_organizations_root_sessions)[0] == "CallerIsNotManagementAccountException"
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    assert iam.enable_organizations_root_credentials_management()["EnabledFeatures"] == BOTH
    assert there.list_organizations_features()["EnabledFeatures"] == BOTH
    assert there.disable_organizations_root_credentials_management()["EnabledFeatures"] == ["RootSessions"]
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == []


def test_features_need_all_features_of_organizations(aws: Aws) -> None:
    aws.client("organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")

    code = refusal(aws.client("iam").list_organizations_features)[0]

    assert code == "OrganizationNotInAllFeaturesModeException"


def test_root_is_assumed_of_members_for_one_task_by_who_administers_it(aws: Aws, member: str) -> None:
    sts = aws.client("sts")
    for other in (MANAGEMENT_ACCOUNT_ID, "999999999999"):
        assert refusal(sts.assume_root, **task(other, AUDIT))[0] == "AccessDenied"
    assert refusal(aws.client("sts", account=member).assume_root, **task(member, AUDIT))[0] == "AccessDenied"
    for wrong in (
        task(member, "ReadOnlyAccess"),
        task("arn:aws:iam::log", AUDIT),
        task(member, AUDIT) | {"DurationSeconds": 901},
    ):
        assert refusal(sts.assume_root, **wrong)[0] == "ValidationError"

    root = as_root(aws, f"arn:aws:iam::{member}:root", AUDIT, "sts")

    assert root.get_caller_identity()["Arn"] == f"arn:aws:iam::{member}:root"
    assert refusal(root.assume_root, **task(member, AUDIT))[0] == "AccessDenied"
    aws.clock.wait(901)
    assert refusal(root.get_caller_identity)[0] == "ExpiredToken"
    aws.client("iam").disable_organizations_root_credentials_management()
    assert refusal(sts.assume_root, **task(member, DELETE))[0] == "AccessDenied"
    assert sts.assume_root(**task(member, "S3UnlockBucketPolicy"))["Credentials"]


def test_a_password_can_be_recovered_seen_and_deleted_again_each_in_its_own_session(aws: Aws, member: str) -> None:
    role = aws.client("iam", account=member)
    assert credentials(role.get_account_summary()["SummaryMap"]) == set()
    assert "AccountPasswordPresent" in credentials(aws.client("iam").get_account_summary()["SummaryMap"])
    recover, audit, delete = (as_root(aws, member, name) for name in (RECOVER, AUDIT, DELETE))
    assert refusal(delete.delete_login_profile)[0] == "NoSuchEntity"

    recover.create_login_profile()

    assert refusal(recover.create_login_profile)[0] == "EntityAlreadyExists"
    assert credentials(audit.get_account_summary()["SummaryMap"]) == {"AccountPasswordPresent"}
    assert "UserName" not in audit.get_login_profile()["LoginProfile"]
    for refused in (audit.delete_login_profile, delete.get_account_summary, delete.list_users):
        assert refusal(refused)[0] == "AccessDenied"
    assert refusal(audit.get_login_profile, UserName="somebody")[0] == "AccessDenied"
    delete.delete_login_profile()
    assert credentials(role.get_account_summary()["SummaryMap"]) == set()
    assert refusal(audit.get_login_profile)[0] == "NoSuchEntity"


def test_keys_certificates_and_devices_are_listed_and_deleted() -> None:
    """Only the root user makes them, in the console, which a served sandbox lacks."""
    with sandbox.in_process() as running:
        delete_one_of_each(Aws(running))


def delete_one_of_each(aws: Aws) -> None:
    member = managed_member(aws)
    user = root_user(member)
    user.access_keys["AKIAOFTHEROOTUSER000"] = moment()
    user.certificates["CERTIFICATEOFTHEROOTUSER"] = moment()
    user.mfa_devices["arn:aws:iam::1:mfa/root"] = moment()
    summary = aws.client("iam", account=member).get_account_summary()["SummaryMap"]
    assert credentials(summary) == {
        *("AccountAccessKeysPresent", "AccountSigningCertificatesPresent", "AccountMFAEnabled"),
    }
    root = as_root(aws, member, DELETE)

    for listed, key, name, delete in (
        (root.list_access_keys, "AccessKeyMetadata", "AccessKeyId", root.delete_access_key),
        (root.list_signing_certificates, "Certificates", "CertificateId", root.delete_signing_certificate),
        (root.list_mfa_devices, "MFADevices", "SerialNumber", root.deactivate_mfa_device),
    ):
        [found] = listed()[key]
        delete(**{name: found[name]})
        assert refusal(delete, **{name: found[name]})[0] == "NoSuchEntity"
        assert listed()[key] == []
    assert credentials(aws.client("iam", account=member).get_account_summary()["SummaryMap"]) == set()


def test_users_and_their_keys_are_as_before(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ci")
    key = iam.create_access_key(UserName="ci")["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName="ci", Password="Secret-123")

    assert [one["AccessKeyId"] for one in iam.list_access_keys(UserName="ci")["AccessKeyMetadata"]] == [key]
    assert iam.get_login_profile(UserName="ci")["LoginProfile"]["UserName"] == "ci"
    assert iam.list_mfa_devices(UserName="ci")["MFADevices"] == []
