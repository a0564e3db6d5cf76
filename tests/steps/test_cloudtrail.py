from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sra_bootstrap.model import MANAGEMENT, Plan
from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.delivery import RefusedError, Sender
from steps.cloudtrail import CloudTrail as Step
from steps.cloudtrail.destinations import BUCKET, KEY
from steps.common import buckets, keys
from tests.steps.by_hand import (
    calls,
    clean,
    configure,
    lines,
    part,
    put_back,
    unmanaged,
    writes,
)
from tests.steps.cloudtrail_by_hand import (
    EVERYTHING,
    GROUP,
    HOME,
    NAME,
    OTHER,
    ROLE,
    CloudTrail,
    iam,
    logs,
    other_key,
)
from tests.world import World, only

TRAIL, ADMINISTRATOR = f"management/{HOME} trail {NAME}", f"management/{HOME} administrator security-tooling"
LOG_GROUP, WRITER = f"management/{HOME} log-group {GROUP}", f"management/{HOME} role {ROLE}"
PRINCIPAL = "cloudtrail.amazonaws.com"
ALL_MANAGEMENT_EVENTS = {
    "Name": "Management events selector",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}


@pytest.fixture
def bare(world: World) -> World:
    """A bare management account, and the trail on what it stands on."""
    return World(world.sandbox, only("cloudtrail"))


@pytest.fixture
def there(bare: World) -> World:
    """An organization with its trail."""
    bare.stand()
    return bare


def planned(plan: Plan) -> list[str]:
    return lines(part(plan, "cloudtrail").changes)


def after(plan: Plan, where: str) -> Any:
    """What a plan wants of one resource."""
    return next(change.after for change in part(plan, "cloudtrail").changes if str(change.address) == where)


def name_of_bucket(world: World) -> str:
    return str(buckets.name_of(BUCKET, world.arrive()))


def deny(world: World, **condition: Any) -> None:
    """Add a denial to what the policy of the bucket says."""
    s3, bucket = world.client("s3", "log-archive", HOME), name_of_bucket(world)
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    denial = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    resource = {"Resource": f"arn:aws:s3:::{bucket}/*", "Condition": condition}
    policy["Statement"].append({**denial, **resource})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def bucket_of_others(world: World) -> str:
    """A bucket of the management account that any trail can deliver to."""
    admit = {"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "s3:*"}
    resources = ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**admit, "Resource": resources}]})
    s3 = world.client("s3")
    s3.create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_bucket_policy(Bucket="theirs", Policy=policy)
    return "theirs"


def test_one_trail_logs_all_accounts_and_regions_to_the_log_archive(there: World) -> None:
    org, cloudtrail = there.arrive(), CloudTrail(there)
    trail = cloudtrail.trail()

    for setting in ("IsOrganizationTrail", "IsMultiRegionTrail", "IncludeGlobalServiceEvents"):
        assert trail[setting] is True
    assert trail["LogFileValidationEnabled"] is True
    assert trail["S3BucketName"] == name_of_bucket(there)
    assert trail["KmsKeyId"].startswith(f"arn:aws:kms:{HOME}:{org.id_of('security-tooling')}:key/")
    assert trail["CloudWatchLogsLogGroupArn"].endswith(f":{org.management_id}:log-group:{GROUP}:*")
    assert cloudtrail.selectors() == [ALL_MANAGEMENT_EVENTS]
    assert cloudtrail.administrators() == ["security-tooling"]
    group = cloudtrail.group()
    assert (group["retentionInDays"], group["deletionProtectionEnabled"]) == (365, True)
    assert group["kmsKeyId"].startswith(f"arn:aws:kms:{HOME}:{org.management_id}:key/")
    for account in ("network", "workload-prod"):
        seen = CloudTrail(there, account, OTHER)
        assert (seen.trail()["TrailARN"], seen.status()["IsLogging"]) == (cloudtrail.arn, True)


def test_log_files_and_events_arrive(there: World) -> None:
    org, cloudtrail = there.arrive(), CloudTrail(there)
    there.sandbox.clock.wait(3600)
    status = cloudtrail.status()

    for kind in ("Delivery", "DigestDelivery", "CloudWatchLogsDelivery"):
        assert f"Latest{kind}Time" in status
    s3 = there.client("s3", "log-archive", HOME)
    listed = s3.list_objects_v2(Bucket=name_of_bucket(there))["Contents"]
    folder = f"AWSLogs/{org.existing.id}/{org.management_id}/CloudTrail"
    assert {one["Key"].removeprefix(folder).split("/")[0] for one in listed} == {"", "-Digest"}
    streams = logs(there).describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert [one["logStreamName"] for one in streams] == [f"{org.existing.id}_{org.management_id}_CloudTrail_{HOME}"]
    assert part(there.plan(), "cloudtrail").notes == ()


