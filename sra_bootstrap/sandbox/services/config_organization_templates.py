"""AWS Config: the templates of conformance packs, which are CloudFormation's, and the rules that they make."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from sra_bootstrap.sandbox.faults import AwsFault

_MOST_RULES = 130
"""https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
_RULE = "AWS::Config::ConfigRule"
_TYPES = {_RULE, "AWS::Config::RemediationConfiguration"}
"""What a pack may hold: https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html."""
_NOTHING = object()
"""What `AWS::NoValue` stands for: the property that it is the value of is not there."""


class _Constructor(SafeConstructor):
    """Reads the short forms of intrinsic functions, such as `!Ref`, as the long ones."""


def _intrinsic(constructor: SafeConstructor, suffix: str, node: Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, ScalarNode):
        return {name: constructor.construct_scalar(node)}
    if isinstance(node, MappingNode):
        return {name: constructor.construct_mapping(node, deep=True)}
    return {name: constructor.construct_sequence(node, deep=True)}


_Constructor.add_multi_constructor("!", _intrinsic)


@dataclass(frozen=True)
class Template:
    """What a template says: the rules by their names, each with the properties that CloudFormation gives it."""

    rules: Mapping[str, Mapping[str, Any]]


def refused(problem: str) -> AwsFault:
    """As seen in AWS: https://github.com/awslabs/aws-config-rules/issues/430."""
    text = f"Invalid conformance pack template provided. Errors found: [{problem}]. Fix your template and try again."
    return AwsFault("OrganizationConformancePackTemplateValidationException", text)


def read(body: str, parameters: Mapping[str, str], partition: str) -> Template:
    """The rules that a template makes with some parameters.

    Raises:
        AwsFault: it is no template of a conformance pack, or the parameters are not its own.
    """
    document = _document(body)
    resources = document.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise refused("At least one resource must be specified")
    for name, resource in resources.items():
        if not isinstance(resource, Mapping) or resource.get("Type") not in _TYPES:
            raise refused(f"Resource {name} is of a type that is not supported")
    values = _values(document.get("Parameters") or {}, parameters) | {"AWS::Partition": partition}
    evaluation = _Evaluation(values, document.get("Conditions") or {})
    rules: dict[str, Mapping[str, Any]] = {}
    for name, resource in resources.items():
        condition = resource.get("Condition")
        if resource["Type"] == _RULE and (condition is None or evaluation.holds(condition)):
            properties = evaluation.of(resource.get("Properties") or {})
            rules[properties.get("ConfigRuleName", name)] = properties
    if len(rules) > _MOST_RULES:
        raise refused("Number of resources provided in the template exceeds the allowed limit")
    return Template(rules)


def _document(body: str) -> Mapping[str, Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        document = yaml.load(body)
    except YAMLError as error:
        raise refused("Template format error: YAML not well-formed") from error
    if not isinstance(document, Mapping):
        raise refused("Template format error: unsupported structure")
    return document


def _values(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        raise refused(f"Parameters: {unknown} do not exist in the template")
    values = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one} | dict(given)
    missing = sorted(declared.keys() - values.keys())
    if missing:
        raise refused(f"Parameters: {missing} must have values")
    return values


class _Evaluation:
    """Works out intrinsic functions, as far as templates of conformance packs use them."""

    def __init__(self, values: Mapping[str, str], conditions: Mapping[str, Any]) -> None:
        self._values = values
        self._conditions = conditions

    def holds(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        if name not in self._conditions:
            raise refused(f"Unresolved condition {name}")
        return bool(self.of(self._conditions[name]))

    def of(self, value: Any) -> Any:
        """A value, with its functions worked out."""
        if isinstance(value, list):
            return [one for one in map(self.of, value) if one is not _NOTHING]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in {"Ref", "Condition"} or name.startswith("Fn::"):
                return self._call(name, argument)
        worked_out = {key: self.of(one) for key, one in value.items()}
        return {key: one for key, one in worked_out.items() if one is not _NOTHING}

    def _call(self, name: str, argument: Any) -> Any:
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._value,
            "Condition": self.holds,
            "Fn::If": lambda parts: self.of(parts[1] if self.holds(parts[0]) else parts[2]),
            "Fn::Equals": lambda parts: self.of(parts[0]) == self.of(parts[1]),
            "Fn::Not": lambda parts: not self.of(parts[0]),
            "Fn::And": lambda parts: all(map(self.of, parts)),
            "Fn::Or": lambda parts: any(map(self.of, parts)),
        }
        if name not in functions:
            raise NotImplementedError(f"{name} in a template")
        return functions[name](argument)

    def _value(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name not in self._values:
            raise refused(f"Unresolved resource dependencies [{name}]")
        return self._values[name]


def input_parameters(properties: Mapping[str, Any]) -> str | None:
    """The parameters of a rule as Config keeps them: the JSON of a mapping of text."""
    parameters = properties.get("InputParameters")
    if not parameters:
        return None
    return parameters if isinstance(parameters, str) else json.dumps({k: str(v) for k, v in parameters.items()})
