from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from moto.organizations.models import organizations_backends

from sra_bootstrap.model import MANAGEMENT, Action, Change, Plan
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID, extension
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from tests.steps.by_hand import (
    account_address,
    build_until,
    calls,
    clean,
    found,
    ignore,
    interrupt,
    lines,
    open_account,
    part,
    put_back,
    start_again,
    unmanaged,
    want,
    writes,
)
from tests.world import World, account, pending

CREATE = "organizations:CreateAccount"


def listed(world: World) -> list[dict[str, Any]]:
    pages = world.client("organizations").get_paginator("list_accounts").paginate()
    return [one for page in pages for one in page["Accounts"]]


def tags(world: World, key: str) -> dict[str, str]:
    answer = world.client("organizations").list_tags_for_resource(ResourceId=world.arrive().id_of(key))
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def move(world: World, key: str, path: str) -> None:
    org = world.arrive()
    live = org.live_account(key)
    assert live is not None
    ids = {**org.existing.units, "": org.existing.root_id}
    places = {"SourceParentId": ids[live.unit], "DestinationParentId": ids[path]}
    world.client("organizations").move_account(AccountId=live.id, **places)


def changes(plan: Plan) -> list[str]:
    return lines(part(plan, "accounts").changes)


def another_organization_with(email: str) -> None:
    """Let somebody else's AWS account have an email address."""
    theirs = organizations_backends["999999999999"]["aws"]
    theirs.create_organization("us-east-1", FeatureSet="ALL")
    theirs.accounts[0].email = email


def test_every_account_stands_under_its_name_in_its_unit(built: World) -> None:
    org = built.arrive()

    stand = {key: org.live_account(key) for key in org.accounts}
    assert {key: (live.name, live.email, live.unit) for key, live in stand.items() if live} == {
        key: (wanted.name, wanted.email, wanted.unit) for key, wanted in org.accounts.items()
    }
    assert tags(built, "log-archive") == {"data": "logs"}


def test_the_role_that_the_tool_assumes_is_made_with_the_account(world: World) -> None:
    world.wanted = replace(world.wanted, role_name="BreakGlass")

    world.build()

    assert world.client("sts", "network").get_caller_identity()["Arn"].split("/")[1] == "BreakGlass"


def test_an_account_is_adopted_by_its_address_whatever_the_case_of_its_letters(world: World) -> None:
    found(world)
    account_id = open_account(world, "Security Tooling", "AWS+Security-Tooling@Example.com")
    world.records.clear()

    plan = world.plan()
    put_back(world)

    assert "update organization placement security-tooling" in changes(plan)
    assert not any("account security-tooling" in line for line in changes(plan))
    assert world.arrive().id_of("security-tooling") == account_id
    assert calls(world, CREATE) == 3


def test_an_account_is_renamed(built: World) -> None:
    built.client("account").put_account_name(AccountId=built.arrive().id_of("network"), AccountName="Net")

    plan = built.plan()

    address = account_address("network")
    assert plan.changes == (Change(address, Action.UPDATE, {"name": "Net"}, {"name": "Network"}),)
    put_back(built)
    assert calls(built, "account:PutAccountName") == 2


def test_an_account_that_is_adopted_is_renamed_in_the_run_that_trusts_account_management(world: World) -> None:
    found(world)
    open_account(world, "Net", "aws+network@example.com")

    put_back(world)

    assert "Network" in {one["Name"] for one in listed(world)}


def test_an_account_that_was_moved_is_exactly_one_change_and_put_back(built: World) -> None:
    move(built, "workload-prod", "Suspended")

    plan = built.plan()

    address = account_address("workload-prod", "placement")
    assert plan.changes == (Change(address, Action.UPDATE, {"unit": "Suspended"}, {"unit": "Workloads/Prod"}),)
    assert built.apply(plan).done == list(plan.changes)
    assert built.plan().empty


