"""Apply does never more and never else than the plan that was reviewed; perhaps less. Through every step at once."""

from __future__ import annotations

from typing import Any

import pytest

from sra_bootstrap.model import Action
from tests.steps.by_hand import (
    build_until,
    calls,
    clean,
    configure,
    found,
    interrupt,
    lines,
    open_account,
    part,
    start_again,
    writes,
)
from tests.world import World


def move(world: World, key: str, path: str) -> None:
    org = world.arrive()
    live = org.live_account(key)
    assert live is not None
    ids = org.existing.units
    places = {"SourceParentId": ids[live.unit], "DestinationParentId": ids[path]}
    world.client("organizations").move_account(AccountId=live.id, **places)


def detector(world: World, region: str) -> tuple[Any, str]:
    guardduty = world.client("guardduty", "security-tooling", region)
    return guardduty, guardduty.list_detectors()["DetectorIds"][0]


def test_an_account_that_was_moved_on_after_the_review_is_left(built: World) -> None:
    move(built, "network", "Security")
    move(built, "workload-prod", "Suspended")
    plan = built.plan()
    move(built, "network", "Suspended")
    built.records.clear()

    outcome = built.apply(plan)

    assert outcome.drift is not None
    assert "placement network" in outcome.drift.message
    assert "Suspended" in outcome.drift.message
    assert "review" in outcome.drift.remedy
    assert outcome.done == []
    assert writes(built) == set()


def test_what_has_come_up_after_the_review_is_not_mended(built: World) -> None:
    move(built, "network", "Security")
    plan = built.plan()
    built.client("account").put_account_name(AccountId=built.arrive().id_of("log-archive"), AccountName="Theirs")
    built.records.clear()

    outcome = built.apply(plan)

    assert outcome.drift is not None
    assert "account log-archive is not in the plan that was reviewed" in outcome.drift.message
    assert writes(built) == set()


def test_what_drifts_in_one_region_after_the_review_keeps_its_step_from_writing_in_any(built: World) -> None:
    home, home_id = detector(built, "eu-west-1")
    other, other_id = detector(built, "us-east-1")
    other.update_detector(DetectorId=other_id, FindingPublishingFrequency="ONE_HOUR")
    plan = built.plan()
    home.update_detector(DetectorId=home_id, FindingPublishingFrequency="SIX_HOURS")
    built.records.clear()

    outcome = built.apply(plan)

    assert outcome.drift is not None
    assert "security-tooling/eu-west-1 detector" in outcome.drift.message
    assert outcome.done == []
    assert writes(built) == set()


def test_steps_before_the_one_that_drifts_are_done_and_those_after_are_not(built: World) -> None:
    administered = {"administrators": {"ssm.amazonaws.com": "network"}}
    configure(built, delegated_administrators=administered, guardduty={"finding_publishing_frequency": "ONE_HOUR"})
    plan = built.plan()
    move(built, "network", "Security")
    built.records.clear()

    outcome = built.apply(plan)

    assert outcome.drift is not None
    assert "placement network" in outcome.drift.message
    assert lines(outcome.done) == ["create organization trusted-access ssm.amazonaws.com"]
    assert writes(built) == {"organizations:EnableAWSServiceAccess"}


def test_an_account_that_somebody_else_creates_meanwhile_is_brought_to_what_was_reviewed(world: World) -> None:
    plan = world.plan()
    found(world)
    open_account(world, "Theirs", "aws+network@example.com")
    world.records.clear()

    outcome = world.apply(plan)

    assert clean(outcome)
    [change] = [c for c in outcome.done if str(c.address) == "organization account network"]
    assert (change.before, change.after) == ({"name": "Theirs"}, {"name": "Network"})
    assert calls(world, "organizations:CreateAccount") == 3


def test_an_account_that_nobody_reviewed_is_not_enrolled(world: World) -> None:
    build_until(world, "guardduty")
    plan = world.plan()
    open_account(world, "Theirs", "theirs@example.com")

    outcome = world.apply(plan)

    assert outcome.drift is not None
    assert "members is not as it was reviewed" in outcome.drift.message
    assert "theirs@example.com" in outcome.drift.message
    assert "guardduty:CreateMembers" not in writes(world)


