"""Runs the tool inside this process, put together as the command line does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sra_bootstrap.aws import Connection, Record
from sra_bootstrap.clock import Clock
from sra_bootstrap.config import Settings
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.model import Plan
from sra_bootstrap.planner import make_plan
from sra_bootstrap.sandbox.settings import Settings as Rules
from sra_bootstrap.step import AnyStep
from sra_bootstrap.survey import arrive
from tests.world import Silent


def at_once() -> Rules:
    """An AWS that has done what it was asked for when it answers, and allows any number of accounts.

    How often the tool looks while it waits says more about AWS than about the tool. Only enrolling accounts takes as
    long as it may, so that it is left to the tool.
    """
    return Rules(
        finalizing_seconds=0,
        policy_type_seconds=0,
        account_creation_seconds=0,
        role_delay_seconds=0,
        account_quota=10_000,
        guardduty_detector_seconds=0,
        guardduty_delegation_seconds=0,
        guardduty_first_delegation_seconds=0,
        guardduty_auto_enable_seconds=86_400,
        delegation_seconds=0,
        enabling_seconds=0,
        macie_first_delegation_seconds=0,
        auto_enable_seconds=86_400,
        securityhub_policy_seconds=0,
        new_role_seconds=0,
        service_linked_role_seconds=0,
        cloudtrail_access_seconds=0,
    )


def connect(wanted: Settings, clock: Clock, on_call: Callable[[Record], None] | None = None) -> Connection:
    """A connection for one run of the tool."""
    not_yet = {name: codes for step in wanted.pipeline for name, codes in step.not_yet.items()}
    return Connection(wanted.org.home_region, clock, not_yet=not_yet, on_call=on_call)


def plan(wanted: Settings, steps: Sequence[AnyStep], connection: Connection) -> Plan:
    """Plan some steps of the pipeline, or all."""
    return make_plan(steps, arrive(wanted.org, connection), connection)


def apply(wanted: Settings, steps: Sequence[AnyStep], reviewed: Plan, connection: Connection) -> None:
    """Apply a plan of these steps.

    Raises:
        RuntimeError: not all of it was made.
    """
    outcome = apply_plan(reviewed, steps, arrive(wanted.org, connection), connection, Silent())
    if outcome.failed or outcome.blocked or outcome.drift:
        raise RuntimeError(f"it was not built: {[*outcome.failed, *outcome.blocked, outcome.drift]}")
