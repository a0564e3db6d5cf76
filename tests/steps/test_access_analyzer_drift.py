"""Every single setting of the analyzers, changed by hand. One organization for all: each test puts it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from tests.steps.access_analyzer_by_hand import EVERYTHING, NAMES, OTHER, AccessAnalyzer
from tests.steps.by_hand import calls, clean, configure, lines
from tests.world import World, only

EXTERNAL, UNUSED, INTERNAL = NAMES.values()
EXCLUSIONS: list[dict[str, Any]] = [
    {"accountIds": ["network", "log-archive"]},
    {"resourceTags": [{"team": "red"}, {"temporary": ""}]},
]
INCLUSIONS: list[dict[str, Any]] = [
    {"accountIds": ["log-archive"], "resourceTypes": ["AWS::S3::Bucket", "AWS::DynamoDB::Table"]},
    {"accountIds": ["network"], "resourceArns": ["arn:aws:s3:::secret"]},
]


@pytest.fixture(scope="module")
def everything() -> Iterator[World]:
    with sandbox.in_process() as running:
        world = World(running, only("access_analyzer"))
        configure(world, access_analyzer=EVERYTHING)
        world.build()
        yield world


def unused(*rules: object, age: int = 90) -> Callable[[AccessAnalyzer], None]:
    return lambda there: there.configure(UNUSED, "unused", list(rules), unusedAccessAge=age)


def internal(*rules: object) -> Callable[[AccessAnalyzer], None]:
    return lambda there: there.configure(INTERNAL, "internal", list(rules))


def rewritten(rule: str, analyzer: str, criteria: object) -> Callable[[AccessAnalyzer], None]:
    return lambda there: there.api.update_archive_rule(analyzerName=analyzer, ruleName=rule, filter=criteria)


def deleted(rule: str, analyzer: str) -> Callable[[AccessAnalyzer], None]:
    return lambda there: there.api.delete_archive_rule(analyzerName=analyzer, ruleName=rule)


PUBLIC = {"isPublic": {"eq": ["false"]}}
SOMEBODY = {"principal.AWS": {"eq": ["111122223333"]}}
BY_HAND: dict[str, tuple[str, str, Callable[[AccessAnalyzer], None]]] = {
    "a shorter age": ("unused-access", "age", unused(*EXCLUSIONS, age=30)),
    "a longer age": ("unused-access", "age", unused(*EXCLUSIONS, age=365)),
    "an account more is left out": (
        "unused-access",
        "exclusions",
        unused({"accountIds": ["workload-prod"]}, *EXCLUSIONS),
    ),
    "an account less is left out": ("unused-access", "exclusions", unused({"accountIds": ["network"]}, EXCLUSIONS[1])),
    "a tag more is left out": ("unused-access", "exclusions", unused({"resourceTags": [{"a": "b"}]}, *EXCLUSIONS)),
    "a tag has another value": (
        "unused-access",
        "exclusions",
        unused(EXCLUSIONS[0], {"resourceTags": [{"team": "blue"}, {"temporary": ""}]}),
    ),
    "accounts and tags have to come together": (
        "unused-access",
        "exclusions",
        unused({**EXCLUSIONS[0], **EXCLUSIONS[1]}),
    ),
    "nothing is left out": ("unused-access", "exclusions", unused()),
    "a type less is looked at": (
        "internal-access",
        "inclusions",
        internal({"accountIds": ["log-archive"], "resourceTypes": ["AWS::S3::Bucket"]}, INCLUSIONS[1]),
    ),
    "another account is looked at": (
        "internal-access",
        "inclusions",
        internal(INCLUSIONS[0], {"accountIds": ["workload-prod"], "resourceArns": ["arn:aws:s3:::secret"]}),
    ),
    "more is looked at": ("internal-access", "inclusions", internal({"accountIds": ["network"]}, *INCLUSIONS)),
    "another resource is looked at": (
        "internal-access",
        "inclusions",
        internal(INCLUSIONS[0], {"accountIds": ["network"], "resourceArns": ["arn:aws:s3:::other"]}),
    ),
    "a criterion more": (
        "external-access",
        "archive_rules",
        rewritten("trusted", EXTERNAL, {**PUBLIC, **SOMEBODY, "resource": {"contains": ["a"]}}),
    ),
    "a criterion less": ("external-access", "archive_rules", rewritten("trusted", EXTERNAL, PUBLIC)),
    "a value more": (
        "external-access",
        "archive_rules",
        rewritten("trusted", EXTERNAL, PUBLIC | {"principal.AWS": {"eq": ["111122223333", "444455556666"]}}),
    ),
    "the contrary": (
        "external-access",
        "archive_rules",
        rewritten("trusted", EXTERNAL, PUBLIC | {"principal.AWS": {"neq": ["111122223333"]}}),
    ),
    "an archive rule less": ("external-access", "archive_rules", deleted("trusted", EXTERNAL)),
    "an archive rule of unused access less": ("unused-access", "archive_rules", deleted("keys", UNUSED)),
}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("what", BY_HAND)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(everything: World, what: str) -> None:
    kind, attribute, by_hand = BY_HAND[what]
    by_hand(AccessAnalyzer(everything, OTHER))

    plan = everything.plan()
    everything.records.clear()
    outcome = everything.apply(plan)

    assert lines(plan.changes) == [f"update security-tooling/{OTHER} {kind}"]
    assert [list(change.after) for change in plan.changes] == [[attribute]]
    assert clean(outcome)
    assert sum(not record.read for record in everything.records) == 1
    assert everything.plan().empty


@pytest.mark.parametrize("kind", [*NAMES, "account-external-access"])
def test_an_analyzer_that_is_deleted_by_hand_is_created_again(everything: World, kind: str) -> None:
    account = MANAGEMENT if kind == "account-external-access" else "security-tooling"
    AccessAnalyzer(everything, OTHER, account).api.delete_analyzer(analyzerName=f"sra-{kind}")

    plan = everything.plan()
    everything.records.clear()
    outcome = everything.apply(plan)

    assert lines(plan.changes) == [f"create {account}/{OTHER} {kind}"]
    assert clean(outcome)
    assert calls(everything, "accessanalyzer:CreateAnalyzer") == sum(not one.read for one in everything.records) == 1
    assert everything.plan().empty


@pytest.mark.parametrize(
    "rules",
    [
        list(reversed(EXCLUSIONS)),
        [{"accountIds": ["log-archive"]}, EXCLUSIONS[1], {"accountIds": ["network"]}],
        [EXCLUSIONS[0], {"resourceTags": [{"temporary": ""}]}, {"resourceTags": [{"team": "red"}]}],
    ],
)
def test_the_same_said_otherwise_is_no_drift(everything: World, rules: list[object]) -> None:
    there = AccessAnalyzer(everything, OTHER)
    there.configure(UNUSED, "unused", rules, unusedAccessAge=90)
    there.configure(INTERNAL, "internal", list(reversed(INCLUSIONS)))

    assert everything.plan().empty


def test_what_others_have_set_stays(everything: World) -> None:
    there = AccessAnalyzer(everything, OTHER)
    there.api.create_archive_rule(analyzerName=EXTERNAL, ruleName="theirs", filter=PUBLIC)
    there.api.tag_resource(resourceArn=there.get(EXTERNAL)["arn"], tags={"team": "theirs"})
    assert everything.plan().empty
    there.api.delete_archive_rule(analyzerName=EXTERNAL, ruleName="trusted")

    assert clean(everything.apply(everything.plan()))

    assert set(there.archive_rules(EXTERNAL)) == {"trusted", "theirs"}
    assert there.get(EXTERNAL)["tags"] == {"team": "theirs"}
