from __future__ import annotations

from collections.abc import Mapping

from sra_bootstrap.model import Action, Change
from tests.steps.by_hand import account_address, calls, clean, configure, found, part, unmanaged
from tests.world import World

TYPES = (
    *("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "DECLARATIVE_POLICY_EC2"),
    *("TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY"),
)


def statuses(world: World) -> Mapping[str, str]:
    return world.arrive().existing.policy_types


def test_the_policy_types_of_the_architecture_are_enabled(built: World) -> None:
    assert statuses(built) == dict.fromkeys(TYPES, "ENABLED")


def test_a_type_that_is_being_enabled_is_waited_for_and_not_enabled_twice(world: World) -> None:
    root_id = found(world).list_roots()["Roots"][0]["Id"]
    world.sandbox.settings.policy_type_seconds = 100
    world.client("organizations").enable_policy_type(RootId=root_id, PolicyType="TAG_POLICY")
    world.sandbox.settings.policy_type_seconds = 3
    world.records.clear()

    plan = world.plan()
    [pending] = [change for change in part(plan, "policy_types").changes if change.action is Action.UPDATE]
    outcome = world.apply(plan)

    address = account_address("TAG_POLICY", "policy-type")
    assert pending == Change(address, Action.UPDATE, {"status": "PENDING_ENABLE"}, {"status": "ENABLED"})
    assert clean(outcome)
    assert calls(world, "organizations:EnablePolicyType") == len(TYPES) - 1
    assert statuses(world)["TAG_POLICY"] == "ENABLED"


def test_a_type_that_is_being_disabled_is_enabled_again(built: World) -> None:
    root_id = built.arrive().existing.root_id
    built.sandbox.settings.policy_type_seconds = 100
    built.client("organizations").disable_policy_type(RootId=root_id, PolicyType="TAG_POLICY")
    built.sandbox.settings.policy_type_seconds = 3

    plan = built.plan()
    outcome = built.apply(plan)

    [change] = plan.changes
    assert change.before == {"status": "PENDING_DISABLE"}
    assert clean(outcome)
    assert statuses(built)["TAG_POLICY"] == "ENABLED"


def test_a_type_beyond_config_is_unmanaged_and_left(built: World) -> None:
    root_id = built.arrive().existing.root_id
    built.client("organizations").enable_policy_type(RootId=root_id, PolicyType="CHATBOT_POLICY")

    plan = built.plan()
    destroyed = built.apply(built.plan(destroy=True))

    assert unmanaged(plan, "policy_types") == ["CHATBOT_POLICY"]
    assert plan.empty
    assert clean(destroyed)
    assert statuses(built) == {"CHATBOT_POLICY": "ENABLED"}


def test_a_type_that_config_no_longer_names_stays_enabled(built: World) -> None:
    configure(built, policy_types={"types": ("SERVICE_CONTROL_POLICY",)})

    plan = built.plan()

    assert plan.empty
    assert set(unmanaged(plan, "policy_types")) == set(TYPES) - {"SERVICE_CONTROL_POLICY"}


def test_a_type_with_policies_of_others_is_not_destroyed_and_they_are_named(built: World) -> None:
    organizations = built.client("organizations")
    policy = {"Content": '{"tags": {}}', "Description": "", "Type": "TAG_POLICY"}
    for name in ("cost-centres", "owners"):
        organizations.create_policy(Name=name, **policy)
    built.records.clear()

    outcome = built.apply(built.plan(destroy=True))

    [failure] = outcome.failed
    assert "TAG_POLICY" in failure.where
    assert "cost-centres, owners" in failure.reason
    assert "Delete these policies first" in failure.remedy
    assert statuses(built) == {"TAG_POLICY": "ENABLED"}


def test_what_aws_itself_has_attached_does_not_keep_a_type_from_being_destroyed(built: World) -> None:
    named = built.client("organizations").list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]

    outcome = built.apply(built.plan(destroy=True))

    assert [policy["Name"] for policy in named] == ["FullAWSAccess"]
    assert clean(outcome)
    assert statuses(built) == {}


def test_a_type_of_a_service_without_its_trusted_access_fails_alone(world: World) -> None:
    configure(world, policy_types={"types": ("SECURITYHUB_POLICY", "TAG_POLICY")})

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert "SECURITYHUB_POLICY" in failure.where
    assert "SERVICE_ACCESS_NOT_ENABLED" in failure.reason
    assert outcome.blocked == []
    assert statuses(world) == {"TAG_POLICY": "ENABLED"}


def test_a_type_of_a_service_is_enabled_after_the_trusted_access_that_config_adds(world: World) -> None:
    types = {"types": ("SECURITYHUB_POLICY", "TAG_POLICY")}
    configure(world, policy_types=types, trusted_access={"additional": ("securityhub.amazonaws.com",)})

    world.build()

    assert statuses(world) == {"SECURITYHUB_POLICY": "ENABLED", "TAG_POLICY": "ENABLED"}
    assert world.plan().empty


def test_a_type_of_a_service_is_destroyed_before_the_trusted_access_it_needs(world: World) -> None:
    types = {"types": ("SECURITYHUB_POLICY",)}
    configure(world, policy_types=types, trusted_access={"additional": ("securityhub.amazonaws.com",)})
    world.build()

    outcome = world.apply(world.plan(destroy=True))

    assert clean(outcome)
    assert statuses(world) == {}
