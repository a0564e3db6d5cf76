"""AWS Config: which resource types a recorder records, and how often."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from moto.core.utils import get_service_model

from sra_bootstrap.sandbox.faults import AwsFault

Group = dict[str, Any]
"""https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html"""

Mode = dict[str, Any]
"""https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingMode.html"""

ALL, INCLUSION, EXCLUSION = (
    "ALL_SUPPORTED_RESOURCE_TYPES",
    "INCLUSION_BY_RESOURCE_TYPES",
    "EXCLUSION_BY_RESOURCE_TYPES",
)
_NEVER_DAILY = frozenset(
    {
        "AWS::Config::ResourceCompliance",
        "AWS::Config::ConformancePackCompliance",
        "AWS::Config::ConfigurationRecorder",
    }
)


def invalid(message: str) -> AwsFault:
    """How Config answers what cannot be."""
    return AwsFault("ValidationException", message)


def _known() -> frozenset[str]:
    return frozenset(get_service_model("config").shape_for("ResourceType").enum)


def check_types(types: Collection[str]) -> None:
    """Refuse resource types that there are not.

    Raises:
        AwsFault: there are any.
    """
    unknown = sorted(set(types) - _known())
    if unknown:
        raise invalid(
            f"1 validation error detected: Value '{unknown}' at 'configurationRecorder.recordingGroup.resourceTypes' "
            "failed to satisfy constraint: Member must satisfy enum value set"
        )


def group_of(wanted: Group | None) -> Group:
    """A recording group as Config answers it.

    What may be combined: https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html and the error
    InvalidRecordingGroupException of PutConfigurationRecorder. "The includeGlobalResourceTypes field has no impact on
    the EXCLUSION_BY_RESOURCE_TYPES recording strategy"; that it is refused there is moto's.

    Raises:
        AwsFault: the combination, or a resource type, is not valid.
    """
    if wanted is None:
        return _group(ALL)
    every, including = wanted.get("allSupported", False), wanted.get("includeGlobalResourceTypes", False)
    types = wanted.get("resourceTypes", [])
    excluded = wanted.get("exclusionByResourceTypes", {}).get("resourceTypes", [])
    strategy = wanted.get("recordingStrategy", {}).get("useOnly")
    check_types([*types, *excluded])
    if every and not types and not excluded and strategy in {None, ALL}:
        return _group(ALL, including=including)
    if types and not every and not including and not excluded and strategy in {None, INCLUSION}:
        return _group(INCLUSION, types=types)
    if excluded and not every and not including and not types and strategy == EXCLUSION:
        return _group(EXCLUSION, excluded=excluded)
    raise AwsFault("InvalidRecordingGroupException", "The recording group provided is not valid")


def _group(
    strategy: str, *, including: bool = False, types: Collection[str] = (), excluded: Collection[str] = ()
) -> Group:
    return {
        "allSupported": strategy == ALL,
        "includeGlobalResourceTypes": including,
        "resourceTypes": list(types),
        "exclusionByResourceTypes": {"resourceTypes": list(excluded)},
        "recordingStrategy": {"useOnly": strategy},
    }


def mode_of(wanted: Mode | None) -> Mode:
    """A recording mode as Config answers it; without one, it records continuously.

    One override at most, as the service's model says, and no daily recording of some types:
    https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingModeOverride.html. That the code is that of
    other input which is not valid is guessed.

    Raises:
        AwsFault: a frequency or an override is not valid.
    """
    mode = {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": [], **(wanted or {})}
    overrides = mode["recordingModeOverrides"]
    if len(overrides) > 1:
        raise invalid("The recording mode can have at most 1 override.")
    for one in (mode, *overrides):
        if one["recordingFrequency"] not in {"CONTINUOUS", "DAILY"}:
            raise invalid(f"The recording frequency {one['recordingFrequency']} is not valid.")
    for override in overrides:
        check_types(override["resourceTypes"])
        if override["recordingFrequency"] == "DAILY" and _NEVER_DAILY.intersection(override["resourceTypes"]):
            raise invalid(f"Daily recording cannot be specified for {sorted(_NEVER_DAILY)}.")
    return mode
