from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sra_bootstrap.config import load
from sra_bootstrap.errors import InputError
from sra_bootstrap.org import Account, Delegation
from tests.config.documents import STEPS, TEXT, edited, loaded, refusal


def test_the_organization_is_what_the_file_says_with_the_home_region_first(tmp_path: Path) -> None:
    org = loaded(tmp_path, TEXT).org

    assert (org.home_region, org.regions) == ("eu-west-1", ("eu-west-1", "us-east-1"))
    assert org.units == ("Security", "Workloads", "Workloads/Prod")
    assert list(org.accounts) == ["security-tooling", "log-archive", "network", "shared-services"]
    assert org.accounts["shared-services"] == Account(
        "shared-services",
        "Shared Services",
        "aws+shared-services@example.com",
        "Workloads/Prod",
        {"environment": "prod"},
    )
    assert org.role_name == "OrganizationAccountAccessRole"


def test_an_email_address_of_its_own_goes_before_the_template(tmp_path: Path) -> None:
    accounts = loaded(tmp_path, TEXT).org.accounts

    assert accounts["log-archive"].email == "logs@example.com"
    assert accounts["network"].email == "aws+network@example.com"


def test_without_a_template_every_account_needs_an_email_address(tmp_path: Path) -> None:
    said = refusal(tmp_path, edited("email_template: aws+{key}@example.com\n", ""))

    assert [line.split(": ")[1] for line in said] == [
        "accounts.security-tooling",
        "accounts.network",
        "accounts.shared-services",
    ]
    assert all("email_template" in line for line in said)


def test_an_address_that_the_template_makes_too_long_is_on_the_line_of_its_account(tmp_path: Path) -> None:
    domain = f"{'x' * 40}.com"

    said = refusal(tmp_path, edited("@example.com\naccounts", f"@{domain}\naccounts"))

    # The key of shared-services is one character shorter, and just fits.
    assert [line.split(": ")[:2] for line in said] == [["config.yaml:13", "accounts.security-tooling"]]
    assert "6 to 64 characters" in said[0]


def test_who_plays_which_part_is_by_default_the_account_of_that_name(tmp_path: Path) -> None:
    org = loaded(tmp_path, edited("  network: network\n", "  network: log-archive\n")).org

    assert (org.security_tooling, org.log_archive) == ("security-tooling", "log-archive")
    assert (org.network, org.shared_services) == ("log-archive", "shared-services")


def test_the_pipeline_has_the_enabled_steps_in_order_each_with_its_section(tmp_path: Path) -> None:
    settings = loaded(tmp_path, edited("who: ALL", "who: NONE"))

    assert [step.id for step in settings.pipeline] == ["ground", "watch"]
    assert settings.pipeline[1].config.who == "NONE"


def test_a_step_that_is_disabled_takes_its_trusted_access_and_its_delegations_with_it(tmp_path: Path) -> None:
    both = loaded(tmp_path, TEXT)
    one = loaded(tmp_path, edited("enabled: true\n    who", "enabled: false\n    who"))

    assert both.org.trusted_access == ("ground.amazonaws.com", "shared.amazonaws.com", "watch.amazonaws.com")
    assert both.org.delegations == (Delegation("watch.amazonaws.com", "security-tooling"),)
    assert [step.id for step in one.pipeline] == ["ground"]
    left = ("ground.amazonaws.com", "shared.amazonaws.com")
    assert one.org == replace(both.org, trusted_access=left, delegations=(), sections=one.org.sections)
    assert one.org.sections.keys() == {"ground"}


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    short = TEXT[: TEXT.index("roles:")].replace("  cross_account_role: OrganizationAccountAccessRole\n", "")

    assert loaded(tmp_path, short).org == loaded(tmp_path, TEXT).org
    assert loaded(tmp_path, short).digest == loaded(tmp_path, TEXT).digest


def test_the_management_account_is_a_safety_catch_that_may_be_left_out(tmp_path: Path) -> None:
    named = edited("  cross_account_role", '  management_account_id: "011122223333"\n  cross_account_role')

    assert loaded(tmp_path, TEXT).management_account_id is None
    assert loaded(tmp_path, named).management_account_id == "011122223333"


def test_the_digest_ignores_comments_and_the_order_of_keys_and_nothing_else(tmp_path: Path) -> None:
    commented = edited("roles:", "# Who is who.\nroles:  # by key")
    reordered = edited("    name: Network\n    ou: Workloads\n", "    ou: Workloads\n    name: Network\n")
    renamed = edited("name: Network", "name: Networks")
    digest = loaded(tmp_path, TEXT).digest

    assert len(digest) == 64
    assert loaded(tmp_path, commented).digest == digest
    assert loaded(tmp_path, reordered).digest == digest
    assert loaded(tmp_path, renamed).digest != digest


def test_problems_in_different_sections_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = TEXT.replace("home_region: eu", "home_region: ue").replace("who: ALL", "who: 7") + "bogus: 1\n"

    lines = [int(said.split(":")[1]) for said in refusal(tmp_path, text)]

    assert len(lines) == 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        ("# nothing but a comment\n", "it is empty"),
        ("- a\n- b\n", "it must be a mapping"),
        ("hello\n", "it must be a mapping"),
        ("organization: [1\naccounts: 2\n", "config.yaml:2: "),
        ("organization:\n\taccounts: 2\n", "config.yaml:2: "),
        ("---\na: 1\n---\nb: 2\n", "config.yaml:3: "),
        (b"a: \xe9\n", "config.yaml:"),
        ("a: \0\n", "config.yaml:"),
        ("a: " + "[" * 1200, "config.yaml:"),
        ("a: *nowhere\n", "config.yaml:1: "),
        ("a: " + "[" * 300 + "]" * 300 + "\n", "nested too deeply"),
    ],
    ids=["empty", "comment", "list", "text", "flow", "tab", "two", "latin1", "nul", "open", "alias", "deep"],
)
def test_a_file_that_is_no_mapping_in_yaml_is_refused_in_one_message(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    [said] = refusal(tmp_path, content)

    assert words in said


def test_a_tag_of_yaml_makes_no_object_of_python(tmp_path: Path) -> None:
    made = tmp_path / "made"

    said = refusal(tmp_path, edited("name: Network", f"name: !!python/object/apply:os.mkdir [{made}]"))

    assert len(said) == 1
    assert not made.exists()


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml: .*`sra-bootstrap init`"):
        load(tmp_path / "nowhere.yaml", STEPS)
    with pytest.raises(InputError, match="it cannot be read"):
        load(tmp_path, STEPS)


def test_windows_line_endings_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(("\ufeff" + TEXT.replace("\n", "\r\n")).encode())

    assert load(path, STEPS).digest == loaded(tmp_path, TEXT).digest
