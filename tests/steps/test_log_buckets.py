from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import Sandbox
from steps.common.buckets import Bucket
from steps.log_buckets import ACCESS_LOGS
from tests.steps.by_hand import calls, part, unmanaged
from tests.steps.logs_by_hand import BUCKET, HOME, PLAIN, alter, audited, name_of, s3
from tests.world import World, pending

STEP = "log_buckets"
AUDIT = f"log-archive/{HOME} bucket audit"


@pytest.fixture
def there() -> Iterator[World]:
    """An organization with its keys and buckets."""
    with sandbox.in_process() as running:
        world = audited(running)
        world.stand()
        yield world


@pytest.fixture
def bare() -> Iterator[Sandbox]:
    with sandbox.in_process() as running:
        yield running


def planned(world: World) -> Any:
    return part(world.plan(), STEP)


def policy(world: World, bucket: Bucket = BUCKET) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(s3(world).get_bucket_policy(Bucket=name_of(world, bucket))["Policy"])
    return document


def before_the_buckets(world: World) -> str:
    """Have all but the buckets, and give the name that the bucket of audits is to have."""
    world.stand(world.steps[:-2])
    return name_of(world, BUCKET)


def test_buckets_are_what_the_architecture_wants(there: World) -> None:
    api, name = s3(there), name_of(there, BUCKET)
    org = there.arrive()

    assert name == f"sra-audit-{org.id_of(org.log_archive)}-{org.existing.id}-{HOME}"
    assert api.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    lock = api.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 365}
    assert api.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    assert set(api.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = api.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    owner = org.id_of("security-tooling")
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"].startswith(f"arn:aws:kms:{HOME}:{owner}:key/")
    assert rule["BucketKeyEnabled"]
    [rule] = api.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert (rule["Transitions"], rule["Expiration"]["Days"]) == ([{"Days": 90, "StorageClass": "GLACIER_IR"}], 2555)
    logging = api.get_bucket_logging(Bucket=name)["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == (name_of(there, ACCESS_LOGS), "audit/")
    assert [one["Sid"] for one in policy(there)["Statement"]] == ["SraTlsOnly", "SraKmsOnly", "SraKeysOfOurs", "Audit"]
    assert [one["Sid"] for one in policy(there, PLAIN)["Statement"]] == ["SraTlsOnly", "Audit"]


def test_access_logs_are_not_locked_and_not_logged_themselves(there: World) -> None:
    api, name = s3(there), name_of(there, ACCESS_LOGS)

    assert "LoggingEnabled" not in api.get_bucket_logging(Bucket=name)
    with pytest.raises(api.exceptions.ClientError, match="ObjectLockConfigurationNotFoundError"):
        api.get_object_lock_configuration(Bucket=name)
    [rule] = api.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    sources = policy(there, ACCESS_LOGS)["Statement"][1]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert sorted(sources) == sorted(f"arn:aws:s3:::{name_of(there, bucket)}" for bucket in (BUCKET, PLAIN))


def test_every_setting_that_is_changed_by_hand_is_put_back_and_nothing_else(there: World) -> None:
    api, bucket = s3(there), {"Bucket": name_of(there, BUCKET)}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    api.put_object_lock_configuration(**bucket, ObjectLockConfiguration=lock)
    api.put_bucket_ownership_controls(
        **bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    block = api.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]
    api.put_public_access_block(**bucket, PublicAccessBlockConfiguration={**block, "BlockPublicPolicy": False})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    api.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 9}}
    [rule] = api.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    rules = [theirs, {**rule, "Status": "Disabled", "Expiration": {"Days": 100}}]
    api.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": rules})
    api.put_bucket_logging(**bucket, BucketLoggingStatus={})
    api.put_bucket_policy(**bucket, Policy=alter(there, {"Effect": "Deny"}, "Audit", policy(there)))

    [change] = planned(there).changes

    assert str(change.address) == AUDIT
    assert dict(change.after) == {
        "object_lock": {"days": 365},
        "ownership": "BucketOwnerEnforced",
        "public_access_block": {"BlockPublicPolicy": True},
        "encryption": {"algorithm": "aws:kms", "key": "alias/sra-audit", "bucket_key": True},
        "lifecycle": {"status": "Enabled", "expires_after_days": 2555},
        "policy": {"Audit": {"effect": "Allow"}},
        "access_logging": {"bucket": name_of(there, ACCESS_LOGS), "prefix": "audit/"},
    }
    there.build()
    assert there.plan().empty
    assert api.get_bucket_lifecycle_configuration(**bucket)["Rules"][0]["ID"] == "theirs"


def test_versioning_that_was_suspended_is_enabled_again(there: World) -> None:
    # Where objects can be locked, S3 does not let it be suspended.
    s3(there).put_bucket_versioning(Bucket=name_of(there, PLAIN), VersioningConfiguration={"Status": "Suspended"})

    assert [dict(change.after) for change in planned(there).changes] == [{"versioning": "Enabled"}]
    there.build()
    assert there.plan().empty


def test_a_policy_that_is_only_written_otherwise_is_no_drift(there: World) -> None:
    document = policy(there)
    statements = [{**one, "Action": [one["Action"]]} for one in document["Statement"][::-1]]
    statements[-1]["Principal"] = {"AWS": ["*"]}
    statements[-1]["Resource"] = statements[-1]["Resource"][::-1]
    statements[-1]["Condition"] = {"Bool": {"aws:SecureTransport": False}}
    text = json.dumps({**document, "Statement": statements}, indent=2)
    s3(there).put_bucket_policy(Bucket=name_of(there, BUCKET), Policy=text)

    assert planned(there).changes == ()


