"""What of organization policies is changed by hand is planned, exactly, and put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sra_bootstrap.diff import differences
from sra_bootstrap.model import Address
from sra_bootstrap.values import Attrs
from steps.common.policy_types import PolicyType
from steps.organization_policies import content
from tests.steps.by_hand import HERE, clean, configure, lines
from tests.steps.organization_policies_by_hand import LEAVING, SCP, SHIPPED, STEP, Guardrails, deny, policy
from tests.world import World, only

OURS, EC2 = "sra-ours", "sra-ec2-defaults"
REGIONS = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}


def restricting() -> dict[str, Any]:
    """What a service control policy says, of three statements."""
    said = deny(
        {"Sid": "Regions", "Condition": REGIONS},
        {"Action": ["s3:DeleteBucket", "s3:DeleteBucketPolicy"]},
        {"Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:volume/*"},
    )
    said["Statement"][0]["NotAction"] = ["iam:*", "sts:*"]
    del said["Statement"][0]["Action"]
    return said


def declaring() -> dict[str, Any]:
    """What a declarative policy says."""
    metadata = {"http_tokens": {"@@assign": "required"}, "http_put_response_hop_limit": {"@@assign": 2}}
    return {
        "ec2_attributes": {
            "serial_console_access": {"status": {"@@assign": "disabled"}},
            "instance_metadata_defaults": metadata,
        }
    }


def statement(number: int, **elements: Any) -> Callable[[Any], None]:
    return lambda said: said["Statement"][number].update(elements)


def without(number: int) -> Callable[[Any], None]:
    return lambda said: said["Statement"].pop(number)


def with_another(said: Any) -> None:
    said["Statement"].append({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"})


def metadata(**settings: Any) -> Callable[[Any], None]:
    return lambda said: said["ec2_attributes"]["instance_metadata_defaults"].update(settings)


def seen(policy_type: PolicyType, wanted: dict[str, Any], there: dict[str, Any]) -> tuple[Attrs, Attrs] | None:
    """What of a policy a plan would change: before and after."""
    address, planned = Address("policy", HERE, OURS), content.planned(policy_type, wanted)
    found = list(differences({address: content.said(policy_type, there, planned)}, {address: planned}))
    return (found[0].before, found[0].after) if found else None


SAID: dict[str, tuple[Callable[[Any], None], list[str]]] = {
    "the effect": (statement(0, Effect="Allow"), ["statements", "Regions", "effect"]),
    "an exemption more": (statement(0, NotAction=["iam:*", "sts:*", "s3:*"]), ["statements", "Regions", "others"]),
    "a region less": (
        statement(0, Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}),
        ["statements", "Regions", "conditions"],
    ),
    "a condition more": (
        statement(0, Condition={**REGIONS, "Bool": {"aws:ViaAWSService": False}}),
        ["statements", "Regions", "conditions"],
    ),
    "an action less": (statement(1, Action="s3:DeleteBucket"), ["statements", "statement 2", "actions"]),
    "a resource": (
        statement(2, Resource="arn:aws:ec2:*:*:snapshot/*"),
        ["statements", "statement 3", "resources"],
    ),
    "a statement less": (without(0), ["statements", "Regions"]),
    "a statement without an id less": (without(1), ["statements", "statement 2"]),
    "a statement more": (with_another, ["others"]),
    "the version": (lambda said: said.update(Version="2008-10-17"), ["version"]),
}
DECLARED: dict[str, tuple[Callable[[Any], None], list[str]]] = {
    "a number": (
        metadata(http_put_response_hop_limit={"@@assign": 3}),
        ["content", "ec2_attributes", "instance_metadata_defaults", "http_put_response_hop_limit", "@@assign"],
    ),
    "a setting more": (metadata(http_endpoint={"@@assign": "enabled"}), ["others"]),
    "an operator more": (metadata(**{"@@operators_allowed_for_child_policies": ["@@none"]}), ["others"]),
    "a fraction": (metadata(http_endpoint={"@@assign": 1.5}), ["others"]),
    "a setting less": (
        lambda said: said["ec2_attributes"].pop("serial_console_access"),
        ["content", "ec2_attributes", "serial_console_access"],
    ),
}


@pytest.mark.parametrize("what", [*SAID, *DECLARED])
def test_each_thing_that_a_policy_says_otherwise_is_planned_and_nothing_else(what: str) -> None:
    policy_type: PolicyType = "SERVICE_CONTROL_POLICY" if what in SAID else "DECLARATIVE_POLICY_EC2"
    make = restricting if what in SAID else declaring
    by_hand, path = (SAID | DECLARED)[what]
    there = make()
    by_hand(there)

    change = seen(policy_type, make(), there)

    assert change is not None
    found: Any = change[1]
    for key in path:
        assert list(found) == [key]
        found = found[key]


def test_another_id_is_another_statement() -> None:
    there = restricting()
    there["Statement"][0]["Sid"] = "Other"

    change = seen(SCP, restricting(), there)

    assert change is not None
    assert change[0] == {"statements": {"Regions": None}, "others": ("Other",)}


def reordered(said: dict[str, Any]) -> dict[str, Any]:
    for one in said["Statement"]:
        one.update({name: value[::-1] for name, value in one.items() if isinstance(value, list)})
    return {**said, "Statement": said["Statement"][::-1]}


def test_the_order_of_statements_and_values_makes_no_difference() -> None:
    single = deny({"Sid": "One", "Action": ["s3:GetObject"]})

    assert seen(SCP, restricting(), reordered(restricting())) is None
    assert seen(SCP, single, {**single, "Statement": {**single["Statement"][0], "Action": "s3:GetObject"}}) is None


def test_all_that_is_changed_by_hand_is_planned_and_put_back(world: World) -> None:
    there = Guardrails(World(world.sandbox, only(STEP)))
    ours = policy(SCP, restricting(), "Workloads", "network", description="Ours.")
    configure(there.world, **{STEP: {"policies": {**SHIPPED, "ours": ours}}})
    there.world.stand()
    declared = there.said(EC2)
    changed = restricting()
    statement(1, Action="s3:DeleteBucket")(changed)
    there.write(OURS, changed)
    there.describe(OURS, "Somebody's")
    there.attach(OURS, "Suspended")
    there.attach(OURS, "management")
    there.detach(OURS, "network")
    there.write(EC2, {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "enabled"}}}})
    there.detach(LEAVING, "root")
    there.organizations.delete_policy(PolicyId=there.id_of(LEAVING))

    plan = there.world.plan()
    outcome = there.world.apply(plan)

    [ec2, leaving, mine, *attachments] = plan.changes
    assert lines((ec2, leaving, mine)) == [
        f"update organization policy {EC2}",
        f"create organization policy {LEAVING}",
        f"update organization policy {OURS}",
    ]
    assert list(ec2.after) == ["content"]
    assert mine.before == {
        "description": "Somebody's",
        "elsewhere": ("Suspended", "management"),
        "statements": {"statement 2": {"actions": ("s3:DeleteBucket",)}},
    }
    assert lines(attachments) == [
        f"create organization attachment {LEAVING} to root",
        f"create organization attachment {OURS} to network",
    ]
    assert clean(outcome), outcome
    assert there.world.plan().empty
    assert (there.said(OURS), there.said(EC2)) == (restricting(), declared)
    assert there.targets(OURS) == ["Network", "Workloads"]
    assert there.targets(LEAVING) == ["Root"]
