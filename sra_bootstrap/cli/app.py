"""The commands. None has any logic of its own: each reads its options, and calls one part after the other."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sra_bootstrap import __version__
from sra_bootstrap.cli.exits import Exit
from sra_bootstrap.cli.options import (
    ConfigFile,
    Confirmed,
    Destroy,
    InSandbox,
    Only,
    Parallelism,
    Profile,
    Skip,
    StateDir,
    Verbose,
)
from sra_bootstrap.errors import DriftError, InputError, Problem, SraError

if TYPE_CHECKING:
    from sra_bootstrap.aws.lock import Lock
    from sra_bootstrap.cli.session import Session
    from sra_bootstrap.executor import Outcome
    from sra_bootstrap.journal import Journal
    from sra_bootstrap.model import Plan
    from sra_bootstrap.step import AnyStep

_CONFIG = Path("config.yaml")
_SHORTEST = 12
"""How many digits of a digest tell one plan from another."""

app = typer.Typer(
    name="sra-bootstrap",
    help="Build the organization of the AWS Security Reference Architecture from a bare management account.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """The forms that a plan is shown in."""

    TREE = "tree"
    JSON = "json"
    MARKDOWN = "markdown"


class Purpose(StrEnum):
    """What an IAM policy is for."""

    PLAN = "plan"
    APPLY = "apply"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sra-bootstrap {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Build the organization of the AWS Security Reference Architecture from a bare management account."""


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it; a file that exists is never overwritten.")] = _CONFIG,
    email_template: Annotated[
        str, typer.Option(help="The accounts' email addresses; {key} stands for the key of an account.")
    ] = "aws+{key}@example.com",
    home_region: Annotated[str, typer.Option(help="The home region.")] = "eu-west-1",
) -> None:
    """Write a commented config.yaml, the SRA as AWS recommends it, and its JSON Schema for editors."""
    import json

    from sra_bootstrap.config import example, schema
    from sra_bootstrap.registry import discover

    text = example(home_region, email_template)
    beside = path.with_name("config.schema.json")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        if not beside.exists():
            beside.write_text(json.dumps(schema(discover()), indent=2) + "\n", encoding="utf-8")
    except FileExistsError:
        raise InputError(path, [Problem(0, "it exists already, and is not overwritten; name another file")]) from None
    except OSError as error:
        raise InputError(path, [Problem(0, f"it cannot be written: {error.strerror}")]) from error
    typer.echo(f"Wrote {path}, and {beside.name} for editors. Read it, set the email addresses, and try it:")
    typer.echo(f"sra-bootstrap plan --sandbox --config {path}")


@app.command()
def validate(config: ConfigFile = _CONFIG) -> None:
    """Check config.yaml, without a call to AWS."""
    from sra_bootstrap.config import load
    from sra_bootstrap.registry import discover

    settings = load(config, discover())
    accounts, regions = len(settings.org.accounts), len(settings.org.regions)
    typer.echo(f"{config} is valid: {accounts} accounts, {regions} regions, {len(settings.pipeline)} steps.")


@app.command()
def steps(config: ConfigFile = _CONFIG) -> None:
    """List the steps in the order of the pipeline, with what each stands on."""
    from sra_bootstrap.config import load
    from sra_bootstrap.registry import discover
    from sra_bootstrap.ui.console import stdout
    from sra_bootstrap.ui.listing import pipeline

    registry = discover()
    enabled = {step.id: step for step in load(config, registry).pipeline} if config.exists() else None
    every = (step(step.Config(enabled=enabled is None)) for step in registry.values())
    stdout().print(pipeline((enabled or {}).get(step.id, step) for step in every))


@app.command()
def explain(step: Annotated[str, typer.Argument(help="The id of a step, as `steps` lists it.")]) -> None:
    """Explain a step: its place in the architecture, its calls and permissions, its costs, what cannot be undone."""
    from sra_bootstrap.registry import discover
    from sra_bootstrap.ui.console import stdout
    from sra_bootstrap.ui.listing import explanation

    registry = discover()
    if step not in registry:
        raise InputError("explain", [Problem(0, f"there is no step {step}; there are {', '.join(registry)}")])
    stdout().print(explanation(registry[step]))


@app.command("iam-policy")
def iam_policy(
    command: Annotated[Purpose, typer.Argument(help="What the caller is to be able to run.")],
    config: ConfigFile = _CONFIG,
) -> None:
    """Print the smallest IAM policy that the caller needs: in JSON, and as a list where it takes more than one."""
    import json

    from sra_bootstrap.config import load
    from sra_bootstrap.permissions import policies
    from sra_bootstrap.registry import discover

    settings = load(config, discover())
    documents = policies(settings.pipeline, settings.org, writes=command is Purpose.APPLY)
    typer.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))


