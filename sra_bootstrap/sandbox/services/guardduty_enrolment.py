"""Amazon GuardDuty: how an organization's accounts become members, added by their administrator or by themselves."""

from __future__ import annotations

from datetime import timedelta

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services import guardduty_features
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.guardduty import Detector, Member, guardduty_of
from sra_bootstrap.sandbox.services.guardduty_features import INVALID
from sra_bootstrap.sandbox.services.guardduty_organization import Delegation, delegation_of
from sra_bootstrap.sandbox.settings import Rules


def obstacle(call: Call, delegation: Delegation, account_id: str) -> str | None:
    """Why an account of the organization cannot be a member, in AWS's words, or None.

    The management account "must first enable GuardDuty" itself, as
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html said and
    https://github.com/cloudposse/terraform-aws-components/pull/822 quotes.
    """
    if account_id == delegation.administrator_id or account_id not in membership.active_accounts(call.account_id):
        return INVALID
    if not has_region(account_id, call.partition, call.region):
        return INVALID
    is_management = account_id == membership.management_account_of(call.account_id)
    if is_management and guardduty_of(account_id, call.region).detector is None:
        return "Operation failed because your organization master must first enable GuardDuty to be added as a member"
    return None


def enrol(delegation: Delegation, account_id: str, region: str) -> None:
    """Make an account a member, with GuardDuty and what the organization enables, whether it was one before or not.

    https://docs.aws.amazon.com/guardduty/latest/ug/maintaining-guardduty-organization-delegated-admin.html
    """
    assert delegation.administrator_id is not None  # noqa: S101 (a delegation in effect has an administrator)
    state = guardduty_of(account_id, region)
    if state.detector is None:
        state.detector = Detector(guardduty_features.all_set_to("DISABLED"))
    guardduty_features.apply(delegation.configuration.features, state.detector.features, "NEW", "ALL")
    state.detector.enabled = True
    state.administrator_id = delegation.administrator_id
    guardduty_of(delegation.administrator_id, region).members[account_id] = Member(account_id, "Enabled")


@gate
def auto_enable(call: Call) -> None:
    """Before any call of GuardDuty: enrol whom the organization's configuration has enrolled by now.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html: NEW is for
    accounts that join; ALL also for those that have been suspended or removed, and "may take up to 24 hours".
    """
    delegation = delegation_of(call.account_id, call.region) if call.service == "guardduty" else None
    if delegation is None:
        return
    _welcome(call, delegation)
    if delegation.configuration.next_round <= call.now():
        delegation.configuration.next_round = call.now() + Rules.settings.guardduty_auto_enable_seconds
        _go_round(call, delegation)


def _welcome(call: Call, delegation: Delegation) -> None:
    configuration = delegation.configuration
    joined_before = moment() - timedelta(seconds=Rules.settings.guardduty_auto_enable_seconds)
    backend = membership.organization_of(call.account_id)
    for account in [] if backend is None else backend.accounts:
        if account.id not in configuration.met and account.create_time <= joined_before:
            configuration.met.add(account.id)
            if configuration.auto_enable != "NONE" and obstacle(call, delegation, account.id) is None:
                enrol(delegation, account.id, call.region)


def _go_round(call: Call, delegation: Delegation) -> None:
    assert delegation.administrator_id is not None  # noqa: S101 (a delegation in effect has an administrator)
    members = guardduty_of(delegation.administrator_id, call.region).members
    configuration = delegation.configuration
    for account_id in membership.active_accounts(call.account_id):
        enabled = account_id in members and members[account_id].status == "Enabled"
        detector = guardduty_of(account_id, call.region).detector
        if enabled and detector is not None:
            guardduty_features.apply(configuration.features, detector.features, "ALL")
        elif configuration.auto_enable == "ALL" and obstacle(call, delegation, account_id) is None:
            enrol(delegation, account_id, call.region)
