from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from sra_bootstrap.aws import Writer
from sra_bootstrap.model import Action, Change
from sra_bootstrap.org import Org
from sra_bootstrap.registry import discover
from sra_bootstrap.step import AnyStep
from tests.reliability.kills import When, kill, recover
from tests.reliability.tally import soaking
from tests.steps.by_hand import (
    calls,
    clean,
    close_account,
    configure,
    interrupt,
    part,
    start_again,
    unmanaged,
    want,
    writes,
)
from tests.steps.identity_center_by_hand import CONFIG, HOME, INLINE, LESS, Center, enable
from tests.steps.test_delegated_administrators import administrators
from tests.world import World, account, only, pipeline

PRINCIPAL = "sso.amazonaws.com"
MEMBERS = {"security-tooling", "log-archive", "network", "workload-prod"}


@pytest.fixture
def world(world: World) -> World:
    world = World(world.sandbox, only("identity_center"))
    world.stand()
    return world


@pytest.fixture
def center(world: World) -> Center:
    """An enabled instance, and nothing in it."""
    return enable(world)


@pytest.fixture
def full(world: World, center: Center) -> Center:
    """One with all that config.yaml can say."""
    configure(world, identity_center=CONFIG)
    world.build()
    world.records.clear()
    return center


def mend(world: World) -> None:
    """Apply what is planned of the step, and see to it that nothing is left to do."""
    alone = [world.step("identity_center")]
    assert clean(world.apply(world.plan(alone), alone))
    assert world.plan(alone).empty


def test_without_an_instance_the_plan_says_how_to_enable_it_and_holds_nothing_up(world: World) -> None:
    world = World(world.sandbox, pipeline("identity_center", "delegated_administrators"))
    world.build()

    plan = world.plan()

    assert plan.empty
    [note] = part(plan, "identity_center").notes
    assert f"not enabled for the organization in {HOME}" in note
    assert "https://console.aws.amazon.com/singlesignon" in note
    assert administrators(world, PRINCIPAL) == ["network"]

    enable(world)
    assert (world.plan().empty, part(world.plan(), "identity_center").notes) == (True, ())
    assert calls(world, "sso-admin:ListPermissionSets") == 0


def test_what_config_wants_in_it_is_blocked_until_it_is_enabled_where_config_says(world: World) -> None:
    configure(world, identity_center={**CONFIG, "region": "us-east-1"})

    plan = world.plan()

    assert plan.changes == ()
    assert {blocked.where.split()[1] for blocked in plan.blocked} == {"group", "permission-set", "assignments"}
    assert all("us-east-1, then Enable" in blocked.remedy for blocked in plan.blocked)
    world.sandbox.enable_identity_center("us-east-1")
    mend(world)


def test_permission_sets_groups_and_assignments_are_made_and_less_is_taken_back(world: World, full: Center) -> None:
    assert full.sets()["Operator"]["SessionDuration"] == "PT4H"
    assert full.assigned("Operators") == {("Operator", name) for name in MEMBERS | {"management"}}
    assert world.plan().empty

    configure(world, identity_center=LESS)
    mend(world)

    operator = full.sets()["Operator"]
    assert (operator["SessionDuration"], operator.get("RelayState"), operator["Description"]) == (
        "PT1H",
        None,
        "Runs it.",
    )
    assert full.outdated("Operator") == []
    # What is no longer named is not taken away.
    assert len(full.assigned("Operators")) == len(MEMBERS) + 1
    [note] = part(world.plan(), "identity_center").notes
    assert "log-archive, management, security-tooling too" in note


def test_destroying_takes_back_what_config_names_and_keeps_the_rest(world: World, full: Center) -> None:
    full.make_set("Theirs")

    plan = world.plan(destroy=True)

    kept = {address.kind for address in part(plan, "identity_center").kept}
    assert kept == {"instance", "group"}
    assert PRINCIPAL in {address.name for address in part(plan, "trusted_access").kept}
    outcome = world.apply(plan)
    assert [f for f in outcome.failed if "permission-set" in f.where or "assignments" in f.where] == []
    assert list(full.sets()) == ["Theirs"]
    assert full.assigned("Operators") == set()


@pytest.mark.parametrize("when", ["before", "after"] if soaking() else ["after"])
def test_an_apply_that_is_killed_at_any_write_is_completed_by_the_next(world: World, when: When) -> None:
    bare = world.sandbox.save()
    for number in range(1, 40) if soaking() else (2, 11):
        world.sandbox.restore(bare)
        world.connection = world.connect()
        enable(world)
        configure(world, identity_center=CONFIG)
        alone = [world.step("identity_center")]
        if not kill(world, number, when, alone):
            break
        recover(world, partial(world.build, alone))


