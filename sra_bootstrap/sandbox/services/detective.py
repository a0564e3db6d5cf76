"""Amazon Detective: the behavior graph of an account in a region; moto lacks the service.

The texts of errors are those of the modelled errors' documentation, where no other source is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, add_service, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page

add_service("detective", "api.detective")

PAGE = 200
"""The "overall limit on the number of results to return" of every list of Detective, and its default, as guessed."""
_ARN = re.compile(r"arn:aws[-\w]{0,10}:detective:[-\w]{2,20}:\d{12}:graph:[abcdef\d]{32}")


@dataclass
class Member:
    """An account that an administrator has enabled or invited. `by` is ORGANIZATION or INVITATION.

    https://docs.aws.amazon.com/detective/latest/APIReference/API_MemberDetail.html
    """

    account_id: str
    email: str | None
    by: str
    status: str = "VERIFICATION_IN_PROGRESS"
    disabled_reason: str | None = None
    invited: datetime | None = None
    updated: datetime = field(default_factory=moment)

    def turn(self, status: str, disabled_reason: str | None = None) -> None:
        """Come to another status."""
        self.status, self.disabled_reason, self.updated = status, disabled_reason, moment()


@dataclass
class Package:
    """A data source package that a graph has once begun to ingest. `changed` has when it last came to each state."""

    state: str
    changed: dict[str, datetime]


@dataclass
class Graph:
    """A behavior graph: what Detective is for the account that administers it."""

    arn: str
    tags: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    created: datetime = field(default_factory=moment)

    @property
    def administrator_id(self) -> str:
        """The account that administers the graph; it is in no other."""
        return self.arn.split(":")[4]

    def ingest(self, package: str, state: str) -> None:
        """Bring a data source package to a state; one that is in it stays as it is."""
        kept = self.packages.setdefault(package, Package("", {}))
        if kept.state != state:
            kept.state = state
            kept.changed[state] = moment()


@dataclass
class Detective:
    """What Detective knows of an account in a region: its graph, and the graphs of others that have it as a member."""

    graph: Graph | None = None
    memberships: dict[str, Graph] = field(default_factory=dict)


def detective_of(account_id: str, region: str) -> Detective:
    """What Detective knows of an account in a region."""
    return store.state(Detective, account_id, region)


def invalid(message: str = "The request parameters are invalid.") -> AwsFault:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListMembers.html#API_ListMembers_Errors."""
    return AwsFault("ValidationException", message)


def denied() -> AwsFault:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListMembers.html#API_ListMembers_Errors."""
    text = "The request issuer does not have permission to access this resource or perform this operation."
    return AwsFault("AccessDeniedException", text)


def absent() -> AwsFault:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListMembers.html#API_ListMembers_Errors."""
    return AwsFault("ResourceNotFoundException", "The request refers to a nonexistent resource.")


def conflict() -> AwsFault:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_StartMonitoringMember.html."""
    return AwsFault("ConflictException", "The request attempted an invalid action.")


def checked(arn: str) -> str:
    """The ARN of a graph, if it can be one.

    Raises:
        AwsFault: it cannot.
    """
    if not _ARN.fullmatch(arn):
        raise invalid()
    return arn


def owned(call: Call, arn: str) -> Graph:
    """The caller's graph, which most operations "can only be called by the administrator account" of.

    Which error is whose is guessed: another account's graph is denied, one of its own that is gone is not found.

    Raises:
        AwsFault: the graph is not the caller's.
    """
    graph = call.state(Detective).graph
    if graph is not None and graph.arn == checked(arn):
        return graph
    raise absent() if checked(arn).split(":")[4] == call.account_id else denied()


def listed(name: str, items: list[Any], size: int | None, token: str | None) -> dict[str, Any]:
    """One page of a list, as every list of Detective is answered."""
    found, following = page(items, size or PAGE, token, invalid())
    return {name: found} if following is None else {name: found, "NextToken": following}


def found_graph(account_id: str, partition: str, region: str) -> Graph:
    """The graph of an account in a region, made if there is none.

    It begins with the core package: https://docs.aws.amazon.com/detective/latest/userguide/detective-source-data-about.html.
    That the optional ones are off until they are started is guessed.
    """
    state = detective_of(account_id, region)
    if state.graph is None:
        graph_id = mock_random.get_random_hex(32)
        state.graph = Graph(f"arn:{partition}:detective:{region}:{account_id}:graph:{graph_id}")
        state.graph.ingest("DETECTIVE_CORE", "STARTED")
    return state.graph


def leave(graph: Graph, account_id: str, region: str) -> None:
    """Take a member out of a graph, and the graph out of what the member sees."""
    del graph.members[account_id]
    detective_of(account_id, region).memberships.pop(graph.arn, None)


def remove_graph(graph: Graph, region: str) -> None:
    """Delete a graph, and with it all memberships."""
    for account_id in list(graph.members):
        leave(graph, account_id, region)
    detective_of(graph.administrator_id, region).graph = None


@operation("detective", "CreateGraph")
def create_graph(call: Call, Tags: dict[str, str] | None = None) -> dict[str, str]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_CreateGraph.html.

    To call it again "always returns the same behavior graph ARN"; that the tags of the second call are lost is guessed.
    """
    existed = call.state(Detective).graph is not None
    graph = found_graph(call.account_id, call.partition, call.region)
    if not existed:
        graph.tags.update(Tags or {})
    return {"GraphArn": graph.arn}


@operation("detective", "ListGraphs")
def list_graphs(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListGraphs.html.

    Empty where Detective is off, as seen in https://github.com/mondoohq/mql/pull/7609.
    """
    graph = call.state(Detective).graph
    graphs = [] if graph is None else [{"Arn": graph.arn, "CreatedTime": graph.created}]
    return listed("GraphList", graphs, MaxResults, NextToken)


@operation("detective", "ListInvestigations")
def list_investigations(call: Call, GraphArn: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListInvestigations.html.

    Nothing can be investigated in the sandbox.
    """
    owned(call, GraphArn)
    return {"InvestigationDetails": []}
