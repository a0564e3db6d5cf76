from __future__ import annotations

from pathlib import Path

import pytest

import sra_bootstrap
from sra_bootstrap.config import Settings, example, load
from sra_bootstrap.config.generate import generated
from sra_bootstrap.registry import discover

ROOT = Path(sra_bootstrap.__file__).parent.parent
SHOWN = example("eu-west-1", "aws+{key}@example.com")


def settings(folder: Path, text: str) -> Settings:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, discover())


def test_the_example_is_the_architecture_as_aws_recommends_it(tmp_path: Path) -> None:
    org = settings(tmp_path, SHOWN).org

    assert org.regions == ("eu-west-1", "us-east-1")
    assert set(org.units) == {
        "Security", "Infrastructure", "Workloads", "Workloads/Prod", "Workloads/NonProd", "Sandbox", "Suspended",
    }  # fmt: skip
    assert {account.name: account.unit for account in org.accounts.values()} == {
        "Security Tooling": "Security",
        "Log Archive": "Security",
        "Network": "Infrastructure",
        "Shared Services": "Infrastructure",
        "Workload Prod": "Workloads/Prod",
    }


def test_the_example_has_every_step_that_is_on_by_default_with_its_default_configuration(tmp_path: Path) -> None:
    pipeline = settings(tmp_path, SHOWN).pipeline

    default = {name: step.Config() for name, step in discover().items()}
    assert [step.id for step in pipeline] == [name for name, config in default.items() if config.enabled]
    assert [step.config for step in pipeline] == [default[step.id] for step in pipeline]


def test_the_example_explains_every_step_and_every_setting_of_it() -> None:
    # Long ones go on in the next line.
    lines = (line.strip() for line in SHOWN.splitlines())
    comments = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))

    for step in discover().values():
        assert (step.__doc__ or "").splitlines()[0] in comments
        for name, field in step.Config.model_fields.items():
            usual = name == "enabled" and step.Config().enabled
            assert usual or (field.description or "?") in comments


def test_the_example_tells_editors_where_its_schema_is() -> None:
    assert SHOWN.splitlines()[0] == "# yaml-language-server: $schema=config.schema.json"


@pytest.mark.parametrize("template", ["aws+{key}@example.com", "{key}@example.com", "#{key}@example.com"])
def test_the_example_is_valid_with_any_home_region_and_email_template(tmp_path: Path, template: str) -> None:
    org = settings(tmp_path, example("us-east-1", template)).org

    assert org.regions == ("us-east-1",)
    assert org.accounts["network"].email == template.replace("{key}", "network")


@pytest.mark.parametrize("name", ["config.yaml", "config.schema.json"])
def test_the_generated_files_are_current(name: str) -> None:
    current = (ROOT / name).read_text(encoding="utf-8")

    assert current == generated()[name], "run python -m sra_bootstrap.config.generate"


def test_the_example_shows_contacts_that_hold_once_the_comment_marks_are_taken_away(tmp_path: Path) -> None:
    lines = SHOWN.splitlines()
    for key, parts in (("security", 4), ("primary", 7)):
        start = lines.index(f"    {key}:", lines.index("  contacts:")) + 1
        lines[start : start + parts] = [line.replace("# ", "", 1) for line in lines[start : start + parts]]

    [contacts] = [step for step in settings(tmp_path, "\n".join(lines)).pipeline if step.id == "contacts"]

    assert contacts.config.security.email == "security@example.com"
    assert contacts.config.primary.country_code == "NL"
