"""Shield Advanced through the API of the sandbox: how it stands, and what others do to it."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

CONTACTS = [
    {"email": "security@example.com", "phone": "+4930123456", "notes": "Day and night"},
    {"email": "platform@example.com"},
]
OF_OTHERS = {"EmailAddress": "else@example.com", "PhoneNumber": "+4940123456"}


def subscription(world: World, account: str) -> dict[str, Any] | None:
    shield = world.client("shield", account)
    try:
        return dict(shield.describe_subscription()["Subscription"])
    except shield.exceptions.ResourceNotFoundException:
        return None


def end_renewal(world: World, account: str = MANAGEMENT) -> None:
    """Let a subscription end, in a year that is so short that all of it is its last 30 days."""
    world.sandbox.settings.shield_commitment_days = 30
    world.client("shield", account).update_subscription(AutoRenew="DISABLED")


def call_nobody(world: World) -> None:
    """Have the response team call nobody any more in one account, and somebody else in another."""
    world.client("shield", MANAGEMENT).disable_proactive_engagement()
    world.client("shield", "network").update_emergency_contact_settings(EmergencyContactList=[OF_OTHERS])


LIFE = Life(drift=end_renewal, configs=[{"emergency_contacts": CONTACTS}], late_drift=call_nobody)