def test_an_account_that_lies_in_the_root_moves_into_its_unit(built: World) -> None:
    move(built, "workload-prod", "")

    plan = built.plan()

    assert [change.before for change in plan.changes] == [{"unit": "the root"}]
    put_back(built)


def test_two_accounts_that_change_places_are_two_changes(built: World) -> None:
    move(built, "workload-prod", "Security")
    move(built, "log-archive", "Workloads/Prod")

    assert changes(built.plan()) == [
        "update organization placement log-archive",
        "update organization placement workload-prod",
    ]
    put_back(built)


def test_tags_are_added_and_mended_and_those_of_others_are_left(built: World) -> None:
    ids = {key: built.arrive().id_of(key) for key in ("log-archive", "network")}
    organizations = built.client("organizations")
    foreign = [{"Key": "data", "Value": "others"}, {"Key": "owner", "Value": "finance"}]
    organizations.tag_resource(ResourceId=ids["log-archive"], Tags=foreign)
    organizations.tag_resource(ResourceId=ids["network"], Tags=foreign[1:])
    want(built, account("network", "Workloads", tier="core"))

    plan = built.plan()

    assert plan.changes == (
        Change(account_address("log-archive", "tags"), Action.UPDATE, {"data": "others"}, {"data": "logs"}),
        Change(account_address("network", "tags"), Action.UPDATE, {"tier": None}, {"tier": "core"}),
    )
    put_back(built)
    assert tags(built, "log-archive") == {"data": "logs", "owner": "finance"}
    assert tags(built, "network") == {"tier": "core", "owner": "finance"}


def test_a_tag_that_config_no_longer_gives_stays(built: World) -> None:
    want(built, account("log-archive", "Security", owner="me"))
    put_back(built)

    assert tags(built, "log-archive") == {"data": "logs", "owner": "me"}


def test_destroying_takes_away_only_the_tags_that_config_gives(built: World) -> None:
    foreign = [{"Key": "owner", "Value": "finance"}]
    built.client("organizations").tag_resource(ResourceId=built.arrive().id_of("log-archive"), Tags=foreign)

    outcome = built.apply(built.plan(destroy=True))

    assert clean(outcome)
    assert tags(built, "log-archive") == {"owner": "finance"}
    assert len(listed(built)) == 5


def test_accounts_that_config_does_not_name_are_listed_and_left(built: World) -> None:
    open_account(built, "Theirs", "theirs@example.com")
    built.records.clear()

    plan = built.plan()

    assert unmanaged(plan, "accounts") == ["theirs@example.com"]
    assert changes(plan) == []
    assert writes(built) == set()


def test_the_management_account_is_neither_managed_nor_unmanaged(built: World) -> None:
    assert unmanaged(built.plan(), "accounts") == []


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_closed_account_with_an_address_of_ours_is_an_obstacle(built: World, seconds: float) -> None:
    built.sandbox.settings.account_closure_seconds = 30
    account_id = str(built.arrive().id_of("workload-prod"))
    built.client("organizations").close_account(AccountId=account_id)
    built.sandbox.clock.wait(seconds)
    state = "SUSPENDED" if seconds else "PENDING_CLOSURE"
    built.records.clear()

    plan = built.plan()
    outcome = built.apply(plan)

    obstacle = part(plan, "accounts").blocked[0]
    assert obstacle.where == "organization account workload-prod"
    assert account_id in obstacle.reason
    assert state in obstacle.reason
    assert "Reopen it" in obstacle.remedy
    assert plan.changes == ()
    assert (outcome.done, outcome.failed) == ([], [])
    assert writes(built) == set()


def test_a_closed_account_of_others_is_noted_and_left_out(built: World) -> None:
    account_id = open_account(built, "Theirs", "theirs@example.com")
    put_back(built)
    built.client("organizations").close_account(AccountId=account_id)
    built.sandbox.clock.wait(60)

    plan = built.plan()

    assert plan.empty
    assert [account_id in note and "SUSPENDED" in note for note in part(plan, "accounts").notes] == [True]
    assert unmanaged(plan, "accounts") == []


