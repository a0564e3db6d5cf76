"""What the benchmarks measure must not get worse unnoticed. How long things take is not tested: machines differ."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks import floor, running, startup
from benchmarks.counting import Usage, usage
from benchmarks.entering import enter
from benchmarks.floor.need import Size
from benchmarks.organization import settings
from benchmarks.tables import table
from sra_bootstrap import sandbox
from sra_bootstrap.registry import discover
from sra_bootstrap.survey import arrive

pytestmark = pytest.mark.xdist_group(__name__)

REGIONS = 3
OPTED_IN = [name for name, step in discover().items() if not step.Config().enabled]
WANTED = settings(5, REGIONS, *OPTED_IN)
LEAST = Size.of(WANTED)


@pytest.fixture(scope="module")
def used() -> Usage:
    return usage(WANTED)


def test_planning_a_bare_account_makes_no_call_too_many(used: Usage) -> None:
    assert used.plan == floor.calls(floor.plan_of_nothing(LEAST))


def test_planning_what_is_built_makes_no_call_too_many(used: Usage) -> None:
    assert used.again == floor.calls(floor.plan_of_what_is_built(LEAST))


def test_applying_looks_no_more_often_than_it_did(used: Usage) -> None:
    least = floor.calls(floor.apply_to_nothing(LEAST))
    assert used.apply.total() / least.total() < 2.1


def test_applying_writes_each_thing_once(used: Usage) -> None:
    least = floor.calls(floor.apply_to_nothing(LEAST))
    extra = used.apply - least
    assert {
        name for name in extra if not name.partition(":")[2].startswith(("BatchGet", "Describe", "Get", "List"))
    } == set()


def test_nothing_is_below_the_floor(used: Usage) -> None:
    phases = (
        (used.plan, floor.plan_of_nothing(LEAST)),
        (used.apply, floor.apply_to_nothing(LEAST)),
        (used.again, floor.plan_of_what_is_built(LEAST)),
    )
    assert [floor.calls(needs) - calls for calls, needs in phases] == [Counter()] * 3


def test_clients_do_not_grow_with_accounts() -> None:
    def clients(accounts: int) -> int:
        wanted = settings(accounts, REGIONS)
        steps = [step for step in wanted.pipeline if step.id in {"organization", "organizational_units", "accounts"}]
        with sandbox.in_process(running.at_once()) as world:
            reviewed = running.plan(wanted, steps, running.connect(wanted, world.clock))
            running.apply(wanted, steps, reviewed, running.connect(wanted, world.clock))
            connection = running.connect(wanted, world.clock)
            assert enter(connection, arrive(wanted.org, connection)) == accounts
            return connection.clients()

    # One of STS, one of Organizations, and one of GuardDuty in each region.
    assert clients(5) == clients(20) == 2 + REGIONS


def test_showing_the_help_imports_no_sdk_and_no_model() -> None:
    heavy = {"boto3", "botocore", "moto", "pydantic", "pydantic_core", "ruamel", "tenacity", "urllib3"}
    assert startup.foreign(startup.imported_by_help()) & heavy == set()


def test_an_organization_is_at_least_the_example_and_at_most_all_regions() -> None:
    with pytest.raises(ValueError, match="at least 5 accounts and at most 17 regions"):
        settings(4, REGIONS)
    with pytest.raises(ValueError, match="at least 5 accounts and at most 17 regions"):
        settings(5, 18)


def test_a_table_is_markdown() -> None:
    assert table(("What", "Calls"), [("`a`", "1")]) == "| What | Calls |\n| :-- | --: |\n| `a` | 1 |"