@app.command()
def plan(
    *,
    config: ConfigFile = _CONFIG,
    out: Annotated[Path | None, typer.Option(help="Write the plan to a file, which `apply` takes.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to show the plan.")] = Format.TREE,
    step: Only = None,
    skip: Skip = None,
    destroy: Destroy = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with status 2 when changes are pending.")
    ] = False,
    sandbox: InSandbox = False,
    profile: Profile = None,
    parallelism: Parallelism = 8,
    verbose: Verbose = False,
) -> None:
    """Show what `apply` would do. Nothing is written to AWS."""
    from sra_bootstrap.cli.session import chosen, session

    with session(
        config,
        profile=profile,
        parallelism=parallelism,
        verbose=verbose,
        in_sandbox=sandbox,
        choose=lambda pipeline: chosen(pipeline, step or (), skip or ()),
    ) as opened:
        planned = _plan(opened, destroy=destroy)
        if out is not None:
            _write(out, planned, opened)
        _show(planned, opened, form, verbose=verbose)
    if planned.blocked:
        raise typer.Exit(Exit.BLOCKED)
    if planned.changes and detailed_exitcode:
        raise typer.Exit(Exit.PENDING)


@app.command()
def apply(
    plan_file: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="A plan that `plan --out` wrote.")] = None,
    *,
    config: ConfigFile = _CONFIG,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    confirm: Confirmed = None,
    expect: Annotated[str | None, typer.Option(metavar="DIGEST", help="Stop unless the plan has this digest.")] = None,
    step: Only = None,
    skip: Skip = None,
    destroy: Destroy = False,
    sandbox: InSandbox = False,
    no_lock: Annotated[
        bool, typer.Option("--no-lock", help="Go on without the lock that keeps two applies apart.")
    ] = False,
    take_over_lock: Annotated[
        bool, typer.Option("--take-over-lock", help="Break the lock that another apply has left, or holds.")
    ] = False,
    state_dir: StateDir = None,
    profile: Profile = None,
    parallelism: Parallelism = 8,
    verbose: Verbose = False,
) -> None:
    """Bring AWS to what config.yaml says: never more and never else than the plan you reviewed; perhaps less."""
    from sra_bootstrap import planfile
    from sra_bootstrap.cli.session import begin_journal, begin_lock, chosen, commitments, session
    from sra_bootstrap.ui.console import stderr

    reviewed, origin = (None, None) if plan_file is None else planfile.load(plan_file)
    only, skipped = step or [], skip or []
    if reviewed is not None:
        if only or skipped or destroy:
            text = "the plan file says what is to be done; leave out --step, --skip and --destroy"
            raise InputError("apply", [Problem(0, text)])
        only = [part.step for part in reviewed.steps]
    with session(
        config,
        profile=profile,
        parallelism=parallelism,
        verbose=verbose,
        in_sandbox=sandbox,
        choose=lambda pipeline: chosen(pipeline, only, skipped),
    ) as opened:
        if plan_file is not None and origin is not None:
            planfile.check_origin(plan_file, origin, opened.origin)
        planned = reviewed or _plan(opened, destroy=destroy)
        digest = planfile.digest(planned, origin or opened.origin)
        if expect is not None and (len(expect) < _SHORTEST or not digest.startswith(expect)):
            raise DriftError(f"The plan has the digest {digest}, not {expect}.", "Make a plan again, and review it.")
        if reviewed is None or not yes:
            _show(planned, opened, Format.TREE, verbose=verbose)
        if planned.changes and not yes:
            _confirm(planned)
        for committing in commitments(planned, opened.steps, confirm or ()):
            _confirm_by_name(committing, yes=yes)
        locked = planned.changes and not sandbox and not no_lock
        lock = begin_lock(opened, take_over=take_over_lock) if locked else None
        journal = None if sandbox else begin_journal(opened, digest, state_dir)
        if no_lock:
            stderr().print("Warning: without the lock, nothing keeps another apply from running at the same time.")
        status = _apply(planned, opened, journal, lock)
    raise typer.Exit(status)


