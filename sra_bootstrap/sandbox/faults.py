"""The error answers of AWS, as an exception that a handler raises."""

from __future__ import annotations

from typing import Any

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException

# What any service may answer is in no service's model, and moto would warn of each:
# https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html
COMMON_ERROR_CODES += [
    *("AccessDenied", "AccessDeniedException"),
    *("ExpiredToken", "ExpiredTokenException"),
    "NotAuthorizedException",
    *("InvalidClientTokenId", "InvalidToken", "UnrecognizedClientException"),
    "BadRequestException",
    "SandboxNotImplemented",
    "SubscriptionRequiredException",
]


class AwsFault(ServiceException):  # type: ignore[misc]  # moto carries no types
    """An AWS error answer: its code, its message, and the members of its modelled shape, such as `Reason`.

    The HTTP status and the wire format come from the service's model.
    """

    # moto loads the service model that the second part of an exception's module names, when its first part is "moto".
    __module__ = "sra_bootstrap.sandbox.faults"

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(code, message)
        for name, value in members.items():
            setattr(self, name, value)
