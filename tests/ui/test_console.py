from __future__ import annotations

import io

import pytest
from rich.console import Console

from sra_bootstrap.errors import AccessError, InputError, Problem
from sra_bootstrap.ui.console import show_error, stderr, stdout


def said(error: AccessError | InputError) -> str:
    console = Console(file=io.StringIO(), width=40, force_terminal=True, color_system=None)
    with console.capture() as capture:
        show_error(console, error)
    return capture.get()


def test_an_error_says_what_is_wrong_and_then_what_to_do() -> None:
    assert said(AccessError("AWS does not know you.", "Log in.")) == "Error: AWS does not know you.\nLog in.\n"


def test_what_is_wrong_with_a_file_is_a_line_each_that_an_editor_can_follow() -> None:
    error = InputError("config.yaml", [Problem(3, "there is no key [red]colour[/red] here"), Problem(0, "it is short")])

    assert said(error) == "config.yaml:3: there is no key [red]colour[/red] here\nconfig.yaml: it is short\n"


def test_an_error_cannot_steer_the_terminal() -> None:
    assert said(AccessError("a\x1b[2Jb\nc")) == "Error: a\\x1b[2Jb\nc\n"


def test_results_go_to_stdout_and_messages_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    stdout().print("[bold]result :+1:")
    stderr().print("message")

    assert capsys.readouterr() == ("[bold]result :+1:\n", "message\n")


def test_without_a_terminal_output_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")

    assert stdout().width == stderr().width == 120
