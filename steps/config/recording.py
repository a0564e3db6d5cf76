"""What a configuration recorder records and how often: as plans hold it, and as AWS Config takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sra_bootstrap.values import Attrs

ROLE = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
"""The path and the name of the service-linked role."""

_IAM_TYPES = frozenset(f"AWS::IAM::{kind}" for kind in ("Group", "Policy", "Role", "User"))
"""The global resource types, which every region would record that is not told otherwise.

https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html
"""


def wanted(frequency: str, overrides: Mapping[str, str], exclude: Collection[str], *, with_global: bool) -> Attrs:
    """What a recorder should be, in a region that is to record global resource types or one that is not.

    What is excluded is said type by type, global types included: the switch for these is of no effect then.
    """
    excluded = {*exclude} | (set() if with_global else _IAM_TYPES)
    group: Attrs = (
        {"strategy": "EXCLUSION_BY_RESOURCE_TYPES", "excluded": tuple(sorted(excluded))}
        if exclude
        else {"strategy": "ALL_SUPPORTED_RESOURCE_TYPES", "global_types": with_global}
    )
    other = {one: kept for one, kept in overrides.items() if kept != frequency}
    return {"role": ROLE, **group, "frequency": frequency, **_at_another_frequency(other)}


def seen(recorder: Mapping[str, Any]) -> Attrs:
    """What a recorder is."""
    group, mode = recorder.get("recordingGroup", {}), recorder.get("recordingMode", {})
    overrides = mode.get("recordingModeOverrides", [])
    other = {kind: one["recordingFrequency"] for one in overrides for kind in one["resourceTypes"]}
    return {
        "role": recorder.get("roleARN", "").partition(":role/")[2],
        "strategy": group.get("recordingStrategy", {}).get("useOnly"),
        "excluded": tuple(sorted(group.get("exclusionByResourceTypes", {}).get("resourceTypes", []))),
        "global_types": group.get("includeGlobalResourceTypes", False),
        "frequency": mode.get("recordingFrequency"),
        **_at_another_frequency(other),
    }


def _at_another_frequency(overrides: Mapping[str, str]) -> Attrs:
    return {
        name: tuple(sorted(kind for kind, frequency in overrides.items() if frequency == name.upper()))
        for name in ("continuous", "daily")
    }


def written(attrs: Attrs) -> dict[str, Any]:
    """The recording group and mode of a recorder that should be so, as AWS Config takes them."""
    group: dict[str, Any] = {"recordingStrategy": {"useOnly": attrs["strategy"]}}
    if "excluded" in attrs:
        group["exclusionByResourceTypes"] = {"resourceTypes": attrs["excluded"]}
    else:
        group |= {"allSupported": True, "includeGlobalResourceTypes": attrs["global_types"]}
    overrides = [
        {"resourceTypes": attrs[name], "recordingFrequency": name.upper()}
        for name in ("continuous", "daily")
        if attrs[name]
    ]
    mode = {"recordingFrequency": attrs["frequency"], "recordingModeOverrides": overrides}
    return {"recordingGroup": group, "recordingMode": mode}