def test_nobody_but_this_trail_is_let_into_the_bucket_and_the_key(there: World) -> None:
    org, bucket = there.arrive(), name_of_bucket(there)
    ours, theirs = CloudTrail(there).arn, str(org.id_of("network"))
    key = keys.arn_of(KEY, org, HOME, there.connection.reader(org))
    folders = [f"AWSLogs/{owner}/" for owner in (org.management_id, org.existing.id)]
    context = {"aws:cloudtrail:arn": ours}

    trail = Sender(PRINCIPAL, org.management_id, ours)
    for folder in folders:
        delivery.put(trail, bucket, f"{folder}x", b"", kms_key=key, context=context)
    strangers = [
        Sender(PRINCIPAL, org.management_id, ours + "-2"),
        Sender(PRINCIPAL, theirs, ours.replace(org.management_id, theirs)),
        Sender("config.amazonaws.com", org.management_id, ours),
    ]
    for sender in strangers:
        with pytest.raises(RefusedError):
            delivery.may(sender, "s3:GetBucketAcl", bucket)
        with pytest.raises(RefusedError):
            delivery.put(sender, bucket, f"{folders[0]}x", b"")
        with pytest.raises(RefusedError):
            delivery.use(sender, key, "kms:GenerateDataKey", context)
    for where, acl in ((f"AWSLogs/{theirs}/x", "bucket-owner-full-control"), (f"{folders[0]}x", "")):
        with pytest.raises(RefusedError):
            delivery.put(trail, bucket, where, b"", kms_key=key, context=context, acl=acl)
    with pytest.raises(RefusedError):
        delivery.use(trail, key, "kms:GenerateDataKey", {})


def test_every_setting_that_is_changed_by_hand_is_put_back_and_nothing_else(there: World) -> None:
    cloudtrail, org = CloudTrail(there), there.arrive()
    theirs, group = other_key(there, PRINCIPAL), other_key(there, f"logs.{HOME}.amazonaws.com", MANAGEMENT)
    reads = {"Field": "readOnly", "Equals": ["true"]}
    selectors = [
        {**ALL_MANAGEMENT_EVENTS, "FieldSelectors": [*ALL_MANAGEMENT_EVENTS["FieldSelectors"], reads]},
        {
            "Name": "theirs",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            ],
        },
    ]
    cloudtrail.api.put_insight_selectors(TrailName=NAME, InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}])
    cloudtrail.api.put_event_selectors(TrailName=NAME, AdvancedEventSelectors=selectors)
    cloudtrail.api.update_trail(
        Name=NAME,
        S3BucketName=bucket_of_others(there),
        S3KeyPrefix="here",
        KmsKeyId=theirs,
        IsMultiRegionTrail=False,
        EnableLogFileValidation=False,
        CloudWatchLogsLogGroupArn="",
        CloudWatchLogsRoleArn="",
    )
    cloudtrail.api.update_trail(Name=NAME, IncludeGlobalServiceEvents=False, IsOrganizationTrail=False)
    cloudtrail.api.stop_logging(Name=NAME)
    logs(there).put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    logs(there).associate_kms_key(logGroupName=GROUP, kmsKeyId=group)
    logs(there).put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=False)
    iam(there).delete_role_policy(RoleName=ROLE, PolicyName="log-events")
    cloudtrail.api.deregister_organization_delegated_admin(DelegatedAdminAccountId=str(org.id_of("security-tooling")))
    there.records.clear()

    plan = there.plan()

    assert lines(plan.changes) == [
        f"create {ADMINISTRATOR}",
        f"update {LOG_GROUP}",
        f"update {WRITER}",
        f"update {TRAIL}",
    ]
    assert after(plan, LOG_GROUP) == {
        "retention_days": 365,
        "key": {"cloudtrail-logs": "alias/sra-cloudtrail-logs"},
        "deletion_protection": True,
    }
    assert list(after(plan, WRITER)) == ["inline"]
    assert after(plan, TRAIL) == {
        **dict.fromkeys(("multi_region", "global_service_events", "log_file_validation", "all_accounts"), True),
        "bucket": {"cloudtrail": name_of_bucket(there)},
        "prefix": "",
        "key": {"cloudtrail": "alias/sra-cloudtrail"},
        "log_group": GROUP,
        "role": ROLE,
        "events": {"Management events selector": ("eventCategory Equals Management",), "others": ()},
        "insights": (),
        "logging": True,
    }
    put_back(there)
    assert cloudtrail.selectors() == [ALL_MANAGEMENT_EVENTS]
    assert {write.partition(":")[0] for write in writes(there)} == {"cloudtrail", "iam", "logs"}


