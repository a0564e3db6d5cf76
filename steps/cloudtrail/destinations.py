"""Where the trail's log files go, and what the policies on the way say: the bucket, the keys and the role."""

from __future__ import annotations

from collections.abc import Mapping

from sra_bootstrap.org import Org
from sra_bootstrap.values import filled
from steps.common.buckets import Bucket
from steps.common.keys import Key
from steps.common.roles import Role
from steps.common.statements import Conditions, Statement, Text, allow

_CLOUDTRAIL = {"Service": ["cloudtrail.amazonaws.com"]}
_CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"


def trail_arn(org: Org) -> str:
    """The ARN of the trail, which is the same in every account."""
    name = org.sections["cloudtrail"].name
    return f"arn:{org.partition}:cloudtrail:{org.home_region}:{org.management_id}:trail/{name}"


def _for_the_trail(org: Org) -> Conditions:
    """That CloudTrail asks on behalf of this trail, and of no other, whosever it is."""
    return {"StringEquals": {"aws:SourceArn": [trail_arn(org)]}}


def _on_key(org: Org, region: str) -> Mapping[str, Statement]:  # noqa: ARG001 (there is one, in the home region)
    """What CloudTrail may do with the key, and that who reads the log archive may decrypt what it has encrypted.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html. Of the bucket,
    which has an S3 Bucket Key, CloudTrail also decrypts.
    """
    ours = _for_the_trail(org)
    trails = f"arn:{org.partition}:cloudtrail:*:{org.management_id}:trail/*"
    archive = filled("arn:{}:iam::{}:root", org.partition, org.id_of(org.log_archive))
    return {
        "CloudTrailEncrypts": allow(
            _CLOUDTRAIL, ["kms:GenerateDataKey*"], ["*"], {**ours, "StringLike": {_CONTEXT: [trails]}}
        ),
        "CloudTrailDecrypts": allow(_CLOUDTRAIL, ["kms:Decrypt"], ["*"], ours),
        "CloudTrailDescribes": allow(_CLOUDTRAIL, ["kms:DescribeKey"], ["*"], ours),
        "LogArchiveDecrypts": allow({"AWS": [archive]}, ["kms:Decrypt"], ["*"], {"Null": {_CONTEXT: ["false"]}}),
    }


def _on_bucket(org: Org, arn: Text) -> Mapping[str, Statement]:
    """Where in the bucket CloudTrail may write: the folders of the management account and of the organization.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-an-organizational-trail-by-using-the-aws-cli.html.
    It needs both: https://github.com/natsukium/dotfiles/pull/715.
    """
    ours = _for_the_trail(org)
    folders = [filled("{}/AWSLogs/{}/*", arn, owner) for owner in (org.management_id, org.id)]
    own = {"s3:x-amz-acl": ["bucket-owner-full-control"]}
    return {
        "CloudTrailChecksAcl": allow(_CLOUDTRAIL, ["s3:GetBucketAcl"], [arn], ours),
        "CloudTrailWrites": allow(
            _CLOUDTRAIL, ["s3:PutObject"], folders, {"StringEquals": {**ours["StringEquals"], **own}}
        ),
    }


KEY = Key("cloudtrail", "security_tooling", _on_key)
# That objects may be locked by default: https://github.com/cloudposse/terraform-aws-cloudtrail-s3-bucket/pull/111
BUCKET = Bucket("cloudtrail", _on_bucket, key=KEY, object_lock=True)


def _log_group_arn(org: Org) -> str:
    name = org.sections["cloudtrail"].cloudwatch_logs.log_group
    return f"arn:{org.partition}:logs:{org.home_region}:{org.management_id}:log-group:{name}"


def log_group_arn(org: Org) -> str:
    """The ARN of the log group as CloudTrail wants it: with what stands for its streams."""
    return f"{_log_group_arn(org)}:*"


def _on_log_key(org: Org, region: str) -> Mapping[str, Statement]:
    """What CloudWatch Logs may do with the key: for this log group, and no other.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    suffix = "amazonaws.com.cn" if org.partition == "aws-cn" else "amazonaws.com"
    actions = ("Encrypt*", "Decrypt*", "ReEncrypt*", "GenerateDataKey*", "Describe*")
    group = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": [_log_group_arn(org)]}}
    service = {"Service": [f"logs.{region}.{suffix}"]}
    return {"CloudWatchLogsEncrypts": allow(service, [f"kms:{action}" for action in actions], ["*"], group)}


LOG_KEY = Key("cloudtrail-logs", "management", _on_log_key)


def role(org: Org) -> Role:
    """The role by which CloudTrail writes to the log group.

    "The role policy doesn't support the use of aws:SourceArn and aws:SourceAccount":
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    """
    streams = f"{_log_group_arn(org)}:log-stream:"
    own = f"{streams}{org.management_id}_CloudTrail_{org.home_region}*"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return Role(
        org.sections["cloudtrail"].cloudwatch_logs.role,
        {"CloudTrailAssumes": allow(_CLOUDTRAIL, ["sts:AssumeRole"], ())},
        inline={"log-events": {"CloudTrailWrites": allow({}, actions, [own, filled("{}{}_*", streams, org.id)])}},
    )


def role_arn(org: Org) -> str:
    """The ARN of that role."""
    return f"arn:{org.partition}:iam::{org.management_id}:role/{role(org).name}"