def test_statements_of_others_are_reported_and_stay(there: World) -> None:
    document, name = policy(there), name_of(there, BUCKET)
    theirs = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{name}/*"}
    text = json.dumps({**document, "Statement": [theirs, *document["Statement"][:-1]]})
    s3(there).put_bucket_policy(Bucket=name, Policy=text)

    service = planned(there)

    assert [dict(change.before) for change in service.changes] == [{"policy": {"Audit": None}}]
    [note] = service.notes
    assert note.startswith(f"The policy of the bucket {name} also has statements of others: {{")
    there.build()
    assert policy(there)["Statement"][0] == theirs
    assert planned(there).changes == ()


def test_a_name_that_is_taken_is_in_the_way(bare: Sandbox) -> None:
    world = audited(bare)
    name = before_the_buckets(world)
    where = {"LocationConstraint": "eu-west-2"}
    world.client("s3", "network", "eu-west-2").create_bucket(Bucket=name, CreateBucketConfiguration=where)

    blocked = planned(world).blocked

    assert [one.where for one in blocked] == [AUDIT]
    assert blocked[0].reason == f"The name {name} is taken: it is a bucket of another account."
    assert "steps.log_buckets.buckets.audit.name" in blocked[0].remedy


def test_a_bucket_in_another_region_is_in_the_way(bare: Sandbox) -> None:
    world = audited(bare)
    name = before_the_buckets(world)
    where = {"LocationConstraint": "eu-west-2"}
    world.client("s3", "log-archive", "eu-west-2").create_bucket(Bucket=name, CreateBucketConfiguration=where)

    blocked = planned(world).blocked

    assert [one.where for one in blocked] == [AUDIT]
    assert f"The bucket {name} is in eu-west-2" in blocked[0].reason


def test_a_bucket_that_is_there_is_brought_to_what_is_wanted(bare: Sandbox) -> None:
    world = audited(bare, log_buckets={"buckets": {"audit": {"name": "logs-of-the-auditors"}}})
    assert before_the_buckets(world) == "logs-of-the-auditors"
    where = {"LocationConstraint": HOME}
    s3(world).create_bucket(Bucket="logs-of-the-auditors", CreateBucketConfiguration=where)
    s3(world).put_object(Bucket="logs-of-the-auditors", Key="of-before", Body=b"1")

    [change] = [change for change in planned(world).changes if str(change.address) == AUDIT]

    assert (change.action, "name" in change.before) == ("update", False)
    world.build()
    assert world.plan().empty
    assert s3(world).get_object(Bucket="logs-of-the-auditors", Key="of-before")["Body"].read() == b"1"


def test_an_object_lock_is_not_weakened(bare: Sandbox) -> None:
    world = audited(bare)
    name = before_the_buckets(world)
    api = s3(world)
    where = {"LocationConstraint": HOME}
    api.create_bucket(Bucket=name, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 7}}}
    api.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)

    [blocked] = planned(world).blocked

    assert (blocked.where, "COMPLIANCE mode" in blocked.reason) == (AUDIT, True)
    compliant = {"buckets": {"audit": {"object_lock": {"mode": "COMPLIANCE", "days": 7 * 365}}}}
    world = audited(bare, log_buckets=compliant)
    world.build()
    assert "object_lock" not in {name for change in planned(world).changes for name in change.after}


def test_what_config_says_of_one_bucket_holds_for_no_other(bare: Sandbox) -> None:
    own = {
        "object_lock": {"enabled": False},
        "lifecycle": {"cold_storage": "NONE", "expire_after_days": 30, "old_versions_expire_after_days": 2},
    }
    world = audited(bare, log_buckets={"buckets": {"audit": own}, "access_logging": False})
    world.stand()
    api = s3(world)

    [rule] = api.get_bucket_lifecycle_configuration(Bucket=name_of(world, BUCKET))["Rules"]
    assert ("Transitions" in rule, rule["Expiration"]["Days"]) == (False, 30)
    [rule] = api.get_bucket_lifecycle_configuration(Bucket=name_of(world, PLAIN))["Rules"]
    assert rule["Expiration"]["Days"] == 2555
    assert {one["Name"] for one in api.list_buckets()["Buckets"]} == {name_of(world, b) for b in (BUCKET, PLAIN)}
    assert world.plan().empty


def test_a_name_that_s3_does_not_allow_is_said_to_be_so(bare: Sandbox) -> None:
    world = audited(bare, log_buckets={"name": "{purpose}-" + "x" * 60})
    world.stand(world.steps[:-2])

    reasons = {blocked.reason for blocked in planned(world).blocked}

    assert f"Amazon S3 does not allow the name audit-{'x' * 60}." in reasons


def test_buckets_of_others_are_no_business_of_ours(there: World) -> None:
    s3(there).create_bucket(Bucket="theirs-alone", CreateBucketConfiguration={"LocationConstraint": HOME})

    assert there.plan().empty
    assert unmanaged(there.plan(), STEP) == []


def test_destroying_keeps_the_buckets(there: World) -> None:
    plan = there.plan(destroy=True)

    assert len(part(plan, STEP).kept) == 3
    assert [line for line in pending(plan) if "bucket" in line] == []
    assert calls(there, "s3:DeleteBucket") == 0
