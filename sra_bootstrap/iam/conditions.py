"""The conditions of a statement.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from sra_bootstrap.iam.patterns import UnknownError, like, like_arn, resolve, same
from sra_bootstrap.iam.request import Request
from sra_bootstrap.iam.truth import Truth, all_of, any_of, contrary

Test = Callable[[str, str], bool]
"""Whether the value of a policy, which comes first, takes the value of a request."""


def _same_case(wanted: str, given: str) -> bool:
    return wanted.casefold() == given.casefold()


def _compared(by: Callable[[float, float], bool], read: Callable[[str], float]) -> Test:
    def test(wanted: str, given: str) -> bool:
        try:
            return by(read(given), read(wanted))
        except ValueError:
            return False

    return test


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _within(network: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_TESTS: Mapping[str, Test] = {
    "StringEquals": same,
    "StringEqualsIgnoreCase": _same_case,
    "StringLike": like,
    "ArnEquals": like_arn,
    "ArnLike": like_arn,
    "Bool": _same_case,
    "BinaryEquals": same,
    "IpAddress": _within,
    **{f"Numeric{name}": _compared(by, float) for name, by in _ORDERS.items()},
    **{f"Date{name}": _compared(by, _seconds) for name, by in _ORDERS.items()},
}
_NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
_OPERATORS = {name.lower(): name for name in [*_TESTS, *_NEGATIONS]}
_WITH_VARIABLES = ("String", "Arn")


@dataclass(frozen=True)
class Condition:
    """One operator on one key, and the values that it takes.

    Attributes:
        qualifier: "" | "forallvalues" | "foranyvalue".
        name: of the operator, without qualifier and IfExists; of a negated one, what it negates; or "Null".
        key: in lower case.
    """

    qualifier: str
    name: str
    negated: bool
    if_exists: bool
    key: str
    values: tuple[str, ...]

    def holds(self, request: Request, *, variables: bool) -> Truth:
        """Whether a request meets the condition, as far as the request is known.

        Raises:
            UnresolvedError: a policy variable in it has no value.
        """
        if not request.knows(self.key):
            return None
        given = request.context.get(self.key, ())
        if self.name == "Null":
            return any(value.lower() == str(not given).lower() for value in self.values)
        if not given:
            return self._holds_without_key()
        wanted = self.values
        if variables and self.name.startswith(_WITH_VARIABLES):
            try:
                wanted = tuple(resolve(value, request) for value in wanted)
            except UnknownError:
                return None
        met = [self._takes(wanted, one, request) for one in given]
        # Without a qualifier, a negation must hold of every value, as it is the contrary of the operator it negates.
        every = self.qualifier == "forallvalues" or (self.qualifier == "" and self.negated)
        return all_of(met) if every else any_of(met)

    def _takes(self, wanted: tuple[str, ...], given: str, request: Request) -> Truth:
        test = _TESTS[self.name]
        found = any_of(request.compare(test, value, given) for value in wanted)
        return contrary(found) if self.negated else found

    def _holds_without_key(self) -> bool:
        if self.qualifier == "foranyvalue":
            return self.if_exists
        return self.qualifier == "forallvalues" or self.if_exists or self.negated


def condition(operator_name: str, key: str, values: tuple[str, ...]) -> Condition | None:
    """A condition as a policy spells it, or None if there is no such operator."""
    qualifier, _, rest = operator_name.lower().rpartition(":")
    if qualifier not in {"", "forallvalues", "foranyvalue"}:
        return None
    if rest == "null":
        return Condition(qualifier, "Null", negated=False, if_exists=False, key=key.lower(), values=values)
    if_exists = rest.endswith("ifexists")
    name = _OPERATORS.get(rest.removesuffix("ifexists"))
    if name is None:
        return None
    negated = name in _NEGATIONS
    test = _NEGATIONS.get(name, name)
    return Condition(qualifier, test, negated=negated, if_exists=if_exists, key=key.lower(), values=values)
