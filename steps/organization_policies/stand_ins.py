"""Ids of the organization's own, and what stands for those that AWS has not chosen yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.org import Org
from sra_bootstrap.values import Ref, Value
from steps.organization_policies.variables import PARTS, known

_ORGANIZATION = "o-" + 10 * "x"
_ROOT = "r-xxxx"


@dataclass(frozen=True)
class Ids:
    """Every id has a value, so that policies and requests can be compared.

    Attributes:
        organization: its id.
        accounts: the ids of the accounts by their names.
        values: those of all variables.
        stand_ins: which of the ids only stand for one.
    """

    organization: str
    accounts: Mapping[str, str]
    values: Mapping[str, Value]
    stand_ins: frozenset[str] = field(default=frozenset())


def ids_of(org: Org) -> Ids:
    """The ids of an organization, as far as they are known; the others are told from each other."""
    stand_ins: set[str] = set()

    def known_or(value: str | Ref, stand_in: str) -> str:
        # The management account has no id as long as nobody has asked AWS who the caller is.
        if isinstance(value, str) and value:
            return value
        stand_ins.add(stand_in)
        return stand_in

    names = dict.fromkeys((MANAGEMENT, *org.accounts, *org.members()))
    accounts = {name: known_or(org.id_of(name), f"{number:012}") for number, name in enumerate(names)}
    organization = known_or(org.id, _ORGANIZATION)
    values = {
        **known(org),
        "organization": organization,
        **{f"account.{name}": accounts[name] for name in (MANAGEMENT, *org.accounts)},
        **{f"role.{part}": accounts[getattr(org, part)] for part in PARTS},
    }
    root = known_or(_text(values["root"]), _ROOT)
    return Ids(organization, accounts, {**values, "root": root}, frozenset(stand_ins))


def _text(value: Value) -> str | Ref:
    return value if isinstance(value, Ref) else str(value)
