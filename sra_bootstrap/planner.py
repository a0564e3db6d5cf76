"""Makes plans: what should be, less what is. Nothing here can write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sra_bootstrap.aws import Connection, Reader
from sra_bootstrap.aws.failures import FAILURES, code_of, reason_of, remedy_of
from sra_bootstrap.aws.fanout import fan_out
from sra_bootstrap.diff import differences, removals
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.lanes import Lanes, place
from sra_bootstrap.model import (
    Address,
    Blocked,
    Change,
    Note,
    Observation,
    Obstacle,
    Plan,
    Resource,
    StepPlan,
    Target,
    Unavailable,
    indexed,
    without,
)
from sra_bootstrap.org import Org
from sra_bootstrap.step import AnyStep
from sra_bootstrap.values import Attrs


@dataclass
class _Seen:
    """What was observed at the places of a step."""

    current: list[Resource] = field(default_factory=list)
    obstacles: dict[Address, Obstacle] = field(default_factory=dict)
    unavailable: list[Unavailable] = field(default_factory=list)
    unreadable: dict[Target, Blocked] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, observation: Observation) -> None:
        match observation:
            case Resource():
                self.current.append(observation)
            case Obstacle(address):
                self.obstacles[address] = observation
            case Unavailable():
                self.unavailable.append(observation)
            case Note(text):
                self.notes.append(text)


def make_plan(
    steps: Sequence[AnyStep],
    org: Org,
    connection: Connection,
    *,
    destroy: bool = False,
    on_step: Callable[[str], None] | None = None,
) -> Plan:
    """Plan steps, which come in the order of the pipeline; to destroy is to go through them backwards.

    `on_step` is told the id of each step before it is planned.
    """
    plans: list[StepPlan] = []
    blank: set[Target] = set()
    lanes = Lanes(steps, destroy=destroy)
    for step in reversed(steps) if destroy else steps:
        if on_step is not None:
            on_step(step.id)
        planned, stuck = plan_step(step, org, connection, lanes, destroy=destroy, blank=blank)
        blank.update(at for change in planned.changes if not destroy for at in step.opens(change))
        lanes.mark(step, stuck)
        plans.append(planned)
    return Plan(tuple(plans), destroy=destroy)


def plan_step(
    step: AnyStep,
    org: Org,
    connection: Connection,
    lanes: Lanes,
    *,
    destroy: bool = False,
    only: Collection[Address] | None = None,
    blank: Collection[Target] = (),
) -> tuple[StepPlan, Collection[Address]]:
    """Plan one step: its part of the plan, and the addresses that are blocked in it.

    `lanes` holds what of this step and of those it stands on is blocked already. Where `only` is given, nothing is
    observed beyond what tells of these addresses. In a place that is `blank` there is nothing yet: earlier steps are
    planned to make it.
    """
    wanted = indexed(step.desired(org))
    desired = {address: attrs for address, attrs in wanted.items() if only is None or address in only}
    seen = _observe(step, org, connection, [a for a in desired if a.at not in blank], complete=only is None)
    current = indexed(seen.current)
    desired, notes = _offered(desired, seen)
    found = list(removals(current, desired) if destroy else differences(current, desired))
    kept = tuple(change.address for change in found if destroy and step.keeps(change.address, org))
    changes: list[Change] = []
    blocked = list(seen.unreadable.values())
    stuck: list[Address] = [place(at) for at in seen.unreadable]
    for change in found:
        address = change.address
        if address in kept:
            continue
        if obstacle := seen.obstacles.get(address):
            blocked.append(Blocked(str(address), obstacle.reason, obstacle.remedy))
            stuck.append(address)
            continue
        free, reasons = _free(step, change, lanes, stuck)
        blocked += reasons
        if free is None:
            stuck.append(address)
        elif free.after or not change.after:
            changes.append(free)
    unmanaged = tuple(resource for resource in seen.current if resource.address not in wanted)
    notes += seen.notes
    plan = StepPlan(step.id, tuple(changes), tuple(blocked), tuple(dict.fromkeys(notes)), unmanaged, kept)
    return plan, stuck


def _free(
    step: AnyStep, change: Change, lanes: Lanes, stuck: Collection[Address]
) -> tuple[Change | None, list[Blocked]]:
    """What of a change does not stand on anything that is blocked; None if all of it does; and why the rest does.

    A change of many, such as the members of a service, goes on without those that it names as attributes. If these are
    all that it is of, nothing is left of it, and what stands on the others is free.
    """
    reasons = []
    while (on := lanes.obstruction(step, change, stuck)) is not None:
        apart = on.name and on.name in change.after
        where = f"{change.address} {on.name}" if apart else str(change.address)
        reasons.append(Blocked(where, f"It stands on what is blocked: {on}."))
        if not apart:
            return None, reasons
        change = change.apart_from(on.name)
    return change, reasons


def _offered(desired: Mapping[Address, Attrs], seen: _Seen) -> tuple[dict[Address, Attrs], list[str]]:
    """What is desired and can be had: without what AWS does not offer, and without places that cannot be read."""
    offered = {address: attrs for address, attrs in desired.items() if address.at not in seen.unreadable}
    notes = []
    for missing in seen.unavailable:
        if missing.address not in offered:
            continue
        if not missing.path:
            del offered[missing.address]
        else:
            offered[missing.address] = without(offered[missing.address], missing.path)
        notes.append(f"{missing.reason} It is left out in {missing.address.at}.")
    return offered, notes


def _observe(step: AnyStep, org: Org, connection: Connection, desired: Collection[Address], *, complete: bool) -> _Seen:
    wanted: defaultdict[Target, set[Address]] = defaultdict(set)
    for address in desired:
        wanted[address.at].add(address)
    # In an account that does not exist yet, nothing exists: there is nobody to ask.
    targets = [at for at in wanted if org.exists(at.account)]
    reader = connection.reader(org)
    seen = _Seen()

    def look(at: Target) -> tuple[list[Observation], BaseException | None]:
        return _look(step, at, org, reader, None if complete else wanted[at])

    looks = fan_out(look, targets, connection.parallelism, connection.clock)
    for at, (observations, failure) in zip(targets, looks, strict=True):
        for observation in observations:
            seen.add(observation)
        if failure is not None:
            seen.unreadable[at] = _unreadable(step, at, failure)
    return seen


def _unreadable(step: AnyStep, at: Target, failure: BaseException) -> Blocked:
    """Why a place cannot be read: in the step's own words where it has any."""
    if isinstance(failure, RefusalError):
        return Blocked(str(at), f"It cannot be read. {failure.message}", failure.remedy)
    remedy = remedy_of(failure)
    if _may_not_be_there_yet(step, failure):
        remedy = "If this was set up a few minutes ago, AWS is not there yet: run it again in a while."
    return Blocked(str(at), f"It cannot be read. {reason_of(failure)}", remedy)


def _may_not_be_there_yet(step: AnyStep, failure: BaseException) -> bool:
    """Whether a read that has failed also fails so while something was set up only just now."""
    operation, code = getattr(failure, "operation_name", None), code_of(failure)
    return any(name.partition(":")[2] == operation and code in codes for name, codes in step.not_yet.items())


def _look(
    step: AnyStep, at: Target, org: Org, reader: Reader, until: set[Address] | None
) -> tuple[list[Observation], BaseException | None]:
    """What is at a place: all of it, or until something is known of each address; and why there is no more."""
    observations: list[Observation] = []
    unknown = None if until is None else set(until)
    try:
        for observation in step.observe(at, org, reader):
            observations.append(observation)
            if unknown is not None and isinstance(observation, Resource | Obstacle):
                unknown.discard(observation.address)
                if not unknown:
                    break
    except (*FAILURES, RefusalError) as failure:
        return observations, failure
    return observations, None
