from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sra_bootstrap.aws import Record
from sra_bootstrap.model import MANAGEMENT
from tests.steps.account_baseline_by_hand import (
    ALL_BY_CALLS,
    HOME,
    OTHER,
    declare,
    default_vpc,
    ec2,
    make_key,
    use_default_vpc,
)
from tests.steps.by_hand import clean, configure, interrupt, part, put_back, start_again
from tests.world import World, actions, pending, pipeline

NAMES = (MANAGEMENT, "security-tooling", "log-archive", "network", "workload-prod")
BY_CALLS: dict[str, Any] = {**ALL_BY_CALLS, "remove_default_vpcs": False, "ebs_key": None}


@pytest.fixture
def world(world: World) -> World:
    """What it takes by default, built."""
    world = World(world.sandbox, pipeline("account_baseline"))
    world.stand()
    return world


def ours(world: World) -> list[Record]:
    return [record for record in world.records if record.service in {"ec2", "iam", "s3control", "kms"}]


def passwords(world: World, account: str = "network") -> dict[str, Any]:
    policy: dict[str, Any] = world.client("iam", account).get_account_password_policy()["PasswordPolicy"]
    return policy


def test_every_account_gets_what_no_organization_policy_can_set(world: World) -> None:
    for name in NAMES:
        assert passwords(world, name)["MinimumPasswordLength"] == 14
        for region in (HOME, OTHER):
            assert ec2(world, name, region).get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    world.records.clear()

    assert world.plan().empty
    assert actions(ours(world)) == {"iam:GetAccountPasswordPolicy", "ec2:GetEbsEncryptionByDefault"}
    assert len(ours(world)) == len(NAMES) * 3


def test_a_plan_says_that_nobody_sets_what_is_left_to_policies(world: World) -> None:
    [note] = part(world.plan(), "account_baseline").notes
    assert "EC2 and S3 are left to organization policies" in note

    world.wanted = replace(world.wanted, sections={**world.wanted.sections, "organization_policies": None})
    assert part(world.plan(), "account_baseline").notes == ()
    configure(world, account_baseline={"s3_public_access": "off", "ec2_defaults": {"by": "off"}})
    assert part(world.plan(), "account_baseline").notes == ()


def test_what_is_stricter_stays_and_so_it_does_when_something_else_is_mended(world: World) -> None:
    configure(world, account_baseline={**BY_CALLS, "ec2_defaults": {"by": "calls", "snapshots": "block-new-sharing"}})
    world.build()
    there = ec2(world, "network")
    there.enable_snapshot_block_public_access(State="block-all-sharing")
    there.modify_instance_metadata_defaults(HttpPutResponseHopLimit=1)
    strict = {**passwords(world), "MinimumPasswordLength": 20, "MaxPasswordAge": 30, "HardExpiry": True}
    del strict["ExpirePasswords"]
    world.client("iam", "network").update_account_password_policy(**strict)
    assert world.plan().empty

    world.client("iam", "network").update_account_password_policy(**{**strict, "RequireNumbers": False})
    plan = world.plan()

    assert [(change.before, change.after) for change in plan.changes] == [({"numbers": False}, {"numbers": True})]
    put_back(world)
    assert passwords(world) == {**strict, "ExpirePasswords": True}


def test_what_a_declarative_policy_sets_is_left_to_it(world: World) -> None:
    configure(world, account_baseline=BY_CALLS)
    declared = {
        "snapshot_block_public_access": {"state": {"@@assign": "unblocked"}},
        "serial_console_access": {"status": {"@@assign": "disabled"}},
    }
    declare(world, "DECLARATIVE_POLICY_EC2", {"ec2_attributes": declared})

    plan = world.plan()

    notes = part(plan, "account_baseline").notes
    assert len(notes) == len(NAMES) * 2
    assert f"An organization policy sets snapshots to unblocked. It is left out in network/{OTHER}." in notes
    assert {name for change in plan.changes for name in change.after} & {"snapshots", "serial_console"} == set()
    put_back(world)
    assert {record.error for record in world.records if record.operation.startswith("EnableSnapshot")} == set()


@pytest.mark.parametrize(("said", "settled"), [("all", True), ("none", False)])
def test_an_s3_policy_is_not_fought(world: World, said: str, settled: bool) -> None:
    configure(world, account_baseline={"s3_public_access": "calls"})
    declare(world, "S3_POLICY", {"s3_attributes": {"public_access_block_configuration": {"@@assign": said}}})

    outcome = world.apply(world.plan())

    assert clean(outcome) is settled
    assert world.plan().empty is settled
    assert all("an S3 policy of the organization" in failure.reason for failure in outcome.failed)
    assert all("describe-effective-policy" in failure.remedy for failure in outcome.failed)


def test_an_empty_default_vpc_is_removed_and_one_in_use_is_left(world: World) -> None:
    use_default_vpc(world, "network", OTHER)
    vpc_id = default_vpc(world, "network", OTHER)
    configure(world, account_baseline={"remove_default_vpcs": True})

    plan = world.plan()

    where = {str(change.address.at) for change in plan.changes}
    assert where == {f"{name}/{region}" for name in NAMES for region in (HOME, OTHER)} - {f"network/{OTHER}"}
    note = f"The default VPC {vpc_id} is in use: it has network interfaces. It is left out in network/{OTHER}."
    assert note in part(plan, "account_baseline").notes
    put_back(world)
    assert default_vpc(world, "network", OTHER) == vpc_id
    assert default_vpc(world, "network", HOME) == ""
    ec2(world, "network", HOME).create_default_vpc()
    assert pending(world.plan()) == [f"update network/{HOME} default-vpc"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("operation", ["DeleteSubnet", "DetachInternetGateway"])
def test_a_removal_that_is_stopped_is_completed_and_nothing_of_it_stays(world: World, operation: str) -> None:
    configure(world, account_baseline={"remove_default_vpcs": True})
    interrupt(world, operation)

    world.apply(world.plan())
    start_again(world)
    put_back(world)

    for name in NAMES:
        there = ec2(world, name, HOME)
        assert default_vpc(world, name, HOME) == ""
        assert there.describe_internet_gateways()["InternetGateways"] == []


def test_a_default_vpc_that_is_used_since_it_was_reviewed_is_left(world: World) -> None:
    configure(world, account_baseline={"remove_default_vpcs": True})
    plan = world.plan()
    use_default_vpc(world, "network", HOME)

    outcome = world.apply(plan)

    assert clean(outcome), outcome
    assert default_vpc(world, "network", HOME)


def test_the_key_of_config_is_used_where_there_is_one(world: World) -> None:
    arn = make_key(world, "network", HOME)
    configure(world, account_baseline={"ebs_key": "volumes"})

    plan = world.plan()

    assert pending(plan) == [f"update network/{HOME} ec2-defaults"]
    assert plan.changes[0].before == {"ebs_key": "alias/aws/ebs"}
    assert f"There is no key alias/volumes. It is left out in network/{OTHER}." in part(plan, "account_baseline").notes
    put_back(world)
    assert ec2(world, "network", HOME).get_ebs_default_kms_key_id()["KmsKeyId"] == arn


def test_nothing_is_asked_of_who_wants_nothing(world: World) -> None:
    off = {"password_policy": {"enabled": False}, "ebs_encryption": False, "s3_public_access": "off"}
    configure(world, account_baseline={**off, "ec2_defaults": {"by": "off"}})

    assert world.plan().empty
    assert ours(world) == []
