"""AWS CloudTrail: which events a trail logs, by selectors of the old and the new kind."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.cloudtrail import Trail, administered, changeable, default_selector

_BASIC_TYPES = {"AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object"}
_EXCLUDABLE = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}
_OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
_FIELDS = {
    "Management": {"eventCategory", "eventSource", "readOnly"},
    "Data": {
        *("eventCategory", "eventName", "eventSource", "eventType", "readOnly", "resources.ARN", "resources.type"),
        *("sessionCredentialFromConsole", "userIdentity.arn"),
    },
    "NetworkActivity": {"errorCode", "eventCategory", "eventName", "eventSource", "vpcEndpointId"},
}
"""The fields of a trail's advanced selectors, for each category.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""
_REQUIRED = {"Data": "resources.type", "NetworkActivity": "eventSource"}


def _invalid(text: str) -> AwsFault:
    return AwsFault("InvalidEventSelectorsException", text)


@operation("cloudtrail", "PutEventSelectors")
def put_event_selectors(
    call: Call,
    TrailName: str,
    EventSelectors: list[dict[str, Any]] | None = None,
    AdvancedEventSelectors: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html.

    Selectors of one kind take the place of those of the other.

    Raises:
        AwsFault: there is no such trail, or the selectors are not valid.
    """
    trail = changeable(call, TrailName)
    if bool(EventSelectors) == bool(AdvancedEventSelectors):
        raise _invalid("Specify either event selectors or advanced event selectors.")
    if EventSelectors:
        trail.selectors, trail.advanced = _basic(EventSelectors), []
    else:
        _check_advanced(AdvancedEventSelectors or [])
        trail.selectors, trail.advanced = [], list(AdvancedEventSelectors or [])
    return _answer(trail)


@operation("cloudtrail", "GetEventSelectors")
def get_event_selectors(call: Call, TrailName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html."""
    return _answer(administered(call, TrailName))


def _answer(trail: Trail) -> dict[str, Any]:
    if trail.advanced:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced}
    return {"TrailARN": trail.arn, "EventSelectors": trail.selectors}


def _basic(selectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Selectors of the old kind, with what they leave out.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
    """
    whole = [{**default_selector(), **selector} for selector in selectors]
    resources = [resource for selector in whole for resource in selector["DataResources"]]
    if len(whole) > 5:
        raise _invalid("A trail can have up to 5 event selectors.")
    if any(resource["Type"] not in _BASIC_TYPES for resource in resources):
        raise _invalid("The resource type needs advanced event selectors.")
    if sum(len(resource.get("Values", ())) for resource in resources) > 250:
        raise _invalid("A trail is limited to 250 data resources.")
    for selector in whole:
        excluded = set(selector["ExcludeManagementEventSources"])
        if not excluded <= _EXCLUDABLE or (excluded and not selector["IncludeManagementEvents"]):
            raise _invalid("The management event sources cannot be excluded.")
    return whole


def _check_advanced(selectors: list[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html.

    Raises:
        AwsFault: a selector is not valid, or they hold more than 500 values.
    """
    total = 0
    for selector in selectors:
        fields = selector["FieldSelectors"]
        for field in fields:
            named = [operator for operator in _OPERATORS if field.get(operator)]
            if not named:
                raise _invalid(f"The field {field['Field']} has no condition.")
            total += sum(len(field[operator]) for operator in named)
        _check_fields({field["Field"]: field for field in fields}, Counter(field["Field"] for field in fields))
    if total > 500:
        raise _invalid("A maximum of 500 total values for all conditions in all advanced event selectors is allowed.")


def _check_fields(by_name: dict[str, dict[str, Any]], named: Counter[str]) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html.

    Raises:
        AwsFault: a field is missing, is not one of its category, or has another condition than it may.
    """
    if max(named.values()) > 1:
        raise _invalid("A field can be used once in a selector.")
    category = _one(by_name, "eventCategory")
    if category not in _FIELDS:
        raise _invalid(f"The event category {category} is not one of a trail.")
    if unknown := sorted(by_name.keys() - _FIELDS[category]):
        raise _invalid(f"The fields {unknown} are not supported for {category} events.")
    if category in _REQUIRED:
        _one(by_name, _REQUIRED[category])
    if "readOnly" in by_name and _one(by_name, "readOnly") not in {"true", "false"}:
        raise _invalid("The field readOnly is true or false.")
    source = by_name.get("eventSource", {})
    if category == "Management" and source and set(source) - {"Field"} != {"NotEquals"}:
        raise _invalid("The field eventSource of management events can only be excluded.")
    if category == "Management" and not set(source.get("NotEquals", ())) <= _EXCLUDABLE:
        raise _invalid("The management event sources cannot be excluded.")


def _one(by_name: dict[str, dict[str, Any]], name: str) -> str:
    """The single value that a field must equal.

    Raises:
        AwsFault: it is missing, or has another condition.
    """
    field = by_name.get(name, {})
    values = field.get("Equals", [])
    if set(field) != {"Field", "Equals"} or len(values) != 1:
        raise _invalid(f"The field {name} must equal one value.")
    return str(values[0])