def test_an_account_of_our_name_with_another_address_is_an_obstacle(world: World) -> None:
    found(world)
    account_id = open_account(world, "Network", "net@example.com")
    world.records.clear()

    plan = world.plan()
    outcome = world.apply(plan)

    obstacle = next(blocked for blocked in plan.blocked if blocked.where == "organization account network")
    assert account_id in obstacle.reason
    assert "net@example.com" in obstacle.reason
    assert "accounts.network.email" in obstacle.remedy
    assert "give it another name" in obstacle.remedy
    assert (outcome.failed, outcome.drift) == ([], None)
    assert calls(world, CREATE) == 3
    assert {one["Email"] for one in listed(world)} == {
        *("management@example.com", "net@example.com", "aws+log-archive@example.com"),
        *("aws+security-tooling@example.com", "aws+workload-prod@example.com"),
    }


def test_two_accounts_of_ours_may_change_names(built: World) -> None:
    network, workload = (built.wanted.accounts[key] for key in ("network", "workload-prod"))
    want(built, replace(network, name=workload.name), replace(workload, name=network.name))

    plan = built.plan()

    assert changes(plan) == ["update organization account network", "update organization account workload-prod"]
    put_back(built)


def test_a_creation_in_progress_is_resumed_and_not_repeated(world: World) -> None:
    found(world).create_account(AccountName="Log Archive", Email="aws+log-archive@example.com")
    world.records.clear()

    put_back(world)

    assert calls(world, CREATE) == 3
    assert [one["Name"] for one in listed(world)].count("Log Archive") == 1


def test_a_creation_in_progress_of_another_account_of_the_name_is_not_taken_for_ours(world: World) -> None:
    build_until(world, "accounts")
    world.sandbox.settings.account_creation_seconds = 600
    theirs = {"AccountName": "Log Archive", "Email": "other+log-archive@example.com"}
    world.client("organizations").create_account(**theirs)
    world.sandbox.settings.account_creation_seconds = 20

    outcome = world.apply(world.plan())

    assert "organization account log-archive" in {failure.where for failure in outcome.failed}
    assert [one["Email"] for one in listed(world) if one["Name"] == "Log Archive"] == [theirs["Email"]]
    first = part(world.plan(), "accounts").blocked[0]
    assert theirs["Email"] in first.reason
    assert "accounts.log-archive.email" in first.remedy


@pytest.mark.parametrize("after", [1, 4])
def test_a_run_that_is_killed_after_it_has_asked_for_an_account_does_not_ask_again(world: World, after: int) -> None:
    plan = world.plan()
    interrupt(world, "CreateAccount", after=after)
    assert world.apply(plan).interrupted

    start_again(world)
    assert len(listed(world)) == after
    outcome = world.apply(plan)

    assert clean(outcome)
    assert calls(world, CREATE) == 4
    assert len(listed(world)) == 5
    assert world.plan().empty


def test_a_creation_that_has_ended_meanwhile_is_adopted(world: World) -> None:
    build_until(world, "accounts")
    plan = world.plan()
    open_account(world, "Log Archive", "aws+log-archive@example.com")
    world.records.clear()

    outcome = world.apply(plan)

    assert clean(outcome)
    assert calls(world, CREATE) == 3
    assert account_address("log-archive") not in {change.address for change in outcome.done}
    assert world.plan().empty


def test_a_request_that_aws_takes_without_an_answer_is_found_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_until(world, "accounts")
    create = extension._HANDLERS["organizations", "CreateAccount"]

    def takes_without_answer(call: Call, /, **parameters: Any) -> None:
        create(call, **parameters)
        raise AwsFault(
            "ServiceException", "AWS Organizations can't complete your request because of an internal error."
        )

    monkeypatch.setitem(extension._HANDLERS, ("organizations", "CreateAccount"), takes_without_answer)
    outcome = world.apply(world.plan())

    assert clean(outcome)
    assert sum(record.operation == "CreateAccount" for record in world.records) == 4
    assert len(listed(world)) == 5


