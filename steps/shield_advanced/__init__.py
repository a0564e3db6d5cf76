"""AWS Shield Advanced: a subscription in each account whose resources it is to protect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Note, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding, Step, StepConfig
from steps.shield_advanced import engagement
from steps.shield_advanced.engagement import Contact

if TYPE_CHECKING:
    from mypy_boto3_shield import ShieldClient

_LAST_DAYS = timedelta(days=30)
"""When the renewal can be changed: https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_UpdateSubscription.html."""


class ShieldAdvanced(Step[StepConfig]):
    """Subscribe accounts to protection from denial-of-service attacks, which costs 3,000 USD a month for a year.

    The SRA has Shield Advanced for what is reached from the internet. A subscription protects nothing by itself: name
    the resources afterwards, or let a policy of AWS Firewall Manager do that.
    """

    class Config(StepConfig):
        """Which accounts are subscribed, and whether for longer than a year."""

        enabled: bool = Field(
            default=False,
            description="Off by default: AWS charges 3,000 USD a month for the organization, for at least a year.",
        )
        accounts: tuple[str, ...] = Field(
            default=(),
            description="The keys of the accounts that are subscribed, `management` among them if it is to be; all of "
            "the organization, and those that join, if none is named. The price is the same.",
        )
        auto_renew: bool = Field(
            default=True,
            description="Whether the subscription goes on after its year. AWS changes that in the last 30 days only.",
        )
        emergency_contacts: tuple[Contact, ...] = Field(
            default=(),
            max_length=engagement.MOST,
            description="Whom AWS's response team calls by itself, each with email, phone and notes; one of them needs "
            "a phone. These are personal data, which plans show. It takes AWS's Business or Enterprise Support.",
        )

    id = "shield_advanced"
    after = ("accounts",)
    confirm_by_name = frozenset({"subscription"})
    kept = {
        "subscription": "AWS ends no subscription before its year is over; set auto_renew to false until then.",
        engagement.KIND: "It goes with the subscription.",
    }
    reads = engagement.READS | {"shield:DescribeSubscription"}
    writes = engagement.WRITES | {"shield:CreateSubscription", "shield:UpdateSubscription"}
    considerations = (
        "Each account subscribes for itself; the organization pays once, by its management account's bill.",
        "An account that leaves the organization takes its subscription with it, and pays for it alone.",
        "A subscription protects nothing by itself; resources are protected one by one, or by AWS Firewall Manager.",
        "Apply asks for the name of this step before it subscribes an account; --yes alone does not confirm that.",
        "Contacts whom others have named are called too; health checks are set up with what is protected.",
        "The response team gets no access to any account: whoever runs what is protected may give it.",
    )
    costs = "3,000 USD a month for the organization, for at least a year, and by the GB that protected resources send."
    irreversible = (
        "A subscription goes on for a year, and is renewed for another unless that is ended in its last 30 days."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/network.html",
        "https://docs.aws.amazon.com/waf/latest/developerguide/ddos-advanced-summary.html",
        "https://docs.aws.amazon.com/waf/latest/developerguide/ddos-srt-proactive-engagement.html",
        "https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_CreateSubscription.html",
        "https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_UpdateSubscription.html",
    )

    config: Config

    def problems(self, org: Org) -> Iterable[Finding]:
        """Accounts that are not in config.yaml, and contacts whom nobody could call."""
        for index, name in enumerate(self.config.accounts):
            if name not in {MANAGEMENT, *org.accounts}:
                known = ", ".join((MANAGEMENT, *org.accounts))
                yield ("accounts", index), f'there is no account "{name}"; there are {known}'
        contacts = self.config.emergency_contacts
        if contacts and not any(contact.phone for contact in contacts):
            yield ("emergency_contacts",), "none of them has a phone; AWS asks for at least one"
        for index, contact in enumerate(contacts):
            if contact.email in {other.email for other in contacts[:index]}:
                yield ("emergency_contacts", index), f"{contact.email} is named twice; keep one of them"

    def desired(self, org: Org) -> Iterable[Resource]:
        """A subscription in each account, and whom the response team calls there."""
        subscribed = [n for n in org.members() if not self.config.accounts or n in self.config.accounts]
        for name in subscribed:
            yield Resource(Address("subscription", Target(name)), {"auto_renew": self._renewal()})
        for name in subscribed if self.config.emergency_contacts else ():
            yield engagement.desired(self.config.emergency_contacts, Target(name))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The subscription of one account. Shield is the same from every region."""
        shield: ShieldClient = aws.client("shield", at)
        address = Address("subscription", at)
        try:
            found = shield.describe_subscription()["Subscription"]
        except shield.exceptions.ResourceNotFoundException:
            yield Note(f"To subscribe is to pay 3,000 USD a month for a year; apply asks for the name {self.id}.")
            return
        changeable = found["EndTime"] - _LAST_DAYS
        if found["AutoRenew"] != self._renewal() and datetime.fromtimestamp(aws.now(), UTC) < changeable:
            reason = f"AWS does not change the renewal before {changeable:%Y-%m-%d}, the last 30 days of the year."
            yield Unavailable(address, ("auto_renew",), reason)
        yield Resource(address, {"auto_renew": found["AutoRenew"]})
        if self.config.emergency_contacts:
            yield engagement.observe(found.get("ProactiveEngagementStatus"), at, shield)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Subscribe one account, change whether that is renewed, or say whom to call."""
        shield: ShieldClient = aws.client("shield", change.address.at)
        if change.address.kind == engagement.KIND:
            engagement.put(change, self.config.emergency_contacts, shield)
        elif change.action is Action.CREATE:
            shield.create_subscription()
        else:
            shield.update_subscription(AutoRenew=self._renewal())

    def _renewal(self) -> Literal["ENABLED", "DISABLED"]:
        return "ENABLED" if self.config.auto_renew else "DISABLED"
