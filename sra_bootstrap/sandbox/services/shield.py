"""AWS Shield Advanced: the subscription of an account, and whom the Shield Response Team calls.

moto has subscriptions, and they may be made twice and never end; its protections need none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.settings import Rules

_LAST_DAYS = timedelta(days=30)
"""When the renewal can be changed: https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_UpdateSubscription.html."""
_PROTECTABLE = (
    *("APPLICATION_LOAD_BALANCER", "CLASSIC_LOAD_BALANCER", "CLOUDFRONT_DISTRIBUTION"),
    *("ELASTIC_IP_ADDRESS", "GLOBAL_ACCELERATOR", "ROUTE_53_HOSTED_ZONE"),
)


@dataclass
class Subscription:
    """A subscription: https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_Subscription.html."""

    arn: str
    renews: bool = True
    start: datetime = field(default_factory=moment)

    @property
    def end(self) -> datetime:
        """The end of the year that is committed to, or of that which it is renewed for."""
        term = timedelta(days=Rules.settings.shield_commitment_days)
        ends = self.start + term
        while self.renews and ends < moment():
            ends += term
        return ends


@dataclass
class Shield:
    """What Shield knows of an account, in whatever region.

    `engagement` is whether the Shield Response Team calls by itself, or None before anybody has asked for it.
    """

    subscription: Subscription | None = None
    contacts: list[dict[str, str]] = field(default_factory=list)
    engagement: bool | None = None


def _shield(call: Call) -> Shield:
    return call.state(Shield, region=call.partition)


def _active(call: Call) -> Subscription | None:
    """The subscription of the caller, as long as it goes on."""
    found = _shield(call).subscription
    return None if found is None or found.end < moment() else found


@check("shield", "CreateProtection", "DescribeProtection", "ListProtections", "DeleteProtection")
def is_subscribed(call: Call, **_: Any) -> None:
    """What has to be subscribed to.

    Seen in AWS for DescribeSubscription, ListProtections and DescribeDRTAccess: https://github.com/awslabs/sra-verify.

    Raises:
        AwsFault: the account has no subscription.
    """
    _own(call)


def _own(call: Call) -> Subscription:
    found = _active(call)
    if found is None:
        raise AwsFault("ResourceNotFoundException", "The subscription does not exist.", resourceType="SUBSCRIPTION")
    return found


@operation("shield", "CreateSubscription")
def create_subscription(call: Call) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_CreateSubscription.html.

    "your subscription is set to be automatically renewed".

    Raises:
        AwsFault: the account has one.
    """
    if _active(call) is not None:
        raise AwsFault(
            "ResourceAlreadyExistsException", "The subscription already exists.", resourceType="SUBSCRIPTION"
        )
    arn = f"arn:{call.partition}:shield::{call.account_id}:subscription/{mock_random.uuid4()}"
    _shield(call).subscription = Subscription(arn)


