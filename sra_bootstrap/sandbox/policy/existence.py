"""Whether those exist whom a policy names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from moto.iam.models import iam_backends

from sra_bootstrap.iam.document import MalformedError, Statement
from sra_bootstrap.sandbox import membership

_ACCOUNT = re.compile(r"\d{12}")
_IDENTITY = re.compile(
    r"arn:(?P<partition>[\w-]+):(?:iam|sts)::(?P<account>\d{12}):"
    r"(?:root|(?P<kind>role|user|assumed-role|federated-user)/(?P<path>.+))"
)
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")


def refuse_unknown_principals(statements: Iterable[Statement], partition: str) -> None:
    """Refuse roles and users that an account of the sandbox does not have.

    Of an account that the sandbox does not know, AWS may know more, and it is taken to exist, with all its identities.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

    Raises:
        MalformedError: a principal does not exist, or is spelled wrongly.
    """
    for statement in statements:
        for kind, names in statement.principals.named.items():
            for name in names:
                if not _exists(kind, name, partition):
                    raise MalformedError("Invalid principal in policy")


def _exists(kind: str, name: str, partition: str) -> bool:
    if kind == "Service":
        return _SERVICE.fullmatch(name) is not None
    if kind != "AWS" or name == "*" or _ACCOUNT.fullmatch(name):
        return True
    found = _IDENTITY.fullmatch(name)
    if found is None or found["partition"] != partition:
        return False
    if found["kind"] not in {"role", "user"} or membership.organization_of(found["account"]) is None:
        return True
    backend = iam_backends[found["account"]][partition]
    known = backend.roles if found["kind"] == "role" else backend.users
    return any(identity.arn == name for identity in known.values())
