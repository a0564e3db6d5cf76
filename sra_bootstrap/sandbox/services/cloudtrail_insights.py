"""AWS CloudTrail: which unusual activity a trail logs; and what the sandbox's CloudTrail has none of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.cloudtrail import Trail, administered, changeable
from sra_bootstrap.sandbox.services.cloudtrail_destinations import check_destinations

_TYPES = {"ApiCallRateInsight", "ApiErrorRateInsight"}


@operation("cloudtrail", "PutInsightSelectors")
def put_insight_selectors(
    call: Call, InsightSelectors: list[dict[str, Any]], TrailName: str | None = None, **event_data_store: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html.

    "To log Insights events on the API call rate, the trail must log write management events", and on the error rate
    any of them: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html.
    With which code it is refused otherwise is guessed.

    Raises:
        AwsFault: there is no such trail, a type is none, or the trail does not log the events.
        NotImplementedError: the selectors are those of an event data store.
    """
    trail = changeable(call, _trail_name(TrailName, event_data_store))
    kinds = {selector.get("InsightType") for selector in InsightSelectors}
    if not kinds <= _TYPES:
        raise AwsFault("InvalidInsightSelectorsException", "The InsightType is not valid.")
    if ("ApiCallRateInsight" in kinds and not _logs(trail, {"All", "WriteOnly"})) or (
        kinds and not _logs(trail, {"All", "ReadOnly", "WriteOnly"})
    ):
        text = "The trail does not log the management events that Insights analyzes."
        raise AwsFault("InvalidInsightSelectorsException", text)
    check_destinations(call, trail)
    trail.insights = [{"EventCategories": ["Management"], **selector} for selector in InsightSelectors]
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insights}


def _trail_name(name: str | None, event_data_store: dict[str, Any]) -> str:
    if event_data_store:
        raise NotImplementedError("an event data store")
    if name is None:
        raise AwsFault("InvalidParameterCombinationException", "Specify a trail or an event data store.")
    return name


def _logs(trail: Trail, wanted: set[str]) -> bool:
    """Whether a trail logs management events of any of these kinds."""
    kinds = {one["ReadWriteType"] for one in trail.selectors if one["IncludeManagementEvents"]}
    for selector in trail.advanced:
        fields = {field["Field"]: field.get("Equals", [""])[0] for field in selector["FieldSelectors"]}
        if fields["eventCategory"] == "Management":
            kinds.add({"true": "ReadOnly", "false": "WriteOnly"}.get(fields.get("readOnly", ""), "All"))
    return bool(kinds & wanted)


@operation("cloudtrail", "GetInsightSelectors")
def get_insight_selectors(call: Call, TrailName: str | None = None, **event_data_store: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html.

    Raises:
        AwsFault: there is no such trail, or it logs no Insights events.
        NotImplementedError: the selectors are those of an event data store.
    """
    trail = administered(call, _trail_name(TrailName, event_data_store))
    if not trail.insights:
        text = f"Trail {trail.arn} does not have Insights enabled. Edit the trail settings to enable Insights."
        raise AwsFault("InsightNotEnabledException", text)
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insights}


@operation("cloudtrail", "LookupEvents")
def lookup_events(
    call: Call,
    EventCategory: str | None = None,
    StartTime: datetime | None = None,
    EndTime: datetime | None = None,
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.

    Nothing unusual happens in the sandbox, so there are no Insights events.

    Raises:
        AwsFault: the time ends before it starts.
        NotImplementedError: management events are asked for, of which the sandbox keeps no history.
    """
    if StartTime is not None and EndTime is not None and StartTime > EndTime:
        raise AwsFault("InvalidTimeRangeException", "The start time is after the end time.")
    if EventCategory != "insight":
        raise NotImplementedError("management events")
    return {"Events": []}


@operation("cloudtrail", "ListEventDataStores")
def list_event_data_stores(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html.

    There are none: the sandbox lets nobody create one.
    """
    return {"EventDataStores": []}


@operation("cloudtrail", "ListChannels")
def list_channels(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListChannels.html.

    There are none: the sandbox lets nobody create one.
    """
    return {"Channels": []}
