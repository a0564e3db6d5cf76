from __future__ import annotations

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal


def test_regions_launched_since_2019_must_be_enabled_and_the_others_always_are(aws: Aws) -> None:
    account = aws.client("account")

    pages = list(account.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10}))
    statuses = {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}

    assert {len(page["Regions"]) for page in pages[:-1]} == {10}
    assert list(statuses.values()).count("ENABLED_BY_DEFAULT") == 17
    assert statuses["eu-west-1"] == "ENABLED_BY_DEFAULT"
    assert {statuses[name] for name in ("af-south-1", "ap-east-1", "eu-central-2", "il-central-1")} == {"DISABLED"}


def test_an_opt_in_region_is_enabled_and_disabled_after_a_while(aws: Aws) -> None:
    account = aws.client("account")
    region = {"RegionName": "eu-south-1"}

    def status() -> str:
        found: str = account.get_region_opt_status(**region)["RegionOptStatus"]
        return found

    account.enable_region(**region)
    assert status() == "ENABLING"
    assert refusal(account.disable_region, **region)[0] == "ConflictException"
    aws.clock.wait(aws.settings.region_seconds)
    assert status() == "ENABLED"
    enabled = account.list_regions(RegionOptStatusContains=["ENABLED"])["Regions"]
    assert [found["RegionName"] for found in enabled] == ["eu-south-1"]
    assert aws.client("sts", region="eu-south-1").get_caller_identity()["Account"] == MANAGEMENT_ACCOUNT_ID
    account.disable_region(**region)
    assert status() == "DISABLING"
    aws.clock.wait(aws.settings.region_seconds)
    assert status() == "DISABLED"


def test_default_and_unknown_regions_cannot_be_changed(aws: Aws) -> None:
    account = aws.client("account")

    assert refusal(account.disable_region, RegionName="eu-west-1")[0] == "ValidationException"
    assert refusal(account.enable_region, RegionName="xx-nowhere-1")[0] == "ValidationException"
    assert refusal(account.list_regions, NextToken="made up")[0] == "ValidationException"


def test_regions_are_enabled_by_account(aws: Aws) -> None:
    aws.found_organization()
    member_id = aws.add_account("log")
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    account = aws.client("account")
    account.enable_region(RegionName="eu-south-1", AccountId=member_id)
    aws.clock.wait(aws.settings.region_seconds)

    member = aws.client("account", account=member_id)
    assert member.get_region_opt_status(RegionName="eu-south-1")["RegionOptStatus"] == "ENABLED"
    assert account.get_region_opt_status(RegionName="eu-south-1")["RegionOptStatus"] == "DISABLED"


def test_a_name_that_is_put_shows_in_the_organization(aws: Aws) -> None:
    aws.found_organization()
    member_id = aws.add_account("log")
    organizations, account = aws.client("organizations"), aws.client("account")
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")

    account.put_account_name(AccountName="Log Archive", AccountId=member_id)
    account.put_account_name(AccountName="Payer")

    assert [one["Name"] for one in organizations.list_accounts()["Accounts"]] == ["Payer", "Log Archive"]
    information = account.get_account_information(AccountId=member_id)
    assert (information["AccountName"], information["AccountState"]) == ("Log Archive", "ACTIVE")
    assert aws.client("account", account=member_id).get_account_information()["AccountName"] == "Log Archive"
    assert account.get_account_information()["AccountName"] == "Payer"


@pytest.mark.parametrize("operation", ["get_account_information", "list_regions", "get_alternate_contact"])
def test_another_account_is_managed_only_with_trusted_access_and_never_the_management_account(
    aws: Aws, operation: str
) -> None:
    aws.found_organization()
    member_id = aws.add_account("log")
    call = getattr(aws.client("account"), operation)
    kind = {"AlternateContactType": "SECURITY"} if operation == "get_alternate_contact" else {}

    assert refusal(call, AccountId=member_id, **kind)[0] == "AccessDeniedException"
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    if kind:
        assert refusal(call, AccountId=member_id, **kind)[0] == "ResourceNotFoundException"
    else:
        assert call(AccountId=member_id)
    assert refusal(call, AccountId=MANAGEMENT_ACCOUNT_ID, **kind)[0] == "AccessDeniedException"
    assert refusal(call, AccountId="999999999999", **kind)[0] == "AccessDeniedException"


def test_a_member_manages_others_only_as_delegated_administrator(aws: Aws) -> None:
    aws.found_organization()
    audit, log = aws.add_account("audit"), aws.add_account("log")
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    account = aws.client("account", account=audit)

    assert refusal(account.get_account_information, AccountId=log)[0] == "AccessDeniedException"
    organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal="account.amazonaws.com")
    assert account.get_account_information(AccountId=log)["AccountName"] == "log"


def test_alternate_contacts_are_kept_by_account(aws: Aws) -> None:
    aws.found_organization()
    member_id = aws.add_account("log")
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    account = aws.client("account")
    contact = {
        "AlternateContactType": "SECURITY",
        "EmailAddress": "security@example.com",
        "Name": "Security",
        "PhoneNumber": "+1",
        "Title": "Team",
    }
    account.put_alternate_contact(AccountId=member_id, **contact)

    found = aws.client("account", account=member_id).get_alternate_contact(AlternateContactType="SECURITY")

    assert found["AlternateContact"] == contact
    assert refusal(account.get_alternate_contact, AlternateContactType="SECURITY")[0] == "ResourceNotFoundException"
