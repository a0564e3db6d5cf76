"""Amazon Detective: how an account becomes a member of a behavior graph, and when it contributes data."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.later import later, moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.detective import Graph, Member, detective_of
from sra_bootstrap.sandbox.settings import Rules

MOST_MEMBERS = 1200
"""https://docs.aws.amazon.com/detective/latest/userguide/regions-limitations.html"""
ALREADY = "Account is already a member"
"""As https://github.com/aws-samples/aws-security-reference-architecture-examples expects it, in detective.py."""


def obstacle(graph: Graph, account_id: str, partition: str, region: str) -> str | None:
    """Why an account of the organization cannot become a member, or None. All reasons but the first are guessed."""
    if account_id in graph.members:
        return ALREADY
    if account_id == graph.administrator_id:
        return "Account is the administrator of the behavior graph"
    if account_id not in membership.active_accounts(graph.administrator_id):
        return "Account is not active"
    if not has_region(account_id, partition, region):
        return "Account has not enabled the Region"
    return None


def enrol(graph: Graph, account_id: str, email: str | None, region: str) -> Member:
    """Make an account of the organization a member: it is verified, and contributes data soon after.

    https://docs.aws.amazon.com/detective/latest/APIReference/API_MemberDetail.html has the statuses.
    """
    return _join(graph, Member(account_id, email, "ORGANIZATION"), region)


def invite(graph: Graph, account_id: str, email: str | None, region: str) -> Member:
    """Invite an account once it is verified, which means that the email address is its own.

    https://docs.aws.amazon.com/detective/latest/userguide/accounts-invited-members.html; of an account outside of the
    organization the sandbox knows no address, and takes any.
    """
    return _join(graph, Member(account_id, email, "INVITATION"), region)


def _join(graph: Graph, member: Member, region: str) -> Member:
    graph.members[member.account_id] = member
    detective_of(member.account_id, region).memberships[graph.arn] = graph
    later(Rules.settings.enabling_seconds, partial(_verified, graph, member))
    return member


def _verified(graph: Graph, member: Member, at: float) -> None:
    if graph.members.get(member.account_id) is not member or member.status != "VERIFICATION_IN_PROGRESS":
        return
    if member.by == "ORGANIZATION":
        settle(member)
    elif member.email == (_email(graph.administrator_id, member.account_id) or member.email):
        member.turn("INVITED")
        member.invited = member.updated
    else:
        member.turn("VERIFICATION_FAILED")


def _email(administrator_id: str, account_id: str) -> str | None:
    backend = membership.organization_of(administrator_id)
    accounts = [] if backend is None else backend.accounts
    return next((account.email for account in accounts if account.id == account_id), None)


def settle(member: Member) -> None:
    """Let a member contribute data, if it does not have too much of it."""
    if member.account_id in Rules.settings.detective_too_much_data:
        member.turn("ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH")
    else:
        member.turn("ENABLED")


def recover(graph: Graph) -> None:
    """Enable members that could not be and now can, as Detective does by itself.

    https://docs.aws.amazon.com/detective/latest/userguide/accounts-orgs-members-enable.html
    """
    before = moment() - timedelta(seconds=Rules.settings.auto_enable_seconds)
    for member in graph.members.values():
        if member.status == "ACCEPTED_BUT_DISABLED" and member.updated <= before:
            settle(member)
