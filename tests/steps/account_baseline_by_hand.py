"""What accounts have set for EC2, S3 and IAM, through the API of the sandbox, and what others do to it by hand."""

from __future__ import annotations

import json
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
KEY = "volumes"
ALL_BY_CALLS: dict[str, Any] = {
    "s3_public_access": "calls",
    "ec2_defaults": {"by": "calls", "vpc": "block-ingress"},
    "ebs_key": KEY,
    "remove_default_vpcs": True,
}
"""Everything that this step can set."""


def ec2(world: World, account: str = MANAGEMENT, region: str = OTHER) -> Any:
    return world.client("ec2", account, region)


def default_vpc(world: World, account: str = MANAGEMENT, region: str = OTHER) -> str:
    """The id of the default VPC, or nothing."""
    vpcs = ec2(world, account, region).describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    return str(vpcs[0]["VpcId"]) if vpcs else ""


def make_key(world: World, account: str = MANAGEMENT, region: str = OTHER) -> str:
    """Make a key of the alias that config.yaml names, and give its ARN."""
    kms = world.client("kms", account, region)
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{KEY}", TargetKeyId=key["KeyId"])
    return str(key["Arn"])


def use_default_vpc(world: World, account: str = MANAGEMENT, region: str = HOME) -> None:
    """Put something into the default VPC."""
    there = ec2(world, account, region)
    of_vpc = [{"Name": "vpc-id", "Values": [default_vpc(world, account, region)]}]
    subnet = there.describe_subnets(Filters=of_vpc)["Subnets"][0]
    there.create_network_interface(SubnetId=subnet["SubnetId"])


def declare(world: World, policy_type: str, document: dict[str, Any]) -> str:
    """Attach a policy to the root, and give its id."""
    organizations = world.client("organizations")
    root_id = world.arrive().existing.root_id
    if policy_type not in world.arrive().existing.policy_types:
        organizations.enable_policy_type(RootId=root_id, PolicyType=policy_type)
        world.sandbox.clock.wait(world.sandbox.settings.policy_type_seconds)
    content = json.dumps(document)
    policy = organizations.create_policy(Name="theirs", Description="theirs", Type=policy_type, Content=content)
    policy_id = str(policy["Policy"]["PolicySummary"]["Id"])
    organizations.attach_policy(PolicyId=policy_id, TargetId=root_id)
    return policy_id


def leave_unencrypted(world: World, account: str = MANAGEMENT, region: str = OTHER) -> None:
    """Do not encrypt new volumes, nor with a key of one's own."""
    there = ec2(world, account, region)
    there.disable_ebs_encryption_by_default()
    there.reset_ebs_default_kms_key_id()


def weaken(world: World, account: str = MANAGEMENT, region: str = OTHER) -> None:
    """Make every setting of an account and region weaker than any config.yaml asks for."""
    leave_unencrypted(world, account, region)
    there = ec2(world, account, region)
    there.disable_snapshot_block_public_access()
    there.disable_image_block_public_access()
    there.modify_instance_metadata_defaults(HttpTokens="optional", HttpPutResponseHopLimit=3)
    there.enable_serial_console_access()
    there.modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")
    world.sandbox.clock.wait(world.sandbox.settings.ec2_block_seconds)


def drift(world: World) -> None:
    """Change one thing of each kind, but for what an organization policy does not let anybody change."""
    make_key(world)
    declared = "organization_policies" in world.wanted.sections
    (leave_unencrypted if declared else weaken)(world)
    world.client("iam", MANAGEMENT).delete_account_password_policy()


LIFE = Life(drift=drift, stands=use_default_vpc, configs=(ALL_BY_CALLS,))
