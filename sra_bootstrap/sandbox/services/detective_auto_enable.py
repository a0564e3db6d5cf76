"""Amazon Detective: what it does by itself for an organization."""

from __future__ import annotations

from datetime import timedelta

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.detective import Graph
from sra_bootstrap.sandbox.services.detective_enrolment import MOST_MEMBERS, enrol, obstacle, recover
from sra_bootstrap.sandbox.services.detective_organization import (
    PRINCIPAL,
    Delegation,
    delegation_in,
    dismiss,
    organization_graph,
)
from sra_bootstrap.sandbox.settings import Rules


@gate
def act_by_itself(call: Call) -> None:
    """Before any call of Detective: do what it has done by itself since the last.

    Deregistering the administrator removes it in all regions, says
    https://docs.aws.amazon.com/detective/latest/userguide/accounts-remove-admin-overview.html. "Detective begins to
    enable new accounts as member accounts as they are added to the organization", and no others:
    https://docs.aws.amazon.com/detective/latest/userguide/accounts-orgs-members-autoenable.html.
    """
    delegation = delegation_in(call.account_id, call.region) if call.service == "detective" else None
    if delegation is None or delegation.administrator_id is None:
        return
    registered = membership.administrators(call.account_id, PRINCIPAL)
    if delegation.administrator_id not in {*registered, membership.management_account_of(call.account_id)}:
        dismiss(call, delegation)
        return
    graph = organization_graph(call.account_id, call.region)
    if graph is not None:
        recover(graph)
        _welcome(call, delegation, graph)


def _welcome(call: Call, delegation: Delegation, graph: Graph) -> None:
    joined_before = moment() - timedelta(seconds=Rules.settings.auto_enable_seconds)
    backend = membership.organization_of(call.account_id)
    for account in [] if backend is None else backend.accounts:
        if account.id in delegation.met or account.create_time > joined_before:
            continue
        delegation.met.add(account.id)
        open_to_it = obstacle(graph, account.id, call.partition, call.region) is None
        if delegation.auto_enable and open_to_it and len(graph.members) < MOST_MEMBERS:
            enrol(graph, account.id, account.email, call.region)
