"""Every single setting of AWS Config in the organization, changed by hand."""

from __future__ import annotations

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import lines, put_back
from tests.steps.config_organization_by_hand import (
    AMAZONS,
    CONFIG,
    HOME,
    OTHER,
    SECURITY,
    Config,
    drift_of_deployments,
    drift_of_the_role,
)
from tests.world import World, pipeline

TRUST = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"""
LIST = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "organizations:ListAccounts", "Resource": "*"}]}"""


def test_all_that_is_changed_by_hand_is_exactly_the_plan_and_is_put_back(world: World) -> None:
    world = World(world.sandbox, pipeline("config_organization", config_organization=CONFIG))
    world.stand()
    config = Config(world)
    role = f"arn:aws:iam::{world.arrive().id_of(SECURITY)}:role/theirs"
    drift_of_deployments(world)
    drift_of_the_role(world)
    linked = {"Type": "INCLUDE", "Value": ["config.amazonaws.com"]}
    iam = world.client("iam", SECURITY)
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="theirs", PolicyName="list", PolicyDocument=LIST)
    config.api.put_configuration_aggregator(
        ConfigurationAggregatorName="sra-organization",
        OrganizationAggregationSource={"RoleArn": role, "AwsRegions": [HOME]},
        AggregatorFilters={"ServicePrincipal": linked},
    )

    plan = world.plan()

    assert lines(plan.changes) == [
        f"update {SECURITY} role sra-config-aggregator",
        f"update {SECURITY}/{HOME} aggregator",
        f"update {SECURITY}/{OTHER} conformance-pack pci",
        f"update {SECURITY}/{OTHER} organization-rule keys",
    ]
    after = {change.address.kind: change.after for change in plan.changes}
    assert set(after["role"]) == {"trust", "managed"}
    assert after["aggregator"] == {"regions": "all", "role": "sra-config-aggregator", "filtered": False}
    assert after["conformance-pack"] == {
        "template": AMAZONS,
        "parameters": ("AccessKeysRotatedParamMaxAccessKeyAge=30",),
        "excluded": ("network",),
    }
    assert after["organization-rule"] == {
        "identifier": "ACCESS_KEYS_ROTATED",
        "parameters": ("maxAccessKeyAge=90",),
        "resource_types": ("AWS::IAM::User",),
        "frequency": "TwentyFour_Hours",
        "excluded": (MANAGEMENT,),
    }
    put_back(world)
    assert "AggregatorFilters" not in config.aggregators()["sra-organization"]
