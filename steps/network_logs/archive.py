"""Where the logs of networks are kept, and who may put them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sra_bootstrap.org import Org
from sra_bootstrap.values import filled
from steps.common.buckets import Bucket
from steps.common.keys import Key
from steps.common.statements import Conditions, Statement, Text, allow

_DELIVERY = {"Service": ["delivery.logs.amazonaws.com"]}


def accounts(org: Org) -> Sequence[str]:
    """The logical names of the accounts whose networks are logged."""
    return tuple(dict.fromkeys(org.sections["network_logs"].accounts)) or (org.network,)


def _for_us(org: Org) -> Conditions:
    """That logs are delivered for our accounts: against the confused deputy."""
    ids = [org.id_of(account) for account in accounts(org)]
    arns = [filled("arn:{}:logs:*:{}:*", org.partition, account_id) for account_id in ids]
    return {"StringEquals": {"aws:SourceAccount": ids}, "ArnLike": {"aws:SourceArn": arns}}


def _on_bucket(org: Org, arn: Text, place: str) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html.

    Without the condition on an ACL: where there are none, as in our buckets, the service is said to send none.
    https://github.com/cloudposse/terraform-aws-vpc-flow-logs-s3-bucket/pull/101
    """
    objects = [filled(place, arn, org.id_of(account)) for account in accounts(org)]
    return {
        "SraLogDeliveryChecks": allow(_DELIVERY, ["s3:GetBucketAcl", "s3:ListBucket"], [arn], _for_us(org)),
        "SraLogDelivery": allow(_DELIVERY, ["s3:PutObject"], objects, _for_us(org)),
    }


def _on_bucket_of_flow_logs(org: Org, arn: Text) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html."""
    hive = org.sections["network_logs"].flow_logs.hive_partitions
    return _on_bucket(org, arn, "{}/AWSLogs/aws-account-id={}/*" if hive else "{}/AWSLogs/{}/*")


def _on_bucket_of_queries(org: Org, arn: Text) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-choosing-target-resource.html."""
    return _on_bucket(org, arn, "{}/AWSLogs/{}/*")


def _on_key(org: Org, _: str) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html."""
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    archive = filled("arn:{}:iam::{}:root", org.partition, org.id_of(org.log_archive))
    return {
        "SraLogDelivery": allow(_DELIVERY, actions, ["*"], _for_us(org)),
        "SraLogArchiveReads": allow({"AWS": [archive]}, ["kms:Decrypt"], ["*"]),
    }


FLOW_LOGS_KEY = Key("flow-logs", "security_tooling", _on_key)
QUERIES_KEY = Key("resolver-queries", "security_tooling", _on_key)
# Of what delivers these logs no page says that it sends the checksum that S3 asks for under a default retention.
FLOW_LOGS_BUCKET = Bucket("flow-logs", _on_bucket_of_flow_logs, key=FLOW_LOGS_KEY, object_lock=False)
QUERIES_BUCKET = Bucket("resolver-queries", _on_bucket_of_queries, key=QUERIES_KEY, object_lock=False)
