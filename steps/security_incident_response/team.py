"""The people whom AWS turns to in an incident: as config.yaml names them, in plans, and in AWS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sra_bootstrap.values import Attrs, Value

if TYPE_CHECKING:
    from mypy_boto3_security_ir.type_defs import GetMembershipResponseTypeDef, IncidentResponderUnionTypeDef

FEWEST, MOST = 2, 10
"""How many people a team has: https://docs.aws.amazon.com/security-ir/latest/APIReference/API_CreateMembership.html"""

Communication = Literal[
    "Case Created",
    "Case Updated",
    "Case Acknowledged",
    "Case Closed",
    "Case Updated To Service Managed",
    "Case Status Updated",
    "Case Pending Customer Action Reminder",
    "Case Attachment Url Uploaded",
    "Case Comment Added",
    "Case Comment Updated",
    "Membership Created",
    "Membership Updated",
    "Membership Cancelled",
    "Register Delegated Administrator",
    "Deregister Delegated Administrator",
    "Disable AWS Service Access",
]
Email = Annotated[
    str,
    StringConstraints(
        min_length=6,
        max_length=254,
        pattern=r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*$",
    ),
]


class Responder(BaseModel):
    """Somebody whom AWS tells of cases, and who may be asked about them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=3, max_length=50)] = Field(description="Who it is.")
    job_title: Annotated[str, StringConstraints(min_length=1, max_length=50)] = Field(description="As what.")
    email: Email = Field(description="Where AWS writes to; a mailbox of the team is better than a person's.")
    communication: tuple[Communication, ...] | None = Field(
        default=None, description="What AWS writes of; as it is, or as AWS has it by default, if nothing is named."
    )


def wanted(people: Sequence[Responder]) -> Attrs:
    """The people of config.yaml by their email addresses."""
    return {one.email: _told(one) for one in people}


def seen(found: GetMembershipResponseTypeDef) -> Attrs:
    """The people of a membership, likewise."""
    return {
        one["email"]: {
            "name": one["name"],
            "job_title": one["jobTitle"],
            "communication": tuple(sorted(one.get("communicationPreferences", ()))),
        }
        for one in found["incidentResponseTeam"]
    }


def unknown(found: GetMembershipResponseTypeDef, people: Sequence[Responder]) -> int:
    """How many people a membership has whom config.yaml does not name."""
    return len(seen(found).keys() - wanted(people).keys())


def sent(
    people: Sequence[Responder], found: GetMembershipResponseTypeDef | None = None
) -> list[IncidentResponderUnionTypeDef]:
    """A whole team as AWS takes it: the people of config.yaml, and those that a membership has beside these."""
    team: dict[str, IncidentResponderUnionTypeDef] = {}
    if found is not None:
        team = {one["email"]: one for one in found["incidentResponseTeam"]}
    for one in people:
        known = team.get(one.email)
        preferences = one.communication
        if preferences is None and known is not None:
            preferences = tuple(known.get("communicationPreferences", ()))
        team[one.email] = {"name": one.name, "jobTitle": one.job_title, "email": one.email}
        if preferences:
            team[one.email]["communicationPreferences"] = list(preferences)
    return list(team.values())


def _told(responder: Responder) -> Attrs:
    attrs: dict[str, Value] = {"name": responder.name, "job_title": responder.job_title}
    if responder.communication is not None:
        attrs["communication"] = tuple(sorted(responder.communication))
    return attrs