@operation("shield", "GetSubscriptionState")
def get_subscription_state(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_GetSubscriptionState.html."""
    return {"SubscriptionState": "INACTIVE" if _active(call) is None else "ACTIVE"}


@operation("shield", "DescribeSubscription")
def describe_subscription(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeSubscription.html.

    The limits are those of https://docs.aws.amazon.com/waf/latest/developerguide/shield-limits.html.
    """
    found, engagement = _own(call), _shield(call).engagement
    answer: dict[str, Any] = {
        "StartTime": found.start,
        "EndTime": found.end,
        "TimeCommitmentInSeconds": Rules.settings.shield_commitment_days * 24 * 3600,
        "AutoRenew": "ENABLED" if found.renews else "DISABLED",
        "SubscriptionArn": found.arn,
        "SubscriptionLimits": {
            "ProtectionLimits": {
                "ProtectedResourceTypeLimits": [{"Type": resource, "Max": 1000} for resource in _PROTECTABLE]
            },
            "ProtectionGroupLimits": {
                "MaxProtectionGroups": 100,
                "PatternTypeLimits": {"ArbitraryPatternLimits": {"MaxMembers": 1000}},
            },
        },
    }
    if engagement is not None:
        answer["ProactiveEngagementStatus"] = "ENABLED" if engagement else "DISABLED"
    return {"Subscription": answer}


@operation("shield", "UpdateSubscription")
def update_subscription(call: Call, AutoRenew: str | None = None) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_UpdateSubscription.html.

    "You can change the AutoRenew parameter during the last 30 days of your subscription." That it may be set to what it
    is at any time is guessed.

    Raises:
        AwsFault: there is no subscription, or its end is too far.
    """
    found = _own(call)
    renews = found.renews if AutoRenew is None else AutoRenew == "ENABLED"
    if renews != found.renews and found.end - moment() > _LAST_DAYS:
        raise _locked()
    found.renews = renews


def _locked() -> AwsFault:
    text = "You are trying to update a subscription that has not yet completed the 1-year commitment."
    return AwsFault("LockedSubscriptionException", text)


@operation("shield", "DeleteSubscription")
def delete_subscription(call: Call) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DeleteSubscription.html.

    "You cannot delete a subscription prior to the completion of that commitment."

    Raises:
        AwsFault: there is no subscription, or it goes on.
    """
    _own(call)
    raise _locked()


@operation("shield", "DescribeDRTAccess")
def describe_drt_access(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeDRTAccess.html: nobody has given any."""
    _own(call)
    return {"LogBucketList": []}


@operation("shield", "DescribeEmergencyContactSettings")
def describe_emergency_contact_settings(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeEmergencyContactSettings.html."""
    _own(call)
    return {"EmergencyContactList": _shield(call).contacts}


@operation("shield", "UpdateEmergencyContactSettings")
def update_emergency_contact_settings(call: Call, EmergencyContactList: list[dict[str, str]] | None = None) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_UpdateEmergencyContactSettings.html.

    "If you have proactive engagement enabled, the contact list must include at least one phone number."

    Raises:
        AwsFault: it includes none.
    """
    _own(call)
    contacts = EmergencyContactList or []
    if _shield(call).engagement:
        _need_a_number(contacts)
    _shield(call).contacts = contacts


def _need_a_number(contacts: list[dict[str, str]]) -> None:
    if not any("PhoneNumber" in contact for contact in contacts):
        text = "The emergency contact list must include at least one phone number."
        raise AwsFault("InvalidParameterException", text, reason="OTHER")


@operation("shield", "AssociateProactiveEngagementDetails")
def associate_proactive_engagement_details(call: Call, EmergencyContactList: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_AssociateProactiveEngagementDetails.html.

    "This call initializes proactive engagement"; that a second one is refused is guessed from "to disable or enable
    proactive engagement, use the calls DisableProactiveEngagement and EnableProactiveEngagement".

    Raises:
        AwsFault: it was initialized before, or there is no phone number.
    """
    _own(call)
    if _shield(call).engagement is not None:
        raise _unchanged()
    _need_a_number(EmergencyContactList)
    _shield(call).contacts, _shield(call).engagement = EmergencyContactList, True


def _unchanged() -> AwsFault:
    return AwsFault("InvalidOperationException", "The operation would not cause any change to occur.")


def _engage(call: Call, *, wanted: bool) -> None:
    _own(call)
    shield = _shield(call)
    if shield.engagement in {None, wanted}:
        raise _unchanged()
    if wanted:
        _need_a_number(shield.contacts)
    shield.engagement = wanted


@operation("shield", "EnableProactiveEngagement")
def enable_proactive_engagement(call: Call) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_EnableProactiveEngagement.html."""
    _engage(call, wanted=True)


@operation("shield", "DisableProactiveEngagement")
def disable_proactive_engagement(call: Call) -> None:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DisableProactiveEngagement.html."""
    _engage(call, wanted=False)
