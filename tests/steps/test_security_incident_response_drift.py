"""A membership that others change by hand. One organization for all: each test leaves it as it found it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.services.securityir import Memberships
from tests.steps.by_hand import calls, lines, part, put_back
from tests.steps.security_incident_response_by_hand import HOME, SENT, STRANGER, TOOLING, membership, update
from tests.world import TEAM, World, pipeline

NOBODY = [one | {"name": "Nobody"} for one in SENT]


@pytest.fixture(scope="module")
def calm() -> Iterator[World]:
    """An organization with a membership, for tests that leave it as they have found it."""
    with sandbox.in_process() as running:
        world = World(running, pipeline("security_incident_response"))
        world.build()
        yield world


def test_the_membership_is_the_organizations_and_the_role_that_aws_cannot_make_is_made(calm: World) -> None:
    found = membership(calm)

    assert (found["customerType"], found["membershipName"], found["numberOfAccountsCovered"]) == (
        "Organization",
        "sra",
        5,
    )
    assert found["optInFeatures"] == [{"featureName": "Triage", "isEnabled": True}]
    assert found["incidentResponseTeam"] == SENT
    role = calm.client("iam", MANAGEMENT).get_role(RoleName="AWSServiceRoleForSecurityIncidentResponse_Triage")
    assert role["Role"]["Path"] == "/aws-service-role/triage.security-ir.amazonaws.com/"
    assert calls(calm, "security-ir:CreateMembership") == 1


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "name": ({"membershipName": "theirs"}, {"name": "sra"}),
    "triage": ({"optInFeatures": [{"featureName": "Triage", "isEnabled": False}]}, {"triage": True}),
    "coverage": (
        {"membershipAccountsConfigurationsUpdate": {"coverEntireOrganization": False}},
        {"covers": "the whole organization"},
    ),
    "people": (
        {"incidentResponseTeam": NOBODY},
        {"incident_response_team": {one["email"]: {"name": one["name"]} for one in TEAM}},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(calm: World, what: str) -> None:
    changes, after = CHANGES[what]
    update(calm, **changes)

    plan = calm.plan()

    assert lines(plan.changes) == [f"update {TOOLING}/{HOME} membership"]
    assert plan.changes[0].after == after
    put_back(calm)
    assert membership(calm)["incidentResponseTeam"] == SENT


def test_people_whom_others_have_added_stay_and_are_not_named_in_a_plan(calm: World) -> None:
    one = SENT[0] | {"communicationPreferences": ["Case Created"]}
    update(calm, incidentResponseTeam=[one, NOBODY[1], STRANGER])

    plan = calm.plan()

    assert part(plan, "security_incident_response").notes == (
        "The incident response team has 1 whom config.yaml does not name; they stay in it.",
    )
    put_back(calm)
    assert membership(calm)["incidentResponseTeam"] == [one, SENT[1], STRANGER]
    update(calm, incidentResponseTeam=SENT)


def test_a_membership_for_one_account_alone_is_in_the_way(calm: World) -> None:
    account_id = str(calm.arrive().id_of(TOOLING))
    [one] = store.state(Memberships, account_id, HOME).held.values()
    one.customer_type, one.covers_all = "Standalone", False

    planned = part(calm.plan(), "security_incident_response")

    one.customer_type, one.covers_all = "Organization", True
    [blocked] = planned.blocked
    assert "has a membership for itself alone" in blocked.reason
    assert "cancel-membership" in blocked.remedy
