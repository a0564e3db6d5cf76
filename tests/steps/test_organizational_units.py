from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.steps.by_hand import calls, clean, close_account, found, lines, part, put_back, unmanaged
from tests.world import World, account


def units(world: World) -> dict[str, str]:
    return dict(world.arrive().existing.units)


def want_units(world: World, *paths: str) -> None:
    world.wanted = replace(world.wanted, units=(*world.wanted.units, *paths))


def add_unit(world: World, parent_id: str, name: str) -> str:
    organizations = world.client("organizations")
    made: Any = organizations.create_organizational_unit(ParentId=parent_id, Name=name)["OrganizationalUnit"]
    return str(made["Id"])


def rename(world: World, path: str, name: str) -> None:
    organizations = world.client("organizations")
    organizations.update_organizational_unit(OrganizationalUnitId=units(world)[path], Name=name)


def test_units_that_exist_are_adopted_by_their_path(world: World) -> None:
    root_id = found(world).list_roots()["Roots"][0]["Id"]
    workloads = add_unit(world, root_id, "Workloads")
    prod = add_unit(world, workloads, "Prod")
    world.records.clear()

    plan = world.plan()
    put_back(world)

    assert lines(part(plan, "organizational_units").changes) == [
        "create organization organizational-unit Security",
        "create organization organizational-unit Suspended",
    ]
    assert calls(world, "organizations:CreateOrganizationalUnit") == 2
    assert (units(world)["Workloads"], units(world)["Workloads/Prod"]) == (workloads, prod)


def test_units_of_others_are_unmanaged_and_left(built: World) -> None:
    ids = units(built)
    add_unit(built, built.arrive().existing.root_id, "Theirs")
    add_unit(built, ids["Workloads"], "Theirs")

    plan = built.plan()
    destroyed = built.plan(destroy=True)

    assert plan.empty
    assert unmanaged(plan, "organizational_units") == ["Workloads/Theirs", "Theirs"]
    assert not any("Theirs" in line for line in lines(destroyed.changes))


def test_a_unit_that_is_renamed_by_hand_is_made_again_and_its_accounts_move_back(built: World) -> None:
    rename(built, "Workloads/Prod", "Production")

    plan = built.plan()

    assert lines(plan.changes) == [
        "create organization organizational-unit Workloads/Prod",
        "update organization placement workload-prod",
    ]
    assert plan.changes[1].before == {"unit": "Workloads/Production"}
    assert unmanaged(plan, "organizational_units") == ["Workloads/Production"]
    put_back(built)
    assert unmanaged(built.plan(), "organizational_units") == ["Workloads/Production"]


def test_a_parent_that_is_renamed_by_hand_is_made_again_with_what_is_below_it(built: World) -> None:
    rename(built, "Workloads", "Work")

    plan = built.plan()

    assert lines(plan.changes) == [
        "create organization organizational-unit Workloads",
        "create organization organizational-unit Workloads/Prod",
        "update organization placement network",
        "update organization placement workload-prod",
    ]
    assert unmanaged(plan, "organizational_units") == ["Work", "Work/Prod"]
    put_back(built)


def test_one_name_under_two_parents_is_two_units(world: World) -> None:
    want_units(world, "Security/Prod", "Suspended/Prod", "Prod")
    world.wanted = replace(world.wanted, accounts={**world.wanted.accounts, "other": account("other", "Security/Prod")})

    world.build()

    ids = units(world)
    assert len({ids["Prod"], ids["Workloads/Prod"], ids["Security/Prod"], ids["Suspended/Prod"]}) == 4
    placed = {live.email: live.unit for live in world.arrive().live_accounts()}
    assert placed["aws+other@example.com"] == "Security/Prod"
    assert placed["aws+workload-prod@example.com"] == "Workloads/Prod"
    assert world.plan().empty


def test_a_name_with_a_slash_is_no_path(built: World) -> None:
    theirs = add_unit(built, built.arrive().existing.root_id, "Suspended/Old")
    organizations = built.client("organizations")
    org = built.arrive()
    places = {"SourceParentId": org.existing.units["Security"], "DestinationParentId": theirs}
    organizations.move_account(AccountId=org.id_of("log-archive"), **places)
    want_units(built, "Suspended/Old")

    plan = built.plan()
    put_back(built)

    assert lines(plan.changes) == [
        "create organization organizational-unit Suspended/Old",
        "update organization placement log-archive",
    ]
    assert unmanaged(plan, "organizational_units") == ["Suspended//Old"]
    assert units(built)["Suspended/Old"] != theirs
    children = organizations.list_organizational_units_for_parent(ParentId=units(built)["Suspended"])
    assert [child["Name"] for child in children["OrganizationalUnits"]] == ["Old"]


def test_a_name_that_looks_like_an_escaped_slash_is_another_unit(built: World) -> None:
    root_id = built.arrive().existing.root_id
    theirs = {add_unit(built, root_id, "A/B"), add_unit(built, root_id, "A%2FB")}
    for key, unit_id in zip(("network", "log-archive"), sorted(theirs), strict=True):
        org = built.arrive()
        live = org.live_account(key)
        assert live is not None
        places = {"SourceParentId": org.existing.units[live.unit], "DestinationParentId": unit_id}
        built.client("organizations").move_account(AccountId=live.id, **places)

    plan = built.plan()

    assert len(unmanaged(plan, "organizational_units")) == 2
    put_back(built)


def test_more_units_than_aws_lists_on_a_page_are_all_seen(world: World) -> None:
    want_units(world, *(f"Workloads/Team {number:02}" for number in range(45)))

    world.build()

    assert len(units(world)) == 4 + 45
    assert world.plan().empty


def test_units_five_levels_deep_are_made(world: World) -> None:
    want_units(world, "Security/A", "Security/A/B", "Security/A/B/C", "Security/A/B/C/D")

    world.build()

    assert "Security/A/B/C/D" in units(world)


def test_a_unit_in_which_others_keep_an_account_is_not_destroyed(built: World) -> None:
    plan = built.plan(destroy=True)

    deleted = {change.address.name for change in part(plan, "organizational_units").changes}
    assert deleted == {"Suspended"}


def test_a_unit_with_a_closed_account_in_it_is_not_destroyed(built: World) -> None:
    org = built.arrive()
    ids = org.existing.units
    places = {"SourceParentId": ids["Workloads/Prod"], "DestinationParentId": ids["Suspended"]}
    built.client("organizations").move_account(AccountId=org.id_of("workload-prod"), **places)
    close_account(built, "workload-prod")

    plan = built.plan(destroy=True)

    assert "Suspended" in {address.name for address in part(plan, "organizational_units").kept}


def test_a_unit_in_which_others_have_made_one_is_not_destroyed(built: World) -> None:
    add_unit(built, units(built)["Suspended"], "Theirs")

    plan = built.plan(destroy=True)
    outcome = built.apply(plan)

    assert "Suspended" in {address.name for address in part(plan, "organizational_units").kept}
    assert clean(outcome)
