"""Every single setting of Inspector, changed by hand. One organization for all: each test leaves it as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import clean, configure, lines
from tests.steps.inspector_by_hand import OTHER, TYPES, Inspector
from tests.world import World, only

PATHS = ["/opt/libraries", "/srv/libraries"]


@pytest.fixture(scope="module")
def calm() -> Iterator[World]:
    """An organization in which Inspector does nothing by itself, with deep inspection of some paths."""
    with sandbox.in_process() as running:
        running.settings.auto_enable_seconds = 1e9
        world = World(running, only("inspector"))
        configure(world, inspector={"deep_inspection_paths": PATHS})
        world.build()
        Inspector(world, OTHER).wait()
        yield world


def everything(there: Inspector) -> dict[str, Any]:
    """All that Inspector is set to in a region."""
    names = ("security-tooling", MANAGEMENT, "log-archive", "network", "workload-prod")
    there.wait()
    configuration = there.configuration()
    configuration.pop("ResponseMetadata")
    configuration["ecrConfiguration"]["rescanDurationState"].pop("updatedAt")
    deep = there.api.batch_get_member_ec2_deep_inspection_status()["accountIds"]
    own = there.api.get_ec2_deep_inspection_configuration()
    return {
        "members": there.members(),
        "scans": {name: Inspector(there.world, there.region, name).scans(name) for name in names},
        "enrolled": there.auto_enable(),
        "configuration": configuration,
        "deep": {one["accountId"]: one["status"] for one in deep},
        "own": (own["status"], own["orgPackagePaths"]),
    }


def rescan(there: Inspector, **changed: str) -> None:
    state = there.configuration()["ecrConfiguration"]["rescanDurationState"]
    names = ("rescanDuration", "pullDateRescanDuration", "pullDateRescanMode")
    there.api.update_configuration(ecrConfiguration={name: state[name] for name in names} | changed)


def two_members(there: Inspector) -> None:
    there.disable("network", "ecr")
    there.inspect_deeply("log-archive", active=False)


Case = tuple[str, Callable[[Inspector], object], dict[str, Any]]
CASES: dict[str, Case] = {
    "how long images are scanned after a push": (
        "configuration",
        lambda there: rescan(there, rescanDuration="DAYS_3"),
        {"ecr_rescan": {"since_push": "DAYS_14"}},
    ),
    "how long images are scanned after their use": (
        "configuration",
        lambda there: rescan(there, pullDateRescanDuration="DAYS_90"),
        {"ecr_rescan": {"since_pull": "DAYS_14"}},
    ),
    "what the use of an image is": (
        "configuration",
        lambda there: rescan(there, pullDateRescanMode="LAST_PULL_DATE"),
        {"ecr_rescan": {"pull_mode": "LAST_IN_USE_AT"}},
    ),
    "the scan mode": (
        "configuration",
        lambda there: there.api.update_configuration(ec2Configuration={"scanMode": "EC2_SSM_AGENT_BASED"}),
        {"ec2_scan_mode": "EC2_HYBRID"},
    ),
    "deep inspection of the administrator": (
        "configuration",
        lambda there: there.api.update_ec2_deep_inspection_configuration(activateDeepInspection=False),
        {"deep_inspection": "ACTIVATED"},
    ),
    "paths of deep inspection": (
        "configuration",
        lambda there: there.api.update_org_ec2_deep_inspection_configuration(orgPackagePaths=["/opt/theirs"]),
        {"deep_inspection_paths": tuple(PATHS)},
    ),
    "deep inspection of a member": (
        "members",
        lambda there: there.inspect_deeply("network", active=False),
        {"network": {"deep_inspection": "ACTIVATED"}},
    ),
    "a member let go": (
        "members",
        lambda there: there.let_go("network"),
        {
            "network": {
                "status": "ENABLED",
                "scans": dict.fromkeys(TYPES, "ENABLED"),
                "deep_inspection": "ACTIVATED",
            }
        },
    ),
    "the management account let go": (
        "members",
        lambda there: there.let_go(MANAGEMENT),
        {
            MANAGEMENT: {
                "status": "ENABLED",
                "scans": dict.fromkeys(TYPES, "ENABLED"),
                "deep_inspection": "ACTIVATED",
            }
        },
    ),
    "two members, each in its own way": (
        "members",
        two_members,
        {"network": {"scans": {"ecr": "ENABLED"}}, "log-archive": {"deep_inspection": "ACTIVATED"}},
    ),
}
for _name in TYPES:
    # Where standard scanning of functions ends, that of their code does.
    _off = ("lambda_standard", "lambda_code") if _name == "lambda_standard" else (_name,)
    _on = dict.fromkeys(_off, "ENABLED")
    # Deep inspection goes with the scans of instances.
    _deep = {"deep_inspection": "ACTIVATED"} if _name == "ec2" else {}
    CASES[f"{_name} of the administrator"] = (
        "scans",
        lambda there, off=_off: there.disable("security-tooling", *off),  # type: ignore[misc]
        _on,
    )
    CASES[f"{_name} of a member"] = (
        "members",
        lambda there, off=_off: there.disable("network", *off),  # type: ignore[misc]
        {"network": {"scans": _on, **_deep}},
    )
    CASES[f"{_name} of accounts that join"] = (
        "organization-configuration",
        lambda there, off=_off: there.enroll(**dict.fromkeys(off, False)),  # type: ignore[misc]
        dict.fromkeys(_off, True),
    )


@pytest.mark.sampled(5)
@pytest.mark.parametrize("what", CASES)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(calm: World, what: str) -> None:
    kind, by_hand, wanted = CASES[what]
    there = Inspector(calm, OTHER)
    before = everything(there)
    by_hand(there)
    there.wait()
    assert everything(there) != before

    plan = calm.plan()
    outcome = calm.apply(plan)

    assert lines(plan.changes) == [f"update security-tooling/{OTHER} {kind}"]
    assert plan.changes[0].after == wanted
    assert clean(outcome)
    assert calm.plan().empty
    assert everything(there) == before
