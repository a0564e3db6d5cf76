"""What the statements of a policy say together: a denial wins over whatever admits.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from sra_bootstrap.sandbox.policy.document import Matching, Principals, Statement
from sra_bootstrap.sandbox.policy.patterns import UnresolvedError, like, like_arn, resolve
from sra_bootstrap.sandbox.policy.request import Caller, Context, Request


class Verdict(Enum):
    """What a policy says of a request."""

    ADMITTED = auto()
    DENIED = auto()
    UNMENTIONED = auto()


def judge(statements: Iterable[Statement], request: Request) -> Verdict:
    """What the statements of one policy say of a request."""
    effects = {statement.effect for statement in statements if _applies(statement, request)}
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ADMITTED if effects else Verdict.UNMENTIONED


def _applies(statement: Statement, request: Request) -> bool:
    try:
        return (
            _names(statement.principals, request.caller)
            and _has_action(statement.actions, request.action)
            and _has_resource(statement.resources, request, variables=statement.variables)
            and all(one.holds(request.context, variables=statement.variables) for one in statement.conditions)
        )
    except UnresolvedError:
        return False


def _names(principals: Principals, caller: Caller) -> bool:
    if principals.negated:
        return not any(caller.is_wholly(kind, names) for kind, names in principals.named.items())
    return any(caller.answers_to(kind, name) for kind, names in principals.named.items() for name in names)


def _has_action(actions: Matching, action: str) -> bool:
    return any(like(pattern.lower(), action.lower()) for pattern in actions.values) != actions.negated


def _has_resource(resources: Matching, request: Request, *, variables: bool) -> bool:
    patterns = (_resolved(pattern, request.context, variables=variables) for pattern in resources.values)
    return any(pattern == "*" or like_arn(pattern, request.resource) for pattern in patterns) != resources.negated


def _resolved(pattern: str, context: Context, *, variables: bool) -> str:
    return resolve(pattern, context) if variables else pattern
