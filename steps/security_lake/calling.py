"""How Security Lake is called: from one place, in pages, and again while it refuses what is not there yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Target
from sra_bootstrap.org import Org

if TYPE_CHECKING:
    from mypy_boto3_securitylake import SecurityLakeClient

T = TypeVar("T")

PATIENCE = 600
"""How many seconds Security Lake may be busy with what it was told before, or not know what that has made.

https://github.com/hashicorp/terraform-provider-aws/issues/42973
"""


def client(org: Org, aws: Reader, region: str = "") -> SecurityLakeClient:
    """Security Lake in the account that has the lake; what is of all regions is asked for in the first that has it.

    "Regardless of which Regional endpoint they're currently using":
    https://docs.aws.amazon.com/security-lake/latest/userguide/multi-account-management.html
    """
    found: SecurityLakeClient = aws.client("securitylake", Target(org.log_archive, region or first_region(org, aws)))
    return found


def first_region(org: Org, aws: Reader) -> str:
    """The first governed region that has Security Lake; the home region, if none has."""
    return next((region for region in org.regions if aws.offers("securitylake", region)), org.home_region)


def persist(attempt: Callable[[], T], refused: tuple[type[Exception], ...], aws: Writer) -> T:
    """Make an attempt until it is not refused, and give what comes of it.

    Security Lake takes one write after the other, whoever it is of, and refuses all others meanwhile. With the same
    error it refuses what is there already, so an attempt looks first where it makes something.

    Raises:
        Exception: the last refusal, when it has not come round.
    """
    results: list[T] = []

    def once() -> Exception | None:
        try:
            results.append(attempt())
        except refused as refusal:
            return refusal
        return None

    refusal = aws.poll(once, lambda refusal: refusal is None, PATIENCE)
    if refusal is not None:
        raise refusal
    return results[-1]


def when_free(send: Callable[[], T], securitylake: SecurityLakeClient, aws: Writer) -> T:
    """Send a write that may be sent twice, once Security Lake takes one.

    Raises:
        Exception: it is refused for good.
    """
    return persist(send, (securitylake.exceptions.ConflictException,), aws)
