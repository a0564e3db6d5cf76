"""IAM Access Analyzer: how it refuses.

The codes and their members are modelled: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html.
The texts, where no issue is named beside them, are guessed.
"""

from __future__ import annotations

from sra_bootstrap.sandbox.faults import AwsFault


def invalid(message: str, name: str, reason: str = "fieldValidationFailed") -> AwsFault:
    """A parameter is wrong; `reason` is one of the model's."""
    return AwsFault("ValidationException", message, reason=reason, fieldList=[{"name": name, "message": message}])


def denied(message: str) -> AwsFault:
    """The caller may not."""
    return AwsFault("AccessDeniedException", message)


def absent(kind: str, name: str) -> AwsFault:
    """There is no such thing."""
    return AwsFault(
        "ResourceNotFoundException", f"The {kind} {name} was not found.", resourceId=name, resourceType=kind
    )


def taken(kind: str, name: str) -> AwsFault:
    """There is one of this name."""
    return AwsFault("ConflictException", f"The {kind} {name} exists already.", resourceId=name, resourceType=kind)


def too_many(kind: str, name: str, quota: int) -> AwsFault:
    """There are as many as there may be."""
    text = f"There can be {quota} of {kind} {name}."
    return AwsFault("ServiceQuotaExceededException", text, resourceId=name, resourceType=kind)
