from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT, Plan
from sra_bootstrap.sandbox.settings import Settings
from tests.steps.by_hand import (
    build_until,
    calls,
    clean,
    configure,
    govern,
    interrupt,
    lines,
    open_account,
    part,
    put_back,
    start_again,
    want,
    writes,
)
from tests.steps.detective_by_hand import DAY, HOME, OTHER, PACKAGES, Detective, administrators
from tests.world import World, account, pipeline

PRINCIPAL = "detective.amazonaws.com"
STRANGER = "999999999999"
WITHOUT = "eu-central-2"
"""A region that has GuardDuty and no Detective."""


@pytest.fixture
def world() -> Iterator[World]:
    """A bare management account, and a pipeline of Detective and all that it stands on."""
    with sandbox.in_process() as running:
        yield World(running, pipeline("detective"))


@pytest.fixture
def calm(world: World) -> World:
    """An organization that was just built, in which Detective does nothing by itself for a day."""
    world.sandbox.settings.auto_enable_seconds = DAY
    world.build()
    world.records.clear()
    return world


def reconfigure(world: World, **section: Any) -> None:
    """Want the same pipeline with another section of config.yaml."""
    configure(world, detective=section)


def places(plan: Plan) -> list[str]:
    return lines(part(plan, "detective").changes)


def delegate(world: World, key: str, region: str) -> str:
    """Delegate Detective by hand in one region, once the accounts are there."""
    build_until(world, "detective")
    account_id = str(world.arrive().id_of(key))
    world.client("detective", MANAGEMENT, region).enable_organization_admin_account(AccountId=account_id)
    world.sandbox.clock.wait(60)
    world.records.clear()
    return account_id


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_all_accounts_are_members_of_the_behavior_graph_of_every_region(world: World, region: str) -> None:
    world.build()
    detective = Detective(world, region)

    assert administrators(world, region) == ["security-tooling"]
    assert detective.auto_enables()
    assert detective.packages() == dict.fromkeys(("DETECTIVE_CORE", *PACKAGES), "STARTED")
    names = (MANAGEMENT, "log-archive", "network", "workload-prod")
    assert detective.members() == dict.fromkeys(names, "ENABLED")
    assert world.plan().empty


def test_another_administrator_in_a_region_blocks_all_regions_with_who_and_what_to_do(world: World) -> None:
    network = delegate(world, "network", OTHER)

    home, other, *others = part(world.plan(), "detective").blocked

    assert [home.where, other.where] == [f"management/{region} administrator" for region in (HOME, OTHER)]
    assert home.reason == f"Detective is administered by network ({network}), and has one administrator only."
    assert "(aws detective disable-organization-admin-account)" in home.remedy
    assert f"--service-principal {PRINCIPAL} --account-id {network}" in home.remedy
    assert {blocked.where for blocked in others} == {
        f"security-tooling/{region} {kind}" for region in (HOME, OTHER) for kind in ("behavior-graph", "members")
    }


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_another_administrator_is_never_replaced(world: World, region: str) -> None:
    delegate(world, "network", region)

    world.apply(world.plan())

    assert administrators(world, region) == ["network"]
    assert {write for write in writes(world) if write.startswith("detective:")} == set()


def test_an_administrator_of_ours_in_one_region_is_adopted(world: World) -> None:
    delegate(world, "security-tooling", HOME)

    plan = world.plan()

    assert f"create management/{HOME} administrator" not in places(plan)
    assert f"update security-tooling/{HOME} behavior-graph" in places(plan)
    assert f"create management/{OTHER} administrator" in places(plan)
    put_back(world)


def test_a_behavior_graph_that_is_there_is_adopted_with_its_members(world: World) -> None:
    build_until(world, "detective")
    own = Detective(world, OTHER)
    own.api.create_graph(Tags={"team": "forensics"})
    graph, org = own.graph, world.arrive()
    guests = [(str(org.id_of("network")), "aws+network@example.com"), (STRANGER, "partner@example.com")]
    own.do("create_members", Accounts=[{"AccountId": id_, "EmailAddress": email} for id_, email in guests])
    own.do("update_datasource_packages", DatasourcePackages=["EKS_AUDIT"])
    world.sandbox.clock.wait(60)

    put_back(world)

    assert own.graph == graph
    assert own.api.list_tags_for_resource(ResourceArn=graph)["Tags"] == {"team": "forensics"}
    assert own.members()[STRANGER] == "INVITED"
    assert own.members()["network"] == "ENABLED"


def test_a_region_without_detective_is_left_out_with_a_note(world: World) -> None:
    world.client("account").enable_region(RegionName=WITHOUT)
    world.sandbox.clock.wait(60)
    build_until(world, "detective")
    govern(world, HOME, WITHOUT)

    plan = world.plan()

    assert {change.address.at.region for change in part(plan, "detective").changes} == {HOME}
    assert f"Detective is not offered in {WITHOUT}." in " ".join(part(plan, "detective").notes)


