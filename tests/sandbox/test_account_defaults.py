"""What an account sets for itself in EC2, S3 and IAM, and what the organization's policies set for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
DECLARED = {
    "snapshot_block_public_access": {"state": {"@@assign": "block_new_sharing"}},
    "image_block_public_access": {"state": {"@@assign": "unblocked"}},
    "serial_console_access": {"status": {"@@assign": "enabled"}},
    "instance_metadata_defaults": {
        "http_tokens": {"@@assign": "required"},
        "http_put_response_hop_limit": {"@@assign": "4"},
        "http_endpoint": {"@@assign": "no_preference"},
    },
    "vpc_block_public_access": {
        "internet_gateway_block": {
            "mode": {"@@assign": "block_ingress"},
            "exclusions_allowed": {"@@assign": "disabled"},
        }
    },
}


@pytest.fixture
def ec2(aws: Aws) -> Any:
    return aws.client("ec2")


@pytest.fixture
def s3control(aws: Aws) -> Any:
    """S3 Control, as whoever has only the address of a server must call it."""
    client = aws.client("s3control")

    def no_account_before_an_address(request: Any, **_: Any) -> None:
        request.url = request.url.replace(f"{MANAGEMENT_ACCOUNT_ID}.127", "127")

    client.meta.events.register("before-sign.s3-control", no_account_before_an_address)
    return client


def attach(aws: Aws, policy_type: str, document: dict[str, Any]) -> None:
    """Attach a policy to the root of a new organization."""
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    organizations.enable_policy_type(RootId=root_id, PolicyType=policy_type)
    aws.clock.wait(aws.settings.policy_type_seconds)
    content = json.dumps(document)
    policy = organizations.create_policy(Name="theirs", Description="", Type=policy_type, Content=content)
    organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=root_id)


def test_volumes_are_encrypted_by_default_with_the_key_of_the_account(aws: Aws, ec2: Any) -> None:
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    ec2.enable_ebs_encryption_by_default()
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/volumes", TargetKeyId=key["KeyId"])
    ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/volumes")

    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == key["Arn"]
    assert aws.client("ec2", "us-east-1").get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert refusal(ec2.modify_ebs_default_kms_key_id, KmsKeyId="alias/none")[0] == "InvalidParameterValue"
    assert ec2.reset_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    ec2.disable_ebs_encryption_by_default()
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False


def test_an_account_sets_what_no_policy_declares(aws: Aws, ec2: Any) -> None:
    metadata = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
    assert ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]["State"] == "default-state"

    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    ec2.disable_image_block_public_access()
    ec2.modify_instance_metadata_defaults(**metadata)
    ec2.enable_serial_console_access()
    options = ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")

    assert options["VpcBlockPublicAccessOptions"]["State"] == "update-in-progress"
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    aws.clock.wait(aws.settings.ec2_block_seconds)
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert (options["State"], options["InternetGatewayBlockMode"]) == ("update-complete", "block-bidirectional")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {**metadata, "ManagedBy": "account"}
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"] == []
    assert refusal(ec2.enable_snapshot_block_public_access, State="unblocked")[0] == "InvalidParameterValue"
    assert refusal(ec2.modify_instance_metadata_defaults, HttpPutResponseHopLimit=65)[0] == "InvalidParameterValue"
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}


def test_what_a_policy_declares_no_account_can_change(aws: Aws, ec2: Any) -> None:
    attach(aws, "DECLARATIVE_POLICY_EC2", {"ec2_attributes": DECLARED})
    by_policy = {"ManagedBy": "declarative-policy"}

    snapshots = ec2.get_snapshot_block_public_access_state()
    images = ec2.get_image_block_public_access_state()
    console = ec2.get_serial_console_access_status()
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]

    assert by_policy.items() <= snapshots.items() & images.items() & console.items() & options.items()
    assert (snapshots["State"], images["ImageBlockPublicAccessState"]) == ("block-new-sharing", "unblocked")
    assert console["SerialConsoleAccessEnabled"] is True
    assert (options["InternetGatewayBlockMode"], options["ExclusionsAllowed"]) == ("block-ingress", "not-allowed")
    metadata = ec2.get_instance_metadata_defaults()["AccountLevel"]
    assert metadata == {"HttpTokens": "required", "HttpPutResponseHopLimit": 4, **by_policy}
    for call, parameters in (
        (ec2.enable_snapshot_block_public_access, {"State": "block-all-sharing"}),
        (ec2.enable_image_block_public_access, {"ImageBlockPublicAccessState": "block-new-sharing"}),
        (ec2.disable_serial_console_access, {}),
        (ec2.modify_instance_metadata_defaults, {"HttpTokens": "optional"}),
        (ec2.modify_vpc_block_public_access_options, {"InternetGatewayBlockMode": "off"}),
    ):
        assert refusal(call, **parameters)[0] == "DeclarativePolicyViolation"


def test_a_default_vpc_has_a_gateway_and_is_deleted_when_it_is_empty(ec2: Any) -> None:
    vpc_id = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    [gateway] = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc_id]}])[
        "InternetGateways"
    ]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]]
    interface = ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]["NetworkInterfaceId"]

    assert refusal(ec2.delete_subnet, SubnetId=subnets[0])[0] == "DependencyViolation"
    ec2.delete_network_interface(NetworkInterfaceId=interface)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    assert refusal(ec2.delete_vpc, VpcId=vpc_id)[0] == "DependencyViolation"
    ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc_id)
    group = ec2.create_security_group(GroupName="theirs", Description="theirs", VpcId=vpc_id)["GroupId"]
    assert refusal(ec2.delete_vpc, VpcId=vpc_id)[0] == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc_id)
    assert ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"] == []


def test_an_account_blocks_public_access_to_its_buckets(s3control: Any) -> None:
    mine = {"AccountId": MANAGEMENT_ACCOUNT_ID}
    assert refusal(s3control.get_public_access_block, **mine)[0] == "NoSuchPublicAccessBlockConfiguration"

    s3control.put_public_access_block(PublicAccessBlockConfiguration={"BlockPublicAcls": True}, **mine)

    found = s3control.get_public_access_block(**mine)["PublicAccessBlockConfiguration"]
    assert found == {**dict.fromkeys(BLOCKED, False), "BlockPublicAcls": True}


@pytest.mark.parametrize(("said", "blocked"), [("all", True), ("none", False)])
def test_an_s3_policy_holds_instead_of_what_an_account_has_set(
    aws: Aws, s3control: Any, said: str, blocked: bool
) -> None:
    mine = {"AccountId": MANAGEMENT_ACCOUNT_ID}
    own = dict.fromkeys(BLOCKED, not blocked)
    s3control.put_public_access_block(PublicAccessBlockConfiguration=own, **mine)
    attach(aws, "S3_POLICY", {"s3_attributes": {"public_access_block_configuration": {"@@assign": said}}})

    found = s3control.get_public_access_block(**mine)["PublicAccessBlockConfiguration"]

    assert found == dict.fromkeys(BLOCKED, blocked)
    assert refusal(s3control.put_public_access_block, PublicAccessBlockConfiguration=own, **mine)[0] == "AccessDenied"
    assert refusal(s3control.delete_public_access_block, **mine)[0] == "AccessDenied"


def test_a_password_policy_says_what_it_limits(aws: Aws) -> None:
    iam = aws.client("iam")
    assert refusal(iam.get_account_password_policy)[0] == "NoSuchEntity"
    iam.update_account_password_policy(MinimumPasswordLength=14)

    policy = iam.get_account_password_policy()["PasswordPolicy"]

    assert policy["MinimumPasswordLength"] == 14
    assert policy["ExpirePasswords"] is False
    assert not policy.keys() & {"MaxPasswordAge", "PasswordReusePrevention"}
    iam.update_account_password_policy(MaxPasswordAge=90, PasswordReusePrevention=24)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["ExpirePasswords"], policy["MaxPasswordAge"], policy["PasswordReusePrevention"]) == (True, 90, 24)
    assert policy["MinimumPasswordLength"] == 6


def test_no_more_regions_are_enabled_at_a_time_than_aws_takes(aws: Aws) -> None:
    account = aws.client("account")
    opt_in = account.list_regions(RegionOptStatusContains=["DISABLED"])["Regions"]
    names = [region["RegionName"] for region in opt_in][:7]
    for name in names[:6]:
        account.enable_region(RegionName=name)

    assert refusal(account.enable_region, RegionName=names[6])[0] == "TooManyRequestsException"
    aws.clock.wait(aws.settings.region_seconds)
    account.enable_region(RegionName=names[6])
