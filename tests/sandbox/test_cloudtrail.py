from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID as MANAGEMENT
from sra_bootstrap.sandbox.settings import Settings
from tests.sandbox.conftest import Aws, refusal

# Each test takes the same way over a socket, which those of other services show.
pytestmark = pytest.mark.parametrize("aws", ["in process"], indirect=True)

HOME, OTHER = "eu-west-1", "us-east-1"
PRINCIPAL = "cloudtrail.amazonaws.com"
BUCKET, GROUP, ROLE = "logs-of-the-trail", "trail", "to-logs"
ARN = f"arn:aws:cloudtrail:{HOME}:{MANAGEMENT}:trail/all"
GROUP_ARN = f"arn:aws:logs:{HOME}:{MANAGEMENT}:log-group:{GROUP}"
ROLE_ARN = f"arn:aws:iam::{MANAGEMENT}:role/{ROLE}"
WRONG_ACCOUNT = "CloudTrailARNInvalidException"
NOT_MANAGEMENT = "NotOrganizationMasterAccountException"


@dataclass
class Company:
    """An organization with the accounts audit and log, and a bucket in the latter."""

    aws: Aws
    audit: str
    log: str
    organization_id: str

    def trail(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("cloudtrail", region, account)

    def admit(self, *prefixes: str, arn: str = ARN, denied: dict[str, Any] | None = None) -> None:
        """Let CloudTrail put log files below these prefixes of the bucket."""
        bucket, who = f"arn:aws:s3:::{BUCKET}", {"Service": PRINCIPAL}
        source = {"aws:SourceArn": arn}
        acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
        statements: list[dict[str, Any]] = [
            {"Effect": "Allow", "Principal": who, "Action": "s3:GetBucketAcl", "Resource": bucket}
            | {"Condition": {"StringEquals": source}},
            {"Effect": "Allow", "Principal": who, "Action": "s3:PutObject"}
            | {"Resource": [f"{bucket}/{prefix}*" for prefix in prefixes]}
            | {"Condition": {"StringEquals": {**source, **acl}}},
        ]
        if denied is not None:
            statements.append(
                {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"{bucket}/*"}
                | {"Condition": denied}
            )
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.aws.client("s3", HOME, self.log).put_bucket_policy(Bucket=BUCKET, Policy=policy)

    def admit_all(self, **more: Any) -> None:
        self.admit(f"AWSLogs/{MANAGEMENT}/", f"AWSLogs/{self.organization_id}/", **more)

    def trust(self) -> None:
        """Enable trusted access, and wait until CloudTrail knows of it."""
        self.aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
        self.aws.clock.wait(self.aws.settings.cloudtrail_access_seconds)

    def create(self, **settings: Any) -> dict[str, Any]:
        """Create the organization's trail."""
        wanted = {"Name": "all", "S3BucketName": BUCKET, "IsOrganizationTrail": True, "IsMultiRegionTrail": True}
        answer: dict[str, Any] = self.trail().create_trail(**wanted | settings)
        return answer

    def delegate(self) -> None:
        self.trail().register_organization_delegated_admin(MemberAccountId=self.audit)
        self.aws.clock.wait(self.aws.settings.delegation_seconds)

    def key(self, *statements: dict[str, Any], region: str = HOME) -> str:
        """A key in the audit account, for which CloudTrail is let in as these statements say."""
        own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{self.audit}:root"}, "Action": "kms:*"}
        policy = {"Version": "2012-10-17", "Statement": [{**own, "Resource": "*"}, *statements]}
        answer = self.aws.client("kms", region, self.audit).create_key(Policy=json.dumps(policy))
        return str(answer["KeyMetadata"]["Arn"])

    def role(self, principal: str = PRINCIPAL, streams: tuple[str, ...] = ("*",)) -> None:
        """The role with which CloudTrail writes to the log group, of which it does not know at once."""
        trust = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
        iam = self.aws.client("iam")
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(_policy(trust)))
        may = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"]}
        resources = [f"{GROUP_ARN}:log-stream:{stream}" for stream in streams]
        document = json.dumps(_policy({**may, "Resource": resources}))
        iam.put_role_policy(RoleName=ROLE, PolicyName="write", PolicyDocument=document)

    def objects(self) -> list[str]:
        found = self.aws.client("s3", HOME, self.log).list_objects_v2(Bucket=BUCKET)
        return [one["Key"] for one in found.get("Contents", [])]


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def uses(action: str, **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": action}
    return {**statement, "Resource": "*", **({"Condition": condition} if condition else {})}


ENCRYPTS = uses("kms:GenerateDataKey*", StringEquals={"kms:EncryptionContext:aws:cloudtrail:arn": ARN})
DESCRIBES = uses("kms:DescribeKey", StringEquals={"aws:SourceArn": ARN})


@pytest.fixture
def company(aws: Aws) -> Company:
    aws.found_organization()
    audit, log = (aws.add_account(name) for name in ("audit", "log"))
    organization_id = aws.client("organizations").describe_organization()["Organization"]["Id"]
    aws.client("s3", HOME, log).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HOME})
    return Company(aws, audit, log, organization_id)


