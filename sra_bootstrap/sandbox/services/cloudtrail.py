"""AWS CloudTrail: the trails of an account, and who may see and change which; moto knows nothing of organizations.

The texts of errors are those of the modelled errors' documentation, where no other source is named.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time
from sra_bootstrap.sandbox.faults import AwsFault

PRINCIPAL = "cloudtrail.amazonaws.com"
_ARN = re.compile(r"arn:[\w-]+:cloudtrail:(?P<region>[\w-]+):(?P<account>\d{12}):trail/(?P<name>[\w.-]+)")
_NAME = re.compile(r"(?!.*[._-]{2})(?!\d+(\.\d+){3}$)[A-Za-z0-9][\w.-]{1,126}[A-Za-z0-9]", re.ASCII)


def default_selector() -> dict[str, Any]:
    """What a trail logs that was not told what to: all management events, and no others.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
    """
    return {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }


@dataclass
class Status:
    """What a trail has done: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html.

    `attempted` and `digested` are when it last tried to deliver, in seconds since the epoch.
    """

    logging: bool = False
    started: datetime | None = None
    stopped: datetime | None = None
    attempted: float = -math.inf
    digested: float = -math.inf
    told: dict[str, Any] = field(default_factory=dict)


@dataclass
class Trail:
    """A trail. `settings` holds what Create- and UpdateTrail set, under AWS's names of what they answer.

    It is kept by the account that owns it: for a trail of an organization, the management account.
    """

    name: str
    account_id: str
    partition: str
    region: str
    settings: dict[str, Any]
    selectors: list[dict[str, Any]] = field(default_factory=lambda: [default_selector()])
    advanced: list[dict[str, Any]] = field(default_factory=list)
    insights: list[dict[str, Any]] = field(default_factory=list)
    status: Status = field(default_factory=Status)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """In every account of an organization, it is that of the management account."""
        return f"arn:{self.partition}:cloudtrail:{self.region}:{self.account_id}:trail/{self.name}"

    @property
    def of_organization(self) -> bool:
        """Whether it is applied to all accounts of its owner's organization."""
        return bool(self.settings["IsOrganizationTrail"])

    def shows_in(self, region: str) -> bool:
        """Whether it is there in a region: in its own, or as a shadow."""
        return region == self.region or bool(self.settings["IsMultiRegionTrail"])


@dataclass
class Trails:
    """The trails that an account owns, in all regions."""

    trails: list[Trail] = field(default_factory=list)


@dataclass
class Delegations:
    """When a delegated administrator of an organization's CloudTrail can act, in seconds since the epoch."""

    effective: dict[str, float] = field(default_factory=dict)


def trails_of(account_id: str) -> list[Trail]:
    """The trails that an account owns."""
    return store.state(Trails, account_id, "aws").trails


def delegations_of(management_id: str) -> dict[str, float]:
    """When each delegated administrator can act; it is only one while Organizations has it registered."""
    return store.state(Delegations, management_id, "aws").effective


def visible_to(account_id: str) -> list[Trail]:
    """The trails that an account sees: its own, and those of its organization."""
    management_id = membership.management_account_of(account_id)
    own = list(trails_of(account_id))
    if management_id in {None, account_id}:
        return own
    return own + [trail for trail in trails_of(str(management_id)) if trail.of_organization]


def administers(account_id: str) -> bool:
    """Whether an account is a delegated administrator of its organization's CloudTrail, and can act as such."""
    management_id = membership.management_account_of(account_id)
    registered = membership.administrators(account_id, PRINCIPAL)
    if management_id is None or account_id not in registered:
        return False
    # One that Organizations itself has registered is in no lag that is known.
    return delegations_of(management_id).get(account_id, -math.inf) <= Time.clock.now()


def owner_for(call: Call) -> str:
    """Who owns what the caller makes for the organization: the management account.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html

    Raises:
        AwsFault: the caller is neither that nor a delegated administrator.
    """
    management_id = membership.management_account_of(call.account_id)
    if management_id is None:
        raise no_organization()
    if management_id != call.account_id and not administers(call.account_id):
        raise no_management_account()
    return management_id


def no_organization() -> AwsFault:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html#API_CreateTrail_Errors."""
    return AwsFault("OrganizationsNotInUseException", "The account is not a member of an organization.")


def no_management_account() -> AwsFault:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html#API_CreateTrail_Errors."""
    text = "The account making the request is not the management account for an organization."
    return AwsFault("NotOrganizationMasterAccountException", text)


def invalid_name(name: str) -> AwsFault:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html#API_CreateTrail_Errors."""
    return AwsFault("InvalidTrailNameException", f"Trail name or ARN is not valid: {name}")


def is_name(name: str) -> bool:
    """Whether a trail may be called so: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html."""
    return _NAME.fullmatch(name) is not None


def unknown(call: Call, arn: str) -> AwsFault:
    """As seen in https://github.com/turbot/steampipe-plugin-aws/issues/577."""
    return AwsFault("TrailNotFoundException", f"Unknown trail: {arn} for the user: {call.account_id}")


def wrong_account(call: Call) -> AwsFault:
    """As seen in https://github.com/turbot/steampipe-plugin-aws/issues/577."""
    text = f"AccountID in ARN is wrong, you can only access resources with AccountID {call.account_id}."
    return AwsFault("CloudTrailARNInvalidException", text)


def seen(call: Call, name_or_arn: str) -> Trail:
    """A trail that the caller sees; by its name, only in its own region, and only if the caller owns it.

    "To get the status of a shadow trail, you must specify its ARN", and so must members and delegated administrators:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html.

    Raises:
        AwsFault: the caller sees none of this name or ARN.
    """
    if name_or_arn.startswith("arn:"):
        if not _ARN.fullmatch(name_or_arn):
            raise AwsFault("CloudTrailARNInvalidException", f"The ARN is not valid: {name_or_arn}")
        for trail in visible_to(call.account_id):
            if trail.arn == name_or_arn:
                return trail
        raise unknown(call, name_or_arn) if f":{call.account_id}:" in name_or_arn else wrong_account(call)
    if not is_name(name_or_arn):
        raise invalid_name(name_or_arn)
    for trail in trails_of(call.account_id):
        if (trail.name, trail.region) == (name_or_arn, call.region):
            return trail
    here = f"arn:{call.partition}:cloudtrail:{call.region}:{call.account_id}:trail/{name_or_arn}"
    raise unknown(call, here)


def administered(call: Call, name_or_arn: str) -> Trail:
    """A trail whose selectors and tags the caller may read: its own, or as a delegated administrator.

    Members are told that the account in the ARN is wrong: https://github.com/joshlarsen/aws-recon/issues/22.
    """
    trail = seen(call, name_or_arn)
    if trail.account_id != call.account_id and not administers(call.account_id):
        raise wrong_account(call)
    return trail


def changeable(call: Call, name_or_arn: str) -> Trail:
    """A trail that the caller may change, from its home region.

    With which code a member is refused is guessed.

    Raises:
        AwsFault: there is none; the caller is a member; or the region is not the trail's.
    """
    if not name_or_arn.startswith("arn:"):
        shadows = (one for one in trails_of(call.account_id) if one.name == name_or_arn and one.shows_in(call.region))
        trail = next(shadows, None) or seen(call, name_or_arn)
    else:
        trail = seen(call, name_or_arn)
    if trail.account_id != call.account_id and not administers(call.account_id):
        raise no_management_account()
    if trail.region != call.region:
        text = f"Trail {trail.arn} can only be changed from its home region, {trail.region}."
        raise AwsFault("InvalidHomeRegionException", text)
    return trail
