"""Every single setting of Security Hub (v2), changed by hand. One organization: each test leaves it as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import clean, lines
from tests.steps.security_hub_v2_by_hand import (
    HOME,
    NAME,
    OTHER,
    OURS,
    TOOLING,
    SecurityHub,
    enabling,
    switch_off_under_the_policy,
    theirs,
)
from tests.world import World, only

POLICY = f"organization policy {NAME}"
DELEGATION = "organization delegation"
AGGREGATOR = f"{TOOLING}/{HOME} aggregator"


@pytest.fixture(scope="module")
def there() -> Iterator[SecurityHub]:
    with sandbox.in_process() as running:
        world = World(running, only("security_hub_v2"))
        world.build()
        there = SecurityHub(world)
        there.delegate(theirs(world), *there.statements().values())
        yield there


def describe_anew(there: SecurityHub) -> None:
    there.organizations.update_policy(PolicyId=there.policy()["Id"], Description="Somebody's")


def forget(there: SecurityHub) -> None:
    there.detach(there.world.arrive().existing.root_id)


def unlink(there: SecurityHub) -> None:
    there.link("eu-west-2")


def remove_aggregator(there: SecurityHub) -> None:
    there.hub().delete_aggregator_v2(AggregatorV2Arn=there.aggregator()["AggregatorV2Arn"])


def remove_administrator(there: SecurityHub) -> None:
    account_id = there.world.arrive().id_of(TOOLING)
    there.hub(MANAGEMENT).disable_organization_admin_account(AdminAccountId=account_id, Feature="SecurityHubV2")


def switch_off(there: SecurityHub) -> None:
    switch_off_under_the_policy(there.world)


def written(content: dict[str, Any]) -> Callable[[SecurityHub], None]:
    return lambda there: there.write(content)


def restated(sid: str, **elements: Any) -> Callable[[SecurityHub], None]:
    """A statement of ours that says something else."""

    def change(there: SecurityHub) -> None:
        statements = there.statements()
        statements[sid] |= elements
        there.delegate(*statements.values())

    return change


def without(sid: str) -> Callable[[SecurityHub], None]:
    return lambda there: there.delegate(*(one for name, one in there.statements().items() if name != sid))


def only_theirs(there: SecurityHub) -> None:
    there.delegate(theirs(there.world))


def block(**more: Any) -> dict[str, Any]:
    return {"securityhub": enabling(HOME, OTHER)["securityhub"] | more}


NETWORK_SCANNING = {"network_scanning": enabling()["securityhub"]}
ANYBODY = {"AWS": "*"}
ACTIONS: dict[str, tuple[str, Callable[[SecurityHub], None]]] = {
    "the description": (f"update {POLICY}", describe_anew),
    "a region less": (f"update {POLICY}", written(enabling(HOME))),
    "a region more": (f"update {POLICY}", written(enabling(HOME, OTHER, "eu-west-2"))),
    "a region disabled": (f"update {POLICY}", written(block(disable_in_regions={"@@assign": ["eu-west-2"]}))),
    "regions appended": (f"update {POLICY}", written(block(enable_in_regions={"@@append": [HOME, OTHER]}))),
    "a feature": (f"update {POLICY}", written(block(features=NETWORK_SCANNING))),
    "the attachment": ("create organization attachment root", forget),
    "a linked region": (f"update {AGGREGATOR}", unlink),
    "the aggregator": (f"create {AGGREGATOR}", remove_aggregator),
    "the administrator": ("create organization administrator", remove_administrator),
    "a hub that the policy is about to enable": (f"create {MANAGEMENT}/{OTHER} hub", switch_off),
    "all statements": (f"create {DELEGATION}", only_theirs),
}
for _sid in OURS:
    ACTIONS[f"{_sid} removed"] = (f"update {DELEGATION}", without(_sid))
    ACTIONS[f"{_sid} denying"] = (f"update {DELEGATION}", restated(_sid, Effect="Deny"))
    ACTIONS[f"{_sid} for anybody"] = (f"update {DELEGATION}", restated(_sid, Principal=ANYBODY))
    ACTIONS[f"{_sid} of one action"] = (f"update {DELEGATION}", restated(_sid, Action="organizations:ListRoots"))
    ACTIONS[f"{_sid} anywhere"] = (f"update {DELEGATION}", restated(_sid, Resource="arn:aws:organizations::*:*"))
    ACTIONS[f"{_sid} under a condition"] = (
        f"update {DELEGATION}",
        restated(_sid, Condition={"StringEquals": {"organizations:PolicyType": "TAG_POLICY"}}),
    )
    ACTIONS[f"{_sid} with one element more"] = (f"update {DELEGATION}", restated(_sid, NotResource="*"))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("what", ACTIONS)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(there: SecurityHub, what: str) -> None:
    expected, by_hand = ACTIONS[what]
    by_hand(there)

    plan = there.world.plan()
    outcome = there.world.apply(plan)

    assert lines(plan.changes) == [expected]
    if "update" in expected and DELEGATION in expected:
        assert list(plan.changes[0].after) == [next(sid for sid in OURS if what.startswith(sid))]
    assert clean(outcome), outcome
    assert there.world.plan().empty
    assert there.statements()["Backup"] == theirs(there.world)
