from __future__ import annotations

from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from sra_bootstrap.config import example, schema
from sra_bootstrap.registry import discover
from tests.config.documents import STEPS, TEXT, edited

VALIDATOR = Draft202012Validator(schema(STEPS))


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_the_schema_is_one_and_the_example_passes_it() -> None:
    every = schema(discover())

    Draft202012Validator.check_schema(every)
    Draft202012Validator(every).validate(parsed(example("eu-west-1", "aws+{key}@example.com")))


def test_what_is_valid_passes_the_schema() -> None:
    VALIDATOR.validate(parsed(TEXT))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("roles:\n", "bogus: 1\nroles:\n"),
        ("  home_region", "  hom_region"),
        ("    name: Network\n", "    name: Network\n    unit: x\n"),
        ("  network: network", "  netwrok: network"),
        ("  watch:", "  wacht:"),
        ("who: ALL", "who: SOME"),
        ("logs: true", "log: true"),
        ("    ou: Workloads\n", ""),
        ("    Prod: {}", "    Prod: x"),
        ("name: Network", "name: 7"),
        ("    enabled: true\n    who", '    enabled: "yes"\n    who'),
    ],
)
def test_what_is_wrong_by_itself_fails_the_schema(old: str, new: str) -> None:
    assert not VALIDATOR.is_valid(parsed(edited(old, new)))


def test_every_property_says_what_it_means() -> None:
    every = schema(discover())
    definitions = every["$defs"]
    models = [every, *definitions.values()]

    def described(value: dict[str, Any]) -> dict[str, Any]:
        # A field that says no more than the model it holds has its words there.
        return cast("dict[str, Any]", definitions.get(value.get("$ref", "").removeprefix("#/$defs/"), {}))

    silent = [
        f"{model['title']}.{name}"
        for model in models
        for name, value in model.get("properties", {}).items()
        if "description" not in value and "description" not in described(value)
    ]

    assert silent == []