@app.command()
def history(state_dir: StateDir = None) -> None:
    """List the runs of `apply` on this machine, out of their journals."""
    from sra_bootstrap.journal import default_folder, runs
    from sra_bootstrap.ui.console import stdout
    from sra_bootstrap.ui.history import table

    stdout().print(table(runs(state_dir or default_folder())))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on loopback; 0 takes a free one.")] = 0,
    speed: Annotated[float, typer.Option(min=0.01, help="How fast AWS's own delays pass.")] = 10.0,
    fault_rate: Annotated[
        float, typer.Option(min=0, max=1, help="How many of the calls fail, in the ways that AWS fails.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Which of them fail; the same seed brings the same faults.")] = 0,
) -> None:
    """Serve a bare AWS on loopback, for any SDK and the aws CLI, for as long as this runs.

    With a command behind `--`, the command runs against the sandbox, and this ends when and as it does.
    """
    from sra_bootstrap.cli.serve import serve

    raise typer.Exit(serve(context.args, port, speed, fault_rate, seed))


def _plan(opened: Session, *, destroy: bool) -> Plan:
    from sra_bootstrap.planner import make_plan
    from sra_bootstrap.ui.console import stderr

    with stderr().status("Planning") as status:
        return make_plan(
            opened.steps,
            opened.org,
            opened.connection,
            destroy=destroy,
            on_step=lambda step: status.update(f"Planning {step}"),
        )


def _write(path: Path, planned: Plan, opened: Session) -> None:
    from sra_bootstrap import planfile

    try:
        path.write_text(planfile.dumps(planned, opened.origin), encoding="utf-8")
    except OSError as error:
        raise InputError(path, [Problem(0, f"it cannot be written: {error.strerror}")]) from error


def _show(planned: Plan, opened: Session, form: Format, *, verbose: bool) -> None:
    from sra_bootstrap import planfile
    from sra_bootstrap.ui.console import stdout
    from sra_bootstrap.ui.markdown import markdown
    from sra_bootstrap.ui.tree import tree

    match form:
        case Format.JSON:
            sys.stdout.write(planfile.dumps(planned, opened.origin))
        case Format.MARKDOWN:
            sys.stdout.write(markdown(planned, planfile.digest(planned, opened.origin)))
        case Format.TREE:
            console = stdout()
            console.print(tree(planned, verbose=verbose))
            if planned.changes:
                console.print(f"Digest: {planfile.digest(planned, opened.origin)}", style="dim", soft_wrap=True)


def _confirm(planned: Plan) -> None:
    if not sys.stdin.isatty():
        raise SraError("There is nobody to confirm this plan.", "Review it, and run apply with --yes.")
    word = "destroy" if planned.destroy else "apply"
    if typer.prompt(f"To go on, type {word}", default="", show_default=False) != word:
        raise SraError("Not confirmed. Nothing was changed.")


def _confirm_by_name(step: AnyStep, *, yes: bool) -> None:
    if yes or not sys.stdin.isatty():
        raise SraError(
            f"This plan commits you to {step.id}, which --yes does not confirm. {step.irreversible}",
            f"If that is what you want, run apply with --yes --confirm {step.id}.",
        )
    typer.echo(f"{step.irreversible} {step.costs}")
    if typer.prompt(f"To commit to that, type {step.id}", default="", show_default=False) != step.id:
        raise SraError("Not confirmed. Nothing was changed.")


def _apply(planned: Plan, opened: Session, journal: Journal | None, lock: Lock | None) -> Exit:
    from sra_bootstrap.executor import Outcome, apply_plan
    from sra_bootstrap.ui.console import show_error, stderr, stdout
    from sra_bootstrap.ui.outcome import outcome
    from sra_bootstrap.ui.progress import progress

    start = time.monotonic()
    result, status = Outcome(), Exit.ERROR
    try:
        with lock or nullcontext(), progress(stderr()) as listener:
            result = apply_plan(planned, opened.steps, opened.org, opened.connection, listener)
        status = _status(result)
    finally:
        if journal is not None:
            journal.end(status, done=len(result.done), failed=len(result.failed), blocked=len(result.blocked))
        if status is not Exit.ERROR or result.done or result.failed:
            stdout().print(outcome(result.done, result.failed, result.blocked, time.monotonic() - start))
    if lock is not None and lock.kept:
        stderr().print(f"Warning: {lock.kept}")
    stopped = result.drift or result.error
    if stopped is not None:
        show_error(stderr(), stopped)
    return status


def _status(result: Outcome) -> Exit:
    if result.interrupted:
        return Exit.INTERRUPTED
    if result.drift is not None:
        return Exit.DRIFT
    if result.failed or result.error is not None:
        return Exit.ERROR
    return Exit.BLOCKED if result.blocked else Exit.DONE
