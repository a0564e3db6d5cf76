"""What tests of the steps share: another configuration, what a plan says of one step, and what others do by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sra_bootstrap.aws import Record
from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.executor import Outcome
from sra_bootstrap.model import Address, Change, Plan, StepPlan, Target
from sra_bootstrap.org import Account
from sra_bootstrap.sandbox import extension
from tests.world import World, actions, organization, pipeline

HERE = Target("organization")


def nothing(world: World) -> None:
    """Leave everything as it is."""


@dataclass(frozen=True)
class Life:
    """What has to happen around a step, for it to make every call that it declares: `LIFE` in `<step>_by_hand`.

    Attributes:
        before: what others have done before the tool first comes.
        drift: what they change behind its back, once everything is built.
        stands: what they have there that the step leaves alone, and that it asks more about than about nothing.
        configs: the sections of config.yaml that the step then gets, one after the other.
        late_drift: what they change once the last of these is built.
    """

    before: Callable[[World], None] = nothing
    drift: Callable[[World], None] = nothing
    stands: Callable[[World], None] = nothing
    configs: Sequence[Mapping[str, Any]] = ()
    late_drift: Callable[[World], None] = nothing


def few(world: World, *names: str, **configs: dict[str, Any]) -> World:
    """The same AWS, and a pipeline of no more than some steps."""
    return World(world.sandbox, [step for step in pipeline(*names, **configs) if step.id in names])


def configure(world: World, **configs: dict[str, Any]) -> None:
    """Want the same accounts with other sections of config.yaml, given by the id of a step."""
    world.steps = pipeline(*(step.id for step in world.steps), **configs)
    accounts = world.wanted.accounts
    world.wanted = replace(organization(world.steps, *world.regions), accounts=accounts)


def govern(world: World, *regions: str) -> None:
    """Govern other regions; the first is the home region."""
    world.regions = regions
    world.wanted = replace(world.wanted, home_region=regions[0], regions=regions)
    world.connection = world.connect()


def want(world: World, *accounts: Account) -> None:
    """Want these accounts too, or otherwise than before."""
    added = {account.key: account for account in accounts}
    world.wanted = replace(world.wanted, accounts={**world.wanted.accounts, **added})


def part(plan: Plan, step: str) -> StepPlan:
    return next(part for part in plan.steps if part.step == step)


def lines(changes: Iterable[Change]) -> list[str]:
    return [f"{change.action} {change.address}" for change in changes]


def unmanaged(plan: Plan, step: str) -> list[str]:
    return [resource.address.name for resource in part(plan, step).unmanaged]


def clean(outcome: Outcome) -> bool:
    return (outcome.failed, outcome.blocked, outcome.drift, outcome.interrupted) == ([], [], None, False)


def put_back(world: World) -> None:
    """Apply what is planned, and see to it that nothing is left to do."""
    outcome = world.apply(world.plan())
    assert clean(outcome), outcome
    assert world.plan().empty


def calls(world: World, name: str) -> int:
    """How often AWS has taken a call of an operation, as in `organizations:CreateAccount`."""
    return sum(f"{one.service}:{one.operation}" == name for one in world.records if one.error is None)


def writes(world: World) -> set[str]:
    return actions([record for record in world.records if not record.read])


def build_until(world: World, step: str) -> None:
    """In a bare account, have what comes before a step."""
    world.stand(world.steps[: [one.id for one in world.steps].index(step)])
    world.sandbox.clock.wait(world.sandbox.settings.finalizing_seconds)


def interrupt(world: World, operation: str, *, after: int = 1) -> None:
    """Stop the tool from the keyboard as soon as AWS has answered an operation, so many times."""
    stopped: list[Record] = []

    def stop(record: Record) -> None:
        # Side by side, more may have been answered by the time that one is told.
        if not stopped and record.operation == operation and calls(world, f"{record.service}:{operation}") >= after:
            stopped.append(record)
            raise KeyboardInterrupt

    world.connection.watch(ignore, stop)


def ignore(record: Record) -> None:
    """Do nothing about a request."""


def start_again(world: World) -> None:
    """Be another process: what the one before has remembered is gone, and its clock with it."""
    clock = VirtualClock(world.sandbox.clock.now())
    world.sandbox = replace(world.sandbox, clock=clock)
    extension.Time.clock = clock
    world.connection = world.connect()


def found(world: World, feature_set: str = "ALL") -> Any:
    """Make an organization by hand that takes new accounts, and give a client of it."""
    organizations = world.client("organizations")
    organizations.create_organization(FeatureSet=feature_set)
    world.sandbox.clock.wait(world.sandbox.settings.finalizing_seconds)
    return organizations


def open_account(world: World, name: str, email: str) -> str:
    """Create an account by hand, wait for it and its role, and give its id."""
    organizations = world.client("organizations")
    request = organizations.create_account(AccountName=name, Email=email)["CreateAccountStatus"]
    settings = world.sandbox.settings
    world.sandbox.clock.wait(settings.account_creation_seconds + settings.role_delay_seconds)
    status = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])["CreateAccountStatus"]
    account_id: str = status["AccountId"]
    return account_id


def close_account(world: World, key: str) -> str:
    """Close an account by hand, and give its id; it is suspended soon after."""
    account_id = str(world.arrive().id_of(key))
    world.client("organizations").close_account(AccountId=account_id)
    world.sandbox.clock.wait(world.sandbox.settings.account_closure_seconds)
    return account_id


def account_address(key: str, kind: str = "account") -> Address:
    return Address(kind, HERE, key)
