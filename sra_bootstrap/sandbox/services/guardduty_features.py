"""Amazon GuardDuty: protection plans, which its API calls features, of a detector and of an organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.settings import Rules

INVALID = "The request is rejected because an invalid or out-of-range value is specified as an input parameter."

_ADDITIONAL: Mapping[str, tuple[str, ...]] = {
    "S3_DATA_EVENTS": (),
    "EKS_AUDIT_LOGS": (),
    "EBS_MALWARE_PROTECTION": (),
    "RDS_LOGIN_EVENTS": ("RDS_DATA_RISK",),
    "LAMBDA_NETWORK_LOGS": (),
    "EKS_RUNTIME_MONITORING": ("EKS_ADDON_MANAGEMENT",),
    "RUNTIME_MONITORING": ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"),
    "AI_PROTECTION": (),
    "AI_ANALYST": (),
}
"""Every feature, with what can be configured additionally.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html and, for what belongs to
what, https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html.
"""
_FOUNDATIONAL = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
"""What every detector watches, always: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_data-sources.html"""
_OFF_BY_DEFAULT = {"EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING", "AI_ANALYST"}
ORGANIZATION_FEATURES = frozenset(_ADDITIONAL) - {"AI_ANALYST"}
"""What the administrator configures for others.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_OrganizationFeatureConfiguration.html
"""
_VALUES = {"Status": {"ENABLED", "DISABLED"}, "AutoEnable": {"NEW", "NONE", "ALL"}}


@dataclass
class Feature:
    """A feature of a detector, ENABLED or DISABLED; or of an organization, enabled for NEW, ALL or NONE."""

    value: str
    additional: dict[str, str]
    updated: datetime = field(default_factory=moment)


Features = dict[str, Feature]


def rejected(message: str = INVALID) -> AwsFault:
    """The one answer with which GuardDuty refuses, whatever the reason.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html; its type as seen in
    https://github.com/turbot/steampipe-plugin-aws/issues/1105.
    """
    return AwsFault("BadRequestException", message, Type="InvalidInputException")


def of_new_detector() -> Features:
    """What is enabled when nothing is said: everything but runtime monitoring, and nothing additional.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
    """
    return {
        name: Feature("DISABLED" if name in _OFF_BY_DEFAULT else "ENABLED", dict.fromkeys(additional, "DISABLED"))
        for name, additional in _ADDITIONAL.items()
    }


def all_set_to(value: str, names: Iterable[str] = _ADDITIONAL) -> Features:
    """The features of these names, with the same value throughout."""
    return {name: Feature(value, dict.fromkeys(_ADDITIONAL[name], value)) for name in _ADDITIONAL if name in names}


def merge(features: Features, wanted: Sequence[Mapping[str, Any]], key: str, region: str) -> None:
    """Change the features that are named, and leave the others.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html: naming both kinds of runtime
    monitoring "will cause an error". `key` is what the API calls a feature's value: `Status` or `AutoEnable`.

    Raises:
        AwsFault: there is no such feature, value or additional configuration, or not in this region.
    """
    present = _present(features, region)
    if {"EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"} <= {entry.get("Name") for entry in wanted}:
        raise rejected()
    for entry in wanted:
        additional = entry.get("AdditionalConfiguration", [])
        if entry.get("Name") not in present or not {one.get("Name") for one in additional} <= set(
            present[entry["Name"]].additional
        ):
            raise rejected()
        if not {one.get(key) for one in (entry, *additional)} <= _VALUES[key]:
            raise rejected()
    for entry in wanted:
        change = {one["Name"]: one[key] for one in entry.get("AdditionalConfiguration", [])}
        put(present[entry["Name"]], entry[key], change)


def put(feature: Feature, value: str, additional: Mapping[str, str]) -> None:
    """Give a feature a value, and what is configured additionally; its time changes only if it does."""
    before = (feature.value, dict(feature.additional))
    feature.value = value
    feature.additional |= additional
    if before != (feature.value, feature.additional):
        feature.updated = moment()


def apply(configured: Features, features: Features, *occasions: str) -> None:
    """Enable in a detector what its organization enables on any of these occasions: `NEW`, `ALL`."""
    for name, setting in configured.items():
        additional = {one: "ENABLED" for one, value in setting.additional.items() if value in occasions}
        value = "ENABLED" if setting.value in occasions else features[name].value
        put(features[name], value, additional)


def describe(features: Features, key: str, region: str) -> list[dict[str, Any]]:
    """The features, as far as the region has them; those of a detector state when they were updated."""
    described = []
    for name, feature in _present(features, region).items():
        dated = {"UpdatedAt": feature.updated} if key == "Status" else {}
        one: dict[str, Any] = {"Name": name, key: feature.value, **dated}
        if feature.additional:
            additional = [{"Name": inner, key: value, **dated} for inner, value in feature.additional.items()]
            one["AdditionalConfiguration"] = additional
        described.append(one)
    return described


def foundational(at: datetime) -> list[dict[str, Any]]:
    """What every detector lists besides its features."""
    return [{"Name": name, "Status": "ENABLED", "UpdatedAt": at} for name in _FOUNDATIONAL]


def data_sources(features: Features) -> dict[str, Any]:
    """The same in the words of before March 2023.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DataSourceConfigurationsResult.html
    """
    return {
        **{name: {"Status": "ENABLED"} for name in ("CloudTrail", "DNSLogs", "FlowLogs")},
        "S3Logs": {"Status": features["S3_DATA_EVENTS"].value},
        "Kubernetes": {"AuditLogs": {"Status": features["EKS_AUDIT_LOGS"].value}},
        "MalwareProtection": {
            "ScanEc2InstanceWithFindings": {"EbsVolumes": {"Status": features["EBS_MALWARE_PROTECTION"].value}}
        },
    }


def _present(features: Features, region: str) -> Features:
    missing = Rules.settings.guardduty_missing_features.get(region, frozenset())
    return {name: feature for name, feature in features.items() if name not in missing}