@pytest.fixture
def trusted(company: Company) -> Company:
    company.trust()
    company.admit_all()
    return company


@pytest.fixture
def logging(trusted: Company) -> Company:
    trusted.create()
    trusted.trail().start_logging(Name="all")
    return trusted


def test_an_organization_trail_needs_an_organization_that_trusts_cloudtrail(company: Company) -> None:
    company.admit_all()

    assert refusal(company.create)[0] == "CloudTrailAccessNotEnabledException"
    company.aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    assert refusal(company.create)[0] == "CloudTrailAccessNotEnabledException"
    company.aws.clock.wait(Settings().cloudtrail_access_seconds)
    assert company.create()["TrailARN"] == ARN


def test_outside_of_an_organization_there_is_no_organization_trail(aws: Aws) -> None:
    trail = aws.client("cloudtrail")

    wanted = {"Name": "all", "S3BucketName": BUCKET, "IsOrganizationTrail": True}
    assert refusal(trail.create_trail, **wanted)[0] == "OrganizationsNotInUseException"
    code = refusal(trail.register_organization_delegated_admin, MemberAccountId="1" * 12)[0]
    assert code == "OrganizationsNotInUseException"


def test_the_bucket_must_be_there_and_let_cloudtrail_into_both_folders(trusted: Company) -> None:
    own, organizations = f"AWSLogs/{MANAGEMENT}/", f"AWSLogs/{trusted.organization_id}/"

    assert refusal(trusted.create, S3BucketName="nobodys-bucket")[0] == "S3BucketDoesNotExistException"
    for prefixes in ((own,), (organizations,)):
        trusted.admit(*prefixes)
        assert refusal(trusted.create)[0] == "InsufficientS3BucketPolicyException"
    trusted.admit(own, organizations, arn=ARN + "-other")
    assert refusal(trusted.create)[0] == "InsufficientS3BucketPolicyException"
    trusted.admit(own)
    trusted.create(IsOrganizationTrail=False)


def test_a_bucket_that_denies_what_names_no_key_lets_no_trail_be_made(trusted: Company) -> None:
    key = trusted.key(ENCRYPTS, DESCRIBES)
    header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    another = {"StringNotEquals": {header: key}}

    trusted.admit_all(denied=another)
    assert refusal(trusted.create, KmsKeyId=key)[0] == "InsufficientS3BucketPolicyException"

    trusted.admit_all(denied={**another, "Null": {header: "false"}})
    assert trusted.create(KmsKeyId=key)["KmsKeyId"] == key


def test_the_key_must_let_cloudtrail_encrypt_in_the_region_of_the_bucket(trusted: Company) -> None:
    for statements in ((ENCRYPTS,), (DESCRIBES,)):
        assert refusal(trusted.create, KmsKeyId=trusted.key(*statements))[0] == "InsufficientEncryptionPolicyException"
    elsewhere = trusted.key(ENCRYPTS, DESCRIBES, region=OTHER)
    assert refusal(trusted.create, KmsKeyId=elsewhere)[0] == "KmsKeyNotFoundException"
    key = trusted.key(ENCRYPTS, DESCRIBES)
    kms = trusted.aws.client("kms", HOME, trusted.audit)
    kms.create_alias(AliasName="alias/trail", TargetKeyId=key)
    assert trusted.create(KmsKeyId=f"arn:aws:kms:{HOME}:{trusted.audit}:alias/trail")["KmsKeyId"] == key

    kms.schedule_key_deletion(KeyId=key.rpartition("/")[2], PendingWindowInDays=7)

    update = trusted.trail().update_trail
    assert refusal(update, Name="all", EnableLogFileValidation=True)[0] == "KmsKeyNotFoundException"
    assert "KmsKeyId" not in update(Name="all", KmsKeyId="")


