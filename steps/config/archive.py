"""Where AWS Config delivers to: a bucket in the log archive account, and the key that encrypts what is in it."""

from __future__ import annotations

from collections.abc import Mapping

from sra_bootstrap.org import Org
from sra_bootstrap.values import filled
from steps.common.buckets import Bucket
from steps.common.keys import Key
from steps.common.statements import Conditions, Statement, Text, allow

_CONFIG = {"Service": ["config.amazonaws.com"]}


def prefix_of(org: Org) -> Text | None:
    """What the keys of all objects begin with, or None; by default the id of the organization."""
    prefix: str | None = org.sections["config"].prefix
    return org.id if prefix is None else prefix or None


def _for_the_organization(org: Org) -> Conditions:
    """That AWS Config acts for an account of the organization, whichever it is.

    AWS names the account (aws:SourceAccount) on the pages of both policies, and this key where accounts are many:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceorgid
    """
    return {"StringEquals": {"aws:SourceOrgID": [org.id]}}


def _key_statements(org: Org, _region: str) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html."""
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    return {"SraConfigEncrypts": allow(_CONFIG, actions, ["*"], _for_the_organization(org))}


def _bucket_statements(org: Org, arn: Text) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html."""
    ours, prefix = _for_the_organization(org)["StringEquals"], prefix_of(org)
    delivered = filled("{}/AWSLogs/*/Config/*", arn if prefix is None else filled("{}/{}", arn, prefix))
    owned = {"StringEquals": {**ours, "s3:x-amz-acl": ["bucket-owner-full-control"]}}
    return {
        "SraConfigLooks": allow(_CONFIG, ["s3:GetBucketAcl", "s3:ListBucket"], [arn], {"StringEquals": ours}),
        "SraConfigDelivers": allow(_CONFIG, ["s3:PutObject"], [delivered], owned),
    }


KEY = Key("config", "security_tooling", _key_statements)
"""Of the region of the bucket, as AWS Config demands: https://docs.aws.amazon.com/config/latest/APIReference/API_DeliveryChannel.html."""

BUCKET = Bucket("config", _bucket_statements, key=KEY, object_lock=False)
"""AWS Config does not deliver to a bucket with a default retention.

https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html
"""
