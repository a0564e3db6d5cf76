from __future__ import annotations

import pytest

from sra_bootstrap.errors import AccessError
from sra_bootstrap.org import Org
from sra_bootstrap.survey import READS, arrive, survey
from tests.engine.conftest import MANAGEMENT_ID, Connect, Wire, account, organization
from tests.sandbox.conftest import Aws

WANTED = organization(account("log"), management_id="")


def make_unit(aws: Aws, parent_id: str, name: str) -> str:
    answer = aws.client("organizations").create_organizational_unit(ParentId=parent_id, Name=name)
    unit_id: str = answer["OrganizationalUnit"]["Id"]
    return unit_id


def unit_of(org: Org, email: str) -> str:
    [found] = [live for live in org.live_accounts() if live.email == email]
    return found.unit


def become(aws: Aws, account_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tool's own credentials be those of a member account."""
    keys = aws.assume(f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])


def test_in_a_bare_account_there_is_a_caller_and_no_organization(wire: Wire) -> None:
    org = arrive(WANTED, wire.connection)

    assert org.live is None
    assert (org.management_id, org.partition) == (MANAGEMENT_ID, "aws")
    assert org.accounts == WANTED.accounts
    assert wire.operations() == [
        "sts:GetCallerIdentity",
        "organizations:DescribeOrganization AWSOrganizationsNotInUseException",
    ]


def test_a_new_organization_has_a_root_and_the_management_account_in_it(wire: Wire) -> None:
    root_id = wire.aws.found_organization()

    live = arrive(WANTED, wire.connection).existing

    assert (live.root_id, live.feature_set, live.units) == (root_id, "ALL", {})
    assert live.id.startswith("o-")
    [ours] = live.accounts
    assert (ours.id, ours.unit, ours.state, ours.active) == (MANAGEMENT_ID, "", "ACTIVE", True)
    assert ours.joined == pytest.approx(wire.aws.clock.now(), abs=60)


@pytest.mark.parametrize("paths_in_lists", [True, False])
def test_accounts_are_found_in_their_units_whether_or_not_aws_tells_their_paths(
    wire: Wire, paths_in_lists: bool
) -> None:
    aws = wire.aws
    aws.settings.paths_in_lists = paths_in_lists
    root_id = aws.found_organization()
    security = make_unit(aws, root_id, "Security")
    prod = make_unit(aws, make_unit(aws, root_id, "Workloads"), "Prod")
    for name, unit in (("log", security), ("shop", prod)):
        parents = {"SourceParentId": root_id, "DestinationParentId": unit}
        aws.client("organizations").move_account(AccountId=aws.add_account(name), **parents)
    aws.add_account("stray")

    org = arrive(WANTED, wire.connection)

    assert list(org.existing.units) == ["Security", "Workloads", "Workloads/Prod"]
    assert (org.existing.units["Security"], org.existing.units["Workloads/Prod"]) == (security, prod)
    assert unit_of(org, "log@example.com") == "Security"
    assert unit_of(org, "shop@example.com") == "Workloads/Prod"
    assert unit_of(org, "stray@example.com") == ""
    assert ("organizations:ListAccountsForParent" in wire.operations()) is not paths_in_lists


def test_a_survey_calls_what_it_declares_and_no_more(wire: Wire) -> None:
    wire.aws.settings.paths_in_lists = False
    make_unit(wire.aws, wire.aws.found_organization(), "Security")

    arrive(WANTED, wire.connection)

    assert set(wire.operations()) == {*READS, "sts:GetCallerIdentity"}


def test_units_are_read_to_the_last_page_and_to_the_deepest_level(wire: Wire) -> None:
    root_id = wire.aws.found_organization()
    for number in range(21):
        make_unit(wire.aws, root_id, f"Unit {number}")
    parent_id = root_id
    for level in range(1, 6):
        parent_id = make_unit(wire.aws, parent_id, f"L{level}")

    units = arrive(WANTED, wire.connection).existing.units

    assert len(units) == 26
    assert units["L1/L2/L3/L4/L5"] == parent_id
    assert "Unit 20" in units


@pytest.mark.parametrize("paths_in_lists", [True, False])
def test_accounts_are_read_to_the_last_page(wire: Wire, paths_in_lists: bool) -> None:
    wire.aws.settings.paths_in_lists = paths_in_lists
    wire.aws.settings.account_quota = 30
    wire.aws.found_organization()
    names = {wire.aws.add_account(f"account-{number}") for number in range(21)}

    live = arrive(WANTED, wire.connection).existing

    assert {listed.id for listed in live.accounts} == {*names, MANAGEMENT_ID}
    assert {listed.unit for listed in live.accounts} == {""}


def test_a_unit_whose_name_holds_our_separator_is_not_taken_for_two(wire: Wire) -> None:
    root_id = wire.aws.found_organization()
    odd = make_unit(wire.aws, root_id, "Workloads/Prod")
    prod = make_unit(wire.aws, make_unit(wire.aws, root_id, "Workloads"), "Prod")

    units = arrive(WANTED, wire.connection).existing.units

    assert units["Workloads/Prod"] == prod
    assert odd in units.values()


