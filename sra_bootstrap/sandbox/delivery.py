"""How a service of AWS reaches a bucket and a key: through their policies, as what AWS tells them of its requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import get_canned_acl, s3_backends

from sra_bootstrap.iam.document import parse
from sra_bootstrap.iam.request import Caller, Context, Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge
from sra_bootstrap.sandbox.policy import facts

_KEY_ARN = re.compile(r"arn:[\w-]+:kms:(?P<region>[\w-]+):(?P<account>\d{12}):(?P<id>(?:key|alias)/.+)")


@dataclass(frozen=True)
class Sender:
    """A service that delivers, and for whom: what AWS tells the policies of its requests.

    Attributes:
        principal: as in "cloudtrail.amazonaws.com".
        account_id: aws:SourceAccount; aws:SourceOrgID and aws:SourceOrgPaths follow from it.
        arn: aws:SourceArn.
    """

    principal: str
    account_id: str
    arn: str

    def asks(self, action: str, resource: str, more: Context) -> Request:
        """The request of an action on a resource."""
        known = facts.of_service(self.principal, self.account_id, self.arn)
        return Request(Caller(self.principal), action, resource, {**known, **more})


class RefusedError(Exception):
    """A policy does not admit what a service asks for.

    Attributes:
        action: as in "s3:PutObject" or "kms:GenerateDataKey".
        resource: the ARN of the bucket, the object or the key.
    """

    def __init__(self, action: str, resource: str) -> None:
        super().__init__(f"{action} on {resource} is refused")
        self.action = action
        self.resource = resource


class NoBucketError(RefusedError):
    """There is no such bucket."""


class NoKeyError(RefusedError):
    """There is no such KMS key in that region, or it cannot be used: it is disabled or pending deletion."""


def may(sender: Sender, action: str, bucket: str, key: str = "", **request: str) -> None:
    """Ask a bucket's policy for an action of S3 on the bucket or, with a key, on that object.

    Args:
        sender: who asks.
        action: as in "s3:GetBucketAcl".
        bucket: its name.
        key: the object's.
        request: more condition keys, such as s3:prefix.

    Raises:
        NoBucketError: there is no such bucket.
        RefusedError: its policy does not admit it.
    """
    found = _bucket(action, bucket)
    resource = f"{found.arn}/{key}" if key else found.arn
    known = facts.of_resource(found.account_id, found.region_name)
    sent = condition_keys({"s3:ResourceAccount": found.account_id, **request})
    _judge(found.policy, sender.asks(action, resource, {**known, **sent}))


def put(
    sender: Sender,
    bucket: str,
    key: str,
    body: bytes,
    *,
    kms_key: str | None = None,
    context: Mapping[str, str] | None = None,
    acl: str = "bucket-owner-full-control",
) -> None:
    """Store an object, where the bucket's policy and that of the KMS key, if there is one, admit it.

    Args:
        sender: who delivers.
        bucket: the name of the bucket.
        key: the object's.
        body: what it holds.
        kms_key: the ARN of the key or alias that the service names for this object; None for the bucket's default.
        context: the encryption context that the service adds to S3's own.
        acl: the canned ACL that the service asks for, or "".

    Raises:
        NoBucketError: there is no such bucket.
        NoKeyError: the KMS key cannot be used.
        RefusedError: a policy does not admit it.
    """
    found = _bucket("s3:PutObject", bucket)
    sent = {"s3:x-amz-acl": acl} if acl else {}
    if kms_key is not None:
        sent["s3:x-amz-server-side-encryption"] = "aws:kms"
        sent["s3:x-amz-server-side-encryption-aws-kms-key-id"] = kms_key
    may(sender, "s3:PutObject", bucket, key, **sent)
    default = _default_encryption(found)
    algorithm = default["SSEAlgorithm"] if kms_key is None else "aws:kms"
    encrypts_with = None
    if algorithm.startswith("aws:kms"):
        # A default that names no key is the bucket's account's own `aws/s3`, which no service can use.
        encrypts_with = kms_key or default.get("KMSMasterKeyID") or "alias/aws/s3"
        if f":kms:{found.region_name}:" not in encrypts_with:
            raise NoKeyError("kms:GenerateDataKey", encrypts_with)
        # With a bucket key, S3 asks for a data key of the bucket and not of each object:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
        of = found.arn if default["BucketKeyEnabled"] else f"{found.arn}/{key}"
        via = condition_keys({"kms:ViaService": f"s3.{found.region_name}.amazonaws.com"})
        _use(sender, encrypts_with, "kms:GenerateDataKey", {"aws:s3:arn": of, **(context or {})}, via)
    backend = s3_backends[found.account_id][found.partition]
    stored = backend.put_object(bucket, key, body, encryption=algorithm, kms_key_id=encrypts_with)
    stored.set_acl(get_canned_acl(acl or "private"))


def _default_encryption(bucket: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html: at least with keys of S3."""
    rule = (bucket.encryption or {"Rule": {}})["Rule"]
    named = rule.get("ApplyServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"})
    return {**named, "BucketKeyEnabled": str(rule.get("BucketKeyEnabled")).lower() == "true"}


def use(sender: Sender, kms_key_arn: str, action: str, context: Mapping[str, str] | None = None) -> None:
    """Ask a KMS key's policy for an action, as in "kms:GenerateDataKey"; no bucket has a part in it.

    Raises:
        NoKeyError: the key cannot be used.
        RefusedError: its policy does not admit it.
    """
    _use(sender, kms_key_arn, action, context or {}, {})


def _use(sender: Sender, arn: str, action: str, encryption: Mapping[str, str], sent: Context) -> None:
    key = _key(action, arn)
    grant = {"kms:GrantIsForAWSResource": "true"} if action == "kms:CreateGrant" else {}
    sealed = {f"kms:EncryptionContext:{name}": value for name, value in encryption.items()}
    known = facts.of_resource(key.account_id, key.region)
    named = condition_keys({**grant, **sealed, "kms:EncryptionContextKeys": tuple(encryption)})
    _judge(key.policy, sender.asks(action, key.arn, {**known, **named, **sent}))


def _key(action: str, arn: str) -> Any:
    parts = _KEY_ARN.fullmatch(arn)
    if parts is None:
        raise NoKeyError(action, arn)
    backend = kms_backends[parts["account"]][parts["region"]]
    key_id = parts["id"].removeprefix("key/")
    key = backend.keys.get(backend.get_key_id_from_alias(key_id) if key_id.startswith("alias/") else key_id)
    if key is None or key.key_state != "Enabled":
        raise NoKeyError(action, arn)
    return key


def _bucket(action: str, name: str) -> Any:
    partition, account_id = s3_backends.bucket_accounts.get(name, ("", ""))
    if not account_id:
        raise NoBucketError(action, f"arn:aws:s3:::{name}")
    return s3_backends[account_id][partition].buckets[name]


def _judge(policy: bytes | str | None, request: Request) -> None:
    text = policy.decode() if isinstance(policy, bytes) else policy
    if text is None or judge(parse(text), request) is not Verdict.ADMITTED:
        raise RefusedError(request.action, request.resource)