def test_a_wish_that_has_changed_after_the_review_is_not_granted(built: World) -> None:
    configure(built, guardduty={"finding_publishing_frequency": "ONE_HOUR"})
    plan = built.plan()
    configure(built, guardduty={"finding_publishing_frequency": "SIX_HOURS"})
    built.records.clear()

    outcome = built.apply(plan)

    assert outcome.drift is not None
    assert writes(built) == set()


def test_what_somebody_has_done_for_us_meanwhile_is_not_done_again(world: World) -> None:
    plan = world.plan()
    organizations = found(world)
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.create_organizational_unit(ParentId=root_id, Name="Security")
    organizations.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    world.records.clear()

    outcome = world.apply(plan)

    assert clean(outcome)
    assert {change.address for change in outcome.done} < {change.address for change in plan.changes}
    assert calls(world, "organizations:CreateOrganization") == 0
    assert calls(world, "organizations:CreateOrganizationalUnit") == 3
    assert world.plan().empty


def test_a_detector_that_appears_after_the_review_is_brought_to_what_was_reviewed(world: World) -> None:
    build_until(world, "guardduty")
    plan = world.plan()
    mine = world.client("guardduty", "security-tooling", "us-east-1").create_detector(Enable=True)["DetectorId"]

    outcome = world.apply(plan)

    assert clean(outcome)
    [change] = [c for c in outcome.done if str(c.address) == "security-tooling/us-east-1 detector"]
    assert change.action is Action.UPDATE
    assert detector(world, "us-east-1")[1] == mine
    assert world.plan().empty


def test_what_is_put_right_by_hand_after_the_review_leaves_nothing_to_do(built: World) -> None:
    move(built, "network", "Security")
    plan = built.plan()
    move(built, "network", "Workloads")
    built.records.clear()

    outcome = built.apply(plan)

    assert clean(outcome)
    assert outcome.done == []
    assert writes(built) == set()


WRITES = (
    *("CreateOrganization", "EnableAWSServiceAccess", "CreateOrganizationalUnit", "EnablePolicyType"),
    *("CreateAccount", "MoveAccount", "TagResource", "RegisterDelegatedAdministrator"),
    *("CreateDetector", "EnableOrganizationAdminAccount", "UpdateDetector", "UpdateOrganizationConfiguration"),
    *("CreateMembers", "UpdateMemberDetectors"),
)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("operation", WRITES)
def test_a_plan_of_a_bare_account_can_be_applied_again_after_it_was_interrupted(world: World, operation: str) -> None:
    plan = world.plan()
    interrupt(world, operation)
    first = world.apply(plan)

    start_again(world)
    world.sandbox.clock.wait(60)
    second = world.apply(plan)

    assert first.interrupted
    assert clean(second)
    assert calls(world, "organizations:CreateAccount") == 4
    assert calls(world, "organizations:CreateOrganization") == 1
    assert world.plan().empty


def test_a_run_that_follows_an_interrupted_one_too_soon_says_what_to_do_and_writes_nothing_else(world: World) -> None:
    world.sandbox.settings.guardduty_delegation_seconds = 500
    plan = world.plan()
    interrupt(world, "UpdateDetector")
    world.apply(plan)

    start_again(world)
    second = world.apply(plan)
    world.sandbox.clock.wait(600)
    third = world.apply(plan)

    assert (second.failed, second.drift) == ([], None)
    assert clean(third)
    assert [blocked for blocked in second.blocked if "cannot be read" in blocked.reason and not blocked.remedy] == []


def test_a_plan_to_destroy_can_be_applied_again_after_it_was_interrupted(built: World) -> None:
    plan = built.plan(destroy=True)
    interrupt(built, "DisableOrganizationAdminAccount")
    first = built.apply(plan)

    start_again(built)
    second = built.apply(plan)

    assert first.interrupted
    assert clean(second)
    assert built.plan(destroy=True).changes == ()
    assert lines(part(built.plan(), "guardduty").changes)
