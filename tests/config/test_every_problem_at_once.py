from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sra_bootstrap.config import example, load, schema
from sra_bootstrap.errors import InputError
from sra_bootstrap.registry import discover
from tests.config.documents import STEPS, TEXT, edited, line_of, refusal


def test_what_is_wrong_by_itself_hides_nothing_that_does_not_fit_together(tmp_path: Path) -> None:
    text = (
        TEXT.replace("name: Network", "nmae: Network")
        .replace("ou: Workloads/Prod", "ou: Workload/Prod")
        .replace("  Security:\n", "  Security:\n  Security:\n")
        .replace("network: network", "network: net-work")
        .replace("logs: true", "logs: maybe")
    )

    said = refusal(tmp_path, text)

    assert [line.split(": ")[1] for line in said] == [
        "organizational_units.Security",
        "accounts.network.name",
        "accounts.network.nmae",
        "accounts.shared-services.ou",
        "roles.network",
        "steps.watch.plans.logs",
    ]


@pytest.mark.parametrize("value", ['"yes"', "yes", "1", '"true"', "[]"])
def test_a_switch_is_true_or_false_and_nothing_that_resembles_it(tmp_path: Path, value: str) -> None:
    text = edited("enabled: true\n    who", f"enabled: {value}\n    who")

    [said] = refusal(tmp_path, text)

    assert said.startswith(f"config.yaml:{line_of(text, f'enabled: {value}')}: steps.watch.enabled: it must be true or")


@pytest.mark.parametrize(
    "value",
    ["!!python/object/apply:os.getcwd []", "!mine Network", "!!binary aGk=", "!!set {a}", "!!int abc", "&n Network"],
)
def test_tags_and_anchors_are_refused_on_their_line(tmp_path: Path, value: str) -> None:
    text = edited("name: Network", f"name: {value}")

    [said] = refusal(tmp_path, text)

    assert said.startswith(f"config.yaml:{line_of(text, 'name: ' + value)}: ")
    assert "are not read here; write" in said


def test_an_alias_to_what_it_is_in_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, edited("    Prod: {}", "    Prod: &p {Again: *p}"))

    assert [line.partition(" such")[0] for line in said] == ["config.yaml:10: anchors", "config.yaml:10: aliases"]


def test_every_key_that_is_there_twice_is_told_with_both_its_lines(tmp_path: Path) -> None:
    text = TEXT.replace("    ou: Workloads\n", "    ou: Workloads\n    ou: Security\n").replace(
        "  network: network\n", "  network: network\n  network: log-archive\n"
    )

    first, second = refusal(tmp_path, text)

    assert first == "config.yaml:23: accounts.network.ou: this key is there twice, first on line 22; keep one of them"
    assert second == "config.yaml:31: roles.network: this key is there twice, first on line 30; keep one of them"


@pytest.mark.parametrize(
    ("content", "line"), [(b"a: 1\nb: \xe9\n", 2), ("a: 1\nb: \0\n", 2), ("a: 1\n~: x\n", 2), ("a: 1\n? [b]\n: x\n", 2)]
)
def test_what_yaml_cannot_hold_is_refused_on_its_line(tmp_path: Path, content: str | bytes, line: int) -> None:
    assert any(said.startswith(f"config.yaml:{line}: ") for said in refusal(tmp_path, content))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: Network", "name: Net<work>", "none of them < or >"),
        ("name: Network", '"name": "Network\\n"', "all ASCII"),
        ("environment: prod", "AWS:x: prod", "aws: is reserved"),
        ("environment: prod", "environment: aws:prod", "aws: is reserved"),
        ("environment: prod", 'environment: "a\\nb"', "letters, digits, spaces"),
        ("OrganizationAccountAccessRole", "arn:aws:iam::1:role/x", "not its ARN"),
        ("    - us-east-1\n    - eu-west-1\n", "    []\n", "it must have at least 1"),
    ],
)
def test_what_aws_would_refuse_later_is_refused_now(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in refusal(tmp_path, edited(old, new))[0]


def test_a_key_of_an_account_that_is_no_key_fails_the_schema() -> None:
    validator = Draft202012Validator(schema(STEPS))
    account = {"name": "Network", "ou": "Security"}
    config = {"organization": {"home_region": "eu-west-1", "governed_regions": ["eu-west-1"]}}

    assert validator.is_valid(config | {"accounts": {"network": account}})
    assert not validator.is_valid(config | {"accounts": {"Net_work": account}})


def test_the_example_of_another_partition_names_no_region_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(example("us-gov-west-1", "aws+{key}@example.com"), encoding="utf-8")

    assert load(path, discover()).org.regions == ("us-gov-west-1",)


@pytest.mark.parametrize(
    ("region", "template", "words"),
    [
        ("eu-wets-1", "aws+{key}@example.com", '--home-region: .* did you mean "eu-west-1"'),
        ("eu-west-1", "aws@example.com", "--email-template: it must hold {key}"),
        ("eu-west-1", "a {key}@example.com", "--email-template: AWS would refuse"),
    ],
)
def test_no_example_is_made_of_what_would_be_refused(region: str, template: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        example(region, template)
