"""Every single setting of GuardDuty, changed by hand. One organization for all: each test leaves it as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import clean, configure, lines, put_back
from tests.steps.guardduty_by_hand import FEATURES, HOME, OTHER, GuardDuty, flat, loosened, switched
from tests.world import World


@pytest.fixture(scope="module")
def calm() -> Iterator[World]:
    """An organization in which GuardDuty does nothing by itself."""
    with sandbox.in_process() as running:
        running.settings.guardduty_auto_enable_seconds = 1e9
        world = World(running)
        world.build()
        yield world


def one_removed_and_one_stopped(there: GuardDuty) -> None:
    loosened(there, "disassociate_members", "network")
    loosened(there, "stop_monitoring_members", "log-archive")


ACTIONS: dict[str, tuple[str, Callable[[GuardDuty], None]]] = {
    "the frequency": (
        "detector",
        lambda there: there.do("update_detector", FindingPublishingFrequency="SIX_HOURS"),
    ),
    "the enrolment": (
        "organization-configuration",
        lambda there: there.do("update_organization_configuration", AutoEnableOrganizationMembers="NEW"),
    ),
    "no enrolment": (
        "organization-configuration",
        lambda there: there.do("update_organization_configuration", AutoEnableOrganizationMembers="NONE"),
    ),
    "a member removed": ("members", lambda there: loosened(there, "disassociate_members", "network")),
    "a member stopped": ("members", lambda there: loosened(there, "stop_monitoring_members", "network")),
    "two members, one removed and one stopped": (
        "members",
        one_removed_and_one_stopped,
    ),
    "the management account removed": ("members", lambda there: loosened(there, "disassociate_members", MANAGEMENT)),
}
for _name in FEATURES:
    ACTIONS[f"{_name} of the administrator"] = (
        "detector",
        lambda there, name=_name: there.do(  # type: ignore[misc]
            "update_detector", **switched(name, "Status", "DISABLED", "ENABLED")
        ),
    )
    ACTIONS[f"{_name} of the organization"] = (
        "organization-configuration",
        lambda there, name=_name: there.do(  # type: ignore[misc]
            "update_organization_configuration",
            AutoEnableOrganizationMembers="ALL",
            **switched(name, "AutoEnable", "NEW", "ALL"),
        ),
    )
    ACTIONS[f"{_name} of a member"] = (
        "members",
        lambda there, name=_name: there.do(  # type: ignore[misc]
            "update_member_detectors", AccountIds=["network"], **switched(name, "Status", "DISABLED", "ENABLED")
        ),
    )


@pytest.mark.sampled(5)
@pytest.mark.parametrize("what", ACTIONS)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(calm: World, what: str) -> None:
    kind, by_hand = ACTIONS[what]
    by_hand(GuardDuty(calm, OTHER))

    plan = calm.plan()
    outcome = calm.apply(plan)

    assert lines(plan.changes) == [f"update security-tooling/{OTHER} {kind}"]
    named = next((name for name in FEATURES if what.startswith(name)), None)
    if named:
        [change] = plan.changes
        features = change.after["network"] if kind == "members" else change.after
        value = "ALL" if kind == "organization-configuration" else "ENABLED"
        assert features == {"features": {named: value}}
    assert clean(outcome)
    assert calm.plan().empty


PARENTS = {"RDS_DATA_RISK": "RDS_LOGIN_EVENTS"} | dict.fromkeys(
    ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"), "RUNTIME_MONITORING"
)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", FEATURES)
def test_what_is_switched_off_in_config_is_switched_off_everywhere_and_nothing_else_and_on_again(
    calm: World, name: str
) -> None:
    configure(calm, guardduty={"protection_plans": {name: False}})

    plan = calm.plan()
    put_back(calm)

    off_too = {name, *(child for child, parent in PARENTS.items() if parent == name)}
    assert len(plan.changes) == 6
    for change in plan.changes:
        value = "NONE" if change.address.kind == "organization-configuration" else "DISABLED"
        settings = change.after.values() if change.address.kind == "members" else [change.after]
        assert list(settings) == [{"features": dict.fromkeys(off_too, value)}] * len(settings)
    for region in (HOME, OTHER):
        guardduty = GuardDuty(calm, region)
        others = set(FEATURES) - off_too
        off = dict.fromkeys(others, "ENABLED") | dict.fromkeys(off_too, "DISABLED")
        assert flat(guardduty.detector()["Features"]) == off
        assert flat(guardduty.configuration()["Features"], "AutoEnable") == dict.fromkeys(
            others, "ALL"
        ) | dict.fromkeys(off_too, "NONE")
        for member in (MANAGEMENT, "network"):
            assert guardduty.member_features(member) == off
    configure(calm)
    put_back(calm)
    assert GuardDuty(calm, OTHER).member_features("network") == dict.fromkeys(FEATURES, "ENABLED")