def test_a_request_that_aws_has_not_taken_is_made_once_more_and_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_until(world, "accounts")

    def has_not_taken(call: Call, /, **parameters: Any) -> None:
        raise AwsFault(
            "ServiceException", "AWS Organizations can't complete your request because of an internal error."
        )

    monkeypatch.setitem(extension._HANDLERS, ("organizations", "CreateAccount"), has_not_taken)
    outcome = world.apply(world.plan())

    assert [failure.where for failure in outcome.failed] == [
        f"organization account {key}" for key in world.wanted.accounts
    ]
    assert all("AWS did not answer" in failure.reason and failure.remedy for failure in outcome.failed)
    assert sum(record.operation == "CreateAccount" for record in world.records) == 2 * len(world.wanted.accounts)


# word of what to do.
def test_an_account_that_has_left_the_organization_is_created_anew_or_says_what_to_do(built: World) -> None:
    built.sandbox.clock.wait(5 * 24 * 3600)
    workload = built.arrive().id_of("workload-prod")
    built.client("organizations").remove_account_from_organization(AccountId=workload)

    outcome = built.apply(built.plan())

    assert [failure for failure in outcome.failed if not failure.remedy] == []


def test_an_address_that_belongs_to_somebody_else_fails_with_what_to_do(world: World) -> None:
    another_organization_with("aws+workload-prod@example.com")

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert failure.where == "organization account workload-prod"
    assert "EMAIL_ALREADY_EXISTS" in failure.reason
    assert "Invite that account, or choose another" in failure.remedy


# lanes before the first stage is made, the detectors, the administrator and all else of GuardDuty are blocked by it.
def test_an_account_that_fails_keeps_from_the_others_nothing_but_what_is_its_own(world: World) -> None:
    another_organization_with("aws+workload-prod@example.com")

    outcome = world.apply(world.plan())

    assert all("workload-prod" in f"{blocked.where} {blocked.reason}" for blocked in outcome.blocked)
    org = world.arrive()
    for region in world.regions:
        guardduty = world.client("guardduty", "security-tooling", region)
        [detector_id] = guardduty.list_detectors()["DetectorIds"]
        configuration = guardduty.describe_organization_configuration(DetectorId=detector_id)
        assert configuration["AutoEnableOrganizationMembers"] == "ALL"
        enrolled = {member["AccountId"] for member in guardduty.list_members(DetectorId=detector_id)["Members"]}
        assert enrolled == {org.id_of(name) for name in (MANAGEMENT, "log-archive", "network")}


def test_the_account_that_everything_stands_on_may_fail(world: World) -> None:
    another_organization_with("aws+security-tooling@example.com")

    outcome = world.apply(world.plan())

    assert [failure.where for failure in outcome.failed] == ["organization account security-tooling"]
    assert outcome.drift is None
    assert len(listed(world)) == 4
    blocked = {one.where for one in outcome.blocked}
    assert {"management/eu-west-1 administrator", "security-tooling/us-east-1 detector"} <= blocked
    assert "organization delegated-administrator config.amazonaws.com" in blocked
    assert "organization placement network" not in blocked


@pytest.mark.parametrize(
    ("email", "reason", "remedy"),
    [("aws@-example-.com", "INVALID_EMAIL", "Choose another"), ("aws@example", "InvalidInputException", "")],
)
def test_an_address_that_aws_does_not_take_fails_with_what_to_do(
    world: World, email: str, reason: str, remedy: str
) -> None:
    want(world, replace(world.wanted.accounts["workload-prod"], email=email))

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert failure.where == "organization account workload-prod"
    assert reason in failure.reason
    assert remedy in failure.remedy


def test_a_quota_that_is_used_up_fails_with_what_to_do(world: World) -> None:
    world.sandbox.settings.account_quota = 4

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert failure.where == "organization account workload-prod"
    assert "ACCOUNT_NUMBER_LIMIT_EXCEEDED" in failure.reason
    assert "quota" in failure.remedy
    assert len(listed(world)) == 4
    world.sandbox.settings.account_quota = 10
    put_back(world)


