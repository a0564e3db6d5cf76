from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Plan, Target
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID, delivery
from sra_bootstrap.sandbox.delivery import RefusedError, Sender
from sra_bootstrap.sandbox.later import later
from steps.common import buckets, keys
from steps.findings_exports import GUARDDUTY_BUCKET, GUARDDUTY_KEY, MACIE_BUCKET, MACIE_KEY
from tests.steps.by_hand import clean, govern, lines, part, put_back
from tests.steps.findings_exports_by_hand import ELSEWHERE, HOME, OTHER, Exports
from tests.world import World, only, pending, pipeline

STEP = "findings_exports"
FURTHER = "eu-central-2"
"""An opt-in region in which AWS does not offer Macie."""
NOT_LET_IN = "GuardDuty service principal does not have permission"


@pytest.fixture
def world() -> Iterator[World]:
    """An organization whose findings are exported."""
    with sandbox.in_process() as running:
        world = World(running, only(STEP))
        world.stand()
        running.clock.wait(running.settings.enabling_seconds)
        yield world


def notes(plan: Plan) -> str:
    return " ".join(part(plan, STEP).notes)


def test_both_services_export_from_every_region_into_the_log_archive(world: World) -> None:
    org = world.arrive()
    owner, security = str(org.id_of("log-archive")), org.id_of("security-tooling")

    for region in (HOME, OTHER):
        there = Exports(world, region)
        found, macie = there.of_guardduty(), there.of_macie()
        properties = found["DestinationProperties"]
        assert found["Status"] == "PUBLISHING"
        assert properties["DestinationArn"] == f"arn:aws:s3:::sra-guardduty-{owner}-{org.id}-{HOME}"
        assert macie["bucketName"] == f"sra-macie-{owner}-{org.id}-{HOME}"
        assert properties["ExpectedBucketOwner"] == macie["expectedBucketOwner"] == owner
        for key_arn in (properties["KmsKeyArn"], macie["kmsKeyArn"]):
            assert key_arn.startswith(f"arn:aws:kms:{HOME}:{security}:key/")
    assert world.plan().empty


def senders(world: World, account: str = "security-tooling", region: str = OTHER) -> dict[str, Sender]:
    """The services as they come for an account in a region."""
    account_id = str(world.arrive().id_of(account))
    arn = f"arn:aws:{{}}:{region}:{account_id}:{{}}"
    return {
        "guardduty": Sender("guardduty.amazonaws.com", account_id, arn.format("guardduty", "detector/d")),
        "macie": Sender("macie.amazonaws.com", account_id, arn.format("macie2", "classification-job/j")),
    }


def test_the_policies_let_in_each_service_for_the_administrator_and_nobody_else(world: World) -> None:
    org, reader = world.arrive(), world.connection.reader(world.arrive())
    ours, members, afar = senders(world), senders(world, "network"), senders(world, region="eu-north-1")
    own = {"guardduty": (GUARDDUTY_BUCKET, GUARDDUTY_KEY), "macie": (MACIE_BUCKET, MACIE_KEY)}
    arns = {name: keys.arn_of(key, org, HOME, reader) for name, (_, key) in own.items()}

    for name, other in (("guardduty", "macie"), ("macie", "guardduty")):
        bucket, key_arn = str(buckets.name_of(own[name][0], org)), arns[name]
        put = partial(delivery.put, bucket=bucket, key="AWSLogs/1/finding.gz", body=b"", kms_key=key_arn)
        put(ours[name])
        for wrong in (
            partial(put, members[name]),
            partial(put, afar[name]),
            partial(put, ours[other]),
            partial(put, ours[name], key="finding.gz"),
            partial(put, ours[name], kms_key=f"arn:aws:kms:{HOME}:{MANAGEMENT_ACCOUNT_ID}:key/k"),
            partial(delivery.may, ours[name], "s3:GetObject", bucket, "AWSLogs/1/finding.gz"),
            partial(delivery.use, ours[name], key_arn, "kms:Decrypt"),
        ):
            with pytest.raises(RefusedError):
                wrong()


def test_a_service_whose_step_is_not_enabled_has_neither_bucket_nor_key(world: World) -> None:
    steps = [step for step in world.steps if step.id != "macie"]
    with sandbox.in_process() as running:
        alone = World(running, steps)

        plan = alone.plan()

        assert {change.address.name for change in part(plan, STEP).changes} == {"guardduty"}
        assert {change.address.name for change in part(plan, "log_keys").changes} == {"guardduty"}
        assert {change.address.name for change in part(plan, "log_buckets").changes} == {"access-logs", "guardduty"}
        assert [step.id for step in steps] == [part.step for part in plan.steps]


