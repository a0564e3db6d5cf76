"""AWS CloudTrail: what it checks of the bucket, the key and the topic of a trail when it is created or updated."""

from __future__ import annotations

from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

from sra_bootstrap.sandbox import delivery, membership
from sra_bootstrap.sandbox.delivery import NoBucketError, NoKeyError, RefusedError, Sender
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.cloudtrail import PRINCIPAL, Trail


def sender_of(trail: Trail) -> Sender:
    """Whose requests those for a trail are: in its organization's members too, the owner's.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    return Sender(PRINCIPAL, trail.account_id, trail.arn)


def folders(trail: Trail) -> list[str]:
    """Where in the bucket the trail's files go, of an organization's first those of the organization.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
    """
    prefix = f"{trail.settings['S3KeyPrefix']}/" if trail.settings.get("S3KeyPrefix") else ""
    own = f"{prefix}AWSLogs/{trail.account_id}/"
    if not trail.of_organization:
        return [own]
    backend: Any = membership.organization_of(trail.account_id)
    return [f"{prefix}AWSLogs/{backend.org.id}/{trail.account_id}/", own]


def check_destinations(call: Call, trail: Trail) -> None:
    """Ask for what the trail will need of its bucket, its key and its topic.

    An organization's trail must be let into the management account's folder too:
    https://github.com/natsukium/dotfiles/pull/715, and into the organization's: https://github.com/aws/aws-cdk/issues/22267.
    The requests that this is tried with name no key, so a policy that denies those lets no trail be made: "These
    statements prevent creating the Org Trail", says
    https://github.com/aws-samples/aws-security-reference-architecture-examples.

    Raises:
        AwsFault: something is not there, or does not let CloudTrail in.
    """
    sender, bucket = sender_of(trail), trail.settings["S3BucketName"]
    try:
        delivery.may(sender, "s3:GetBucketAcl", bucket)
        for folder in folders(trail):
            acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
            delivery.may(sender, "s3:PutObject", bucket, f"{folder}CloudTrail/", **acl)
    except NoBucketError:
        raise AwsFault("S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!") from None
    except RefusedError:
        # The text: https://github.com/awsdocs/aws-cloudtrail-user-guide/issues/24
        text = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
        raise AwsFault("InsufficientS3BucketPolicyException", text) from None
    if "KmsKeyId" in trail.settings:
        _check_key(call, trail, sender)
    if "SnsTopicARN" in trail.settings:
        _check_topic(trail.settings["SnsTopicARN"])


def _check_key(call: Call, trail: Trail, sender: Sender) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html.

    The key must be in the region of the bucket. What the answer says of a key that is disabled is guessed.

    Raises:
        AwsFault: the key cannot be used.
    """
    bucket, named = trail.settings["S3BucketName"], trail.settings["KmsKeyId"]
    partition, owner = s3_backends.bucket_accounts[bucket]
    region = s3_backends[owner][partition].buckets[bucket].region_name
    arn = _key_arn(call, named, region)
    text = f"KMS key {named} is not there, cannot be used, or is not in the region of the bucket {bucket}."
    absent = AwsFault("KmsKeyNotFoundException", text)
    if f":kms:{region}:" not in arn:
        raise absent
    try:
        delivery.use(sender, arn, "kms:DescribeKey")
        delivery.use(sender, arn, "kms:GenerateDataKey", {"aws:cloudtrail:arn": trail.arn})
    except NoKeyError:
        raise absent from None
    except RefusedError:
        # The text: https://github.com/trussworks/terraform-aws-cloudtrail/issues/186
        text = f"Insufficient permissions to access S3 bucket {bucket} or KMS key {named}."
        raise AwsFault("InsufficientEncryptionPolicyException", text) from None
    trail.settings["KmsKeyId"] = arn


def _key_arn(call: Call, named: str, region: str) -> str:
    """The ARN of a key that goes by its id, an alias, or the ARN of either."""
    parts = named.split(":") if named.startswith("arn:") else []
    account_id, where = (parts[4], parts[3]) if parts else (call.account_id, region)
    own = parts[5] if parts else named if named.startswith("alias/") else f"key/{named}"
    backend = kms_backends[account_id][where]
    key_id = backend.get_key_id_from_alias(own) if own.startswith("alias/") else own.removeprefix("key/")
    return f"arn:{call.partition}:kms:{where}:{account_id}:key/{key_id}"


def topic_arn(call: Call, named: str) -> str:
    """The ARN of a topic that goes by its name or its ARN."""
    return named if named.startswith("arn:") else f"arn:{call.partition}:sns:{call.region}:{call.account_id}:{named}"


def _check_topic(arn: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html.

    Of its policy the sandbox knows nothing.

    Raises:
        AwsFault: there is no such topic.
    """
    _, _, _, region, account_id, _ = arn.split(":", 5)
    if arn not in sns_backends[account_id][region].topics:
        text = "SNS Topic does not exist or the topic policy is incorrect!"
        raise AwsFault("InsufficientSnsTopicPolicyException", text)
