"""A plan in one sentence, and the warning that must not be missed."""

from __future__ import annotations

from sra_bootstrap.model import Action, Plan
from sra_bootstrap.ui.wording import TO_DO, counted

ACCOUNT_KIND = "account"
"""The kind of a resource that is an AWS account of its own."""


def summary(plan: Plan) -> str:
    """What a plan comes to."""
    blocked = f"{len(plan.blocked)} blocked"
    if plan.changes:
        counts = [f"{number} {TO_DO[action]}" for action, number in plan.counts().items()]
        return f"Plan: {', '.join([*counts, blocked] if plan.blocked else counts)}."
    if plan.blocked:
        return f"Nothing can be done: {blocked}."
    return "Nothing to destroy." if plan.destroy else "Nothing to do: AWS is as config.yaml wants it."


def warning(plan: Plan) -> str:
    """What is irreversible in a plan whatever its steps say, or an empty string."""
    created = sum(c.action is Action.CREATE and c.address.kind == ACCOUNT_KIND for c in plan.changes)
    if not created:
        return ""
    return f"{counted(created, 'AWS account')} will be created. An account cannot be deleted, only closed."