def test_what_a_region_lacks_and_what_cannot_leave_it_is_left_out() -> None:
    with sandbox.in_process() as running:
        world = World(running, only(STEP))
        world.stand(pipeline("accounts"))
        for account in (MANAGEMENT, *world.wanted.accounts):
            world.client("account", account).enable_region(RegionName=FURTHER)
        world.sandbox.clock.wait(world.sandbox.settings.region_seconds)
        govern(world, FURTHER, OTHER)
        world.build()

        plan = world.plan()

        assert plan.empty
        assert f"Macie is not offered in {FURTHER}." in notes(plan)
        for name in ("GuardDuty", "Macie"):
            assert f"{name} exports from no other region to {FURTHER}, an opt-in region." in notes(plan)
        assert Exports(world, FURTHER).of_guardduty()["Status"] == "PUBLISHING"


def test_exports_that_were_led_elsewhere_are_shown_with_where_and_led_back(world: World) -> None:
    Exports(world, OTHER).lead_elsewhere()
    world.records.clear()

    plan = world.plan()

    assert lines(plan.changes) == [f"update security-tooling/{OTHER} export {name}" for name in ("guardduty", "macie")]
    guardduty, macie = plan.changes
    assert guardduty.after.keys() == {"bucket", "bucket_owner", "key"}
    assert (guardduty.before["bucket"], guardduty.before["bucket_owner"]) == (ELSEWHERE, "security-tooling")
    assert str(guardduty.before["key"]).startswith(f"arn:aws:kms:{HOME}:")
    assert macie.after.keys() == {"bucket", "bucket_owner", "folder", "key"}
    assert (macie.before["folder"], macie.before["bucket_owner"]) == ("results/", None)
    put_back(world)
    assert {(record.region, record.service) for record in world.records if not record.read} == {
        (OTHER, "guardduty"),
        (OTHER, "macie2"),
    }


def test_exports_that_have_failed_are_set_again_once_the_policies_are_right(world: World) -> None:
    bucket = str(buckets.name_of(GUARDDUTY_BUCKET, world.arrive()))
    s3 = world.client("s3", "log-archive", HOME)
    document = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != "SraGuardDutyDelivers"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))

    plan = world.plan()

    assert pending(plan) == [
        f"update log-archive/{HOME} bucket guardduty",
        *(f"update security-tooling/{region} export guardduty" for region in (HOME, OTHER)),
    ]
    assert plan.changes[-1].before == {"status": "UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY"}
    put_back(world)
    assert Exports(world, OTHER).of_guardduty()["Status"] == "PUBLISHING"


def test_guardduty_is_asked_again_for_a_while_until_it_sees_the_policies(world: World) -> None:
    bucket, s3 = str(buckets.name_of(GUARDDUTY_BUCKET, world.arrive())), world.client("s3", "log-archive", HOME)
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    for there in (Exports(world, HOME), Exports(world, OTHER)):
        there.guardduty.delete_publishing_destination(**there.named())
    s3.delete_bucket_policy(Bucket=bucket)
    exports = world.steps[-1:]
    plan = world.plan(exports)

    failed = world.apply(plan, exports)
    later(60, lambda _: s3.put_bucket_policy(Bucket=bucket, Policy=policy))
    done = world.apply(plan, exports)

    assert NOT_LET_IN in " ".join(blocked.reason for blocked in failed.failed)
    assert clean(done)
    assert Exports(world, OTHER).of_guardduty()["Status"] == "PUBLISHING"


def test_without_a_detector_there_is_nothing_to_export(world: World) -> None:
    org, step = world.arrive(), world.steps[-1]
    address = Address("export", Target("security-tooling", "eu-north-1"), "guardduty")

    with pytest.raises(RefusalError, match="GuardDuty is not on in security-tooling/eu-north-1"):
        step.apply(Change(address, Action.CREATE, {}, {}), org, world.connection.writer(org))


def test_destroying_ends_what_can_be_ended(world: World) -> None:
    plan = world.plan(destroy=True)

    ours = part(plan, STEP)
    assert lines(ours.changes) == [f"delete security-tooling/{region} export guardduty" for region in (OTHER, HOME)]
    assert {address.name for address in ours.kept} == {"macie"}
    assert clean(world.apply(world.plan(world.steps[-1:], destroy=True), world.steps[-1:]))
    [detector_id] = Exports(world, OTHER).guardduty.list_detectors()["DetectorIds"]
    listed: Any = Exports(world, OTHER).guardduty.list_publishing_destinations(DetectorId=detector_id)
    assert listed["Destinations"] == []
