"""What the tests of the fault injector share."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sra_bootstrap.sandbox.injection import At, Faults, Kind
from tests.sandbox.conftest import Aws


def at(kind: Kind, of: str = "write", nth: int = 1, *, after: bool = False, **faults: Any) -> Faults:
    """One fault at one call."""
    return Faults(at=(At(kind, nth, of, after),), **faults)


def outcome(call: Any, **parameters: Any) -> tuple[str, int]:
    """The code and the HTTP status of a call; where there is no answer, the name of the exception and 0."""
    try:
        answer = call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    except (BotoCoreError, ResponseParserError) as error:
        return type(error).__name__, 0
    return "", answer["ResponseMetadata"]["HTTPStatusCode"]


def written(aws: Aws) -> list[str]:
    return [write.operation for write in aws.running.writes()]
