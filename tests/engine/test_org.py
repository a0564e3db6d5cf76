from __future__ import annotations

import pytest

from sra_bootstrap.org import Account
from sra_bootstrap.values import Ref
from tests.engine.conftest import MANAGEMENT_ID, account, live_account, organization

OURS = live_account(MANAGEMENT_ID, "management@example.com", unit="")
SECURITY = live_account("111111111111", "security@example.com")
FOREIGN = live_account("999999999999", "somebody@example.com", unit="")


def test_before_there_is_an_organization_only_the_management_account_exists() -> None:
    org = organization(account("security"))

    assert org.exists("management")
    assert not org.exists("organization")
    assert not org.exists("security")
    assert org.live_accounts() == ()


def test_an_account_of_the_config_exists_when_aws_lists_its_address() -> None:
    org = organization(account("security"), account("log"), live=[OURS, SECURITY])

    assert org.exists("organization")
    assert org.exists("security")
    assert not org.exists("log")
    assert org.live_account("security") == SECURITY
    assert org.live_account("log") is None


def test_an_account_is_known_by_its_address_and_not_by_its_name() -> None:
    renamed = live_account("111111111111", "security@example.com")
    namesake = live_account("222222222222", "other@example.com")
    org = organization(account("security"), account("other-key"), live=[renamed, namesake])

    assert org.live_account("security") == renamed
    assert org.live_account("other-key") is None


def test_addresses_are_the_same_regardless_of_case() -> None:
    shouting = live_account("111111111111", "Security@Example.COM")
    org = organization(account("security"), live=[OURS, shouting])

    assert org.live_account("security") == shouting
    assert org.id_of("security") == "111111111111"
    assert org.name_of("111111111111") == "security"
    assert list(org.members()) == ["management", "security"]


def test_addresses_in_the_config_may_be_in_capitals_too() -> None:
    loud = Account("security", "security", "SECURITY@example.com", "Security")
    org = organization(loud, live=[OURS, SECURITY])

    assert org.live_account("security") == SECURITY
    assert org.name_of("111111111111") == "security"
    assert list(org.members()) == ["management", "security"]


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING_CLOSURE", "CLOSED", "PENDING_ACTIVATION"])
def test_an_account_that_is_not_active_does_not_exist_for_us(state: str) -> None:
    closed = live_account("111111111111", "security@example.com", state)
    org = organization(account("security"), live=[OURS, closed])

    assert not org.exists("security")
    assert org.live_account("security") is None
    assert org.id_of("security") == Ref("account.security.id")
    assert org.name_of("111111111111") == "security"
    assert list(org.members()) == ["management"]
    assert closed in org.live_accounts()


def test_the_id_of_an_account_is_a_reference_until_it_exists() -> None:
    org = organization(account("security"), account("log"), live=[OURS, SECURITY])

    assert org.id_of("security") == "111111111111"
    assert org.id_of("log") == Ref("account.log.id")


@pytest.mark.parametrize("name", ["management", "organization"])
def test_the_organization_has_the_id_of_the_management_account(name: str) -> None:
    assert organization().id_of(name) == MANAGEMENT_ID


def test_an_account_goes_by_its_key_or_else_by_its_address_or_else_by_its_id() -> None:
    org = organization(account("security"), live=[OURS, SECURITY, FOREIGN])

    assert org.name_of("111111111111") == "security"
    assert org.name_of("999999999999") == "somebody@example.com"
    assert org.name_of("000000000000") == "000000000000"
    assert org.name_of(MANAGEMENT_ID) == "management"


def test_members_are_those_to_come_and_those_that_nobody_configured() -> None:
    suspended = live_account("888888888888", "gone@example.com", "SUSPENDED")
    org = organization(account("log"), account("security"), live=[OURS, FOREIGN, suspended, SECURITY])

    assert list(org.members()) == ["management", "log", "security", "somebody@example.com"]


def test_before_there_is_an_organization_all_accounts_of_the_config_are_to_be_members() -> None:
    assert list(organization(account("log"), account("security")).members()) == ["management", "log", "security"]


def test_an_account_that_nobody_configured_exists_under_the_name_it_is_given() -> None:
    org = organization(account("security"), live=[OURS, FOREIGN])
    [*_, name] = org.members()

    assert org.exists(name)
    assert org.id_of(name) == "999999999999"
    assert org.live_account(name) == FOREIGN


def test_what_exists_is_there_for_whoever_changes_it() -> None:
    org = organization(live=[OURS])

    assert org.existing is org.live


def test_to_change_an_organization_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(RuntimeError, match="there is no organization yet"):
        _ = organization().existing