def test_a_trail_of_our_name_that_is_there_is_adopted(bare: World) -> None:
    bare.stand_before_the_last()
    cloudtrail = CloudTrail(bare)
    bare.client("cloudtrail", MANAGEMENT, HOME).create_trail(Name=NAME, S3BucketName=name_of_bucket(bare))
    logs(bare).create_log_group(logGroupName=GROUP)
    bare.records.clear()

    plan = bare.plan()

    assert planned(plan) == [
        f"create {ADMINISTRATOR}",
        f"update {LOG_GROUP}",
        f"create {WRITER}",
        f"update {TRAIL}",
    ]
    before = next(change.before for change in part(plan, "cloudtrail").changes if str(change.address) == TRAIL)
    assert before["key"] == {"cloudtrail": None}
    assert before["events"] == {"Management events selector": None, "others": ("basic: All management events",)}
    put_back(bare)
    assert cloudtrail.trail()["IsOrganizationTrail"] is True
    assert calls(bare, "cloudtrail:CreateTrail") == 0


@pytest.mark.parametrize("multi_region", [True, False])
def test_a_trail_of_our_name_that_is_homed_elsewhere_is_in_the_way(bare: World, multi_region: bool) -> None:
    bare.stand_before_the_last()
    there = CloudTrail(bare, MANAGEMENT, OTHER).api
    there.create_trail(Name=NAME, S3BucketName=bucket_of_others(bare), IsMultiRegionTrail=multi_region)

    plan = bare.plan()
    outcome = bare.apply(plan)

    # One of a single region does not show in others, until AWS says that its name is taken.
    [stuck] = part(plan, "cloudtrail").blocked if multi_region else outcome.failed
    assert stuck.where == TRAIL
    where, how = (OTHER, f"delete-trail --region {OTHER} --name {NAME}") if multi_region else ("another", "list-trails")
    assert stuck.reason == f"There is a trail {NAME} whose home region is {where}, and stays so."
    assert f"or delete that trail (aws cloudtrail {how}" in stuck.remedy
    assert there.get_trail(Name=NAME)["Trail"]["IsOrganizationTrail"] is False


def test_another_organization_trail_is_reported_with_its_cost_and_left_alone(there: World) -> None:
    bucket = bucket_of_others(there)
    name = "aws-controltower-BaselineCloudTrail"
    trail = there.client("cloudtrail", MANAGEMENT, HOME)
    trail.create_trail(Name=name, S3BucketName=bucket, IsOrganizationTrail=True, IsMultiRegionTrail=True)

    plan = there.plan()

    assert plan.empty
    assert unmanaged(plan, "cloudtrail") == [name]
    [note] = part(plan, "cloudtrail").notes
    assert note.startswith(f"The organization trail {name} in {HOME} is not ours and stays.")
    assert "AWS charges every copy but the first" in note


def register(world: World, *names: str) -> None:
    """Have accounts administer CloudTrail."""
    for name in names:
        account_id = str(world.arrive().id_of(name))
        CloudTrail(world).api.register_organization_delegated_admin(MemberAccountId=account_id)


def test_other_administrators_are_reported_and_stay(bare: World) -> None:
    bare.stand_before_the_last()
    bare.sandbox.clock.wait(60)
    register(bare, "network", "security-tooling")

    plan = bare.plan()

    assert f"create {ADMINISTRATOR}" not in planned(plan)
    assert [note.split(" (")[0] for note in part(plan, "cloudtrail").notes] == [
        "CloudTrail is also administered by network"
    ]
    put_back(bare)
    assert sorted(CloudTrail(bare).administrators()) == ["network", "security-tooling"]


def test_three_other_administrators_are_in_the_way_of_ours(bare: World) -> None:
    bare.stand_before_the_last()
    bare.sandbox.clock.wait(60)
    register(bare, "network", "workload-prod", "log-archive")

    plan = bare.plan()
    outcome = bare.apply(plan)

    [stuck] = part(plan, "cloudtrail").blocked
    assert (stuck.where, "3 administrators at most" in stuck.reason) == (ADMINISTRATOR, True)
    assert "aws cloudtrail deregister-organization-delegated-admin" in stuck.remedy
    assert (outcome.failed, outcome.drift) == ([], None)
    assert CloudTrail(bare).status()["IsLogging"] is True


def test_a_bucket_that_does_not_let_the_trail_in_is_said_so(bare: World) -> None:
    bare.stand_before_the_last()
    deny(bare, Null={"s3:x-amz-server-side-encryption": "true"})

    outcome = bare.apply(bare.plan())

    [failure] = outcome.failed
    assert failure.where == TRAIL
    assert "InsufficientS3BucketPolicyException" in failure.reason
    assert "Look for a statement of others in the bucket's policy" in failure.remedy