def test_the_log_group_needs_a_role_that_cloudtrail_can_assume_and_write_with(trusted: Company) -> None:
    group, role = {"CloudWatchLogsLogGroupArn": f"{GROUP_ARN}:*"}, {"CloudWatchLogsRoleArn": ROLE_ARN}
    bad_group, bad_role = "InvalidCloudWatchLogsLogGroupArnException", "InvalidCloudWatchLogsRoleArnException"

    assert refusal(trusted.create, **group)[0] == bad_role
    assert refusal(trusted.create, **role)[0] == bad_group
    assert refusal(trusted.create, **role, CloudWatchLogsLogGroupArn=GROUP_ARN)[0] == bad_group
    assert refusal(trusted.create, **role, **group)[0] == bad_role
    trusted.role("ec2.amazonaws.com", (f"{MANAGEMENT}_CloudTrail_{HOME}*",))
    trusted.aws.clock.wait(trusted.aws.settings.new_role_seconds)
    assert refusal(trusted.create, **role, **group)[0] == bad_role
    iam = trusted.aws.client("iam")
    trust = _policy({"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(trust))
    trusted.aws.client("logs").create_log_group(logGroupName=GROUP)
    # It may write its own streams, and not those of the organization.
    assert refusal(trusted.create, **role, **group)[0] == bad_group
    iam.delete_role_policy(RoleName=ROLE, PolicyName="write")
    iam.delete_role(RoleName=ROLE)
    trusted.role()
    assert refusal(trusted.create, **role, **group)[0] == bad_role
    trusted.aws.clock.wait(trusted.aws.settings.new_role_seconds)
    assert trusted.create(**role, **group)["CloudWatchLogsRoleArn"] == ROLE_ARN


def test_a_name_is_taken_wherever_the_trail_shows(trusted: Company) -> None:
    trusted.create()

    assert refusal(trusted.create)[0] == "TrailAlreadyExistsException"
    there = trusted.trail(region=OTHER)
    assert refusal(there.create_trail, Name="all", S3BucketName=BUCKET)[0] == "InsufficientS3BucketPolicyException"
    trusted.admit(f"AWSLogs/{MANAGEMENT}/", arn=ARN.replace(HOME, OTHER))
    assert refusal(there.create_trail, Name="all", S3BucketName=BUCKET)[0] == "TrailAlreadyExistsException"
    for name in ("ab", "-abc", "a--b", "1.2.3.4", "a b"):
        assert refusal(trusted.create, Name=name)[0] == "InvalidTrailNameException"
    assert refusal(trusted.create, IncludeGlobalServiceEvents=False)[0] == "InvalidParameterCombinationException"


def test_a_trail_has_shadows_in_other_regions_and_is_changed_in_its_own(trusted: Company) -> None:
    trusted.create()
    there = trusted.trail(region=OTHER)

    assert [one["HomeRegion"] for one in there.describe_trails()["trailList"]] == [HOME]
    assert there.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert there.describe_trails(trailNameList=["all"])["trailList"] == []
    assert there.describe_trails(trailNameList=[ARN])["trailList"][0]["IsOrganizationTrail"] is True
    assert there.get_trail_status(Name=ARN)["IsLogging"] is False
    assert refusal(there.get_trail_status, Name="all")[0] == "TrailNotFoundException"
    for name in ("all", ARN):
        assert refusal(there.update_trail, Name=name)[0] == "InvalidHomeRegionException"
        assert refusal(there.start_logging, Name=name)[0] == "InvalidHomeRegionException"
    trusted.trail().update_trail(Name="all", IsMultiRegionTrail=False)
    assert there.describe_trails()["trailList"] == []
    assert [one["TrailARN"] for one in there.list_trails()["Trails"]] == [ARN]


def test_members_see_the_trail_and_cannot_change_it(logging: Company) -> None:
    member = logging.trail(logging.log)

    assert [one["TrailARN"] for one in member.describe_trails()["trailList"]] == [ARN]
    assert member.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert [one["TrailARN"] for one in member.list_trails()["Trails"]] == [ARN]
    assert member.get_trail(Name=ARN)["Trail"]["IsOrganizationTrail"] is True
    assert member.get_trail_status(Name=ARN)["IsLogging"] is True
    assert refusal(member.get_trail_status, Name="all")[0] == "TrailNotFoundException"
    for read in (member.get_event_selectors, member.get_insight_selectors):
        assert refusal(read, TrailName=ARN)[0] == WRONG_ACCOUNT
    assert refusal(member.list_tags, ResourceIdList=[ARN])[0] == WRONG_ACCOUNT
    for write in (member.stop_logging, member.delete_trail, member.update_trail):
        assert refusal(write, Name=ARN)[0] == NOT_MANAGEMENT
    wanted = {"Name": "own", "S3BucketName": BUCKET, "IsOrganizationTrail": True}
    assert refusal(member.create_trail, **wanted)[0] == NOT_MANAGEMENT
    roles = [one["RoleName"] for one in logging.aws.client("iam", HOME, logging.log).list_roles()["Roles"]]
    assert "AWSServiceRoleForCloudTrail" in roles


def test_an_administrator_changes_the_trail_by_its_arn_after_a_while(logging: Company) -> None:
    logging.trail().register_organization_delegated_admin(MemberAccountId=logging.audit)
    audit = logging.trail(logging.audit)
    assert refusal(audit.stop_logging, Name=ARN)[0] == NOT_MANAGEMENT
    logging.aws.clock.wait(logging.aws.settings.delegation_seconds)

    audit.stop_logging(Name=ARN)
    assert refusal(audit.start_logging, Name="all")[0] == "TrailNotFoundException"
    audit.update_trail(Name=ARN, EnableLogFileValidation=True)
    assert refusal(audit.update_trail, Name=ARN, IsOrganizationTrail=False)[0] == NOT_MANAGEMENT
    logging.admit_all(arn=ARN + "-2")
    made = audit.create_trail(Name="all-2", S3BucketName=BUCKET, IsOrganizationTrail=True)
    assert made["TrailARN"] == ARN + "-2"

    logging.trail().deregister_organization_delegated_admin(DelegatedAdminAccountId=logging.audit)
    assert len(logging.trail().describe_trails()["trailList"]) == 2
    assert refusal(audit.delete_trail, Name=ARN)[0] == NOT_MANAGEMENT


def test_the_management_account_delegates_to_three_members_at_most(trusted: Company) -> None:
    register = trusted.trail().register_organization_delegated_admin

    assert refusal(register, MemberAccountId=MANAGEMENT)[0] == "CannotDelegateManagementAccountException"
    assert refusal(register, MemberAccountId="9" * 12)[0] == "AccountNotFoundException"
    by_member = trusted.trail(trusted.audit).register_organization_delegated_admin
    assert refusal(by_member, MemberAccountId=trusted.log)[0] == "NotOrganizationManagementAccountException"
    deregister = trusted.trail().deregister_organization_delegated_admin
    assert refusal(deregister, DelegatedAdminAccountId=trusted.log)[0] == "AccountNotRegisteredException"
    for account in (trusted.audit, trusted.log, trusted.aws.add_account("third")):
        register(MemberAccountId=account)
    assert refusal(register, MemberAccountId=trusted.audit)[0] == "AccountRegisteredException"
    fourth = trusted.aws.add_account("fourth")
    assert refusal(register, MemberAccountId=fourth)[0] == "DelegatedAdminAccountLimitExceededException"
    role = trusted.aws.client("iam").get_role(RoleName="AWSServiceRoleForCloudTrail")["Role"]
    assert role["Path"] == f"/aws-service-role/{PRINCIPAL}/"


def test_without_trusted_access_the_trail_is_the_management_accounts_own_for_good(logging: Company) -> None:
    organizations = logging.aws.client("organizations")
    organizations.disable_aws_service_access(ServicePrincipal=PRINCIPAL)

    for _ in range(2):
        assert logging.trail(logging.log).describe_trails()["trailList"] == []
        assert logging.trail().get_trail(Name="all")["Trail"]["IsOrganizationTrail"] is False
        assert logging.trail().get_trail_status(Name="all")["IsLogging"] is True
        logging.trust()
    logging.trail().update_trail(Name="all", IsOrganizationTrail=True)
    assert len(logging.trail(logging.log).describe_trails()["trailList"]) == 1


def test_log_files_arrive_after_a_while_and_digests_every_hour(trusted: Company) -> None:
    trusted.create(EnableLogFileValidation=True, KmsKeyId=trusted.key(ENCRYPTS, DESCRIBES))
    trusted.trail().start_logging(Name="all")
    assert "LatestDeliveryTime" not in trusted.trail().get_trail_status(Name="all")
    trusted.aws.clock.wait(trusted.aws.settings.cloudtrail_delivery_seconds)

    assert "LatestDeliveryTime" in trusted.trail().get_trail_status(Name="all")
    folder = f"AWSLogs/{trusted.organization_id}/{MANAGEMENT}"
    assert [one.startswith(f"{folder}/CloudTrail/{HOME}/") for one in trusted.objects()] == [True]

    trusted.aws.clock.wait(3600)
    assert "LatestDigestDeliveryTime" in trusted.trail().get_trail_status(Name="all")
    assert sum(one.startswith(f"{folder}/CloudTrail-Digest/") for one in trusted.objects()) == 1


def test_what_cannot_be_delivered_is_told_in_the_status_until_it_can(trusted: Company) -> None:
    trusted.role()
    trusted.aws.clock.wait(trusted.aws.settings.new_role_seconds)
    trusted.aws.client("logs").create_log_group(logGroupName=GROUP)
    trusted.create(CloudWatchLogsLogGroupArn=f"{GROUP_ARN}:*", CloudWatchLogsRoleArn=ROLE_ARN)
    trusted.trail().start_logging(Name="all")

    def status() -> dict[str, Any]:
        trusted.aws.clock.wait(trusted.aws.settings.cloudtrail_delivery_seconds)
        answer: dict[str, Any] = trusted.trail().get_trail_status(Name="all")
        return {name: value for name, value in answer.items() if name.endswith("Error")}

    assert status() == {}
    streams = trusted.aws.client("logs").describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert [one["logStreamName"] for one in streams] == [f"{trusted.organization_id}_{MANAGEMENT}_CloudTrail_{HOME}"]
    trusted.admit("elsewhere/")
    trusted.aws.client("logs").delete_log_group(logGroupName=GROUP)
    assert status() == {
        "LatestDeliveryError": "AccessDenied",
        "LatestCloudWatchLogsDeliveryError": "ResourceNotFoundException",
    }
    trusted.admit_all()
    trusted.aws.client("logs").create_log_group(logGroupName=GROUP)
    assert status() == {}


def fields(category: str, **conditions: Any) -> dict[str, Any]:
    named = [{"Field": field.replace("_", "."), **condition} for field, condition in conditions.items()]
    return {"FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}, *named]}


def test_selectors_of_one_kind_take_the_place_of_those_of_the_other(trusted: Company) -> None:
    trusted.create()
    trail = trusted.trail()
    default = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
    assert trail.get_event_selectors(TrailName="all")["EventSelectors"] == [default]
    assert trail.get_trail(Name="all")["Trail"]["HasCustomEventSelectors"] is False

    advanced = [fields("Management"), fields("Data", resources_type={"Equals": ["AWS::S3::Object"]})]
    trail.put_event_selectors(TrailName="all", AdvancedEventSelectors=advanced)

    answer = trail.get_event_selectors(TrailName="all")
    assert answer["AdvancedEventSelectors"] == advanced
    assert "EventSelectors" not in answer
    assert trail.get_trail(Name="all")["Trail"]["HasCustomEventSelectors"] is True
    trail.put_event_selectors(TrailName="all", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    answer = trail.get_event_selectors(TrailName="all")
    assert answer["EventSelectors"] == [{**default, "ReadWriteType": "WriteOnly"}]
    assert "AdvancedEventSelectors" not in answer


KMS = ["kms.amazonaws.com"]
BAD: dict[str, Callable[[], dict[str, Any]]] = {
    "neither kind": dict,
    "six basic ones": lambda: {"EventSelectors": [{}] * 6},
    "a new type": lambda: {
        "EventSelectors": [{"DataResources": [{"Type": "AWS::SNS::Topic", "Values": ["arn:aws:sns"]}]}]
    },
    "another source": lambda: {"EventSelectors": [{"ExcludeManagementEventSources": ["s3.amazonaws.com"]}]},
    "no category": lambda: {
        "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}]
    },
    "no type": lambda: {"AdvancedEventSelectors": [fields("Data")]},
    "two types": lambda: {"AdvancedEventSelectors": [fields("Data", resources_type={"Equals": ["a", "b"]})]},
    "a field of others": lambda: {"AdvancedEventSelectors": [fields("Management", errorCode={"Equals": ["x"]})]},
    "only one source": lambda: {"AdvancedEventSelectors": [fields("Management", eventSource={"Equals": KMS})]},
    "too many values": lambda: {
        "AdvancedEventSelectors": [
            fields("Data", resources_type={"Equals": ["t"]}, eventName={"Equals": [str(n) for n in range(500)]})
        ]
    },
}


def test_selectors_that_are_not_valid_are_refused(trusted: Company) -> None:
    trusted.create()

    for what, wanted in BAD.items():
        code = refusal(trusted.trail().put_event_selectors, TrailName="all", **wanted())[0]
        assert code == "InvalidEventSelectorsException", what


def test_insights_need_the_management_events_that_they_analyze(trusted: Company) -> None:
    trusted.create()
    trail = trusted.trail()
    assert refusal(trail.get_insight_selectors, TrailName="all")[0] == "InsightNotEnabledException"

    wanted = [{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]
    trail.put_insight_selectors(TrailName="all", InsightSelectors=wanted)

    found = trail.get_insight_selectors(TrailName="all")["InsightSelectors"]
    assert [one["InsightType"] for one in found] == ["ApiCallRateInsight", "ApiErrorRateInsight"]
    assert trail.describe_trails()["trailList"][0]["HasInsightSelectors"] is True
    trail.put_insight_selectors(TrailName="all", InsightSelectors=[])
    assert refusal(trail.get_insight_selectors, TrailName="all")[0] == "InsightNotEnabledException"
    reads = [fields("Management", readOnly={"Equals": ["true"]})]
    trail.put_event_selectors(TrailName="all", AdvancedEventSelectors=reads)
    put = trail.put_insight_selectors
    assert refusal(put, TrailName="all", InsightSelectors=wanted)[0] == "InvalidInsightSelectorsException"
    put(TrailName="all", InsightSelectors=wanted[1:])


def test_tags_and_events(trusted: Company) -> None:
    trusted.create(TagsList=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    trail = trusted.trail()
    trail.add_tags(ResourceId=ARN, TagsList=[{"Key": "a", "Value": "3"}])
    trail.remove_tags(ResourceId=ARN, TagsList=[{"Key": "b"}])

    tags = trail.list_tags(ResourceIdList=[ARN])["ResourceTagList"]
    assert tags == [{"ResourceId": ARN, "TagsList": [{"Key": "a", "Value": "3"}]}]
    many = [{"Key": str(number), "Value": "x"} for number in range(51)]
    assert refusal(trail.add_tags, ResourceId=ARN, TagsList=many)[0] == "TagsLimitExceededException"
    assert trail.lookup_events(EventCategory="insight")["Events"] == []
    assert refusal(trail.lookup_events)[0] == "SandboxNotImplemented"
    trail.delete_trail(Name="all")
    assert trail.describe_trails()["trailList"] == []
    assert refusal(trail.delete_trail, Name="all")[0] == "TrailNotFoundException"
