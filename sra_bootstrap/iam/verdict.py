"""What the statements of a policy say together: a denial wins over whatever admits.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import lru_cache

from sra_bootstrap.iam.document import Matching, Principals, Statement
from sra_bootstrap.iam.patterns import UnknownError, UnresolvedError, like, like_arn, resolve
from sra_bootstrap.iam.request import Caller, Request
from sra_bootstrap.iam.truth import Truth, all_of, any_of, contrary


class Verdict(Enum):
    """What a policy says of a request."""

    ADMITTED = auto()
    DENIED = auto()
    UNMENTIONED = auto()
    UNDECIDED = auto()
    """It depends on what is not known of the request."""


def judge(statements: Iterable[Statement], request: Request) -> Verdict:
    """What the statements of one policy say of a request."""
    found = [(statement.effect, applies(statement, request)) for statement in statements]
    for effect, verdict in (("Deny", Verdict.DENIED), ("Allow", Verdict.ADMITTED)):
        truth = any_of(truth for of, truth in found if of == effect)
        if truth is not False:
            return verdict if truth else Verdict.UNDECIDED
    return Verdict.UNMENTIONED


def applies(statement: Statement, request: Request) -> Truth:
    """Whether a statement is about a request."""
    return all_of((is_about_action(statement, request.action), applies_to_its_action(statement, request)))


def is_about_action(statement: Statement, action: str) -> bool:
    """Whether a statement is about an action, whoever asks for it."""
    return _mentions(statement.actions, action)


def applies_to_its_action(statement: Statement, request: Request) -> Truth:
    """Whether a statement that is about the action of a request is about the rest of it too."""
    try:
        return all_of(_truths(statement, request))
    except UnresolvedError:
        return False


def _truths(statement: Statement, request: Request) -> Iterator[Truth]:
    yield _names(statement.principals, request.caller)
    yield _has_resource(statement.resources, request, variables=statement.variables)
    for condition in statement.conditions:
        yield condition.holds(request, variables=statement.variables)


@lru_cache(maxsize=65_536)
def _mentions(actions: Matching, action: str) -> bool:
    return any(like(pattern.lower(), action.lower()) for pattern in actions.values) != actions.negated


def _names(principals: Principals, caller: Caller) -> bool:
    if principals.negated:
        return not any(caller.is_wholly(kind, names) for kind, names in principals.named.items())
    return any(caller.answers_to(kind, name) for kind, names in principals.named.items() for name in names)


def _has_resource(resources: Matching, request: Request, *, variables: bool) -> Truth:
    found = any_of(_is_like(pattern, request, variables=variables) for pattern in resources.values)
    return contrary(found) if resources.negated else found


def _is_like(pattern: str, request: Request, *, variables: bool) -> Truth:
    if pattern == "*":
        return True
    if not request.resource:
        return None
    try:
        wanted = resolve(pattern, request) if variables else pattern
    except UnknownError:
        return None
    return request.compare(like_arn, wanted, request.resource)
