"""Amazon S3: what becomes of objects in time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any
from uuid import uuid4

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.s3_authorization import bucket_named

_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)
_COLDER = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""Each only on: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html."""
_INFREQUENT = {"STANDARD_IA", "ONEZONE_IA"}
_LEAST_DAYS = 30
"""Before infrequent access, as the same page says."""


@operation("s3", "PutBucketLifecycleConfiguration")
def put_bucket_lifecycle_configuration(
    call: Call,
    *,
    Bucket: str,
    LifecycleConfiguration: dict[str, Any] | None = None,
    TransitionDefaultMinimumObjectSize: str = "all_storage_classes_128K",
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html: all rules at once.

    Raises:
        AwsFault: a rule is none.
    """
    rules = deepcopy((LifecycleConfiguration or {}).get("Rules", []))
    if not 1 <= len(rules) <= 1000:
        raise AwsFault("MalformedXML", _MALFORMED)
    for rule in rules:
        rule.setdefault("ID", str(uuid4()))
        _validate(rule)
    if len({rule["ID"] for rule in rules}) < len(rules):
        text = "Rule ID must be unique. Found same ID for one or more rules"
        raise AwsFault("InvalidArgument", text)
    bucket_named(Bucket).lifecycle = (rules, TransitionDefaultMinimumObjectSize)
    return {"TransitionDefaultMinimumObjectSize": TransitionDefaultMinimumObjectSize}


@operation("s3", "GetBucketLifecycleConfiguration")
def get_bucket_lifecycle_configuration(call: Call, *, Bucket: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html.

    Raises:
        AwsFault: there is none.
    """
    rules, size = getattr(bucket_named(Bucket), "lifecycle", ([], ""))
    if not rules:
        raise AwsFault("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
    return {"Rules": rules, "TransitionDefaultMinimumObjectSize": size}


@operation("s3", "DeleteBucketLifecycle")
def delete_bucket_lifecycle(call: Call, *, Bucket: str, **_: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html."""
    bucket_named(Bucket).lifecycle = ([], "")


def _validate(rule: dict[str, Any]) -> None:
    if rule.get("Status") not in {"Enabled", "Disabled"} or ("Filter" in rule) == ("Prefix" in rule):
        raise AwsFault("MalformedXML", _MALFORMED)
    if len(rule.get("Filter", {})) > 1:
        raise AwsFault("MalformedXML", _MALFORMED)
    if len(rule["ID"]) > 255:
        raise AwsFault("InvalidArgument", "ID length should not exceed allowed limit of 255")
    if not any(action in rule for action in _ACTIONS):
        raise AwsFault("InvalidRequest", "At least one action needs to be specified in a rule")
    expiration = rule.get("Expiration", {})
    if "Expiration" in rule and len(expiration) != 1:
        raise AwsFault("MalformedXML", _MALFORMED)
    noncurrent = rule.get("NoncurrentVersionExpiration", {})
    _validate_days(rule.get("Transitions", []), "Days", expiration.get("Days"), "Expiration")
    _validate_days(
        rule.get("NoncurrentVersionTransitions", []),
        "NoncurrentDays",
        noncurrent.get("NoncurrentDays"),
        "NoncurrentVersionExpiration",
    )
    if rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", 1) < 1:
        text = "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer"
        raise AwsFault("InvalidArgument", text)


def _validate_days(transitions: Sequence[dict[str, Any]], unit: str, expires: int | None, name: str) -> None:
    if expires is not None and expires < 1:
        raise AwsFault("InvalidArgument", f"'{unit}' for {name} action must be a positive integer")
    reached = {transition["StorageClass"]: transition[unit] for transition in transitions if unit in transition}
    for storage_class, days in reached.items():
        if storage_class in _INFREQUENT and days < _LEAST_DAYS:
            text = (
                f"'{unit}' in Transition action must be greater than or equal to 30 for storageClass '{storage_class}'"
            )
            raise AwsFault("InvalidArgument", text)
        if expires is not None and expires <= days:
            text = f"'{unit}' in the {name} action must be greater than '{unit}' in the Transition action"
            raise AwsFault("InvalidArgument", text)
    in_order = [reached[storage_class] for storage_class in _COLDER if storage_class in reached]
    if any(later <= earlier for earlier, later in pairwise(in_order)):
        text = f"'{unit}' in the Transition actions must be greater for each colder StorageClass"
        raise AwsFault("InvalidArgument", text)
