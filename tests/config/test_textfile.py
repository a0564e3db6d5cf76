from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from sra_bootstrap.config import Settings, load
from sra_bootstrap.errors import InputError
from sra_bootstrap.registry import ordered
from sra_bootstrap.step import StepConfig
from sra_bootstrap.textfile import Text, TextFile
from tests.config.documents import TEXT, Ground, Watch


class Reading(Watch):
    """Watch by the book."""

    class Config(StepConfig):
        """How to watch."""

        book: TextFile | None = Field(default=None, description="The book.")


def loaded(folder: Path, book: str) -> Settings:
    path = folder / "config.yaml"
    path.write_text(TEXT.replace("    who: ALL\n    plans:\n      logs: true\n", f"    book: {book}\n"))
    return load(path, ordered([Ground, Reading]))


def test_a_file_beside_config_is_read_with_it_and_is_part_of_its_digest(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    file = tmp_path / "books" / "one.txt"
    file.write_text("first\n")

    first = loaded(tmp_path, "books/one.txt")
    file.write_text("second\n")
    second = loaded(tmp_path, "books/one.txt")

    assert first.pipeline[-1].config.book == Text("books/one.txt", "first\n")
    assert first.digest != second.digest == loaded(tmp_path, "books/one.txt").digest


@pytest.mark.parametrize(
    ("book", "words"),
    [
        ("two.txt", 'the file "two.txt" cannot be read: No such file or directory'),
        ("latin.txt", 'the file "latin.txt" cannot be read: it is not text in UTF-8'),
        (".", 'the file "." cannot be read: Is a directory'),
        ("7", "it must be the path of a file"),
        ('""', "it must be the path of a file"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_of_its_line(tmp_path: Path, book: str, words: str) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")

    with pytest.raises(InputError) as raised:
        loaded(tmp_path, book)

    assert f"config.yaml:35: steps.watch.book: {words}" in str(raised.value)
