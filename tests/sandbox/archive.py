"""A bucket and a key of one account that services deliver to for another, as far as policies admit it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws

HOME, OTHER, FURTHER = "eu-west-1", "us-east-1", "me-south-1"
"""The last of these is an opt-in region, and so is the one here."""
FURTHER_TOO = "eu-central-2"


@dataclass
class Archive:
    """The bucket `findings` and a key, both of the account `log`.

    Attributes:
        owner: the id of that account.
        region: where both are.
        key_arn: of the key.
    """

    aws: Aws
    owner: str
    region: str
    key_arn: str

    @classmethod
    def of(cls, aws: Aws, owner: str, region: str = HOME) -> Archive:
        """Make it, with policies that admit nobody."""
        s3 = aws.client("s3", region, owner)
        place = {} if region == OTHER else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket="findings", **place)
        key_arn = aws.client("kms", region, owner).create_key()["KeyMetadata"]["Arn"]
        return cls(aws, owner, region, key_arn)

    def admit(self, service: str, source_arn: str, *, key_too: bool = True, **more: Any) -> None:
        """Let a service in, when it comes for the management account and for what this ARN matches."""
        condition = {
            "StringEquals": {"aws:SourceAccount": MANAGEMENT_ACCOUNT_ID, **more},
            "ArnLike": {"aws:SourceArn": source_arn},
        }
        common = {"Effect": "Allow", "Principal": {"Service": service}, "Condition": condition}
        on_bucket = [
            {**common, "Action": "s3:GetBucketLocation", "Resource": "arn:aws:s3:::findings"},
            {**common, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::findings/*"},
        ]
        self.say(on_bucket, [{**common, "Action": ["kms:GenerateDataKey", "kms:Encrypt"], "Resource": "*"}] * key_too)

    def say(self, on_bucket: list[Any], on_key: list[Any]) -> None:
        """Give both these statements, and the owner of the key everything on it."""
        own = {"Effect": "Allow", "Principal": {"AWS": self.owner}, "Action": "kms:*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": on_bucket}
        self.aws.client("s3", self.region, self.owner).put_bucket_policy(Bucket="findings", Policy=json.dumps(policy))
        policy = {"Version": "2012-10-17", "Statement": [own, *on_key]}
        kms = self.aws.client("kms", self.region, self.owner)
        kms.put_key_policy(KeyId=self.key_arn, PolicyName="default", Policy=json.dumps(policy))

    def objects(self) -> list[str]:
        """What is in the bucket."""
        listed = self.aws.client("s3", self.region, self.owner).list_objects_v2(Bucket="findings")
        return [one["Key"] for one in listed.get("Contents", [])]