def test_accounts_that_config_does_not_name_are_members_too(calm: World) -> None:
    open_account(calm, "Theirs", "theirs@example.com")

    plan = calm.plan()

    assert places(plan) == [f"update security-tooling/{region} members" for region in (HOME, OTHER)]
    assert {name for c in part(plan, "detective").changes for name in c.after} == {"theirs@example.com"}
    put_back(calm)
    assert Detective(calm, OTHER).members()["theirs@example.com"] == "ENABLED"


@pytest.mark.parametrize("enables", ["NEW", "NONE"])
def test_members_are_left_alone_where_not_all_accounts_are_to_be_members(world: World, enables: str) -> None:
    reconfigure(world, auto_enable=enables)

    world.build()

    assert Detective(world, OTHER).auto_enables() is (enables == "NEW")
    assert Detective(world, OTHER).members() == {}
    assert "detective:CreateMembers" not in writes(world)
    assert world.plan().empty


def test_an_account_that_joins_is_left_to_detective_where_it_enables_new_ones(world: World) -> None:
    reconfigure(world, auto_enable="NEW")
    world.build()
    open_account(world, "Theirs", "theirs@example.com")

    assert part(world.plan(), "detective").changes == ()
    world.sandbox.clock.wait(60)
    assert Detective(world, OTHER).members() == {"theirs@example.com": "VERIFICATION_IN_PROGRESS"}
    world.sandbox.clock.wait(60)
    assert Detective(world, OTHER).members() == {"theirs@example.com": "ENABLED"}


def test_an_account_that_detective_enables_at_the_same_time_is_no_failure(world: World) -> None:
    world.build()
    open_account(world, "Theirs", "theirs@example.com")
    plan = world.plan()
    assert places(plan)
    world.sandbox.clock.wait(world.sandbox.settings.auto_enable_seconds)
    theirs = {"theirs@example.com": "VERIFICATION_IN_PROGRESS"}
    assert Detective(world, OTHER).members().items() >= theirs.items()

    assert clean(world.apply(plan))

    assert Detective(world, OTHER).members()["theirs@example.com"] == "ENABLED"


def test_a_member_by_invitation_is_noted_and_left_alone(calm: World) -> None:
    there = Detective(calm, OTHER)
    there.do("create_members", Accounts=[{"AccountId": STRANGER, "EmailAddress": "partner@example.com"}])
    calm.sandbox.clock.wait(60)

    plan = calm.plan()

    assert plan.empty
    [note] = part(plan, "detective").notes
    assert note == f"{STRANGER} is a member of Detective in {OTHER} by invitation; it is left alone."


def test_a_suspended_account_is_not_made_a_member(world: World) -> None:
    build_until(world, "detective")
    account_id = open_account(world, "Theirs", "theirs@example.com")
    world.client("organizations").close_account(AccountId=account_id)

    put_back(world)

    assert "theirs@example.com" not in Detective(world, OTHER).members()


def test_a_package_that_config_no_longer_wants_is_noted_and_goes_on(calm: World) -> None:
    reconfigure(calm, data_sources={"EKS_AUDIT": False})
    Detective(calm, OTHER).stop("ASFF_SECURITYHUB_FINDING")

    plan = calm.plan()
    put_back(calm)

    assert [change.after for change in plan.changes] == [{"data_sources": {"ASFF_SECURITYHUB_FINDING": "STARTED"}}]
    notes = [
        f"The data source package EKS_AUDIT is started in {r}; AWS has no call that stops it." for r in (HOME, OTHER)
    ]
    assert sorted(part(plan, "detective").notes) == sorted(notes)
    # Named beside the other, because AWS does not say what it does to one that is not.
    assert Detective(calm, OTHER).packages() == dict.fromkeys(("DETECTIVE_CORE", *PACKAGES), "STARTED")


def test_without_optional_packages_none_is_started(world: World) -> None:
    reconfigure(world, data_sources=dict.fromkeys(PACKAGES, False))
    world.build()
    assert Detective(world, OTHER).packages() == {"DETECTIVE_CORE": "STARTED"}
    assert "detective:UpdateDatasourcePackages" not in writes(world)
    assert world.plan().empty


def test_a_member_whose_data_detective_does_not_take_is_a_failure_that_says_how_to_see_why(calm: World) -> None:
    there = Detective(calm, OTHER)
    there.disable("network")
    there.has_too_much_data("network")
    network = calm.arrive().id_of("network")

    outcome = calm.apply(calm.plan())

    [failure] = outcome.failed
    assert failure.reason.startswith(f"Detective does not take the data of {network}: ")
    assert f"--graph-arn {there.graph} --account-ids {network} " in failure.remedy
    there.has_too_much_data()
    put_back(calm)


