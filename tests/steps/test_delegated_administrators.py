from __future__ import annotations

import pytest

from tests.steps.by_hand import (
    build_until,
    calls,
    clean,
    configure,
    lines,
    open_account,
    part,
    put_back,
    unmanaged,
    writes,
)
from tests.world import World

CONFIG = "config.amazonaws.com"
RULES = "config-multiaccountsetup.amazonaws.com"


def administrators(world: World, principal: str) -> list[str]:
    """The administrators of a service, by the names of config.yaml."""
    org = world.arrive()
    answer = world.client("organizations").list_delegated_administrators(ServicePrincipal=principal)
    return [org.name_of(one["Id"]) for one in answer["DelegatedAdministrators"]]


def register(world: World, key: str, principal: str) -> str:
    account_id = str(world.arrive().id_of(key))
    registration = {"AccountId": account_id, "ServicePrincipal": principal}
    world.client("organizations").register_delegated_administrator(**registration)
    return account_id


def test_the_security_tooling_account_administers_what_config_says(built: World) -> None:
    for principal in (CONFIG, RULES):
        assert administrators(built, principal) == ["security-tooling"]


@pytest.mark.parametrize("principal", [CONFIG, RULES])
def test_a_service_that_another_account_administers_is_blocked_with_who_and_what_to_do(
    world: World, principal: str
) -> None:
    build_until(world, "delegated_administrators")
    network = register(world, "network", principal)
    world.records.clear()

    plan = world.plan()
    outcome = world.apply(plan)

    [blocked] = plan.blocked
    assert blocked.where == f"organization delegated-administrator {principal}"
    assert blocked.reason == f"{principal} is administered by network ({network})."
    command = f"deregister-delegated-administrator --service-principal {principal} --account-id {network}"
    assert command in blocked.remedy
    assert len(part(plan, "delegated_administrators").changes) == 1
    assert (outcome.failed, outcome.drift, len(outcome.blocked)) == ([], None, 1)
    assert administrators(world, principal) == ["network"]


def test_an_administrator_that_config_does_not_name_is_said_by_its_address(world: World) -> None:
    build_until(world, "delegated_administrators")
    account_id = open_account(world, "Theirs", "theirs@example.com")
    registration = {"AccountId": account_id, "ServicePrincipal": CONFIG}
    world.client("organizations").register_delegated_administrator(**registration)

    [blocked] = world.plan().blocked

    assert f"theirs@example.com ({account_id})" in blocked.reason


def test_what_the_remedy_says_makes_way(built: World) -> None:
    configure(built, delegated_administrators={"administrators": {CONFIG: "log_archive"}})
    [blocked] = built.plan().blocked
    options = dict(zip(blocked.remedy.split()[-4::2], blocked.remedy.split()[-3::2], strict=True))

    built.client("organizations").deregister_delegated_administrator(
        AccountId=options["--account-id"], ServicePrincipal=options["--service-principal"]
    )

    assert lines(built.plan().changes) == [f"create organization delegated-administrator {CONFIG}"]
    put_back(built)
    assert administrators(built, CONFIG) == ["log-archive"]


def test_an_administrator_of_ours_is_adopted(world: World) -> None:
    build_until(world, "delegated_administrators")
    register(world, "security-tooling", CONFIG)
    world.records.clear()

    plan = world.plan()
    put_back(world)

    assert not any(line.endswith(f" {CONFIG}") for line in lines(plan.changes))
    assert calls(world, "organizations:RegisterDelegatedAdministrator") == 1


def test_principals_of_others_are_unmanaged_and_left(built: World) -> None:
    organizations = built.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="ssm.amazonaws.com")
    network = register(built, "network", "ssm.amazonaws.com")

    plan = built.plan()
    [theirs] = part(plan, "delegated_administrators").unmanaged
    destroyed = built.apply(built.plan(destroy=True))

    assert plan.empty
    assert (theirs.address.name, theirs.attrs) == ("ssm.amazonaws.com", {"accounts": (network,)})
    assert clean(destroyed)
    assert administrators(built, "ssm.amazonaws.com") == ["network"]


def test_a_service_with_an_api_of_its_own_is_neither_wanted_here_nor_unmanaged(built: World) -> None:
    plan = built.plan()

    assert administrators(built, "guardduty.amazonaws.com") == ["security-tooling"]
    assert unmanaged(plan, "delegated_administrators") == []


def test_a_second_administrator_beside_ours_is_left(built: World) -> None:
    register(built, "network", CONFIG)

    plan = built.plan()
    destroyed = built.apply(built.plan(destroy=True))

    assert plan.empty
    assert clean(destroyed)
    assert administrators(built, CONFIG) == ["network"]


def test_two_administrators_that_are_both_others_are_both_named(world: World) -> None:
    build_until(world, "delegated_administrators")
    ids = [register(world, key, CONFIG) for key in ("network", "log-archive")]

    [blocked] = world.plan().blocked

    assert blocked.reason == f"{CONFIG} is administered by network ({ids[0]}) and log-archive ({ids[1]})."


def test_a_part_of_the_architecture_is_the_account_that_plays_it(world: World) -> None:
    parts = {CONFIG: "log_archive", RULES: "security_tooling", "ssm.amazonaws.com": "shared_services"}
    configure(world, delegated_administrators={"administrators": parts})

    world.build()

    assert administrators(world, CONFIG) == ["log-archive"]
    assert administrators(world, RULES) == ["security-tooling"]
    assert administrators(world, "ssm.amazonaws.com") == ["network"]


def test_an_administrator_who_is_deregistered_by_hand_is_registered_again(built: World) -> None:
    registration = {"AccountId": built.arrive().id_of("security-tooling"), "ServicePrincipal": CONFIG}
    built.client("organizations").deregister_delegated_administrator(**registration)
    built.records.clear()

    plan = built.plan()

    assert lines(plan.changes) == [f"create organization delegated-administrator {CONFIG}"]
    assert clean(built.apply(plan))
    assert writes(built) == {"organizations:RegisterDelegatedAdministrator"}
