"""Every single setting of Macie, changed by hand. One organization for all: each test leaves it as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.values import Attrs, nested
from tests.steps.by_hand import clean, configure, lines
from tests.steps.macie_by_hand import HOME, OTHER, Macie
from tests.world import World, only

EVERYTHING = {"automated_discovery": {"enabled": True}, "security_hub": {"members": True}}


@pytest.fixture(scope="module")
def calm() -> Iterator[World]:
    """An organization in which Macie does nothing by itself, and everything is on that can be."""
    with sandbox.in_process() as running:
        running.settings.auto_enable_seconds = 1e9
        world = World(running, only("macie"))
        configure(world, macie=EVERYTHING)
        world.build()
        yield world


def every_how_long(there: Macie) -> None:
    there.api.update_macie_session(findingPublishingFrequency="SIX_HOURS")


def no_policy_findings(there: Macie) -> None:
    there.publish(policy=False, classification=True)


def no_classification_findings(there: Macie) -> None:
    there.publish(policy=True, classification=False)


def no_findings(there: Macie) -> None:
    there.publish(policy=False, classification=False)


def no_new_members(there: Macie) -> None:
    there.api.update_organization_configuration(autoEnable=False)


def discovery(**settings: str) -> Callable[[Macie], None]:
    return lambda there: there.api.update_automated_discovery_configuration(**settings)


def member(name: str, by_hand: Callable[[Macie, str], None]) -> Callable[[Macie], None]:
    return lambda there: by_hand(there, name)


POLICY: Attrs = {"security_hub": {"policy_findings": True}}
CLASSIFICATION: Attrs = {"security_hub": {"classification_findings": True}}
BOTH: Attrs = {"security_hub": {"policy_findings": True, "classification_findings": True}}
LET_GO: Attrs = {"status": "ENABLED", "automated_discovery": "ENABLED"}
OF_A_SESSION: dict[str, tuple[Callable[[Macie], None], Attrs]] = {
    "the frequency": (every_how_long, {"publishing_frequency": "FIFTEEN_MINUTES"}),
    "policy findings": (no_policy_findings, POLICY),
    "classification findings": (no_classification_findings, CLASSIFICATION),
    "all findings": (no_findings, BOTH),
}
OF_THE_ORGANIZATION: dict[str, tuple[str, Callable[[Macie], None], Attrs]] = {
    "new members": ("organization-configuration", no_new_members, {"auto_enable": True}),
    "discovery": ("automated-discovery", discovery(status="DISABLED"), {"status": "ENABLED"}),
    "whose discovery": (
        "automated-discovery",
        discovery(status="ENABLED", autoEnableOrganizationMembers="NEW"),
        {"members": "ALL"},
    ),
    "a member paused": ("members", member("network", Macie.pause), {"network": {"status": "ENABLED"}}),
    "a member removed": ("members", member("network", Macie.remove), {"network": LET_GO}),
    "a member deleted": ("members", member("network", Macie.delete), {"network": LET_GO}),
    "a member left out": (
        "members",
        member("network", Macie.leave_out),
        {"network": {"automated_discovery": "ENABLED"}},
    ),
    "the management account paused": ("members", member(MANAGEMENT, Macie.pause), {MANAGEMENT: {"status": "ENABLED"}}),
    "the management account removed": ("members", member(MANAGEMENT, Macie.remove), {MANAGEMENT: LET_GO}),
    "the management account left out": (
        "members",
        member(MANAGEMENT, Macie.leave_out),
        {MANAGEMENT: {"automated_discovery": "ENABLED"}},
    ),
}


def is_one_change(world: World, address: str, after: Attrs) -> None:
    """See what was changed by hand as one change, put it back, and see that nothing else was written."""
    world.records.clear()
    plan = world.plan()
    outcome = world.apply(plan)

    assert lines(plan.changes) == [f"update {address}"]
    assert plan.changes[0].after == after
    assert clean(outcome)
    assert {record.region for record in world.records if not record.read} == {OTHER}
    assert world.plan().empty


@pytest.mark.sampled(5)
@pytest.mark.parametrize("account", [MANAGEMENT, "security-tooling"])
@pytest.mark.parametrize("what", OF_A_SESSION)
def test_what_is_changed_of_a_session_is_exactly_one_change_and_put_back(calm: World, what: str, account: str) -> None:
    by_hand, after = OF_A_SESSION[what]
    by_hand(Macie(calm, OTHER, account))

    is_one_change(calm, f"{account}/{OTHER} session", after)


@pytest.mark.parametrize("what", OF_THE_ORGANIZATION)
def test_what_is_changed_of_the_organization_is_exactly_one_change_and_put_back(calm: World, what: str) -> None:
    kind, by_hand, after = OF_THE_ORGANIZATION[what]
    by_hand(Macie(calm, OTHER))

    is_one_change(calm, f"security-tooling/{OTHER} {kind}", after)
    assert set(Macie(calm, OTHER).discovered().values()) == {"ENABLED"}


@pytest.mark.parametrize(("by_hand", "after"), [(no_policy_findings, POLICY), (no_findings, BOTH)])
def test_what_a_member_changes_of_its_publication_is_exactly_one_change_and_put_back(
    calm: World, by_hand: Callable[[Macie], None], after: Attrs
) -> None:
    by_hand(Macie(calm, OTHER, "network"))

    is_one_change(calm, f"network/{OTHER} publication", nested(after, "security_hub"))


def test_discovery_that_nobody_wants_is_one_change_and_switched_off(calm: World) -> None:
    configure(calm)
    assert clean(calm.apply(calm.plan()))
    Macie(calm, OTHER).api.update_automated_discovery_configuration(status="ENABLED")

    is_one_change(calm, f"security-tooling/{OTHER} automated-discovery", {"status": "DISABLED"})

    assert set(Macie(calm, OTHER).discovered().values()) == {"DISABLED"}
    assert set(Macie(calm, HOME).discovered().values()) == {"DISABLED"}
    configure(calm, macie=EVERYTHING)
    assert clean(calm.apply(calm.plan()))
