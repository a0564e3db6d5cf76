"""Where the lock of a management account is kept: one small object in S3, written and deleted on condition only.

S3 decides who is first: of several writes on condition, one succeeds, and all others are answered 412, or 409 when they
overlapped and are to be sent again. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sra_bootstrap.aws.connection import Connection
from sra_bootstrap.aws.credentials import Identity
from sra_bootstrap.aws.failures import FAILURES, Kind, code_of
from sra_bootstrap.aws.retry import persist
from sra_bootstrap.errors import AccessError
from sra_bootstrap.org import Org

ABOUT = "lock: "
"""How the purpose of every call for the lock begins."""
PREFIX = "sra-bootstrap-lock-"
"""What the name of the bucket begins with."""
LOCK_ACTIONS = frozenset(
    {
        "s3:CreateBucket",
        "s3:DeleteObject",
        # Conditions on an ETag take it too, in PutObject and in DeleteObject:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
        "s3:GetObject",
        # Without it, S3 answers 403 for what is not there: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        "s3:ListBucket",
        "s3:PutBucketPolicy",
        "s3:PutObject",
    }
)
"""The IAM actions that taking, renewing and giving back the lock takes."""
MARGIN_SECONDS = 90
"""How much longer than it says a lock holds: a call that its holder began in time may last 70 seconds."""
_KEY = "apply.lock"
_NO_ACCOUNT_NAMESPACE = frozenset({"me-central-1", "me-south-1"})
"""Where S3 has no names that are an account's own.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
"""
_GONE = frozenset({"NoSuchBucket", "NoSuchKey"})
_PASSING = {
    # "On a 409 failure you should retry": https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    "ConditionalRequestConflict": Kind.CONFLICT,
}
"""What passes, beside that which passes for every service."""


def bucket_name(org: Org) -> str:
    """The name of the lock's bucket: where S3 has such names, one that no other account can take.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    suffix = "" if org.home_region in _NO_ACCOUNT_NAMESPACE else "-an"
    return f"{PREFIX}{org.management_id}-{org.home_region}{suffix}"


@dataclass(frozen=True)
class Holder:
    """Who holds the lock.

    Attributes:
        owner: for a person to read.
        run: one apply, told from every other.
        taken: since when.
        seconds: for how long, from its last renewal on.
        version: of the tool.
    """

    owner: str
    run: str
    taken: datetime
    seconds: float
    version: str


@dataclass(frozen=True)
class Found:
    """The lock as S3 has it.

    Attributes:
        etag: what a condition on it names.
        expires: until when it holds unless it is renewed, by the clock of S3.
        lapsed: whether that time is over.
    """

    holder: Holder
    etag: str
    expires: datetime
    lapsed: bool