def test_every_change_may_be_made_twice(world: World, center: Center) -> None:
    configure(world, identity_center=CONFIG)
    step = world.step("identity_center")

    def apply(self: AnyStep, change: Change, org: Org, aws: Writer) -> None:
        step.apply(change, org, aws)
        step.apply(change, org, aws)

    twice: Any = type("Twice", (type(step),), {"apply": apply})(step.config)

    for destroy in (False, True):
        assert clean(world.apply(world.plan([twice], destroy=destroy), [twice]))
        assert world.plan([step], destroy=destroy).changes == ()


def test_what_others_have_assigned_is_not_destroyed(world: World, full: Center) -> None:
    configure(world, identity_center={**CONFIG, "assignments": LESS["assignments"]})
    alone = [world.step("identity_center")]

    outcome = world.apply(world.plan(alone, destroy=True), alone)

    [failure] = outcome.failed
    assert "The permission set Operator is assigned where config.yaml does not say it" in failure.reason
    assert {name for _, name in full.assigned("Operators")} == {"management", "security-tooling", "log-archive"}
    assert [change.address.name for change in world.plan(alone, destroy=True).changes] == ["Operator"]


def detach(center: Center) -> None:
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    center.do("detach_managed_policy_from_permission_set", "Operator", ManagedPolicyArn=policy)


def attach(center: Center) -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    center.do("attach_managed_policy_to_permission_set", "Operator", ManagedPolicyArn=policy)


def update(**parameters: str) -> Callable[[Center], None]:
    kept = {"Description": "Runs it.", "SessionDuration": "PT4H", "RelayState": CONFIG_RELAY}
    return lambda center: center.do("update_permission_set", "Operator", **{**kept, **parameters})


CONFIG_RELAY: str = CONFIG["permission_sets"]["Operator"]["relay_state"]


def retag(center: Center) -> None:
    arn = center.which("Operator")["PermissionSetArn"]
    center.api.tag_resource(InstanceArn=center.arn, ResourceArn=arn, Tags=[{"Key": "team", "Value": "x"}])


def weaken(center: Center) -> None:
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    center.do("put_inline_policy_to_permission_set", "Operator", InlinePolicy=policy)


def refer(center: Center) -> None:
    operation = "detach_customer_managed_policy_reference_from_permission_set"
    center.do(operation, "Developer", CustomerManagedPolicyReference={"Name": "Build", "Path": "/teams/"})


def redescribe(center: Center) -> None:
    operations = [{"AttributePath": "description", "AttributeValue": "Somebody."}]
    center.store.update_group(IdentityStoreId=center.store_id, GroupId=center.group("Operators"), Operations=operations)


DRIFTS: dict[str, tuple[Callable[[Center], Any], str]] = {
    "aws_managed_policies": (detach, "permission-set Operator"),
    "one policy more": (attach, "permission-set Operator"),
    "description": (update(Description="Other."), "permission-set Operator"),
    "session_duration": (update(SessionDuration="PT12H"), "permission-set Operator"),
    "relay_state": (update(RelayState="https://example.com"), "permission-set Operator"),
    "tags": (retag, "permission-set Operator"),
    "inline_policy": (weaken, "permission-set Operator"),
    "no inline_policy": (
        lambda center: center.do("delete_inline_policy_from_permission_set", "Operator"),
        "permission-set Operator",
    ),
    "permissions_boundary": (
        lambda center: center.do("delete_permissions_boundary_from_permission_set", "Operator"),
        "permission-set Operator",
    ),
    "customer_managed_policies": (refer, "permission-set Developer"),
    "group": (redescribe, "group Operators"),
    "assignment": (
        lambda center: center.unassign("Operators", "Operator", "network"),
        "assignments Operators with Operator",
    ),
    "permission set": (
        lambda center: center.do("delete_permission_set", "Developer"),
        "permission-set Developer",
    ),
}


def test_the_drift_of_every_setting_is_one_change_and_is_put_back(world: World, full: Center) -> None:
    alone = [world.step("identity_center")]
    for name, (drift, where) in list(DRIFTS.items())[:: 1 if soaking() else 2]:
        drift(full)

        plan = world.plan(alone)

        assert [f"{change.address.kind} {change.address.name}" for change in plan.changes] == [where], name
        assert clean(world.apply(plan, alone)), name
        assert full.outdated("Operator") == [], name
    assert world.plan().empty


def test_what_was_changed_and_not_provisioned_is_provisioned(world: World, full: Center) -> None:
    detach(full)
    world.records.clear()
    interrupt(world, "AttachManagedPolicyToPermissionSet")
    assert world.apply(world.plan()).interrupted

    start_again(world)
    assert len(full.outdated("Operator")) == len(MEMBERS) + 1
    [change] = world.plan().changes

    assert change.after == {"outdated_in": ()}
    mend(world)
    assert full.outdated("Operator") == []


