"""Amazon Detective: the data source packages of a behavior graph, and since when accounts have contributed them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.detective import (
    PAGE,
    Detective,
    Graph,
    Package,
    absent,
    checked,
    invalid,
    listed,
    owned,
)

_PACKAGES = {"DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"}


def _dates(package: Package) -> dict[str, dict[str, datetime]]:
    return {state: {"Timestamp": changed} for state, changed in package.changed.items()}


def _history(graph: Graph, account_id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_MembershipDatasources.html."""
    history = {name: _dates(package) for name, package in graph.packages.items()}
    return {"AccountId": account_id, "GraphArn": graph.arn, "DatasourcePackageIngestHistory": history}


@operation("detective", "ListDatasourcePackages")
def list_datasource_packages(
    call: Call, GraphArn: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_ListDatasourcePackages.html.

    "Details on the data source packages active in the behavior graph": one that was never started is not listed.
    """
    packages = list(owned(call, GraphArn).packages.items())
    answer = listed("DatasourcePackages", packages, MaxResults, NextToken)
    details = {
        name: {"DatasourcePackageIngestState": package.state, "LastIngestStateChange": _dates(package)}
        for name, package in answer["DatasourcePackages"]
    }
    return {**answer, "DatasourcePackages": details}


@operation("detective", "UpdateDatasourcePackages")
def update_datasource_packages(call: Call, GraphArn: str, DatasourcePackages: list[str]) -> None:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_UpdateDatasourcePackages.html.

    It starts packages. That one "can be started or stopped at any time", as
    https://docs.aws.amazon.com/detective/latest/adminguide/detective-source-data-about.html has it, is the console's.

    Raises:
        AwsFault: there is no such package.
    """
    graph = owned(call, GraphArn)
    if not DatasourcePackages or not set(DatasourcePackages) <= _PACKAGES:
        raise invalid()
    for name in DatasourcePackages:
        graph.ingest(name, "STARTED")


@operation("detective", "BatchGetGraphMemberDatasources")
def batch_get_graph_member_datasources(call: Call, GraphArn: str, AccountIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_BatchGetGraphMemberDatasources.html.

    The reason is guessed.

    Raises:
        AwsFault: there are none, or more than 200 accounts.
    """
    graph = owned(call, GraphArn)
    if not 1 <= len(AccountIds) <= PAGE:
        raise invalid()
    known = {*graph.members, call.account_id}
    return {
        "MemberDatasources": [_history(graph, account_id) for account_id in AccountIds if account_id in known],
        "UnprocessedAccounts": [
            {"AccountId": account_id, "Reason": "Account is not a member"}
            for account_id in AccountIds
            if account_id not in known
        ],
    }


@operation("detective", "BatchGetMembershipDatasources")
def batch_get_membership_datasources(call: Call, GraphArns: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/detective/latest/APIReference/API_BatchGetMembershipDatasources.html.

    The reason is guessed.

    Raises:
        AwsFault: there are none, or more than 50 graphs.
    """
    if not 1 <= len(GraphArns) <= 50:
        raise invalid()
    state = call.state(Detective)
    graphs = {**state.memberships, **({state.graph.arn: state.graph} if state.graph else {})}
    known = [graphs[arn] for arn in GraphArns if checked(arn) in graphs]
    unknown = [arn for arn in GraphArns if arn not in graphs]
    return {
        "MembershipDatasources": [_history(graph, call.account_id) for graph in known],
        "UnprocessedGraphs": [{"GraphArn": arn, "Reason": absent().message} for arn in unknown],
    }