class LockBucket:
    """The bucket and its one object, in the home region of the management account.

    Every call names the owner it expects, so that S3 refuses it if the bucket is another account's:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """

    def __init__(self, connection: Connection, org: Org) -> None:
        self.name = bucket_name(org)
        self._connection = connection
        self._org = org

    @property
    def url(self) -> str:
        """The object, as the AWS CLI names it."""
        return f"s3://{self.name}/{_KEY}"

    def write(self, holder: Holder, about: str, over: str | None) -> str | None:
        """Write the lock, if there is none or if it still has the ETag `over`.

        Returns:
            Its new ETag; None if it was not written, because it is not as expected or because its bucket was not there.

        Raises:
            FAILURES: S3 has answered neither that it was written nor that it was not.
            AccessError: its bucket belongs to another account.
        """
        condition = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        body = json.dumps(_fields(holder, self._connection.clock.now()), indent=2).encode()
        client = self._client(about)
        try:
            answer = self._insist(
                lambda: client.put_object(**self._object(), **condition, Body=body, ContentType="application/json")
            )
        except FAILURES as error:
            code = code_of(error)
            if code == "NoSuchBucket" and over is None:
                self._create(about)
            elif code != "PreconditionFailed" and code not in _GONE:
                raise
            return None
        return str(answer["ETag"])

    def read(self, about: str) -> Found | None:
        """The lock as it is; None if there is none.

        Whether it has lapsed is judged by S3's clock alone: when it was written, when this was answered. So it does not
        matter how the clocks of two operators differ. S3 answers with what was written last:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel

        Raises:
            FAILURES: it cannot be read.
            AccessError: it is no lock that this version knows.
        """
        try:
            answer = self._client(about).get_object(**self._object())
        except FAILURES as error:
            if code_of(error) in _GONE:
                return None
            raise
        holder = self._holder(answer["Body"].read())
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        expires = answer["LastModified"] + timedelta(seconds=holder.seconds)
        lapsed = now >= expires + timedelta(seconds=MARGIN_SECONDS)
        return Found(holder, str(answer["ETag"]), expires, lapsed)

    def remove(self, etag: str, about: str) -> bool:
        """Delete the lock if it still has this ETag; whether it was deleted.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html

        Raises:
            FAILURES: S3 has answered neither that it was deleted nor that it was not.
        """
        client = self._client(about)
        try:
            self._insist(lambda: client.delete_object(**self._object(), IfMatch=etag))
        except FAILURES as error:
            if code_of(error) in {"PreconditionFailed", *_GONE}:
                return False
            raise
        return True

    def _create(self, about: str) -> None:
        """Make the bucket, for TLS only; that all else of it is private is the default.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html,
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html and
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
        """
        more: dict[str, Any] = {}
        if self._org.home_region != "us-east-1":
            # Of us-east-1 it must not be said: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
            more["CreateBucketConfiguration"] = {"LocationConstraint": self._org.home_region}
        if self.name.endswith("-an"):
            more["BucketNamespace"] = "account-regional"
        client = self._client(about)
        try:
            client.create_bucket(Bucket=self.name, **more)
        except FAILURES as error:
            if code_of(error) == "BucketAlreadyExists":
                text = f"The bucket {self.name}, where the lock is to be, belongs to another account."
                raise AccessError(text, "Nothing was written to it. Do without the lock: --no-lock.") from error
            if code_of(error) != "BucketAlreadyOwnedByYou":
                raise
        policy = json.dumps(self._tls_only())
        # A bucket is not at once known everywhere.
        self._insist(lambda: client.put_bucket_policy(**self._ours(), Policy=policy), NoSuchBucket=Kind.NOT_YET)

    def _tls_only(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html."""
        arn = f"arn:{self._org.partition}:s3:::{self.name}"
        statement = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _ours(self) -> dict[str, str]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self._org.management_id}

    def _object(self) -> dict[str, str]:
        return {**self._ours(), "Key": _KEY}

    def _client(self, about: str) -> Any:
        return self._connection.client("s3", self._org.home_region, Identity(read_only=False), f"{ABOUT}{about}")

    def _insist(self, call: Callable[[], Any], **more: Kind) -> Any:
        passing = _PASSING | more
        return persist(call, lambda error: passing.get(code_of(error), Kind.INVALID), self._connection.clock)

    def _holder(self, body: bytes) -> Holder:
        try:
            fields = json.loads(body)
            return Holder(
                owner=str(fields["owner"]),
                run=str(fields["run"]),
                taken=datetime.fromisoformat(fields["taken"]),
                seconds=float(fields["seconds"]),
                version=str(fields["version"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            text = f"{self.url} is no lock that this version can read."
            raise AccessError(text, "Look at it, and delete it if no apply is running.") from error


def _fields(holder: Holder, now: float) -> dict[str, str | float]:
    """What is written; `expires` is there for whoever looks at the object by hand."""
    return {
        "owner": holder.owner,
        "run": holder.run,
        "taken": holder.taken.isoformat(timespec="seconds"),
        "expires": datetime.fromtimestamp(now + holder.seconds, UTC).isoformat(timespec="seconds"),
        "seconds": holder.seconds,
        "version": holder.version,
    }
