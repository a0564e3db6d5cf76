from __future__ import annotations

import pytest

from tests.sandbox.conftest import Aws, refusal

CONTACT = {
    "AlternateContactType": "SECURITY",
    "EmailAddress": "security@example.com",
    "Name": "Security",
    "PhoneNumber": "+1 (555) 0100",
    "Title": "Team",
}
OWNER = {
    "FullName": "Owner",
    "AddressLine1": "1 Any Street",
    "City": "Berlin",
    "StateOrRegion": "Berlin",
    "PostalCode": "10115",
    "CountryCode": "DE",
    "PhoneNumber": "+49 30 5550100",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"PhoneNumber": "none"},
        {"PhoneNumber": "1" * 26},
        {"EmailAddress": "nobody"},
        {"Title": "x" * 51},
        {"Name": "x" * 65},
    ],
)
def test_an_alternate_contact_is_held_against_the_patterns_and_lengths_of_the_model(
    aws: Aws, wrong: dict[str, str]
) -> None:
    account = aws.client("account")

    assert refusal(account.put_alternate_contact, **CONTACT | wrong)[0] == "ValidationException"

    kind = {"AlternateContactType": "SECURITY"}
    assert refusal(account.get_alternate_contact, **kind)[0] == "ResourceNotFoundException"
    account.put_alternate_contact(**CONTACT)
    assert account.get_alternate_contact(**kind)["AlternateContact"] == CONTACT
    account.delete_alternate_contact(**kind)
    assert refusal(account.delete_alternate_contact, **kind)[0] == "ResourceNotFoundException"


def test_an_account_always_has_an_owner_which_created_accounts_take_over(aws: Aws) -> None:
    aws.found_organization()
    account = aws.client("account")
    assert account.get_contact_information()["ContactInformation"]["FullName"] == "Management"
    account.put_contact_information(ContactInformation=OWNER | {"CompanyName": "Example"})
    member_id = aws.add_account("log")
    account.put_contact_information(ContactInformation=OWNER)
    assert account.get_contact_information()["ContactInformation"] == OWNER
    assert refusal(account.get_contact_information, AccountId=member_id)[0] == "AccessDeniedException"
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")

    found = account.get_contact_information(AccountId=member_id)["ContactInformation"]

    assert found == OWNER | {"CompanyName": "Example"}
    account.put_contact_information(AccountId=member_id, ContactInformation=OWNER)
    assert aws.client("account", account=member_id).get_contact_information()["ContactInformation"] == OWNER


def test_an_owner_that_aws_would_refuse_is_refused(aws: Aws) -> None:
    put = aws.client("account").put_contact_information
    stateless = {key: value for key, value in OWNER.items() if key != "StateOrRegion"}

    for wrong in (stateless, OWNER | {"PhoneNumber": "030 5550100"}, OWNER | {"CountryCode": "DEU"}):
        assert refusal(put, ContactInformation=wrong)[0] == "ValidationException"
    put(ContactInformation=stateless | {"CountryCode": "NL"})
