"""What the policies that ship and declare how services are set up do in accounts: what they refuse, and what not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from steps.account_baseline.ec2 import Ec2Defaults, seen
from steps.common.policy_types import AUTHORIZATION
from steps.organization_policies.shipped import shipped
from tests.steps.by_hand import configure
from tests.steps.organization_policies_by_hand import AI, SHIPPED, STEP, Guardrails
from tests.world import World, pipeline

MEMBERS = ("workload-prod", "security-tooling")
WITH_VPC = {"vpc": {"baseline": "vpc-block-public-access", "attach_to": ["Workloads"]}}


@pytest.fixture
def there(world: World) -> Guardrails:
    """What ships: by default, and the VPCs of workloads blocked."""
    whole = World(world.sandbox, pipeline(STEP))
    configure(whole, **{STEP: {"policies": {**SHIPPED, **WITH_VPC}}})
    whole.stand()
    return Guardrails(whole)


def refused(operation: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    return str(raised.value.response["Error"]["Code"])


def test_every_one_is_tried_here_or_before_the_simulator() -> None:
    declaring = {name for name, one in shipped().items() if one.type not in AUTHORIZATION}
    assert declaring == {"ai-opt-out", "ec2-defaults", "s3-block-public-access", "vpc-block-public-access"}


def test_ec2_shares_nothing_in_public_and_no_account_can_change_it(there: Guardrails) -> None:
    violation = "DeclarativePolicyViolation"
    for member in MEMBERS:
        ec2 = there.world.client("ec2", member)
        snapshots, console = ec2.get_snapshot_block_public_access_state(), ec2.get_serial_console_access_status()

        assert (snapshots["State"], snapshots["ManagedBy"]) == ("block-all-sharing", "declarative-policy")
        assert console["SerialConsoleAccessEnabled"] is False
        # The step `account_baseline` leaves to the policy what it would set itself.
        by_calls = Ec2Defaults().wanted()
        assert seen(by_calls, ec2)[0] == by_calls
        assert refused(ec2.disable_snapshot_block_public_access) == violation
        assert refused(ec2.disable_image_block_public_access) == violation
        assert refused(ec2.enable_serial_console_access) == violation
        assert refused(ec2.modify_instance_metadata_defaults, HttpTokens="optional") == violation
        ec2.enable_ebs_encryption_by_default()
        assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True


def test_the_vpcs_of_workloads_are_cut_off_from_the_internet_and_others_are_not(there: Guardrails) -> None:
    workload, tooling = (there.world.client("ec2", member) for member in MEMBERS)
    options = workload.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]

    assert (options["InternetGatewayBlockMode"], options["ManagedBy"]) == ("block-bidirectional", "declarative-policy")
    mode = {"InternetGatewayBlockMode": "off"}
    assert refused(workload.modify_vpc_block_public_access_options, **mode) == "DeclarativePolicyViolation"
    options = tooling.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options.get("ManagedBy", "account") == "account"
    tooling.modify_vpc_block_public_access_options(**mode)


def test_s3_is_not_public_and_no_account_can_change_it(there: Guardrails) -> None:
    for member in MEMBERS:
        s3control = there.world.client("s3control", member)
        account_id = str(there.world.arrive().id_of(member))
        block = s3control.get_public_access_block(AccountId=account_id)["PublicAccessBlockConfiguration"]

        assert set(block.values()) == {True}
        assert len(block) == 4
        assert refused(s3control.delete_public_access_block, AccountId=account_id) == "AccessDenied"
        s3 = there.world.client("s3", member)
        s3.create_bucket(Bucket=f"{member}-own", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket=f"{member}-own", Key="one", Body=b"one")


def test_no_account_opts_in_to_the_use_of_its_content_by_ai_services(there: Guardrails) -> None:
    opting_in = {"services": {"default": {"opt_out_policy": {"@@assign": "optIn"}}}}
    there.create("theirs", AI, opting_in)
    there.attach("theirs", "Workloads")

    for member in MEMBERS:
        account_id = str(there.world.arrive().id_of(member))
        answer = there.organizations.describe_effective_policy(PolicyType=AI, TargetId=account_id)
        said = json.loads(answer["EffectivePolicy"]["PolicyContent"])
        assert said == {"services": {"default": {"opt_out_policy": "optOut"}}}
