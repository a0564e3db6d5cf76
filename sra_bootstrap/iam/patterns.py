"""Values with wildcards and with policy variables."""

from __future__ import annotations

import re
from functools import cache

from sra_bootstrap.iam.request import Request

_VARIABLE = re.compile(r"\$\{(?P<name>[^},]*)(?:,\s*'(?P<default>[^']*)')?\}")
_STAR, _MARK = "\0star", "\0mark"
"""What stands for a character that is meant and no wildcard, as in `${*}`, until a value is compared."""
_LITERALS = {"*": _STAR, "?": _MARK, "$": "$"}


class UnresolvedError(Exception):
    """A policy variable that the request has no single value for."""


class UnknownError(Exception):
    """A policy variable that the request has a value for or not: nothing is known of it."""


def same(text: str, value: str) -> bool:
    """Whether a value is a text that has no wildcards."""
    return text.replace(_STAR, "*").replace(_MARK, "?") == value


def like(pattern: str, value: str) -> bool:
    """Whether a value is like a pattern of `*` and `?`."""
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text.replace(_STAR, r"\*").replace(_MARK, r"\?"), re.DOTALL)


def like_arn(pattern: str, arn: str) -> bool:
    """Whether an ARN is like a pattern, part by part: only in its last part does a wildcard reach over colons.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
    """
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) and all(map(like, patterns, parts))


def resolve(text: str, request: Request) -> str:
    """A value, with the request's own in place of its policy variables.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    Raises:
        UnresolvedError: a variable has no value in this request, and no default.
        UnknownError: it is not known whether a variable has one.
    """

    def value_of(variable: re.Match[str]) -> str:
        name: str = variable["name"].strip()
        if name in _LITERALS:
            return _LITERALS[name]
        if not request.knows(name.lower()):
            raise UnknownError(name)
        values = request.context.get(name.lower(), ())
        if len(values) == 1:
            return values[0]
        if variable["default"] is None:
            raise UnresolvedError(name)
        return variable["default"]

    return _VARIABLE.sub(value_of, text)