def test_what_cannot_be_delivered_is_a_note(there: World) -> None:
    deny(there, Bool={"aws:PrincipalIsAWSService": "true"})
    logs(there).put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=False)
    logs(there).delete_log_group(logGroupName=GROUP)
    there.sandbox.clock.wait(600)

    plan = there.plan()

    assert planned(plan) == [f"create {LOG_GROUP}"]
    files, sent = part(plan, "cloudtrail").notes
    assert files.startswith(f"The trail {NAME} cannot deliver log files to the bucket: AccessDenied.")
    assert sent.startswith(f"The trail {NAME} cannot deliver events to CloudWatch Logs: ResourceNotFoundException.")


def test_events_are_logged_as_config_says_and_no_longer(there: World) -> None:
    configure(there, cloudtrail=EVERYTHING)
    cloudtrail = CloudTrail(there)

    plan = there.plan()
    put_back(there)

    assert planned(plan) == [f"update {TRAIL}"]
    assert set(after(plan, TRAIL)) == {"events", "insights"}
    names = {one["Name"]: one["FieldSelectors"] for one in cloudtrail.selectors()}
    assert names["Management events selector"][1] == {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}
    assert names["Data events of AWS::S3::Object"][2] == {"Field": "readOnly", "Equals": ["false"]}
    assert len(names["Data events of AWS::Lambda::Function"]) == 2
    assert names["One table"][2]["StartsWith"] == ["arn:aws:dynamodb:eu-west-1:1:table/one"]
    found = cloudtrail.api.get_insight_selectors(TrailName=NAME)["InsightSelectors"]
    assert [one["InsightType"] for one in found] == ["ApiCallRateInsight", "ApiErrorRateInsight"]

    configure(there)
    plan = there.plan()
    assert planned(plan) == [f"update {TRAIL}"]
    put_back(there)
    assert cloudtrail.selectors() == [ALL_MANAGEMENT_EVENTS]
    assert cloudtrail.trail()["HasInsightSelectors"] is False


def test_without_cloudwatch_logs_there_is_no_key_no_role_and_no_log_group(bare: World) -> None:
    configure(bare, cloudtrail={"cloudwatch_logs": {"enabled": False}})

    bare.build()

    assert logs(bare).describe_log_groups()["logGroups"] == []
    assert "CloudWatchLogsLogGroupArn" not in CloudTrail(bare).trail()
    aliases = bare.client("kms", MANAGEMENT, HOME).list_aliases()["Aliases"]
    assert [one["AliasName"] for one in aliases if "sra" in one["AliasName"]] == []
    assert bare.plan().empty


def test_cloudwatch_logs_that_are_no_longer_wanted_get_no_more_events(there: World) -> None:
    configure(there, cloudtrail={"cloudwatch_logs": {"enabled": False}})

    plan = there.plan()
    put_back(there)

    assert after(plan, TRAIL) == {"log_group": None, "role": None}
    assert "CloudWatchLogsRoleArn" not in CloudTrail(there).trail()
    assert CloudTrail(there).group()["retentionInDays"] == 365


def test_a_trail_that_has_lost_its_organization_is_applied_to_it_anew(there: World) -> None:
    there.client("organizations").disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    member = CloudTrail(there, "network").api
    assert member.describe_trails()["trailList"] == []

    plan = there.plan()
    put_back(there)

    assert after(plan, TRAIL) == {"all_accounts": True}
    assert len(member.describe_trails()["trailList"]) == 1


def test_destroying_ends_the_logging_and_keeps_what_holds_logs(there: World) -> None:
    plan = there.plan(destroy=True)

    assert planned(plan) == [f"delete {TRAIL}", f"delete {WRITER}", f"delete {ADMINISTRATOR}"]
    assert [str(address) for address in part(plan, "cloudtrail").kept] == [LOG_GROUP]
    assert "ends the logging of the whole organization" in Step.irreversible
    assert clean(there.apply(plan))
    assert CloudTrail(there).api.describe_trails()["trailList"] == []
    assert CloudTrail(there).group()["logGroupName"] == GROUP
    assert there.plan(destroy=True).changes == ()


def test_a_selector_says_something_and_has_a_name_of_its_own() -> None:
    with pytest.raises(ValidationError, match="say what the field must be"):
        Step.Config.model_validate({"events": {"selectors": {"a": [{"field": "eventName"}]}}})
    taken = {"selectors": {"Management events selector": [{"field": "eventName", "equals": ["a"]}]}}
    with pytest.raises(ValidationError, match="another selector is called Management events selector"):
        Step.Config.model_validate({"events": taken})