def test_a_quota_that_is_used_up_while_aws_creates_fails_with_what_to_do(world: World) -> None:
    build_until(world, "accounts")
    settings = world.sandbox.settings

    def shrink(record: Any) -> None:
        if record.operation == "DescribeCreateAccountStatus":
            settings.account_quota = 1

    world.connection.watch(ignore, shrink)
    outcome = world.apply(world.plan())

    first, *_ = outcome.failed
    assert "ACCOUNT_LIMIT_EXCEEDED" in first.reason
    assert "Service Quotas" in first.remedy


def test_an_account_that_could_not_be_created_is_asked_for_again_in_the_next_run(world: World) -> None:
    another_organization_with("aws+workload-prod@example.com")
    world.apply(world.plan())
    organizations_backends["999999999999"]["aws"].accounts[0].email = "moved@example.com"
    world.records.clear()

    plan = world.plan()
    put_back(world)

    assert "create organization account workload-prod" in pending(plan)
    assert calls(world, CREATE) == 1


def test_an_organization_that_takes_an_hour_to_take_accounts_is_survived(world: World) -> None:
    world.sandbox.settings.finalizing_seconds = 3000
    began = world.sandbox.clock.now()

    world.build()

    assert world.sandbox.clock.now() - began > 3000
    assert world.plan().empty


def test_other_creations_under_way_are_waited_for(world: World) -> None:
    organizations = found(world)
    world.sandbox.settings.account_creation_seconds = 120
    for number in range(5):
        organizations.create_account(AccountName=f"Theirs {number}", Email=f"theirs+{number}@example.com")
    world.sandbox.settings.account_creation_seconds = 20

    build_until(world, "policy_types")

    assert len(listed(world)) == 10


def test_a_creation_that_takes_most_of_an_hour_is_waited_for(world: World) -> None:
    world.sandbox.settings.account_creation_seconds = 3000

    world.build()

    assert calls(world, CREATE) == 4


def test_a_creation_that_does_not_end_fails_and_says_how_far_it_is(world: World) -> None:
    build_until(world, "accounts")
    world.sandbox.settings.account_creation_seconds = 1e9

    outcome = world.apply(world.plan())

    first, *_ = outcome.failed
    assert "IN_PROGRESS" in first.reason
    assert "car-" in first.reason
    assert first.remedy


@pytest.mark.sampled(3)
def test_many_accounts_are_created_one_after_the_other_and_seen_page_by_page(world: World) -> None:
    world.sandbox.settings.account_quota = 30
    world.sandbox.settings.concurrent_creations = 1
    want(world, *(account(f"team-{number:02}", "Workloads", team=f"{number}") for number in range(25)))

    world.build()

    assert calls(world, CREATE) == 29
    assert len(listed(world)) == 30
    assert tags(world, "team-24") == {"team": "24"}
    assert world.plan().empty


def test_accounts_need_no_step_but_those_below_them(built: World) -> None:
    built.steps = [step for step in built.steps if step.id in {"preflight", "organization", "accounts"}]
    move(built, "network", "Suspended")

    assert pending(built.plan()) == ["update organization placement network"]


def test_the_address_of_the_management_account_is_no_members(world: World) -> None:
    build_until(world, "accounts")
    management = next(a for a in world.arrive().live_accounts() if a.id == MANAGEMENT_ACCOUNT_ID)
    accounts = dict(world.wanted.accounts)
    accounts["security-tooling"] = replace(accounts["security-tooling"], email=management.email.upper())
    world.wanted = replace(world.wanted, accounts=accounts)

    plan = world.plan()
    outcome = world.apply(plan)

    assert any("is the address of the management account" in blocked.reason for blocked in plan.blocked)
    assert outcome.failed == []
    assert not {change.address.name for change in outcome.done} & {"security-tooling"}
    assert MANAGEMENT_ACCOUNT_ID not in {change.after.get("account") for change in plan.changes}
