"""Whom the Shield Response Team calls in an account when it sees an attack: a resource `proactive-engagement`.

https://docs.aws.amazon.com/waf/latest/developerguide/ddos-srt-proactive-engagement.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sra_bootstrap.model import Address, Change, Resource, Target
from sra_bootstrap.values import Value

if TYPE_CHECKING:
    from mypy_boto3_shield import ShieldClient
    from mypy_boto3_shield.type_defs import EmergencyContactTypeDef

KIND = "proactive-engagement"
READS = frozenset({"shield:DescribeEmergencyContactSettings"})
WRITES = frozenset(
    {
        "shield:AssociateProactiveEngagementDetails",
        "shield:EnableProactiveEngagement",
        "shield:UpdateEmergencyContactSettings",
    }
)
MOST = 10
"""How many contacts AWS takes.

https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_UpdateEmergencyContactSettings.html
"""
_ASKED_FOR = frozenset({"ENABLED", "PENDING"})
"""How it stands once it is asked for; AWS turns the second to the first in its own time."""


class Contact(BaseModel):
    """Whom the response team turns to. The patterns are AWS's, of EmergencyContact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Annotated[str, StringConstraints(max_length=150, pattern=r"^\S+@\S+\.\S+$")] = Field(
        description="Where it writes to; a mailbox of the team is better than a person's."
    )
    phone: Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{1,14}$")] | None = Field(
        default=None, description="Where it calls, in quotes and with the code of the country, as in '+4930123456'."
    )
    notes: Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[\w\s\.\-,:/()+@]+$")] | None = (
        Field(default=None, description="What it should know, such as when somebody is there.")
    )


def desired(contacts: Sequence[Contact], at: Target) -> Resource:
    """The contacts, by their email addresses, and that they are called."""
    return Resource(Address(KIND, at), {"asked_for": True, "contacts": {one.email: _told(one) for one in contacts}})


def _told(contact: Contact) -> dict[str, Value]:
    told: dict[str, Value] = {"phone": contact.phone, "notes": contact.notes}
    return {name: value for name, value in told.items() if value is not None}


def observe(status: str | None, at: Target, shield: ShieldClient) -> Resource:
    """What there is of it in an account that is subscribed."""
    contacts: dict[str, Value] = {
        one["EmailAddress"]: {"phone": one.get("PhoneNumber"), "notes": one.get("ContactNotes")}
        for one in _seen(shield)
    }
    return Resource(Address(KIND, at), {"asked_for": status in _ASKED_FOR, "contacts": contacts})


def _seen(shield: ShieldClient) -> list[EmergencyContactTypeDef]:
    return shield.describe_emergency_contact_settings().get("EmergencyContactList", [])


def put(change: Change, contacts: Sequence[Contact], shield: ShieldClient) -> None:
    """Name the contacts, beside those of others, and let them be called.

    One call asks for it for the first time, with the contacts; when that was done before, AWS wants two others instead.
    """
    listed = {one["EmailAddress"]: one for one in _seen(shield)}
    for one in contacts:
        known = listed.setdefault(one.email, {"EmailAddress": one.email})
        if one.phone is not None:
            known["PhoneNumber"] = one.phone
        if one.notes is not None:
            known["ContactNotes"] = one.notes
    everyone = list(listed.values())
    if "asked_for" not in change.after:
        shield.update_emergency_contact_settings(EmergencyContactList=everyone)
        return
    try:
        shield.associate_proactive_engagement_details(EmergencyContactList=everyone)
    except shield.exceptions.InvalidOperationException:
        shield.update_emergency_contact_settings(EmergencyContactList=everyone)
        if shield.describe_subscription()["Subscription"].get("ProactiveEngagementStatus") not in _ASKED_FOR:
            shield.enable_proactive_engagement()
