"""Who asks a resource for what, and what else AWS tells its policy of the request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sra_bootstrap.iam.truth import Truth

Context = Mapping[str, tuple[str, ...]]
"""The condition keys of a request, in lower case, with the values that each has."""

_ID = re.compile(r"o-[a-z0-9]{10,32}|\d{12}")
"""The id of an organization or of an account."""


def condition_keys(keys: Mapping[str, str | tuple[str, ...]]) -> Context:
    """Condition keys and their values as a context has them; a key without values is not in it."""
    listed = {name.lower(): (value,) if isinstance(value, str) else value for name, value in keys.items()}
    return {name: values for name, values in listed.items() if values}


@dataclass(frozen=True)
class Caller:
    """Who asks: a service of AWS, or somebody in an account.

    Attributes:
        service: the principal of the service, or "".
        account_id: the account of the caller, or "".
        root_arn: the ARN that stands for the whole account, or "".
        arns: what the caller goes by himself: the role and its session, or the user.
    """

    service: str = ""
    account_id: str = ""
    root_arn: str = ""
    arns: tuple[str, ...] = ()

    def answers_to(self, kind: str, name: str) -> bool:
        """Whether a policy that names this principal means the caller, or the whole account of the caller."""
        if kind == "AWS":
            return name == "*" or (self.account_id != "" and name in {self.account_id, self.root_arn, *self.arns})
        return kind == "Service" and self.service != "" and name == self.service

    def is_wholly(self, kind: str, names: tuple[str, ...]) -> bool:
        """Whether the names of one kind are all that the caller goes by.

        Who is left out of a denial must be named with his account, his role and his session:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        """
        if kind != "AWS":
            return any(self.answers_to(kind, name) for name in names)
        if "*" in names:
            return True
        account_is_named = self.account_id in names or self.root_arn in names
        return self.account_id != "" and account_is_named and set(self.arns) <= set(names)


@dataclass(frozen=True)
class Request:
    """One action on one resource.

    By default all of it is known, as AWS knows it. Of a request that is still to come, part is not.

    Attributes:
        resource: its ARN, or "*" for an action that is on none; "" while it is not known which.
        context: the condition keys that it has.
        absent: those that it has not, in lower case, when nothing is known of all others; None: all others.
        stand_ins: ids in its values that stand for ids which are not known yet.
    """

    caller: Caller
    action: str
    resource: str
    context: Context = field(default_factory=dict)
    absent: frozenset[str] | None = None
    stand_ins: frozenset[str] = frozenset()

    def knows(self, key: str) -> bool:
        """Whether it is known of a condition key, in lower case, that it is there or that it is not."""
        return self.absent is None or key in self.context or key in self.absent

    def compare(self, test: Callable[[str, str], bool], wanted: str, given: str) -> Truth:
        """Whether the value of a policy, `wanted`, takes one of this request's, some ids in which may be unknown."""
        if test(wanted, given):
            return True
        here = [stand_in for stand_in in self.stand_ins if stand_in in given]
        ids = set(_ID.findall(wanted)) - self.stand_ins if here else ()
        return None if any(test(wanted, given.replace(one, other)) for one in here for other in ids) else False
