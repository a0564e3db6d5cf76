"""AWS Security Hub CSPM: how an organization's accounts become members, added by their administrator or on joining."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, gate
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.securityhub import Hub, Member, securityhub_of
from sra_bootstrap.sandbox.services.securityhub_administrator import CSPM, Place, administrator_of, appointed, dismissed
from sra_bootstrap.sandbox.services.securityhub_catalogue import DEFAULT_STANDARDS
from sra_bootstrap.sandbox.settings import Rules


@dataclass
class AutoEnable:
    """What the accounts of an organization get that join it, in one region; `met` are those that are dealt with."""

    hub: bool = False
    standards: str = "DEFAULT"
    met: set[str] = field(default_factory=set)


def auto_enable_of(management_id: str, region: str) -> AutoEnable:
    """What accounts that join an organization get in a region."""
    return store.state(AutoEnable, management_id, region)


def obstacle(administrator_id: str, account_id: str, partition: str, region: str) -> str | None:
    """Why an account of the administrator's organization cannot be a member, or None.

    "The organization management account must enable Security Hub CSPM before the administrator account enables it as a
    member account": https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html. The texts are
    guessed.
    """
    if account_id not in membership.active_accounts(administrator_id):
        return "AccountSuspended"
    if not has_region(account_id, partition, region):
        return f"Region {region} is not enabled in account {account_id}"
    is_management = account_id == membership.management_account_of(administrator_id)
    if is_management and securityhub_of(account_id, region).hub is None:
        return "The organization management account must enable Security Hub first"
    return None


def enrol(administrator_id: str, account_id: str, region: str, *standards: str) -> None:
    """Make an account a member; if it has no hub, it gets one with these standards, and otherwise keeps its settings.

    A member generates findings as its administrator does:
    https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html.
    """
    administrator, state = securityhub_of(administrator_id, region), securityhub_of(account_id, region)
    if state.hub is None:
        state.hub = Hub()
        state.hub.enable(*standards)
    if administrator.hub is not None:
        state.hub.generator = administrator.hub.generator
    state.administrator_id = administrator_id
    administrator.members[account_id] = Member(account_id, "Enabled")


def part(administrator_id: str, region: str) -> None:
    """End all memberships of an administrator in a region; the hubs stay as they are."""
    administrator = securityhub_of(administrator_id, region)
    for member_id in administrator.members:
        securityhub_of(member_id, region).administrator_id = None
    administrator.members.clear()


@appointed
def meet(place: Place, account_id: str) -> None:
    """Accounts that are there before the administrator have not joined since."""
    if place.feature == CSPM:
        met = auto_enable_of(place.management_id, place.region).met
        met.update(membership.active_accounts(account_id))


@dismissed
def dismiss(place: Place, account_id: str) -> None:
    """https://docs.aws.amazon.com/securityhub/latest/userguide/remove-admin-overview.html."""
    if place.feature == CSPM:
        part(account_id, place.region)
        auto_enable = auto_enable_of(place.management_id, place.region)
        auto_enable.hub, auto_enable.standards = AutoEnable.hub, AutoEnable.standards


@gate
def auto_enable(call: Call) -> None:
    """Before any call of Security Hub: enrol who has joined the organization long enough ago.

    https://docs.aws.amazon.com/securityhub/latest/userguide/accounts-orgs-auto-enable.html
    """
    administrator_id = administrator_of(call.account_id, call.region) if call.service == "securityhub" else None
    backend = None if administrator_id is None else membership.organization_of(call.account_id)
    if backend is None or administrator_id is None:
        return
    configured = auto_enable_of(backend.org.master_account_id, call.region)
    joined_before = moment() - timedelta(seconds=Rules.settings.auto_enable_seconds)
    for account in backend.accounts:
        if account.id in configured.met or account.create_time > joined_before:
            continue
        configured.met.add(account.id)
        if configured.hub and obstacle(administrator_id, account.id, call.partition, call.region) is None:
            enrol(
                administrator_id,
                account.id,
                call.region,
                *(DEFAULT_STANDARDS if configured.standards == "DEFAULT" else ()),
            )
