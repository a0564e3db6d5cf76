from __future__ import annotations

from typing import Any

import pytest

from steps.security_incident_response import SecurityIncidentResponse
from tests.steps.by_hand import calls, clean, configure, part, put_back
from tests.steps.security_incident_response_by_hand import HOME, SENT, api, membership
from tests.world import TEAM, World, organization, pending, pipeline

PRINCIPAL = "security-ir.amazonaws.com"


@pytest.fixture
def world(world: World) -> World:
    """A bare account, and nothing on top of the delegation."""
    return World(world.sandbox, pipeline("security_incident_response"))


def test_what_aws_writes_of_is_set_where_config_yaml_says_it(world: World) -> None:
    wanted = ["Case Updated", "Case Created"]
    configure(
        world, security_incident_response={"incident_response_team": [TEAM[0] | {"communication": wanted}, TEAM[1]]}
    )
    world.build()

    [first, second] = membership(world)["incidentResponseTeam"]

    assert first["communicationPreferences"] == wanted
    assert "communicationPreferences" not in second
    assert world.plan().empty


def test_destroying_keeps_the_membership_and_what_it_would_end_with(world: World) -> None:
    world.stand()

    plan = world.plan(destroy=True)

    assert part(plan, "security_incident_response").changes == ()
    kept = {
        address.name for step in ("delegated_administrators", "trusted_access") for address in part(plan, step).kept
    }
    assert PRINCIPAL in kept
    assert clean(world.apply(plan))
    assert membership(world)["membershipStatus"] == "Active"


def test_an_administrator_that_config_yaml_names_otherwise_is_kept_too(world: World) -> None:
    configure(world, delegated_administrators={"administrators": {PRINCIPAL: "log_archive"}})

    [delegation] = [one for one in world.wanted.delegations if one.principal == PRINCIPAL]

    assert (delegation.account, delegation.kept) == ("log-archive", True)
    assert [line for line in pending(world.plan()) if "membership" in line] == [f"create log-archive/{HOME} membership"]


def test_destroying_cancels_it_where_config_yaml_says_so(world: World) -> None:
    configure(world, security_incident_response={"cancel_on_destroy": True})
    world.stand()

    assert clean(world.apply(world.plan(destroy=True)))

    assert membership(world)["membershipStatus"] == "Cancelled"
    assert calls(world, "organizations:DeregisterDelegatedAdministrator") > 0
    world.build()
    assert [one["membershipStatus"] for one in api(world).list_memberships()["items"]] == ["Cancelled", "Active"]


def test_a_membership_in_another_region_is_in_the_way(world: World) -> None:
    world.stand_before_the_last()
    world.sandbox.clock.wait(60)
    api(world, "us-east-1").create_membership(membershipName="theirs", incidentResponseTeam=SENT)

    planned = part(world.plan(), "security_incident_response")

    [blocked] = planned.blocked
    assert blocked.reason == "The membership is in us-east-1, and an organization has one."
    configure(world, security_incident_response={"region": "us-east-1"})
    put_back(world)
    assert membership(world, "us-east-1")["membershipName"] == "sra"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({}, (("incident_response_team",), "it names 0; AWS asks for 2 to 10 people")),
        (
            {"incident_response_team": (TEAM[0], TEAM[1], TEAM[0])},
            (("incident_response_team", 2), "security@example.com is named twice; keep one of them"),
        ),
        (
            {"incident_response_team": TEAM, "region": "eu-north-1"},
            (("region",), "eu-north-1 is not governed; name one of eu-west-1, us-east-1"),
        ),
    ],
)
def test_a_section_that_aws_would_refuse_is_refused(config: dict[str, Any], problem: Any) -> None:
    step = SecurityIncidentResponse(SecurityIncidentResponse.Config(**config))

    assert list(step.problems(organization([], "eu-west-1", "us-east-1"))) == [problem]


def test_without_triage_the_role_is_not_asked_for(world: World) -> None:
    configure(world, security_incident_response={"triage": False})

    assert [line for line in pending(world.plan()) if "service-linked-role" in line] == []
