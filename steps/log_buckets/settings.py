"""What of a bucket is set, one attribute of a plan each: how S3 tells it, and how S3 is told.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws.failures import FAILURES, code_of
from sra_bootstrap.values import Attrs, Value
from steps.common.statements import Document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BLOCKED: Attrs = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)
RULE = "sra-bootstrap"
"""The id of our lifecycle rule; rules of others stay beside it."""
_UNSET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
"""What S3 answers for what was never set: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""
_DAYS_OF_A_YEAR = 365
"""As S3 counts them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html."""


@dataclass(frozen=True)
class Handle:
    """One bucket, which must belong to an account: anything else is refused by S3."""

    s3: S3Client
    name: str
    owner: str

    @property
    def ours(self) -> Any:
        """What every call says of the bucket."""
        return {"Bucket": self.name, "ExpectedBucketOwner": self.owner}


def policy(bucket: Handle) -> Document | None:
    """The policy of a bucket, or None."""
    answer = _unless_unset(lambda: bucket.s3.get_bucket_policy(**bucket.ours))
    document: Document | None = json.loads(answer["Policy"]) if answer else None
    return document


def observed(bucket: Handle, told: Callable[[str], str]) -> dict[str, Value]:
    """All settings but the policy; `told` says of the ARN of a key what a plan calls it."""
    s3, ours = bucket.s3, bucket.ours
    block = _unless_unset(lambda: s3.get_public_access_block(**ours)).get("PublicAccessBlockConfiguration", {})
    controls = _unless_unset(lambda: s3.get_bucket_ownership_controls(**ours)).get("OwnershipControls", {})
    return {
        "versioning": s3.get_bucket_versioning(**ours).get("Status"),
        "object_lock": _retention(bucket),
        "ownership": next((rule["ObjectOwnership"] for rule in controls.get("Rules", ())), None),
        "public_access_block": {name: block.get(name, False) for name in BLOCKED},
        "encryption": _encryption(bucket, told),
        "lifecycle": next((_rule(rule) for rule in _rules(bucket) if rule.get("ID") == RULE), None),
        "access_logging": _logging(bucket),
    }


def _retention(bucket: Handle) -> Value:
    answer = _unless_unset(lambda: bucket.s3.get_object_lock_configuration(**bucket.ours))
    if not answer:
        return None
    retention = answer["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    days = retention.get("Days") or retention.get("Years", 0) * _DAYS_OF_A_YEAR
    return {"mode": retention.get("Mode"), "days": days or None}


def _encryption(bucket: Handle, told: Callable[[str], str]) -> Value:
    answer = _unless_unset(lambda: bucket.s3.get_bucket_encryption(**bucket.ours))
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    for rule in (rule for rule in rules if "ApplyServerSideEncryptionByDefault" in rule):
        default = rule["ApplyServerSideEncryptionByDefault"]
        key = default.get("KMSMasterKeyID")
        return {
            "algorithm": default["SSEAlgorithm"],
            "key": key and told(key),
            "bucket_key": rule.get("BucketKeyEnabled", False),
        }
    return None


def _rules(bucket: Handle) -> list[Any]:
    answer = _unless_unset(lambda: bucket.s3.get_bucket_lifecycle_configuration(**bucket.ours))
    rules: list[Any] = answer.get("Rules", [])
    return rules


def _rule(rule: Mapping[str, Any]) -> Attrs:
    """A lifecycle rule as a plan tells it; of what it does beyond what ours do, `others` holds the names."""
    every = {"ID", "Status", "Filter", "Transitions", "Expiration", "NoncurrentVersionExpiration"}
    limit = rule.get("Filter", {"Prefix": rule.get("Prefix", "")})
    return {
        "status": rule["Status"],
        "of": "everything" if limit in ({}, {"Prefix": ""}) else json.dumps(limit, sort_keys=True),
        "colder_after_days": {one["StorageClass"]: one.get("Days") for one in rule.get("Transitions", ())},
        "expires_after_days": rule.get("Expiration", {}).get("Days"),
        "old_versions_expire_after_days": rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),
        "incomplete_uploads_end_after_days": rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
        "others": tuple(sorted(rule.keys() - every - {"AbortIncompleteMultipartUpload", "Prefix"})),
    }


def _logging(bucket: Handle) -> Value:
    target = bucket.s3.get_bucket_logging(**bucket.ours).get("LoggingEnabled")
    return {"bucket": target["TargetBucket"], "prefix": target["TargetPrefix"]} if target else None


def _unless_unset(read: Callable[[], Any]) -> Any:
    """What S3 answers, or nothing where it says that a setting was never made."""
    try:
        return read()
    except FAILURES as error:
        if code_of(error) in _UNSET:
            return {}
        raise


def put(name: str, wanted: Any, bucket: Handle, key_arn: Callable[[], str]) -> None:
    """Make one setting as a plan wants it; `key_arn` says the ARN of the key that encrypts."""
    s3, ours = bucket.s3, bucket.ours
    match name:
        case "versioning":
            s3.put_bucket_versioning(**ours, VersioningConfiguration={"Status": wanted})
        case "object_lock":
            retention = {"Mode": wanted["mode"], "Days": wanted["days"]}
            lock: Any = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
            s3.put_object_lock_configuration(**ours, ObjectLockConfiguration=lock)
        case "ownership":
            s3.put_bucket_ownership_controls(**ours, OwnershipControls={"Rules": [{"ObjectOwnership": wanted}]})
        case "public_access_block":
            s3.put_public_access_block(**ours, PublicAccessBlockConfiguration=wanted)
        case "encryption":
            named = {"KMSMasterKeyID": key_arn()} if wanted["key"] else {}
            rule: Any = {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": wanted["algorithm"], **named},
                "BucketKeyEnabled": wanted["bucket_key"],
            }
            s3.put_bucket_encryption(**ours, ServerSideEncryptionConfiguration={"Rules": [rule]})
        case "lifecycle":
            rules = [rule for rule in _rules(bucket) if rule.get("ID") != RULE]
            s3.put_bucket_lifecycle_configuration(
                **ours, LifecycleConfiguration={"Rules": [*rules, _written_rule(wanted)]}
            )
        case "access_logging":
            target: Any = {"TargetBucket": wanted["bucket"], "TargetPrefix": wanted["prefix"]}
            s3.put_bucket_logging(**ours, BucketLoggingStatus={"LoggingEnabled": target})


def _written_rule(wanted: Any) -> Any:
    transitions = [{"StorageClass": name, "Days": days} for name, days in wanted["colder_after_days"].items()]
    return {
        "ID": RULE,
        "Status": wanted["status"],
        "Filter": {"Prefix": ""},
        **({"Transitions": transitions} if transitions else {}),
        "Expiration": {"Days": wanted["expires_after_days"]},
        "NoncurrentVersionExpiration": {"NoncurrentDays": wanted["old_versions_expire_after_days"]},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": wanted["incomplete_uploads_end_after_days"]},
    }
