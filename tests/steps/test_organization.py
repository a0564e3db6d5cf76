from __future__ import annotations

from tests.steps.by_hand import calls, found, lines, part, put_back, writes
from tests.world import World


def test_a_bare_account_founds_one_organization_with_all_features(world: World) -> None:
    world.build()

    organization = world.client("organizations").describe_organization()["Organization"]
    assert organization["FeatureSet"] == "ALL"
    assert calls(world, "organizations:CreateOrganization") == 1


def test_an_organization_with_only_consolidated_billing_is_an_obstacle_for_everything_behind_it(world: World) -> None:
    found(world, "CONSOLIDATED_BILLING")
    world.records.clear()

    plan = world.plan()
    outcome = world.apply(plan)

    [obstacle] = part(plan, "organization").blocked
    assert "consolidated billing" in obstacle.reason
    assert "Enable all features in the console" in obstacle.remedy
    assert plan.changes == ()
    assert all(part(plan, step.id).blocked for step in world.steps[1:])
    assert (outcome.done, outcome.failed, outcome.drift) == ([], [], None)
    assert writes(world) == set()


def test_an_organization_that_exists_is_adopted(world: World) -> None:
    organization_id = found(world).describe_organization()["Organization"]["Id"]
    world.records.clear()

    plan = world.plan()
    put_back(world)

    assert part(plan, "organization").changes == ()
    assert "create organization trusted-access guardduty.amazonaws.com" in lines(plan.changes)
    assert world.arrive().existing.id == organization_id
    assert calls(world, "organizations:CreateOrganization") == 0
