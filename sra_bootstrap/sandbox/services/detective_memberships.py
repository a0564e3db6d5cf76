"""Amazon Detective: the behavior graphs that an account is a member of, or invited to, as the account sees it."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.detective import (
    Detective,
    Graph,
    Member,
    absent,
    checked,
    conflict,
    denied,
    leave,
    listed,
)
from sra_bootstrap.sandbox.services.detective_enrolment import settle
from sra_bootstrap.sandbox.services.detective_members import describe


def _membership(call: Call, arn: str, status: str) -> tuple[Graph, Member]:
    """The graph, and the caller in it; which error says what is wrong is guessed.

    Raises:
        AwsFault: the caller is no member by invitation, or not in the status that is asked for.
    """
    graph = call.state(Detective).memberships.get(checked(arn))
    if graph is None:
        raise absent()
    member = graph.members[call.account_id]
    if member.by == "ORGANIZATION":
        raise denied()
    if member.status != status:
        raise conflict()
    return graph, member


@operation("detective", "ListInvitations")
def list_invitations(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListInvitations.html.

    That it lists the organization's graph too is guessed from
    https://docs.aws.amazon.com/detective/latest/userguide/member-account-graph-management.html, by which member
    accounts "see the administrator accounts for the behavior graphs they are a member of".
    """
    graphs = call.state(Detective).memberships.values()
    members = [(graph, graph.members[call.account_id]) for graph in graphs]
    details = [describe(graph, member) for graph, member in members if not member.status.startswith("VERIFICATION")]
    return listed("Invitations", details, MaxResults, NextToken)


@operation("detective", "AcceptInvitation")
def accept_invitation(call: Call, GraphArn: str) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_AcceptInvitation.html."""
    _, member = _membership(call, GraphArn, "INVITED")
    settle(member)


@operation("detective", "RejectInvitation")
def reject_invitation(call: Call, GraphArn: str) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_RejectInvitation.html."""
    graph, _ = _membership(call, GraphArn, "INVITED")
    leave(graph, call.account_id, call.region)


@operation("detective", "DisassociateMembership")
def disassociate_membership(call: Call, GraphArn: str) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_DisassociateMembership.html."""
    graph, _ = _membership(call, GraphArn, "ENABLED")
    leave(graph, call.account_id, call.region)
