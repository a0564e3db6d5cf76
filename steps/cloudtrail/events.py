"""Which events the trail logs: what config.yaml says of it, as AWS's selectors, and as a plan tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sra_bootstrap.values import Attrs, Value

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.type_defs import AdvancedEventSelectorTypeDef

MANAGEMENT_EVENTS = "Management events selector"
"""The name that AWS's console gives the selector of management events, and by which assessments know it."""

ResourceType = Annotated[str, StringConstraints(pattern=r"^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$")]
_ACCESS = {"READ": "true", "WRITE": "false"}


class Condition(BaseModel):
    """What the field of an event must be, or not be; of several operators, all must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str = Field(min_length=1, description="The field, such as eventCategory, resources.type or resources.ARN.")
    equals: tuple[str, ...] = Field(default=(), description="What it is.")
    starts_with: tuple[str, ...] = Field(default=(), description="What it begins with.")
    ends_with: tuple[str, ...] = Field(default=(), description="What it ends with.")
    not_equals: tuple[str, ...] = Field(default=(), description="What it is not.")
    not_starts_with: tuple[str, ...] = Field(default=(), description="What it does not begin with.")
    not_ends_with: tuple[str, ...] = Field(default=(), description="What it does not end with.")

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not any(values for _, values in self.operators()):
            raise ValueError("say what the field must be: equals, starts_with, ends_with, or not_…")
        return self

    def operators(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The operators under AWS's names, with their values."""
        for name, values in self.model_dump(exclude={"field"}).items():
            yield "".join(word.capitalize() for word in name.split("_")), values


class Events(BaseModel):
    """Which events are logged, beside all management events."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exclude: tuple[Literal["kms.amazonaws.com", "rdsdata.amazonaws.com"], ...] = Field(
        default=(), description="The services whose management events are left out, because there are very many."
    )
    data: dict[ResourceType, Literal["ALL", "READ", "WRITE"]] = Field(
        default_factory=dict,
        description="Data events of all resources of a type, such as AWS::S3::Object, AWS::Lambda::Function or "
        "AWS::DynamoDB::Table, and whether of reading, of writing or ALL; charged for each event.",
    )
    selectors: dict[str, tuple[Condition, ...]] = Field(
        default_factory=dict,
        description="Further advanced event selectors, by their names, each with its conditions; charged for each "
        "event.",
    )
    insights: tuple[Literal["ApiCallRateInsight", "ApiErrorRateInsight"], ...] = Field(
        default=(), description="Which unusual activity is logged too; charged for each event that is analyzed."
    )

    @model_validator(mode="after")
    def _names_are_free(self) -> Events:
        if taken := sorted(self.selectors.keys() & {MANAGEMENT_EVENTS, *map(_name_of, self.data)}):
            raise ValueError(f"another selector is called {taken[0]}; choose another name")
        return self


def _name_of(resource_type: str) -> str:
    return f"Data events of {resource_type}"


def _fields(events: Events) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The name of each selector, and its conditions as AWS takes them."""
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    left_out = {"Field": "eventSource", "NotEquals": sorted(events.exclude)}
    yield MANAGEMENT_EVENTS, [category, left_out] if events.exclude else [category]
    for resource_type, access in events.data.items():
        fields = [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [resource_type]},
        ]
        if access in _ACCESS:
            fields.append({"Field": "readOnly", "Equals": [_ACCESS[access]]})
        yield _name_of(resource_type), fields
    for name, conditions in events.selectors.items():
        said = ({"Field": one.field} | {key: list(v) for key, v in one.operators() if v} for one in conditions)
        yield name, list(said)


def selectors(events: Events) -> list[AdvancedEventSelectorTypeDef]:
    """All selectors, as AWS takes them."""
    return [{"Name": name, "FieldSelectors": fields} for name, fields in _fields(events)]  # type: ignore[typeddict-item]


def planned(events: Events) -> Attrs:
    """The selectors as a plan holds them: each by its name, its conditions in one order."""
    return {**{name: _told(fields) for name, fields in _fields(events)}, "others": ()}


def observed(answer: Mapping[str, Any], events: Events) -> Attrs:
    """What GetEventSelectors tells, likewise; `others` are selectors that ours are not, which cost what they log."""
    ours = {name for name, _ in _fields(events)}
    found: dict[str, Value] = {}
    others = [f"basic: {_basic(selector)}" for selector in answer.get("EventSelectors", ())]
    for selector in answer.get("AdvancedEventSelectors", ()):
        name, fields = selector.get("Name", ""), _told(selector["FieldSelectors"])
        if name in ours and name not in found:
            found[name] = fields
        else:
            others.append(f"{name}: {', '.join(fields)}")
    return {**found, "others": tuple(sorted(others))}


def _told(fields: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    said = (
        f"{field['Field']} {operator} {value}"
        for field in fields
        for operator, values in field.items()
        if operator != "Field"
        for value in values
    )
    return tuple(sorted(said))


def _basic(selector: Mapping[str, Any]) -> str:
    """A selector of the old kind in words."""
    management = "management events" if selector.get("IncludeManagementEvents", True) else "no management events"
    resources: Sequence[Mapping[str, Any]] = selector.get("DataResources", ())
    excluded = [f"without {source}" for source in selector.get("ExcludeManagementEventSources", ())]
    data = [f"{resource['Type']} {value}" for resource in resources for value in resource.get("Values", ())]
    return ", ".join([f"{selector.get('ReadWriteType', 'All')} {management}", *excluded, *data])


def insights(selectors: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What GetInsightSelectors tells: the types, and on what they are analyzed if not on management events alone."""
    return tuple(sorted(_insight(one["InsightType"], one.get("EventCategories", ["Management"])) for one in selectors))


def _insight(kind: str, categories: Sequence[str]) -> str:
    return kind if list(categories) == ["Management"] else f"{kind} of {' and '.join(sorted(categories))} events"
