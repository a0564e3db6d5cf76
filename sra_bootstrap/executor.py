"""Carries out a plan: never more and never else than what was reviewed; perhaps less.

Each step is planned again with what is known by then, and compared with what was reviewed, before it writes anything.
Within a step, all changes of one kind are a stage. After each stage its places are observed until nothing is left to
do: that is the only waiting there is, beside the retries of single calls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Protocol

from sra_bootstrap.aws import Connection, Writer
from sra_bootstrap.aws.failures import FAILURES, Kind, kind_of, reason_of, remedy_of
from sra_bootstrap.aws.fanout import fan_out
from sra_bootstrap.clock import StoppedError
from sra_bootstrap.errors import AccessError, DriftError, LockedError, RefusalError
from sra_bootstrap.lanes import Lanes, place
from sra_bootstrap.model import Action, Address, Blocked, Change, Plan, StepPlan, Target
from sra_bootstrap.org import Org
from sra_bootstrap.planner import plan_step
from sra_bootstrap.step import AnyStep
from sra_bootstrap.survey import survey
from sra_bootstrap.values import has_ref

_FRESH_SECONDS = 10
"""How old a survey may be when a step is planned by it."""
SETTLE_SECONDS = 900
"""How long AWS may take to show what was written."""
_BLIND_SECONDS = 120
"""How long to go on looking where AWS does not let us see what was written."""
_STOPS = (KeyboardInterrupt, StoppedError, LockedError)
"""What ends an apply between two writes: somebody at the keyboard, or somebody who has taken its lock over."""
_DONE_ALREADY = {Action.CREATE: Kind.ALREADY, Action.UPDATE: Kind.ALREADY, Action.DELETE: Kind.ABSENT}
"""The error that says that a change was made before: whether it was, the next observation tells."""


class Listener(Protocol):
    """Is told how an apply goes on, from several threads at once."""

    def step_begins(self, step: str, changes: int) -> None:
        """A step has been planned again, and has so many changes to make."""

    def change_begins(self, step: str, change: Change) -> None:
        """A change is about to be made."""

    def change_ends(self, step: str, change: Change, failure: Blocked | None) -> None:
        """A change was made, or has failed."""

    def waiting(self, step: str, addresses: Sequence[Address], seconds: float) -> None:
        """AWS does not show yet what was written; so many seconds have been waited for it."""

    def step_ends(self, step: str) -> None:
        """All of a step is done, or has failed."""


@dataclass
class Outcome:
    """What an apply has done.

    Attributes:
        done: changes that were made, and that AWS shows.
        failed: changes that were tried and did not succeed, or that AWS does not show.
        blocked: what was not tried, for it stands on something that failed or is for a person to solve.
        drift: why the apply stopped before it was through, or None.
        error: why nothing more could be seen of the organization, or None.
        interrupted: whether somebody stopped it; the calls in flight were finished, and `done` may be half settled.
    """

    done: list[Change] = field(default_factory=list)
    failed: list[Blocked] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    drift: DriftError | None = None
    error: AccessError | None = None
    interrupted: bool = False


def apply_plan(
    reviewed: Plan, steps: Sequence[AnyStep], org: Org, connection: Connection, listener: Listener
) -> Outcome:
    """Carry out a reviewed plan with the steps it was made of, in the order of the pipeline."""
    run = _Run(reviewed, steps, org, connection, listener)
    try:
        for step in reversed(steps) if reviewed.destroy else steps:
            run.carry_out(step)
    except DriftError as drift:
        run.outcome.drift = drift
    except AccessError as error:
        run.outcome.error = error
    except _STOPS:
        run.outcome.interrupted = True
    return run.outcome


class _Run:
    """One apply, from its first step to its last."""

    def __init__(
        self, reviewed: Plan, steps: Sequence[AnyStep], org: Org, connection: Connection, listener: Listener
    ) -> None:
        self._reviewed = {part.step: {c.address: c for c in part.changes} for part in reviewed.steps}
        self._destroy = reviewed.destroy
        self._org = org
        self._surveyed = 0.0
        self._connection = connection
        self._listener = listener
        self._lanes = Lanes(steps, destroy=reviewed.destroy)
        self.outcome = Outcome()

    def carry_out(self, step: AnyStep) -> None:
        """Plan a step again and, if that is what was reviewed, make its changes.

        Raises:
            DriftError: it is not.
        """
        # While a plan was reviewed, and while earlier steps ran, somebody may have changed what the survey shows.
        if self._connection.clock.now() - self._surveyed >= _FRESH_SECONDS:
            self._survey()
        planned, stuck = self._plan_again(step)
        self._listener.step_begins(step.id, len(planned.changes))
        touched = False
        for kind, group in groupby(planned.changes, key=lambda change: change.address.kind):
            stage = list(group)
            if touched:
                # What the stages before it did may have changed what there is to do in this one.
                addresses = {change.address for change in stage}
                again, more = self._plan_again(step, addresses)
                stage = [change for change in again.changes if change.address in addresses]
                stuck = [*stuck, *more]
            for wave in self._waves(step, kind, stage):
                touched = True
                self._carry_out_wave(step, wave)
        # Within the step, each stage was planned without what is blocked; to the steps above it, it is news.
        self._lanes.mark(step, stuck)
        self._listener.step_ends(step.id)

    def _plan_again(
        self, step: AnyStep, only: Collection[Address] | None = None
    ) -> tuple[StepPlan, Collection[Address]]:
        """Plan a step, or a part of it, as things are now; and the addresses that are blocked in it.

        Raises:
            DriftError: something in it is not as it was reviewed.
        """
        planned, stuck = plan_step(step, self._org, self._connection, self._lanes, destroy=self._destroy, only=only)
        self._block(*(replace(blocked, step=step.id) for blocked in planned.blocked))
        reviewed = self._reviewed.get(step.id, {})
        for change in planned.changes:
            known = reviewed.get(change.address)
            if known is None or not known.allows(change):
                raise DriftError(_drift(step, known, change), "Make a plan again, and review it.")
        return planned, stuck

    def _waves(self, step: AnyStep, kind: str, stage: Sequence[Change]) -> Iterator[list[Change]]:
        """The changes of a stage that may be made together: all, or those of the home region before all others."""
        home = [c for c in stage if kind in step.home_first and c.address.at.region == self._org.home_region]
        for wave in (home, [change for change in stage if change not in home]):
            ready = [change for change in wave if self._is_free(step, change)]
            if ready:
                yield ready

    def _is_free(self, step: AnyStep, change: Change) -> bool:
        on = self._lanes.obstruction(step, change)
        if on is None and change.address.kind in step.home_first:
            on = next((a for a in self._lanes.of(step) if a.kind == change.address.kind), None)
        reason = None if on is None else f"It stands on what has failed or is blocked: {on}."
        if reason is None and (not self._org.exists(change.address.at.account) or has_ref(change.after)):
            reason = "It stands on what does not exist yet, and what makes it is not part of this run."
        if reason is not None:
            self._block(Blocked(str(change.address), reason, step=step.id))
            self._lanes.mark(step, [change.address])
        return reason is None

    def _carry_out_wave(self, step: AnyStep, wave: Sequence[Change]) -> None:
        """Make changes, and wait until AWS shows them: at one place one after the other, at several side by side."""
        places: dict[Target, list[Change]] = {}
        for change in wave:
            places.setdefault(change.address.at, []).append(change)
        clock = self._connection.clock
        failures: dict[Address, Blocked] = {}
        doubtful: dict[Address, Blocked] = {}
        made: list[Change] = []
        writer = self._connection.writer(self._org)

        def make(changes: Sequence[Change]) -> None:
            for change in changes:
                if clock.stopped:
                    return
                self._listener.change_begins(step.id, change)
                about = f"{step.id}: {change.action} {change.address}"
                failure, certain = _make(step, change, self._org, writer.about(about))
                if failure is None or not certain:
                    made.append(change)
                if failure is not None:
                    (failures if certain else doubtful)[change.address] = failure
                if certain:
                    self._listener.change_ends(step.id, change, failure)

        try:
            fan_out(make, places.values(), self._connection.parallelism, clock)
            if clock.stopped:
                raise StoppedError
            unsettled = self._settle(step, made)
        except (*_STOPS, AccessError):
            self.outcome.done += made
            self.outcome.failed += (replace(failure, step=step.id) for failure in failures.values())
            raise
        unsettled |= {address: doubtful[address] for address in unsettled if address in doubtful}
        for change in made:
            if change.address in doubtful:
                self._listener.change_ends(step.id, change, unsettled.get(change.address))
        self.outcome.done += [change for change in made if change.address not in unsettled]
        self.outcome.failed += (replace(f, step=step.id) for f in (*failures.values(), *unsettled.values()))
        self._lanes.mark(step, (*failures, *unsettled))

    def _settle(self, step: AnyStep, made: Sequence[Change]) -> dict[Address, Blocked]:
        """Observe until nothing is left of what was made to do; of what it does not come to that, and why."""
        clock = self._connection.clock
        start, pause = clock.now(), 0.5
        parts = {change.address: change.after.keys() for change in made}
        unsettled = {change.address: _unseen(change.address) for change in made}
        while unsettled:
            if any(address.kind in step.surveyed for address in unsettled):
                self._survey()
            planned, stuck = plan_step(
                step, self._org, self._connection, Lanes([step]), destroy=self._destroy, only=unsettled
            )
            # Of a change that was made in part, what is left is for another run.
            still = {c.address for c in planned.changes if not parts[c.address] or parts[c.address] & c.after.keys()}
            seen = {blocked.where: blocked for blocked in planned.blocked}
            left = [a for a in unsettled if a in still or a in stuck or place(a.at) in stuck]
            reasons = {a: seen.get(str(a)) or seen.get(str(a.at)) for a in left}
            unsettled = {a: replace(why, where=str(a)) if why else _unseen(a) for a, why in reasons.items()}
            waited = clock.now() - start
            # What cannot even be read has had the retries of its reads.
            patience = _BLIND_SECONDS if all(reasons.values()) else SETTLE_SECONDS
            if not unsettled or waited >= patience:
                break
            self._listener.waiting(step.id, sorted(unsettled), waited)
            clock.wait(pause)
            pause = min(pause * 1.5, 15.0)
        return unsettled

    def _survey(self) -> None:
        self._org = survey(self._org, self._connection)
        self._surveyed = self._connection.clock.now()

    def _block(self, *blocked: Blocked) -> None:
        self.outcome.blocked += (new for new in blocked if new not in self.outcome.blocked)


def _unseen(address: Address) -> Blocked:
    return Blocked(str(address), f"AWS does not show it after {SETTLE_SECONDS} seconds.", "Run it again in a while.")


def _make(step: AnyStep, change: Change, org: Org, writer: Writer) -> tuple[Blocked | None, bool]:
    """Make one change: why it failed, if it did, and whether that is certain."""
    where = str(change.address)
    try:
        step.apply(change, org, writer)
    except RefusalError as error:
        return Blocked(where, error.message, error.remedy), True
    except FAILURES as error:
        return Blocked(where, reason_of(error), remedy_of(error)), kind_of(error) is not _DONE_ALREADY[change.action]
    return None, True


def _drift(step: AnyStep, reviewed: Change | None, change: Change) -> str:
    what = f"{step.id}: {change.action} {change.address}"
    if reviewed is None:
        return f"{what} is not in the plan that was reviewed."
    return f"{what} is not as it was reviewed: {dict(change.before)} -> {dict(change.after)}."
