from __future__ import annotations

from moto.sts.models import sts_backends

from tests.cli.conftest import Shell, apply


def test_every_apply_is_in_the_history(shell: Shell) -> None:
    apply(shell)
    shell.rewrite("auto_enable: ALL", "auto_enable: NEW")
    assert shell.run("apply", "--yes").status == 0

    shown = shell.run("history")

    assert shown.status == 0
    assert shown.out.count("done") == 2
    assert "2 runs" in shown.out


def test_planning_and_the_sandbox_leave_no_journal(shell: Shell) -> None:
    shell.run("plan")
    shell.run("apply", "--sandbox", "--yes", "--step", "preflight", "--step", "organization")

    assert "no journal" in shell.run("history").out


def test_a_journal_that_cannot_be_written_stops_the_apply_before_it_begins(shell: Shell) -> None:
    (shell.folder / "file").write_text("")

    refused = shell.run("apply", "--yes", "--state-dir", "file/below")

    assert refused.status == 1
    assert "--state-dir" in refused.err
    assert shell.writes() == []


def test_no_credential_is_ever_written_down_or_shown(shell: Shell) -> None:
    said = [shell.run("plan", "--out", "plan.json", "-v"), shell.run("apply", "plan.json", "--yes", "-v")]
    said.append(shell.run("history"))

    secrets = {
        secret
        for _, _, backend in sts_backends.iter_backends()
        for session in backend.assumed_roles
        for secret in (session.secret_access_key, session.session_token)
    }
    texts = [text for result in said for text in (result.out, result.err)]
    texts += [path.read_text() for path in shell.folder.rglob("*") if path.is_file()]
    assert secrets
    assert len(texts) >= 9
    for secret in secrets:
        assert not any(secret in text for text in texts)
