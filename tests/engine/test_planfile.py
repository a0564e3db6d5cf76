from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sra_bootstrap import __version__
from sra_bootstrap.errors import InputError
from sra_bootstrap.model import Action, Address, Blocked, Change, Plan, Resource, StepPlan, Target
from sra_bootstrap.planfile import FORMAT, Origin, check_origin, digest, dumps, load
from sra_bootstrap.values import Ref
from tests.engine.conftest import MANAGEMENT_ID, organization

ORIGIN = Origin("0.1.0", MANAGEMENT_ID, "o-organization", "digest-of-config")
HERE = Target("security", "eu-west-1")
PLAN = Plan(
    (
        StepPlan(
            "guardduty",
            changes=(
                Change(
                    Address("administrator", HERE),
                    Action.CREATE,
                    {},
                    {"account": Ref("account.security.id"), "on": True},
                ),
                Change(
                    Address("members", HERE, "Zürich ☂"),
                    Action.UPDATE,
                    {"features": {"S3": None}, "list": (1, ("a",))},
                    {"features": {"S3": "ENABLED"}, "list": ()},
                ),
                Change(Address("detector", HERE), Action.DELETE, {"status": "ENABLED"}, {}),
            ),
            blocked=(Blocked("log/eu-west-1", "It cannot be read.", "Sign in."), Blocked("log", "Because.")),
            notes=("Look.",),
            unmanaged=(Resource(Address("account", Target("organization"), "a@example.com"), {"name": "a"}),),
            kept=(Address("organization", Target("management")),),
        ),
        StepPlan("accounts"),
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def document() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dumps(PLAN, ORIGIN))
    return parsed


def seal(content: dict[str, Any]) -> str:
    """The text of a plan file whose digest is right, whatever it holds."""
    content.pop("sha256", None)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sha256 = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    return json.dumps(content | {"sha256": sha256})


def refusal(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load(path)
    return raised.value.message


@pytest.mark.parametrize("plan", [PLAN, Plan(()), Plan((StepPlan("x"),), destroy=True)])
def test_a_plan_comes_back_from_its_file(path: Path, plan: Plan) -> None:
    path.write_text(dumps(plan, ORIGIN), encoding="utf-8")

    assert load(path) == (plan, ORIGIN)


def test_the_same_plan_makes_the_same_file(path: Path) -> None:
    path.write_text(dumps(PLAN, ORIGIN), encoding="utf-8")

    assert dumps(*load(path)) == dumps(PLAN, ORIGIN)
    assert document()["sha256"] == digest(PLAN, ORIGIN)


def test_the_digest_does_not_depend_on_the_order_of_attributes() -> None:
    def plan(after: dict[str, int]) -> Plan:
        return Plan((StepPlan("x", changes=(Change(Address("k", HERE), Action.CREATE, {}, after),)),))

    assert digest(plan({"a": 1, "b": 2}), ORIGIN) == digest(plan({"b": 2, "a": 1}), ORIGIN)
    assert digest(plan({"a": 1}), ORIGIN) != digest(plan({"a": 2}), ORIGIN)


@pytest.mark.parametrize("field", ["tool", "management_account", "organization", "config"])
def test_the_digest_depends_on_what_the_plan_was_made_for(field: str) -> None:
    assert digest(PLAN, ORIGIN) != digest(PLAN, replace(ORIGIN, **{field: "another"}))


def test_to_destroy_has_another_digest_than_to_build() -> None:
    assert digest(replace(PLAN, destroy=True), ORIGIN) != digest(PLAN, ORIGIN)


def test_a_file_for_people_is_readable_text() -> None:
    assert "Zürich ☂" in dumps(PLAN, ORIGIN)


def test_an_edited_file_is_refused(path: Path) -> None:
    text = dumps(PLAN, ORIGIN).replace("ENABLED", "DISABLED")

    assert refusal(path, text) == f"{path}: it was edited after it was written; make the plan again"


@pytest.mark.parametrize("sha256", ["", "0" * 64, None, 5, [], {}])
def test_a_digest_that_is_none_of_this_file_is_refused(path: Path, sha256: Any) -> None:
    assert "it was edited after it was written" in refusal(path, json.dumps(document() | {"sha256": sha256}))


@pytest.mark.parametrize("number", [0, 2, "1", None, [1]])
def test_another_format_is_refused_and_named(path: Path, number: Any) -> None:
    text = seal(document() | {"format": number})

    assert refusal(path, text) == f"{path}: it has the format {number!r}; this version reads format {FORMAT}"


def test_text_that_is_not_json_is_refused_with_its_line(path: Path) -> None:
    lines = dumps(PLAN, ORIGIN).splitlines()
    lines[6] = "    oops"

    assert refusal(path, "\n".join(lines)).startswith(f"{path}:7: it is not JSON (")


@pytest.mark.parametrize("text", ["", " ", "{", "\ufeff{}", "organization:\n  home_region: eu-west-1\n", '{"a": 1,}'])
def test_other_text_is_no_plan(path: Path, text: str) -> None:
    assert "it is not JSON" in refusal(path, text)


@pytest.mark.parametrize("text", ["[]", "{}", "null", "true", "5", '"sha256"', '["sha256"]', '{"plan": {}}', "NaN"])
def test_other_json_is_no_plan(path: Path, text: str) -> None:
    assert "it is not a plan file" in refusal(path, text)


def test_what_is_nested_more_deeply_than_json_can_be_read_is_refused(path: Path) -> None:
    assert "it is nested more deeply" in refusal(path, "[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize("depth", [300, 600, 750, 900])
def test_a_value_that_is_nested_deeply_is_read_or_refused(path: Path, depth: int) -> None:
    nested: Any = "core"
    for _ in range(depth):
        nested = {"k": nested}
    content = document()
    content["plan"]["steps"][0]["changes"][0]["after"] = nested
    path.write_text(seal(content), encoding="utf-8")

    assert outcome(path) in {"it is read", f"{path}: it is nested more deeply than a plan file can be"}


def outcome(path: Path) -> str:
    try:
        load(path)
    except InputError as error:
        return error.message
    return "it is read"


def test_a_number_that_is_too_long_is_refused(path: Path) -> None:
    refusal(path, dumps(PLAN, ORIGIN).replace('"on": true', '"on": ' + "9" * 5000))


def test_text_that_cannot_be_encoded_is_refused(path: Path) -> None:
    refusal(path, dumps(PLAN, ORIGIN).replace("Look.", "\\ud800"))


def test_a_file_that_is_not_there_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match=r"it cannot be read: .*No such file"):
        load(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it cannot be read"):
        load(tmp_path)


def test_bytes_that_are_no_text_are_refused(path: Path) -> None:
    path.write_bytes(b'{"sha256": "\xff\xfe"}')

    with pytest.raises(InputError, match="it cannot be read"):
        load(path)


Place = tuple[str | int, ...]


def _places(value: Any, at: Place = ()) -> list[Place]:
    """Where anything is in a document, the values inside of attributes excepted: there, any plain data may be."""
    if at[-1:] in {("before",), ("after",), ("attrs",)}:
        return [at]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, part in inner for place in _places(part, (*at, key)))]


def _spoilt(place: Place, spoil: Callable[[Any, str | int], None]) -> str:
    """A plan file that is spoilt at one place, and whose digest is right nevertheless."""
    content = copy.deepcopy(document())
    content.pop("sha256")
    holder: Any = content
    for key in place[:-1]:
        holder = holder[key]
    spoil(holder, place[-1])
    return seal(content)


EVERYWHERE = [place for place in _places(document()) if place and place[0] not in {"sha256", "format"}]
OF_TYPES: list[Any] = [None, True, 5, 0.5, "", "text", [], [5], ["text"], [{}], [None], {}, {"text": 5}]


def _wrong(there: Any, place: Place) -> list[Any]:
    """What cannot be where this is: of another type, or of the same and with what it cannot hold."""
    others = [value for value in OF_TYPES if type(value) is not type(there)]
    if isinstance(there, list):
        return [*others, [5], [{}], [None], *([] if place[-1] == "notes" else [["text"]])]
    if isinstance(there, dict) and place[-1] not in {"before", "after", "attrs"}:
        return [*others, {}, {"text": 5}]
    return others


@pytest.mark.parametrize("place", [pytest.param(p, id=".".join(map(str, p))) for p in EVERYWHERE])
def test_what_is_of_a_wrong_type_is_refused_wherever_it_is(path: Path, place: Place) -> None:
    there: Any = document()
    for key in place:
        there = there[key]
    taken = []

    for wrong in _wrong(there, place):
        path.write_text(_spoilt(place, partial(_put, wrong)), encoding="utf-8")
        if outcome(path) == "it is read":
            taken.append(wrong)

    assert taken == []


def _put(value: Any, holder: Any, key: str | int) -> None:
    holder[key] = value


# A blocked place may be without a remedy, and what is missing from a list is nowhere missed.
NEEDED = [place for place in EVERYWHERE if isinstance(place[-1], str) and place[-1] != "remedy"]


@pytest.mark.parametrize("place", [pytest.param(p, id=".".join(map(str, p))) for p in NEEDED])
def test_what_is_missing_is_missed_wherever_it_is(path: Path, place: Place) -> None:
    def spoil(holder: Any, key: str | int) -> None:
        del holder[key]

    assert "it is not a plan that this version could have written" in refusal(path, _spoilt(place, spoil))


@pytest.mark.parametrize("action", ["destroy", "CREATE", ""])
def test_an_action_that_there_is_not_is_refused(path: Path, action: str) -> None:
    text = _spoilt(("plan", "steps", 0, "changes", 0, "action"), partial(_put, action))

    assert "changes.0.action: Input should be 'create', 'update' or 'delete'" in refusal(path, text)


@pytest.mark.parametrize("attrs", [{"a": 0.5}, {"a": [{"b": 1e9}]}, {"$ref": "x"}])
def test_attributes_that_no_plan_holds_are_refused(path: Path, attrs: Any) -> None:
    text = _spoilt(("plan", "steps", 0, "changes", 0, "after"), partial(_put, attrs))

    assert "it is not a plan that this version could have written: plan.steps.0.changes.0.after: " in refusal(
        path, text
    )


def origin_refusal(planned: Origin, now: Origin) -> list[str]:
    with pytest.raises(InputError) as raised:
        check_origin(Path("plan.json"), planned, now)
    return [problem.message for problem in raised.value.problems]


def test_a_plan_for_the_same_is_accepted() -> None:
    check_origin(Path("plan.json"), ORIGIN, replace(ORIGIN))


def test_a_plan_that_was_made_for_no_organization_is_accepted_once_there_is_one() -> None:
    check_origin(Path("plan.json"), replace(ORIGIN, organization=""), ORIGIN)


def test_a_plan_for_another_management_account_is_refused_with_both_named() -> None:
    [message] = origin_refusal(replace(ORIGIN, management_account="999999999999"), ORIGIN)

    assert message == f"it is a plan for the management account 999999999999, not {MANAGEMENT_ID}"


@pytest.mark.parametrize("now", ["o-another", ""])
def test_a_plan_for_another_organization_is_refused(now: str) -> None:
    [message] = origin_refusal(ORIGIN, replace(ORIGIN, organization=now))

    assert message == f"it is a plan for the organization o-organization, not {now or 'none'}"


def test_a_plan_of_another_config_is_refused() -> None:
    [message] = origin_refusal(replace(ORIGIN, config="older"), ORIGIN)

    assert message.startswith("config.yaml says something else")


def test_a_plan_of_another_version_is_refused_with_both_named() -> None:
    [message] = origin_refusal(replace(ORIGIN, tool="0.0.1"), ORIGIN)

    assert message == "it was made by version 0.0.1, and this is 0.1.0; make the plan again"


def test_all_that_differs_is_told_at_once() -> None:
    assert len(origin_refusal(Origin("0.0.1", "999999999999", "o-another", "older"), ORIGIN)) == 4


def test_a_plan_is_made_for_what_is_there_now() -> None:
    bare = organization()

    assert Origin.of(bare, "config") == Origin(__version__, MANAGEMENT_ID, "", "config")
    assert Origin.of(organization(live=[]), "config") == Origin(__version__, MANAGEMENT_ID, "o-organization", "config")