def test_the_others_are_enabled_where_one_is_not(world: World) -> None:
    world.sandbox.settings.auto_enable_seconds = DAY
    build_until(world, "detective")
    Detective(world, OTHER).has_too_much_data("network")

    outcome = world.apply(world.plan())

    assert not clean(outcome)
    members = {MANAGEMENT: "ENABLED", "log-archive": "ENABLED", "workload-prod": "ENABLED"}
    assert Detective(world, OTHER).members() == members | {"network": "ACCEPTED_BUT_DISABLED"}


def test_the_delegation_that_is_taken_away_in_a_region_is_given_back_with_all_that_went_with_it(calm: World) -> None:
    calm.client("detective", MANAGEMENT, OTHER).disable_organization_admin_account()

    plan = calm.plan()

    assert places(plan) == [
        f"create management/{OTHER} administrator",
        f"create security-tooling/{OTHER} behavior-graph",
        f"create security-tooling/{OTHER} members",
    ]
    put_back(calm)


def test_the_registration_that_is_taken_away_is_given_back_in_every_region(calm: World) -> None:
    account_id = calm.arrive().id_of("security-tooling")
    organizations = calm.client("organizations")
    organizations.deregister_delegated_administrator(AccountId=account_id, ServicePrincipal=PRINCIPAL)

    assert len(places(calm.plan())) == 6
    put_back(calm)
    assert administrators(calm, HOME) == administrators(calm, OTHER) == ["security-tooling"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "operation",
    [
        "EnableOrganizationAdminAccount",
        "UpdateOrganizationConfiguration",
        "UpdateDatasourcePackages",
        "CreateMembers",
    ],
)
def test_what_was_interrupted_after_a_write_is_completed_by_the_next_run(world: World, operation: str) -> None:
    build_until(world, "detective")
    interrupt(world, operation)
    world.apply(world.plan())
    start_again(world)

    put_back(world)

    assert set(Detective(world, OTHER).members().values()) == {"ENABLED"}


@pytest.mark.sampled(3)
def test_members_of_more_than_one_batch_and_page_are_enabled_and_seen(world: World) -> None:
    govern(world, HOME)
    settings = world.sandbox.settings
    settings.account_quota, settings.account_creation_seconds, settings.auto_enable_seconds = 100, 1, DAY
    want(world, *(account(f"team-{index:03}", "Workloads") for index in range(50)))
    build_until(world, "detective")
    own = Detective(world, HOME)
    own.api.create_graph()
    strangers = [{"AccountId": f"9{number:011}", "EmailAddress": "partner@example.com"} for number in range(199)]
    for start in range(0, 199, 50):
        own.do("create_members", Accounts=strangers[start : start + 50])
    world.records.clear()

    put_back(world)

    # 53 accounts beside the administrator, and the management account; on the first page there is place for one.
    assert calls(world, "detective:CreateMembers") == 2
    assert list(own.members().values())[199:] == ["ENABLED"] * 54
    world.records.clear()
    assert world.plan().empty
    assert calls(world, "detective:ListMembers") == 2


def test_destroying_deletes_the_graph_of_every_region_and_the_registration(calm: World) -> None:
    outcome = calm.apply(calm.plan(destroy=True))

    assert clean(outcome)
    for region in (HOME, OTHER):
        assert administrators(calm, region) == []
        assert Detective(calm, region).api.list_graphs()["GraphList"] == []
        assert Detective(calm, region, "network").api.list_invitations()["Invitations"] == []
    organizations = calm.client("organizations")
    assert organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"] == []


def test_destroying_ends_auto_enable_before_the_members_go_and_these_before_the_administrator(calm: World) -> None:
    plan = calm.plan(destroy=True)
    calm.apply(plan)

    kinds = [change.address.kind for change in part(plan, "detective").changes]
    assert kinds == ["members", "members", "administrator", "administrator"]
    assert {address.kind for address in part(plan, "detective").kept} == {"behavior-graph"}
    home = [r.operation for r in calm.records if r.service == "detective" and not r.read and r.region == HOME]
    assert home == ["UpdateOrganizationConfiguration", "DeleteMembers", "DisableOrganizationAdminAccount"]


def test_the_security_tooling_account_may_be_another_one_of_ours(world: World) -> None:
    world.wanted = replace(world.wanted, security_tooling="network")

    world.build()

    members = Detective(world, HOME, "network").members()
    assert set(members) == {MANAGEMENT, "log-archive", "security-tooling", "workload-prod"}
    assert world.plan().empty


def test_an_aws_that_fails_in_every_way_is_survived() -> None:
    with sandbox.in_process() as running:
        world = World(running, pipeline("detective"))
        build_until(world, "detective")
        hostile = Settings.hostile(seed=7)
        for name in ("delegation_seconds", "enabling_seconds", "auto_enable_seconds", "faults"):
            setattr(running.settings, name, getattr(hostile, name))

        for _ in range(3):
            world.apply(world.plan())

        running.settings.faults = None
        put_back(world)