def test_what_is_there_of_its_name_is_taken_over_and_what_others_have_is_left_alone(
    world: World, center: Center
) -> None:
    center.make_set("Operator", Description="Old.", Tags=[{"Key": "theirs", "Value": "yes"}])
    center.make_set("Theirs")
    center.make_group("Operators")
    center.assign("Operators", "Theirs", "network")
    center.assign("Operators", "Operator", "network")
    configure(world, identity_center=CONFIG)

    plan = world.plan()

    actions = {change.address.name: change.action for change in plan.changes}
    assert (actions["Operator"], actions["Operators"]) == (Action.UPDATE, Action.UPDATE)
    assert unmanaged(plan, "identity_center") == ["Theirs", "Operators with Theirs"]
    [assignments] = [change for change in plan.changes if change.address.kind == "assignments"]
    assert "network" not in assignments.after
    mend(world)
    assert ("Theirs", "network") in center.assigned("Operators")


def test_groups_from_elsewhere_are_looked_up_and_reported_when_missing(world: World, center: Center) -> None:
    assignment = {"group": "Auditors", "permission_set": "Operator", "accounts": ["Workloads", "log-archive"]}
    configure(world, identity_center={**CONFIG, "assignments": [*CONFIG["assignments"], assignment]})

    [blocked] = world.plan().blocked

    assert blocked.reason == "There is no group Auditors in IAM Identity Center."
    outcome = world.apply(world.plan())
    assert outcome.failed == []
    center.make_group("Auditors")
    mend(world)
    names = {name for _, name in center.assigned("Auditors")}
    assert names == {"network", "workload-prod", "log-archive"}
    assert calls(world, "identitystore:CreateGroup") == 2


def test_an_account_that_joins_is_assigned_and_one_that_is_suspended_is_left_out(world: World, full: Center) -> None:
    want(world, account("sandbox"))
    world.build()
    assert ("Operator", "sandbox") in full.assigned("Operators")

    close_account(world, "sandbox")

    service = part(world.plan(), "identity_center")
    assert (service.changes, service.blocked, service.notes) == ((), (), ())


def test_an_assignment_that_fails_says_why_and_the_others_are_made(world: World, center: Center) -> None:
    assignment = {"group": "Operators", "permission_set": "Developer", "accounts": ["network", "log-archive"]}
    configure(world, identity_center={**CONFIG, "assignments": [assignment]})
    for name in ("Build", "Ship"):
        document = {"PolicyDocument": str(INLINE).replace("'", '"'), "Path": "/teams/" if name == "Build" else "/"}
        world.client("iam", "network").create_policy(PolicyName=name, **document)

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert "log-archive: " in failure.reason
    assert "policy/Ship does not exist" in failure.reason
    assert center.assigned("Operators") == {("Developer", "network")}
    [change] = world.plan().changes
    assert change.after == {"log-archive": "ASSIGNED"}


def test_more_assignments_than_aws_takes_at_a_time_are_made_in_turns(world: World, center: Center) -> None:
    world.sandbox.settings.account_quota = 20
    want(world, *(account(f"team-{number}") for number in range(8)))
    configure(world, identity_center=CONFIG)

    outcome = world.apply(world.plan())

    assert clean(outcome), outcome
    assert [r for r in world.records if r.error and r.operation == "CreateAccountAssignment"] == []
    assert len(center.assigned("Operators")) == 13


def test_a_plan_with_nothing_left_to_do_writes_nothing(world: World, full: Center) -> None:
    assert world.plan().empty
    assert writes(world) == set()
    assert calls(world, "sso-admin:DescribePermissionSet") == 2
    assert calls(world, "sso-admin:ListAccountAssignmentsForPrincipal") == 1


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"region": "eu-west-9"}, 'there is no region "eu-west-9"'),
        (
            {"assignments": [{"group": "A", "permission_set": "Nope", "accounts": ["all"]}]},
            'there is no permission set "Nope" in permission_sets; there are none',
        ),
        (
            {
                "permission_sets": {"P": {}},
                "assignments": [{"group": "A", "permission_set": "P", "accounts": ["nobody"]}],
            },
            '"nobody" is neither an account nor an OU of this file, nor `all` or `management`',
        ),
        ({"permission_sets": {"P": {"inline_policy": {"Version": "2012-10-17"}}}}, "it must have a Statement"),
    ],
)
def test_what_does_not_fit_together_is_told(world: World, config: dict[str, Any], told: str) -> None:
    step = discover()["identity_center"]
    [(_, what)] = step(step.Config(**config)).problems(world.wanted)

    assert told in what
