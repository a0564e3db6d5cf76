from __future__ import annotations

from collections.abc import Iterator

import pytest

from sra_bootstrap import sandbox
from tests.sandbox.conftest import Aws, refusal

DAY = 24 * 3600
CONTACTS = [{"EmailAddress": "security@example.com"}]
CALLABLE = [{"EmailAddress": "security@example.com", "PhoneNumber": "+4912345678"}]


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A bare management account, in process."""
    with sandbox.in_process() as running:
        yield Aws(running)


def test_without_a_subscription_there_is_nothing(aws: Aws) -> None:
    shield = aws.client("shield")

    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
    for call in (shield.describe_subscription, shield.list_protections, shield.describe_drt_access):
        assert refusal(call)[0] == "ResourceNotFoundException"


def test_a_subscription_goes_on_for_a_year_and_is_changed_in_its_last_days(aws: Aws) -> None:
    shield = aws.client("shield", "us-east-1")
    shield.create_subscription()
    assert refusal(shield.create_subscription)[0] == "ResourceAlreadyExistsException"

    made = aws.client("shield", "eu-west-1").describe_subscription()["Subscription"]
    assert (made["AutoRenew"], (made["EndTime"] - made["StartTime"]).days) == ("ENABLED", 365)
    assert made["TimeCommitmentInSeconds"] == 365 * DAY
    assert made["SubscriptionLimits"]["ProtectionGroupLimits"]["MaxProtectionGroups"] == 100
    assert shield.get_subscription_state()["SubscriptionState"] == "ACTIVE"
    assert shield.list_protections()["Protections"] == []
    assert shield.describe_drt_access()["LogBucketList"] == []
    assert refusal(shield.update_subscription, AutoRenew="DISABLED")[0] == "LockedSubscriptionException"
    assert refusal(shield.delete_subscription)[0] == "LockedSubscriptionException"

    aws.clock.wait(336 * DAY)
    shield.update_subscription(AutoRenew="DISABLED")
    assert shield.describe_subscription()["Subscription"]["AutoRenew"] == "DISABLED"
    aws.clock.wait(30 * DAY)
    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
    shield.create_subscription()
    aws.clock.wait(400 * DAY)
    renewed = shield.describe_subscription()["Subscription"]
    assert (renewed["EndTime"] - renewed["StartTime"]).days == 730


def test_whoever_is_to_be_called_needs_a_number(aws: Aws) -> None:
    shield = aws.client("shield")
    shield.create_subscription()
    assert refusal(shield.enable_proactive_engagement)[0] == "InvalidOperationException"
    shield.update_emergency_contact_settings(EmergencyContactList=CONTACTS)
    engage = shield.associate_proactive_engagement_details
    assert refusal(engage, EmergencyContactList=CONTACTS)[0] == "InvalidParameterException"

    engage(EmergencyContactList=CALLABLE)

    assert shield.describe_emergency_contact_settings()["EmergencyContactList"] == CALLABLE
    assert refusal(engage, EmergencyContactList=CALLABLE)[0] == "InvalidOperationException"
    update = shield.update_emergency_contact_settings
    assert refusal(update, EmergencyContactList=CONTACTS)[0] == "InvalidParameterException"
    shield.disable_proactive_engagement()
    assert shield.describe_subscription()["Subscription"]["ProactiveEngagementStatus"] == "DISABLED"
    shield.enable_proactive_engagement()
    assert shield.describe_subscription()["Subscription"]["ProactiveEngagementStatus"] == "ENABLED"
