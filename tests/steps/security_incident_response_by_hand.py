"""Security Incident Response through the API of the sandbox: what others do to its membership, and how it stands."""

from __future__ import annotations

from typing import Any

from tests.steps.by_hand import Life
from tests.world import TEAM, World

HOME, TOOLING = "eu-west-1", "security-tooling"
SENT = [{"name": one["name"], "jobTitle": one["job_title"], "email": one["email"]} for one in TEAM]
STRANGER = {"name": "Somebody Else", "jobTitle": "Analyst", "email": "else@example.com"}


def api(world: World, region: str = HOME) -> Any:
    return world.client("security-ir", TOOLING, region)


def membership(world: World, region: str = HOME) -> dict[str, Any]:
    """The membership that is there, whatever its status."""
    [listed] = api(world, region).list_memberships()["items"]
    return dict(api(world, region).get_membership(membershipId=listed["membershipId"]))


def update(world: World, **changes: Any) -> None:
    api(world).update_membership(membershipId=membership(world)["membershipId"], **changes)


def drift(world: World) -> None:
    """Change every setting; of the team, whom AWS is to call."""
    nobody = [one | {"name": "Nobody"} for one in SENT]
    update(
        world,
        membershipName="theirs",
        incidentResponseTeam=[*nobody, STRANGER],
        optInFeatures=[{"featureName": "Triage", "isEnabled": False}],
        membershipAccountsConfigurationsUpdate={"coverEntireOrganization": False},
    )


LIFE = Life(drift=drift, configs=[{"cancel_on_destroy": True}])
