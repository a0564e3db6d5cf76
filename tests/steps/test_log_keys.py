from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import Sandbox
from tests.steps.by_hand import calls, interrupt, part, start_again
from tests.steps.logs_by_hand import HOME, alter, audited, kms
from tests.world import World, pending

STEP = "log_keys"
ALIAS = "alias/sra-audit"
KEY = f"security-tooling/{HOME} key audit"


@pytest.fixture
def there() -> Iterator[World]:
    """An organization with its keys, before its buckets."""
    with sandbox.in_process() as running:
        world = audited(running)
        world.stand(world.steps[:-2])
        yield world


@pytest.fixture
def bare() -> Iterator[Sandbox]:
    with sandbox.in_process() as running:
        yield running


def planned(world: World) -> Any:
    return part(world.plan(world.steps[:-2]), STEP)


def key_id(world: World) -> str:
    """The id of the key of audits, which AWS wants where it takes no alias."""
    return str(kms(world).describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"])


def policy(world: World) -> dict[str, Any]:
    text = kms(world).get_key_policy(KeyId=key_id(world), PolicyName="default")["Policy"]
    document: dict[str, Any] = json.loads(text)
    return document


def put_policy(world: World, text: str) -> None:
    kms(world).put_key_policy(KeyId=key_id(world), PolicyName="default", Policy=text)


def test_there_is_a_key_where_one_is_needed_and_it_rotates(there: World) -> None:
    assert kms(there).get_key_rotation_status(KeyId=key_id(there))["RotationPeriodInDays"] == 365
    for region in there.regions:
        found = kms(there, region, "log-archive").describe_key(KeyId="alias/sra-regional")["KeyMetadata"]
        assert (found["KeySpec"], found["KeyState"]) == ("SYMMETRIC_DEFAULT", "Enabled")
    assert calls(there, "kms:CreateKey") == 0
    org = there.arrive()
    administration, audit = policy(there)["Statement"]
    assert administration["Principal"] == {"AWS": f"arn:aws:iam::{org.id_of('security-tooling')}:root"}
    assert audit["Condition"] == {"StringEquals": {"aws:SourceOrgID": org.existing.id}}


def test_every_setting_that_is_changed_by_hand_is_put_back_and_nothing_else(there: World) -> None:
    kms(there).disable_key_rotation(KeyId=key_id(there))
    put_policy(there, alter(there, {"Condition": {"Null": {"aws:SourceArn": "false"}}}, "Audit", policy(there)))

    [change] = planned(there).changes

    assert str(change.address) == KEY
    org_id = there.arrive().existing.id
    assert change.before == {
        "rotation_days": None,
        "policy": {"Audit": {"conditions": ("Null aws:SourceArn false",)}},
    }
    assert change.after == {
        "rotation_days": 365,
        "policy": {"Audit": {"conditions": (f"StringEquals aws:SourceOrgID {org_id}",)}},
    }
    there.build(there.steps[:-2])
    kms(there).disable_key(KeyId=key_id(there))
    assert [dict(c.after) for c in planned(there).changes] == [{"state": "Enabled"}]
    there.build(there.steps[:-2])
    assert planned(there).changes == ()


def test_a_policy_that_is_only_written_otherwise_is_no_drift(there: World) -> None:
    document = policy(there)
    for statement in document["Statement"]:
        statement["Action"] = [statement["Action"]]
        if statement["Sid"] == "SraAdministration":
            statement["Principal"] = {"AWS": str(there.arrive().id_of("security-tooling"))}
    put_policy(there, json.dumps({**document, "Statement": document["Statement"][::-1]}, indent=4))

    assert planned(there).changes == ()


def test_statements_of_others_are_reported_and_stay(there: World) -> None:
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    document = policy(there)
    put_policy(there, json.dumps({**document, "Statement": [theirs, *document["Statement"][:1]]}))

    service = planned(there)

    assert [(str(change.address), *change.after["policy"]) for change in service.changes] == [(KEY, "Audit")]
    assert service.notes == (
        f"The policy of the key {ALIAS} in security-tooling/{HOME} also has statements of others: Theirs.",
    )
    there.build(there.steps[:-2])
    assert [statement["Sid"] for statement in policy(there)["Statement"]] == ["Theirs", "SraAdministration", "Audit"]


def test_a_key_that_is_to_be_deleted_is_in_the_way(there: World) -> None:
    doomed = key_id(there)
    kms(there).schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)

    [blocked] = planned(there).blocked

    assert blocked.where == KEY
    assert f"The key {doomed} of {ALIAS} is to be deleted" in blocked.reason
    assert f"aws kms cancel-key-deletion --region {HOME} --key-id {doomed}" in blocked.remedy


def test_a_key_of_another_kind_is_in_the_way(bare: Sandbox) -> None:
    world = audited(bare)
    world.stand(world.steps[:-3])
    made = kms(world).create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms(world).create_alias(AliasName=ALIAS, TargetKeyId=made)

    [blocked] = planned(world).blocked

    assert "it is CUSTOMER, RSA_2048, AWS_KMS" in blocked.reason
    assert "steps.log_keys.names" in blocked.remedy


def test_a_key_that_is_there_is_taken_under_its_own_alias(bare: Sandbox) -> None:
    world = audited(bare, log_keys={"names": {"audit": "of-the-auditors"}})
    world.stand(world.steps[:-3])
    made = kms(world).create_key()["KeyMetadata"]["KeyId"]
    kms(world).create_alias(AliasName="alias/of-the-auditors", TargetKeyId=made)

    world.build(world.steps[:-2])

    sids = [
        s.get("Sid")
        for s in json.loads(kms(world).get_key_policy(KeyId=made, PolicyName="default")["Policy"])["Statement"]
    ]
    assert sids[-2:] == ["SraAdministration", "Audit"]
    assert planned(world).changes == ()


def test_a_key_that_was_made_and_has_no_alias_yet_is_taken_up(bare: Sandbox) -> None:
    world = audited(bare)
    world.stand(world.steps[:-3])
    kms(world).create_key()
    world.records.clear()
    interrupt(world, "CreateKey")
    outcome = world.apply(world.plan(world.steps[:-2]), world.steps[:-2])
    assert outcome.interrupted
    start_again(world)

    world.build(world.steps[:-2])

    assert calls(world, "kms:CreateKey") == 3
    assert planned(world).changes == ()


def test_statements_of_others_are_kept_in_silence_if_config_says_so(bare: Sandbox) -> None:
    world = audited(bare, log_keys={"statements_of_others": "keep"})
    world.stand(world.steps[:-2])
    theirs = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    document = policy(world)
    put_policy(world, json.dumps({**document, "Statement": [*document["Statement"], theirs]}))

    assert (planned(world).changes, planned(world).notes) == ((), ())


def test_destroying_keeps_the_keys(there: World) -> None:
    plan = there.plan(there.steps[:-2], destroy=True)

    assert [str(address) for address in part(plan, STEP).kept if address.name == "audit"] == [KEY]
    assert [line for line in pending(plan) if " key " in line] == []
