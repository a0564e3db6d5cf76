from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sra_bootstrap.aws import Record
from sra_bootstrap.errors import InputError
from sra_bootstrap.journal import Journal, default_folder, runs

HEAD = {"caller": "arn:aws:iam::123456789012:user/me", "plan": "digest", "organization": "o-1"}
WRITE = Record("111111111111", "eu-west-1", "guardduty", "CreateDetector", read=False, about="guardduty: create it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journals"


def lines(journal: Journal) -> list[dict[str, object]]:
    return [json.loads(line) for line in journal.path.read_text().splitlines()]


def test_only_its_owner_can_read_a_journal(folder: Path) -> None:
    journal = Journal(folder, HEAD)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_a_write_is_in_the_file_before_it_is_sent_and_again_when_it_has_ended(folder: Path) -> None:
    journal = Journal(folder, HEAD)

    journal.before_write(WRITE)
    assert [line["event"] for line in lines(journal)] == ["begin", "write"]
    journal.after_call(replace(WRITE, request_id="r-1", seconds=0.25))

    begin, sent, ended = lines(journal)
    assert begin.items() >= HEAD.items()
    assert (sent["call"], sent["about"], sent["account"], sent["region"]) == (
        "guardduty:CreateDetector",
        "guardduty: create it",
        "111111111111",
        "eu-west-1",
    )
    assert (ended["error"], ended["request_id"], ended["seconds"]) == (None, "r-1", 0.25)


def test_reads_are_not_recorded(folder: Path) -> None:
    journal = Journal(folder, HEAD)

    journal.after_call(replace(WRITE, operation="ListDetectors", read=True))

    assert len(lines(journal)) == 1


def test_every_run_has_a_file_of_its_own_and_the_latest_is_listed_first(folder: Path) -> None:
    paths = {Journal(folder, HEAD).path for _ in range(3)}

    assert len(paths) == 3
    assert [run.path for run in runs(folder)] == sorted(paths, reverse=True)


def test_a_run_that_has_ended_tells_what_it_did(folder: Path) -> None:
    journal = Journal(folder, HEAD)
    for error in (None, None, "ThrottlingException"):
        journal.before_write(WRITE)
        journal.after_call(replace(WRITE, error=error))
    journal.end(4, done=1)

    (run,) = runs(folder)

    assert (run.writes, run.errors, run.unanswered, run.status) == (2, 1, (), 4)
    assert run.head["plan"] == "digest"


def test_a_run_that_was_killed_tells_which_write_nobody_knows_the_end_of(folder: Path) -> None:
    journal = Journal(folder, HEAD)
    journal.before_write(WRITE)
    with journal.path.open("a") as file:
        file.write('{"at": "2026-11-2')

    (run,) = runs(folder)

    assert run.status is None
    assert run.unanswered == ("guardduty: create it (guardduty:CreateDetector in eu-west-1)",)


def test_what_is_no_journal_is_said_with_its_line(folder: Path) -> None:
    journal = Journal(folder, HEAD)
    with journal.path.open("a") as file:
        file.write("nonsense\n{}\n")

    with pytest.raises(InputError, match=":2: it is no line of a journal"):
        list(runs(folder))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="--state-dir"):
        Journal(tmp_path / "file" / "below", HEAD)


def test_journals_are_kept_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "sra-bootstrap"

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "state" / "sra-bootstrap"


def test_where_there_are_no_journals_there_are_no_runs(folder: Path) -> None:
    assert list(runs(folder)) == []
