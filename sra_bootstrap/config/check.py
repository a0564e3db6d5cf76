"""What the sections of config.yaml must agree on with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sra_bootstrap.aws import known_regions, partition_of
from sra_bootstrap.config.model import Configuration, RolesSection, email_problem, nearest, template_problem
from sra_bootstrap.model import MANAGEMENT, ORGANIZATION
from sra_bootstrap.org import DEEPEST
from sra_bootstrap.step import AnyStep

Path = tuple[str | int, ...]
Finding = tuple[Path, str]
"""Where in the file, and what is wrong there."""


def findings(data: Mapping[str, Any], steps: Mapping[str, type[AnyStep]]) -> Iterator[Finding]:
    """Everything that does not fit together, in data that need not be valid: what is wrong by itself is passed over."""
    yield from _regions(_mapping(data, "organization"))
    yield from _units(_mapping(data, "organizational_units"))
    yield from _accounts(data)
    yield from _addresses(data)
    yield from _roles(data)
    yield from _steps(_mapping(data, "steps"), steps)
    yield from _needs(_mapping(data, "steps"), steps)


def unit_paths(config: Configuration) -> tuple[str, ...]:
    """The paths of all OUs, every parent before its children."""
    return tuple("/".join(path) for path in _walk(config.organizational_units))


def email_of(config: Configuration, key: str) -> str:
    """The email address of an account: its own, or by the template; empty if there is neither."""
    return config.accounts[key].email or (config.email_template or "").replace("{key}", key)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) else None


def _regions(organization: Mapping[str, Any]) -> Iterator[Finding]:
    where: Path = ("organization", "governed_regions")
    home, governed = _text(organization, "home_region"), organization.get("governed_regions")
    if not isinstance(governed, list):
        return
    if home in known_regions() and home not in governed:
        yield where, f"the home region {home} must be one of them; add it"
    for index, region in enumerate(governed):
        if not isinstance(region, str) or region not in known_regions():
            continue
        if region in governed[:index]:
            yield (*where, index), f"{region} is named twice; keep one of them"
        if home in known_regions() and partition_of(region) != partition_of(home):
            yield (*where, index), f"{region} is in another partition of AWS than {home}; remove it"


def _walk(tree: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, below in tree.items():
        yield (*above, name)
        if isinstance(below, Mapping):
            yield from _walk(below, (*above, name))


def _units(tree: Mapping[str, Any]) -> Iterator[Finding]:
    for path in _walk(tree):
        if len(path) == DEEPEST + 1:
            where: Path = ("organizational_units", *path)
            yield where, f"it is {len(path)} levels deep; OUs go {DEEPEST} levels deep at most"


def _accounts(data: Mapping[str, Any]) -> Iterator[Finding]:
    paths = ["/".join(path) for path in _walk(_mapping(data, "organizational_units"))]
    accounts = _mapping(data, "accounts")
    names: dict[str, str] = {}
    for key in accounts:
        account = _mapping(accounts, key)
        ou, name = _text(account, "ou"), _text(account, "name")
        if key in {ORGANIZATION, MANAGEMENT}:
            yield ("accounts", key), f'"{key}" is the tool\'s own name for another thing; choose another key'
        if ou is not None and ou not in paths:
            yield ("accounts", key, "ou"), f'there is no OU "{ou}" in organizational_units; {nearest(ou, paths)}'
        owner = key if name is None else names.setdefault(name, key)
        if owner != key:
            yield ("accounts", key, "name"), f"the account {owner} has the name {name} already; give each its own"


def _addresses(data: Mapping[str, Any]) -> Iterator[Finding]:
    template = _text(data, "email_template")
    accounts = _mapping(data, "accounts")
    owners: dict[str, str] = {}
    for key in accounts:
        account = _mapping(accounts, key)
        own = _text(account, "email")
        where: Path = ("accounts", key, "email") if own else ("accounts", key)
        if own is None and account.get("email") is not None:
            continue
        if own is None and data.get("email_template") is None:
            yield where, "it has no email address; give it one as email, or all of them by email_template"
        elif own is None and (template is None or template_problem(template)):
            continue
        email = own or (template or "").replace("{key}", key)
        if not own and email and (problem := email_problem(email)):
            yield where, f"AWS would refuse the email address {email}: {problem}; give this account an email of its own"
        owner = owners.setdefault(email.lower(), key) if email else key
        if owner != key:
            yield where, f"the account {owner} has the email address {email} already; each account needs its own"


def _roles(data: Mapping[str, Any]) -> Iterator[Finding]:
    roles, accounts = _mapping(data, "roles"), _mapping(data, "accounts")
    for part, default in RolesSection():
        key = _text({part: default} | dict(roles), part)
        if accounts and key is not None and key not in accounts:
            yield ("roles", part), f'there is no account "{key}" in accounts; {nearest(key, accounts)}'


def _steps(sections: Mapping[str, Any], steps: Mapping[str, type[AnyStep]]) -> Iterator[Finding]:
    enabled = {
        name
        for name, step in steps.items()
        if _mapping(sections, name).get("enabled", step.Config.model_fields["enabled"].default) is not False
    }
    for name in steps:
        for below in steps[name].after:
            if name in enabled and below not in enabled:
                text = f"the step {name} stands on it; enable it, or set steps.{name}.enabled to false"
                yield ("steps", below, "enabled"), text


def _needs(sections: Mapping[str, Any], steps: Mapping[str, type[AnyStep]]) -> Iterator[Finding]:
    needs = [need for step in steps.values() for need in step.needs]
    for name, step in steps.items():
        for key, kind in step.named.items():
            known = [need.name for need in needs if isinstance(need, kind)]
            for named in _mapping(_mapping(sections, name), key):
                if named not in known:
                    yield ("steps", name, key, named), f'no step has a use called "{named}"; {nearest(named, known)}'
