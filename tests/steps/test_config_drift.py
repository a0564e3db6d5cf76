"""Every setting of AWS Config, changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.values import Value
from tests.steps.by_hand import clean, lines
from tests.steps.config_by_hand import BUCKET, HOME, MANAGEMENT, OTHER, VOLUME, Config
from tests.world import World, only

ALL = {"allSupported": True, "includeGlobalResourceTypes": False}
DAILY = {"recordingFrequency": "DAILY"}
SOMETIMES = {
    "recordingFrequency": "CONTINUOUS",
    "recordingModeOverrides": [{"resourceTypes": [VOLUME], "recordingFrequency": "DAILY"}],
}
WITHOUT = {
    "exclusionByResourceTypes": {"resourceTypes": [BUCKET]},
    "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
}


@pytest.fixture(scope="module")
def built() -> Iterator[World]:
    with sandbox.in_process() as running:
        world = World(running, only("config"))
        world.stand()
        yield world


def rerouted(there: Config, **settings: Any) -> None:
    """Put the delivery channel with something else in it; None takes it out."""
    changed = {**there.channel(), **settings}
    channel = {name: value for name, value in changed.items() if value is not None}
    there.api.put_delivery_channel(DeliveryChannel=channel)


def test_each_setting_is_exactly_one_change_and_all_are_put_back(built: World) -> None:
    custom = built.client("iam", "security-tooling").create_role(
        RoleName="Recorder", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}'
    )["Role"]["Arn"]
    Config(built, MANAGEMENT).record(recordingGroup={**ALL, "includeGlobalResourceTypes": True})
    Config(built, MANAGEMENT, HOME).record(recordingGroup=ALL)
    Config(built, "network").record(recordingMode=DAILY)
    Config(built, "network", HOME).record(
        recordingGroup={**ALL, "includeGlobalResourceTypes": True}, recordingMode=SOMETIMES
    )
    Config(built, "security-tooling").record(roleARN=custom)
    Config(built, "log-archive").record(recordingGroup=WITHOUT)
    Config(built, "workload-prod").record(recordingGroup={"resourceTypes": [BUCKET]})
    rerouted(Config(built, "network", OTHER), configSnapshotDeliveryProperties=None)
    rerouted(
        Config(built, "security-tooling", OTHER), configSnapshotDeliveryProperties={"deliveryFrequency": "One_Hour"}
    )
    Config(built, "workload-prod", OTHER).deliver("default")
    Config(built, "workload-prod", HOME).stop()
    built.records.clear()

    plan = built.plan()
    outcome = built.apply(plan)

    name, organization = Config(built, MANAGEMENT).channel()["s3BucketName"], built.arrive().existing.id
    archive: dict[str, Value] = {"bucket": name, "prefix": organization, "key": "alias/sra-config"}
    snapshots = {"snapshot_frequency": "TwentyFour_Hours"}
    assert {line: change.after for line, change in zip(lines(plan.changes), plan.changes, strict=True)} == {
        f"update {MANAGEMENT}/{OTHER} recorder": {"global_types": False},
        f"update {MANAGEMENT}/{HOME} recorder": {"global_types": True},
        f"update network/{OTHER} recorder": {"frequency": "CONTINUOUS"},
        f"update network/{HOME} recorder": {"daily": ()},
        f"update security-tooling/{OTHER} recorder": {
            "role": "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        },
        f"update log-archive/{OTHER} recorder": {"strategy": "ALL_SUPPORTED_RESOURCE_TYPES"},
        f"update workload-prod/{OTHER} recorder": {"strategy": "ALL_SUPPORTED_RESOURCE_TYPES"},
        f"update network/{OTHER} delivery-channel": snapshots,
        f"update security-tooling/{OTHER} delivery-channel": snapshots,
        f"update workload-prod/{OTHER} delivery-channel": {**archive, **snapshots},
        f"create workload-prod/{HOME} recording": {"recording": True},
    }
    assert clean(outcome)
    assert len([record for record in built.records if not record.read]) == len(plan.changes)
    assert built.plan().empty
    assert Config(built, "workload-prod", HOME).records()
