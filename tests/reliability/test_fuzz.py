"""Malformed input: every file ends in a clear message or in a valid configuration or plan, and never in a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sra_bootstrap import planfile
from sra_bootstrap.config import example, load
from sra_bootstrap.errors import InputError
from sra_bootstrap.model import Action, Address, Blocked, Change, Plan, Resource, StepPlan, Target
from sra_bootstrap.planfile import Origin
from sra_bootstrap.registry import discover
from sra_bootstrap.values import Ref
from tests.reliability.tally import soaking, tally

EXAMPLE = example("eu-west-1", "aws+{key}@example.com").splitlines()
ADDRESS = Address("account", Target("organization"), "audit")
PLAN = Plan(
    (
        StepPlan(
            "accounts",
            (Change(ADDRESS, Action.CREATE, {}, {"email": "a@b.io", "id": Ref("account.audit.id"), "on": True}),),
            (Blocked("somewhere", "for a reason", "do this"),),
            ("a note",),
            (Resource(ADDRESS, {"tags": ("a", 1, None)}),),
            (ADDRESS,),
        ),
    )
)
WRITTEN = json.loads(planfile.dumps(PLAN, Origin("0.1.0", "123456789012", "o-1", "digest")))
FUZZ = settings(
    max_examples=3000 if soaking() else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=not soaking(),
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["eu-west-1", "ALL", ""]),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
damage = st.lists(
    st.tuples(
        st.integers(0, len(EXAMPLE) - 1),
        st.sampled_from(["drop", "twice", "indent", "outdent", "value", "text"]),
        scalars | st.text(max_size=30),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def damaged(places: list[tuple[int, str, Any]]) -> str:
    """The example with some of its lines spoilt."""
    lines = list(EXAMPLE)
    for number, how, value in places:
        line = lines[number]
        lines[number] = {
            "drop": "",
            "twice": f"{line}\n{line}",
            "indent": f"  {line}",
            "outdent": line[2:],
            "value": f"{line.partition(':')[0]}: {value}",
            "text": str(value),
        }[how]
    return "\n".join(lines)


def told(error: InputError) -> None:
    """For each problem, a line that can be, and what is wrong there."""
    assert error.problems
    for problem in error.problems:
        assert problem.message
        assert problem.line >= 0


@FUZZ
@given(places=damage)
def test_a_spoilt_configuration_is_refused_or_valid(places: list[tuple[int, str, Any]], file: Path) -> None:
    _configuration(file, damaged(places).encode("utf-8", "replace"))


@FUZZ
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_refused_as_a_configuration(content: bytes, file: Path) -> None:
    _configuration(file, content)


@FUZZ
@given(value=values)
def test_any_data_is_refused_as_a_configuration(value: Any, file: Path) -> None:
    _configuration(file, json.dumps(value).encode())


def _configuration(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    tally(bad_inputs=1)
    try:
        load(file, discover())
    except InputError as error:
        told(error)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, one in inner for place in _places(one, (*at, key)))]


def _replaced(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[place[0]] = _replaced(copy[place[0]], place[1:], value)
    return copy


@FUZZ
@given(place=st.sampled_from(_places(WRITTEN)[1:]), value=values, signed=st.booleans())
def test_a_spoilt_plan_is_refused_or_is_the_plan_it_says(
    place: tuple[Any, ...], value: Any, signed: bool, file: Path
) -> None:
    document = _replaced(WRITTEN, place, value)
    if signed and isinstance(document, dict):
        content = {key: part for key, part in document.items() if key != "sha256"}
        document["sha256"] = planfile._digest(content)
    file.write_text(json.dumps(document))
    tally(bad_inputs=1)
    try:
        plan, origin = planfile.load(file)
    except InputError as error:
        told(error)
    else:
        assert json.loads(planfile.dumps(plan, origin)) == json.loads(file.read_text())


@FUZZ
@given(content=st.binary(max_size=200))
def test_any_bytes_are_refused_as_a_plan(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    tally(bad_inputs=1)
    with pytest.raises(InputError) as refused:
        planfile.load(file)
    told(refused.value)
