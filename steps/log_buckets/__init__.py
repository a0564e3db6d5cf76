"""The buckets that logs are kept in, in the log archive account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import FAILURES, code_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Ref, Value, filled, nested
from steps.common import buckets, keys, statements
from steps.common.buckets import Bucket
from steps.common.statements import EVERYONE, Conditions, Statement, Text, allow, deny
from steps.log_buckets import settings
from steps.log_buckets.settings import Handle

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html."""
_NOT_THERE_YET = frozenset({"NoSuchBucket"})


class ObjectLock(BaseModel):
    """How long objects cannot be deleted, nor overwritten."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="Whether new objects are locked, where the service allows it.")
    mode: Literal["GOVERNANCE", "COMPLIANCE"] = Field(
        default="GOVERNANCE",
        description="Whether those who have a permission of their own can delete objects all the same (GOVERNANCE), or "
        "nobody, not even AWS, until the time has passed (COMPLIANCE, which cannot be undone).",
    )
    days: int = Field(default=365, ge=1, le=36500, description="For how many days.")


class Lifecycle(BaseModel):
    """What becomes of objects as they age."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cold_storage: Literal["GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "NONE"] = Field(
        default="GLACIER_IR", description="The storage class that objects move to, or NONE."
    )
    cold_after_days: int = Field(default=90, ge=1, description="After how many days they move there.")
    expire_after_days: int = Field(default=2555, ge=2, description="After how many days they are deleted.")
    old_versions_expire_after_days: int = Field(
        default=90, ge=1, description="After how many days a version is deleted that is no longer the current one."
    )


class Settings(BaseModel):
    """What holds for one bucket and not for the others; what is left out is as for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="Its name, such as that of one that is there already.",
    )
    object_lock: ObjectLock | None = Field(default=None, description="How long objects cannot be deleted.")
    lifecycle: Lifecycle | None = Field(default=None, description="What becomes of objects as they age.")


def _access_logs(org: Org, arn: Text) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html."""
    logged = [bucket for bucket in buckets.needed(org) if bucket is not ACCESS_LOGS]
    return {
        "SraAccessLogs": allow(
            {"Service": ["logging.s3.amazonaws.com"]},
            ["s3:PutObject"],
            [filled(f"{{}}/{bucket.name}/*", arn) for bucket in logged],
            {
                "ArnLike": {"aws:SourceArn": [buckets.arn_of(bucket, org) for bucket in logged]},
                "StringEquals": {"aws:SourceAccount": [org.id_of(org.log_archive)]},
            },
        )
    }


