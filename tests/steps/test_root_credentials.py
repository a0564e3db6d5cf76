from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sra_bootstrap.aws.connection import WriteRefusedError
from sra_bootstrap.model import Target
from sra_bootstrap.permissions import policies
from tests.steps.by_hand import calls, clean, configure, interrupt, part, put_back, start_again, writes
from tests.steps.root_credentials_by_hand import EVERY, give, summary
from tests.world import World, only, pending, pipeline


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and the step with all that it stands on, built."""
    world = World(world.sandbox, only("root_credentials"))
    world.stand()
    return world


def test_new_accounts_have_none_so_nobody_becomes_root(world: World) -> None:
    plan = world.plan()
    assert plan.empty
    assert part(plan, "root_credentials").notes == ()
    assert calls(world, "iam:GetAccountSummary") == len(world.wanted.accounts)
    assert calls(world, "sts:AssumeRoot") == 0


def test_what_a_root_user_has_is_deleted_in_a_session_for_that(world: World) -> None:
    give(world, "network", *EVERY)
    give(world, "log-archive", "password")

    plan = world.plan()

    changes = {change.address.at.account: change for change in plan.changes}
    assert changes.keys() == {"network", "log-archive"}
    assert changes["log-archive"].before == {"password": "some"}
    assert changes["network"].after == dict.fromkeys(EVERY, "none")
    assert part(plan, "root_credentials").notes == (
        "Root credentials that are deleted cannot be brought back: look first for whoever uses them.",
    )
    assert writes(world) == set()
    world.records.clear()
    outcome = world.apply(plan)
    assert clean(outcome), outcome
    assert summary(world, "network") == summary(world, "log-archive") == {}
    assert calls(world, "sts:AssumeRoot") == 2
    deletions = [r.operation for r in world.records if r.operation.startswith(("Delete", "Deactivate"))]
    assert sorted(deletions) == sorted(
        [
            *("DeleteLoginProfile", "DeleteLoginProfile", "DeleteAccessKey", "DeleteAccessKey"),
            *("DeleteSigningCertificate", "DeactivateMFADevice"),
        ]
    )
    assert world.plan().empty


@pytest.mark.parametrize("credential", EVERY)
def test_one_that_is_made_again_is_one_change_and_put_back(world: World, credential: str) -> None:
    give(world, "network", credential)

    plan = world.plan()

    assert pending(plan) == ["update network root-credentials"]
    assert plan.changes[0].before == {credential: "some"}
    put_back(world)
    assert summary(world, "network") == {}


def test_only_those_of_accounts_that_are_named_and_not_exempt(world: World) -> None:
    for name in ("network", "log-archive", "workload-prod"):
        give(world, name, "password")

    configure(world, root_credentials={"accounts": ["network", "log-archive"], "exempt": ["network"]})
    assert pending(world.plan()) == ["update log-archive root-credentials"]
    configure(world, root_credentials={"exempt": ["network"]})
    assert {change.address.at.account for change in world.plan().changes} == {"log-archive", "workload-prod"}
    configure(world, root_credentials={"accounts": ["netwrk"], "exempt": ["management"]})
    step = world.step("root_credentials")
    assert [where for where, _ in step.problems(world.wanted)] == [("accounts", 0), ("exempt", 0)]


def test_destroying_gives_nothing_back_and_says_so(world: World) -> None:
    plan = part(world.plan(destroy=True), "root_credentials")

    assert plan.changes == ()
    assert {address.at.account for address in plan.kept} == set(world.wanted.accounts)


def test_a_run_that_is_stopped_in_between_is_completed_by_the_next(world: World) -> None:
    give(world, "network", *EVERY)
    world.records.clear()
    interrupt(world, "DeleteLoginProfile")

    assert world.apply(world.plan()).interrupted

    start_again(world)
    plan = world.plan()
    assert plan.changes[0].before == dict.fromkeys(EVERY[1:], "some")
    put_back(world)


def test_without_central_management_it_is_said_and_nothing_is_deleted(world: World) -> None:
    give(world, "network", "password")
    plan = world.plan()
    world.client("iam").disable_organizations_root_credentials_management()

    [blocked] = world.apply(plan, world.steps[-1:]).failed

    assert "sts:AssumeRoot" in blocked.reason
    assert summary(world, "network") == {"AccountPasswordPresent": 1}


def test_planning_cannot_become_root(world: World) -> None:
    reader, writer = world.connection.reader(world.arrive()), world.connection.writer(world.arrive())

    assert not hasattr(reader, "as_root")
    binding = writer.as_root("iam", "network", "IAMDeleteRootUserCredentials")._binding
    with pytest.raises(WriteRefusedError):
        world.connection.vault.credentials(replace(binding.identity, read_only=True))
    with pytest.raises(WriteRefusedError):
        reader.client("sts", Target("organization")).assume_root(TargetPrincipal="1" * 12, TaskPolicyArn={"arn": "x"})


def test_the_right_to_become_root_is_only_asked_for_with_the_step_and_for_its_task(world: World) -> None:
    [given] = [
        statement
        for document in policies(world.steps, world.wanted, writes=True)
        for statement in document["Statement"]
        if statement["Sid"] == "DeleteRootCredentials"
    ]

    assert given["Resource"] == "arn:aws:iam::*:root"
    assert given["Condition"]["StringEquals"]["sts:TaskPolicyArn"].endswith("root-task/IAMDeleteRootUserCredentials")
    for steps, applying in ((world.steps, False), (pipeline("root_access"), True)):
        assert "AssumeRoot" not in json.dumps(policies(steps, world.wanted, writes=applying))