def test_a_closed_account_is_listed_with_its_state(wire: Wire) -> None:
    wire.aws.found_organization()
    account_id = wire.aws.add_account("log")
    wire.aws.client("organizations").close_account(AccountId=account_id)
    wire.aws.clock.wait(wire.aws.settings.account_closure_seconds)

    org = arrive(WANTED, wire.connection)

    [closed] = [live for live in org.live_accounts() if live.id == account_id]
    assert (closed.state, closed.active) == ("SUSPENDED", False)
    assert org.live_account("log") is None


def test_the_status_of_policy_types_is_told(wire: Wire) -> None:
    root_id = wire.aws.found_organization()
    wire.aws.client("organizations").enable_policy_type(RootId=root_id, PolicyType="SERVICE_CONTROL_POLICY")
    wire.aws.clock.wait(wire.aws.settings.policy_type_seconds)

    assert arrive(WANTED, wire.connection).existing.policy_types == {"SERVICE_CONTROL_POLICY": "ENABLED"}


def test_a_second_survey_sees_what_has_changed_and_keeps_who_called(wire: Wire) -> None:
    org = arrive(WANTED, wire.connection)
    wire.aws.found_organization()

    again = survey(org, wire.connection)

    assert again.existing.feature_set == "ALL"
    assert again.management_id == MANAGEMENT_ID
    assert survey(again, wire.connection) == again


def test_the_id_that_config_expects_is_accepted(wire: Wire) -> None:
    assert arrive(WANTED, wire.connection, MANAGEMENT_ID).management_id == MANAGEMENT_ID


def test_another_account_than_config_expects_is_refused_before_anything_is_read(wire: Wire) -> None:
    with pytest.raises(
        AccessError, match=rf"is in the account {MANAGEMENT_ID}.* management account 999999999999"
    ) as raised:
        arrive(WANTED, wire.connection, "999999999999")

    assert "correct config.yaml" in raised.value.remedy
    assert wire.operations() == ["sts:GetCallerIdentity"]


def test_a_member_account_is_refused_and_its_management_account_is_named(
    aws: Aws, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.found_organization()
    account_id = aws.add_account("log")
    become(aws, account_id, monkeypatch)

    with pytest.raises(AccessError) as raised:
        arrive(WANTED, connect().connection)

    assert f"arn:aws:sts::{account_id}:assumed-role" in raised.value.message
    assert "member account" in raised.value.message
    assert MANAGEMENT_ID in raised.value.message
    assert raised.value.remedy == "Use credentials of the management account."


@pytest.mark.parametrize("operation", sorted(READS - {"organizations:ListAccountsForParent"}))
def test_what_may_not_be_read_is_not_taken_for_absent(wire: Wire, operation: str) -> None:
    wire.aws.found_organization()
    wire.aws.settings.denied = frozenset({operation})

    with pytest.raises(AccessError, match=f"The organization cannot be read: {operation.partition(':')[2]}") as raised:
        arrive(WANTED, wire.connection)

    assert "Allow the caller this action" in raised.value.remedy


def test_parents_that_may_not_be_read_are_not_taken_for_absent(wire: Wire) -> None:
    wire.aws.found_organization()
    wire.aws.settings.paths_in_lists = False
    wire.aws.settings.denied = frozenset({"organizations:ListAccountsForParent"})

    with pytest.raises(AccessError, match="The organization cannot be read: ListAccountsForParent"):
        arrive(WANTED, wire.connection)


def test_credentials_that_expire_in_the_middle_are_told(wire: Wire) -> None:
    wire.aws.found_organization()
    wire.answer("organizations:ListRoots", "ExpiredTokenException")

    with pytest.raises(AccessError, match="ExpiredTokenException") as raised:
        arrive(WANTED, wire.connection)

    assert "Sign in again" in raised.value.remedy


@pytest.mark.parametrize("paths_in_lists", [True, False])
def test_an_account_that_moves_during_the_survey_ends_it_with_a_message_or_not_at_all(
    wire: Wire, paths_in_lists: bool
) -> None:
    aws = wire.aws
    aws.settings.paths_in_lists = paths_in_lists
    root_id = aws.found_organization()
    account_id = aws.add_account("log")

    def move(_: object) -> None:
        if not moved:
            moved.append(make_unit(aws, root_id, "New"))
            parents = {"SourceParentId": root_id, "DestinationParentId": moved[0]}
            aws.client("organizations").move_account(AccountId=account_id, **parents)

    moved: list[str] = []
    wire.amend("organizations:ListOrganizationalUnitsForParent", move)

    assert outcome(wire) in {"", "New", "Run it again."}


def outcome(wire: Wire) -> str:
    """The unit of the account, or what to do."""
    try:
        return unit_of(arrive(WANTED, wire.connection), "log@example.com")
    except AccessError as error:
        return error.remedy


def test_the_caller_in_another_partition_is_seen(wire: Wire) -> None:
    def in_china(answer: dict[str, str]) -> None:
        answer["Arn"] = answer["Arn"].replace("arn:aws:", "arn:aws-cn:")

    wire.amend("sts:GetCallerIdentity", in_china)

    assert arrive(WANTED, wire.connection).partition == "aws-cn"