ACCESS_LOGS = Bucket("access-logs", _access_logs)
"""Who has asked for what in the other buckets.

S3 delivers there only where its own keys encrypt and nothing is locked by default:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

_PART = r"([a-z0-9.-]|\{account\}|\{organization\}|\{region\})"
"""What may stand around the purpose in the template of names."""


class LogBuckets(Step[StepConfig]):
    """Make the buckets that logs are kept in, in the log archive account, which only the services may write to.

    The SRA keeps all logs of the organization in one account that nobody works in. There is a bucket for every purpose
    that an enabled step has: versioned, encrypted, private, for TLS only, with objects that cannot be deleted at once.
    """

    class Config(StepConfig):
        """What buckets are called, and how long they keep what is in them."""

        name: str = Field(
            default="sra-{purpose}-{account}-{organization}-{region}",
            pattern=rf"^{_PART}*\{{purpose\}}{_PART}*$",
            description="Their names, which must be unique in all of AWS: {purpose} stands for what each is for, "
            "{account} for the id of the log archive account, {organization} for the id of the organization, {region} "
            "for the home region.",
        )
        object_lock: ObjectLock = Field(
            default_factory=ObjectLock, description="How long objects cannot be deleted, where a service allows it."
        )
        lifecycle: Lifecycle = Field(default_factory=Lifecycle, description="What becomes of objects as they age.")
        access_logging: bool = Field(
            default=True, description="Whether who reads and writes is logged too, in a bucket of its own."
        )
        buckets: dict[str, Settings] = Field(
            default_factory=dict, description="What holds for single buckets, by what they are for."
        )
        statements_of_others: Literal["report", "keep"] = Field(
            default="report",
            description="What others have added to a bucket's policy: it stays, and the plan says so (report) or not.",
        )

    id = "log_buckets"
    after = ("accounts", "log_keys")
    needs = (ACCESS_LOGS,)
    named = {"buckets": Bucket}
    kept = dict.fromkeys(("access-log-bucket", "bucket"), "It holds logs.")
    reads = frozenset(
        {
            "s3:GetBucketLogging",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListAllMyBuckets",
            "kms:ListAliases",
        }
    )
    writes = frozenset(
        {
            "s3:CreateBucket",
            "s3:PutBucketLogging",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        }
    )
    in_members = reads | writes
    implied = frozenset()
    # A bucket is not at once known everywhere, nor is an account that has just been made a valid principal.
    not_yet = {
        **{
            f"s3:{operation}": _NOT_THERE_YET
            for operation in (
                *("GetBucketEncryption", "GetBucketLifecycleConfiguration", "GetBucketLogging", "GetBucketPolicy"),
                *("GetBucketOwnershipControls", "GetObjectLockConfiguration"),
                *("GetPublicAccessBlock", "PutBucketEncryption", "PutBucketLifecycleConfiguration"),
                *("PutBucketOwnershipControls", "PutBucketVersioning", "PutPublicAccessBlock"),
            )
        },
        "s3:PutBucketLogging": _NOT_THERE_YET | {"InvalidTargetBucketForLogging"},
        "s3:PutBucketPolicy": _NOT_THERE_YET | {"MalformedPolicy"},
        # Versioning, which it stands on, is not at once known either.
        "s3:PutObjectLockConfiguration": _NOT_THERE_YET | {"InvalidBucketState"},
    }
    considerations = (
        "Who may write is said by service, by organization and by prefix; nobody but the log archive account may read.",
        "Objects are locked by default only where the service that writes them can write to such a bucket.",
        "Object lock stays on once it is on; in COMPLIANCE mode nobody can delete what is locked, and it is paid for.",
        "Statements of a bucket's policy, and lifecycle rules, that are not ours stay in it.",
    )
    costs = "What S3 charges for storing logs, for requests, and for moving objects to colder storage."
    irreversible = "A bucket that has object lock keeps it; in COMPLIANCE mode its objects cannot be deleted in time."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/log-archive.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    )

    config: Config

    def needed(self, org: Org) -> Iterable[Bucket]:
        """A bucket for the log of who reads and writes, if it is wanted."""
        return self.needs if self.config.access_logging else ()

    def desired(self, org: Org) -> Iterable[Resource]:
        """The bucket of access logs, and then all that are logged there."""
        at = Target(org.log_archive, org.home_region)
        wanted = buckets.needed(org)
        for bucket in sorted(wanted if wanted != [ACCESS_LOGS] else (), key=lambda bucket: bucket is not ACCESS_LOGS):
            yield Resource(_address(bucket, at), self._attrs(bucket, org))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The buckets of the log archive account that have our names."""
        s3: S3Client = aws.client("s3", at)
        pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1000})
        regions = {one["Name"]: one.get("BucketRegion") for page in pages for one in page["Buckets"]}
        for bucket in buckets.needed(org):
            name, address = buckets.name_of(bucket, org), _address(bucket, at)
            if isinstance(name, Ref):
                continue
            handle = Handle(s3, name, str(org.id_of(at.account)))
            if not _NAME.fullmatch(name):
                yield _renamed(address, f"Amazon S3 does not allow the name {name}.")
            elif name not in regions:
                yield from _taken(address, handle)
            elif regions[name] not in {None, at.region}:
                where = f"The bucket {name} is in {regions[name]}, and logs are kept in the home region, {at.region}."
                yield _renamed(address, where)
            else:
                yield from self._observe_bucket(bucket, address, handle, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make a bucket, or what of its settings differs."""
        at = change.address.at
        s3: S3Client = aws.client("s3", at)
        bucket = next(bucket for bucket in buckets.needed(org) if bucket.name == change.address.name)
        wanted = self._attrs(bucket, org)
        handle = Handle(s3, str(wanted["name"]), str(org.id_of(at.account)))
        if change.action is Action.CREATE:
            _create(handle, at.region, lock="object_lock" in wanted)
        for name in (name for name in wanted if name in change.after):
            if name == "policy":
                ours = _statements(bucket, org)
                changed = {sid: ours[sid] for sid in nested(change.after, "policy")}
                document = statements.merged(settings.policy(handle), changed)
                s3.put_bucket_policy(**handle.ours, Policy=json.dumps(document, separators=(",", ":")))
            else:
                settings.put(name, wanted[name], handle, lambda: _key_arn(bucket, org, aws))

    def _attrs(self, bucket: Bucket, org: Org) -> Attrs:
        own = self.config.buckets.get(bucket.name, Settings())
        lock = own.object_lock or self.config.object_lock
        attrs: dict[str, Value] = {"name": buckets.name_of(bucket, org), "versioning": "Enabled"}
        if bucket.object_lock and lock.enabled:
            attrs["object_lock"] = {"mode": lock.mode, "days": lock.days}
        attrs["ownership"] = "BucketOwnerEnforced"
        attrs["public_access_block"] = settings.BLOCKED
        attrs["encryption"] = {
            "algorithm": "aws:kms" if bucket.key else "AES256",
            "key": keys.alias_of(bucket.key, org) if bucket.key else None,
            "bucket_key": bucket.key is not None,
        }
        attrs["lifecycle"] = _lifecycle(own.lifecycle or self.config.lifecycle)
        attrs["policy"] = statements.planned(_statements(bucket, org))
        if self.config.access_logging and bucket is not ACCESS_LOGS:
            attrs["access_logging"] = {"bucket": buckets.name_of(ACCESS_LOGS, org), "prefix": f"{bucket.name}/"}
        return attrs

    def _observe_bucket(
        self, bucket: Bucket, address: Address, handle: Handle, org: Org, aws: Reader
    ) -> Iterator[Observation]:
        def told(arn: str) -> str:
            return keys.told(arn, bucket.key, org, org.home_region, aws) if bucket.key else arn

        seen, wanted = settings.observed(handle, told), self._attrs(bucket, org)
        found, ours = settings.policy(handle), _statements(bucket, org).keys()
        if (
            nested(seen, "object_lock").get("mode") == "COMPLIANCE"
            and nested(wanted, "object_lock").get("mode") == "GOVERNANCE"
        ):
            yield Obstacle(
                address,
                f"The bucket {handle.name} locks its objects in COMPLIANCE mode, and config.yaml wants GOVERNANCE.",
                f"Say COMPLIANCE in steps.log_buckets.buckets.{bucket.name}.object_lock.mode; or weaken it by "
                "hand (aws s3api put-object-lock-configuration).",
            )
        yield Resource(address, {"name": handle.name, **seen, "policy": statements.said(found, ours)})
        others = list(statements.of_others(found, ours))
        if others and self.config.statements_of_others == "report":
            yield Note(f"The policy of the bucket {handle.name} also has statements of others: {', '.join(others)}.")


def _address(bucket: Bucket, at: Target) -> Address:
    return Address("access-log-bucket" if bucket is ACCESS_LOGS else "bucket", at, bucket.name)


def _lifecycle(wanted: Lifecycle) -> Attrs:
    cold = wanted.cold_storage
    return {
        "status": "Enabled",
        "of": "everything",
        "colder_after_days": {} if cold == "NONE" else {cold: wanted.cold_after_days},
        "expires_after_days": wanted.expire_after_days,
        "old_versions_expire_after_days": wanted.old_versions_expire_after_days,
        "incomplete_uploads_end_after_days": 7,
        "others": (),
    }


def _statements(bucket: Bucket, org: Org) -> Mapping[str, Statement]:
    """What the policy of a bucket says: who may write, and what nobody may."""
    arn = buckets.arn_of(bucket, org)
    inside = filled("{}/*", arn)
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
    tls = deny(EVERYONE, ["s3:*"], [arn, inside], {"Bool": {"aws:SecureTransport": ["false"]}})
    if bucket.key is None:
        return {"SraTlsOnly": tls, **bucket.statements(org, arn)}
    at = bucket.key.place(org, org.home_region)
    ours = filled("arn:{}:kms:{}:{}:key/*", org.partition, at.region, org.id_of(at.account))
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html. Who names no encryption gets the
    # bucket's, and must not be denied: CloudTrail names none when it tries whether it is let in.
    header = "s3:x-amz-server-side-encryption"
    named = f"{header}-aws-kms-key-id"
    other_than_kms: Conditions = {"StringNotEquals": {header: ["aws:kms"]}, "Null": {header: ["false"]}}
    other_than_ours: Conditions = {"ArnNotLike": {named: [ours]}, "Null": {named: ["false"]}}
    return {
        "SraTlsOnly": tls,
        "SraKmsOnly": deny(EVERYONE, ["s3:PutObject"], [inside], other_than_kms),
        "SraKeysOfOurs": deny(EVERYONE, ["s3:PutObject"], [inside], other_than_ours),
        **bucket.statements(org, arn),
    }


def _key_arn(bucket: Bucket, org: Org, aws: Reader) -> str:
    if bucket.key is None:
        raise RuntimeError(f"the bucket {bucket.name} has no key")
    return keys.arn_of(bucket.key, org, org.home_region, aws)


def _taken(address: Address, bucket: Handle) -> Iterator[Observation]:
    """Whether another account has a name that we want: S3 says so to anybody who asks for such a bucket."""
    try:
        # The only read for which it is final at once that there is no bucket.
        bucket.s3.get_bucket_versioning(**bucket.ours)
    except FAILURES as error:
        if code_of(error) == "NoSuchBucket":
            return
        if code_of(error) != "AccessDenied":
            raise
        yield _renamed(address, f"The name {bucket.name} is taken: it is a bucket of another account.")


def _renamed(address: Address, reason: str) -> Obstacle:
    """What is in the way of a bucket until it gets another name."""
    own = f"steps.log_buckets.buckets.{address.name}.name"
    return Obstacle(address, reason, f"Choose another name: {own}, or steps.log_buckets.name for all.")


def _create(bucket: Handle, region: str, *, lock: bool) -> None:
    """Make a bucket.

    Raises:
        RefusalError: another account has its name.
    """
    # Of us-east-1 it must not be said: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    where: Any = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        bucket.s3.create_bucket(
            Bucket=bucket.name, ObjectOwnership="BucketOwnerEnforced", ObjectLockEnabledForBucket=lock, **where
        )
    except FAILURES as error:
        if code_of(error) == "BucketAlreadyExists":
            text = f"The name {bucket.name} is taken: the bucket belongs to another account."
            raise RefusalError(text, "Choose another name in steps.log_buckets.") from error
        if code_of(error) != "BucketAlreadyOwnedByYou":
            raise
