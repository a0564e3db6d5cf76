"""What a command works with: the configuration, the steps to run, and a connection to AWS, or to a sandbox."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sra_bootstrap.aws.lock import Lock, whoami
from sra_bootstrap.clock import WallClock
from sra_bootstrap.config import load
from sra_bootstrap.errors import InputError, Problem, SraError
from sra_bootstrap.journal import Journal, default_folder
from sra_bootstrap.planfile import Origin
from sra_bootstrap.registry import discover
from sra_bootstrap.survey import arrive

if TYPE_CHECKING:
    from types import ModuleType

    from sra_bootstrap.aws import Connection, Record
    from sra_bootstrap.clock import Clock
    from sra_bootstrap.config import Settings
    from sra_bootstrap.model import Plan
    from sra_bootstrap.org import Org
    from sra_bootstrap.step import AnyStep


@dataclass(frozen=True)
class Session:
    """Everything is known that can be known without planning."""

    org: Org
    steps: Sequence[AnyStep]
    connection: Connection
    origin: Origin


@contextmanager
def session(
    config: Path,
    *,
    profile: str | None,
    parallelism: int,
    verbose: bool,
    in_sandbox: bool,
    choose: Callable[[Sequence[AnyStep]], Sequence[AnyStep]],
) -> Iterator[Session]:
    """Read the configuration, connect, and survey the organization; `choose` narrows the pipeline down.

    Raises:
        InputError: the configuration is not as it must be.
        AccessError: AWS does not accept the caller.
        SraError: the sandbox is asked for and not installed.
    """
    settings = load(config, discover())
    steps = choose(settings.pipeline)
    with _clock(in_sandbox=in_sandbox) as clock:
        connection = _connect(settings, clock, None if in_sandbox else profile, parallelism, verbose=verbose)
        org = arrive(settings.org, connection, None if in_sandbox else settings.management_account_id)
        yield Session(org, steps, connection, Origin.of(org, settings.digest))


def chosen(pipeline: Sequence[AnyStep], only: Sequence[str], skip: Sequence[str]) -> Sequence[AnyStep]:
    """The steps of a pipeline that options name, in its order.

    Raises:
        InputError: an option names a step that the pipeline does not have.
    """
    known = [step.id for step in pipeline]
    for option, names in (("--step", only), ("--skip", skip)):
        for name in names:
            if name not in known:
                text = f"there is no step {name} in the pipeline; there are {', '.join(known)}"
                raise InputError(option, [Problem(0, text)])
    return [step for step in pipeline if (not only or step.id in only) and step.id not in skip]


def commitments(planned: Plan, steps: Sequence[AnyStep], confirmed: Sequence[str]) -> Sequence[AnyStep]:
    """The steps of a plan that commit somebody to something, without those that are confirmed by name already.

    Raises:
        InputError: what is confirmed is no step of the pipeline that ever asks for that.
    """
    asking = [step.id for step in steps if step.confirm_by_name]
    for name in confirmed:
        if name not in asking:
            text = f"there is no step {name} in the pipeline that asks to be confirmed; {_there_are(asking)}"
            raise InputError("--confirm", [Problem(0, text)])
    changes = {part.step: part.changes for part in planned.steps}
    return [step for step in steps if step.commits(changes.get(step.id, ())) and step.id not in confirmed]


def _there_are(names: Sequence[str]) -> str:
    return f"there are {', '.join(names)}" if names else "leave it out"


def begin_lock(opened: Session, *, take_over: bool) -> Lock:
    """The lock that keeps two applies apart; it is taken when it is entered."""
    return Lock(opened.connection, opened.org, whoami(opened.connection), take_over=take_over)


def begin_journal(opened: Session, digest: str, folder: Path | None) -> Journal:
    """Begin the journal of an apply: from now on, every write is recorded before it is sent, and when it has ended.

    Raises:
        InputError: it cannot be written.
    """
    head = asdict(opened.origin) | {"caller": opened.connection.caller().arn, "plan": digest}
    journal = Journal(folder or default_folder(), head)
    opened.connection.watch(journal.before_write, journal.after_call)
    return journal


def sandbox_module() -> ModuleType:
    """The sandbox, which is an extra of the package.

    Raises:
        SraError: it is not installed.
    """
    try:
        from sra_bootstrap import sandbox
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "moto":
            raise
        raise SraError("The sandbox is not installed.", "Install it: pip install 'sra-bootstrap[sandbox]'") from error
    return sandbox


@contextmanager
def _clock(*, in_sandbox: bool) -> Iterator[Clock]:
    if not in_sandbox:
        yield WallClock()
        return
    with sandbox_module().in_process() as running:
        yield running.clock


def _connect(settings: Settings, clock: Clock, profile: str | None, parallelism: int, *, verbose: bool) -> Connection:
    from sra_bootstrap.aws import Connection

    return Connection(
        settings.org.home_region,
        clock,
        profile=profile,
        parallelism=parallelism,
        not_yet={name: codes for step in settings.pipeline for name, codes in step.not_yet.items()},
        on_call=_show_call if verbose else None,
    )


def _show_call(record: Record) -> None:
    account = record.account_id or "caller"
    line = f"{account} {record.region} {record.service}:{record.operation} {record.error or 'ok'}\n"
    sys.stderr.write(line)
