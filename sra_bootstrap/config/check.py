"""What the sections of config.yaml must agree on with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sra_bootstrap.aws import partition_of
from sra_bootstrap.config.model import Configuration, email_problem, nearest
from sra_bootstrap.model import MANAGEMENT, ORGANIZATION
from sra_bootstrap.step import AnyStep

DEEPEST = 5
"""How deep OUs go: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"""

Path = tuple[str | int, ...]
Finding = tuple[Path, str]
"""Where in the file, and what is wrong there."""


def findings(config: Configuration, steps: Mapping[str, type[AnyStep]]) -> Iterator[Finding]:
    """Everything that does not fit together."""
    yield from _regions(config)
    yield from _units(config)
    yield from _accounts(config)
    yield from _addresses(config)
    for part, key in config.roles:
        if key not in config.accounts:
            yield ("roles", part), f'there is no account "{key}" in accounts; {nearest(key, config.accounts)}'
    yield from _steps(config, steps)


def unit_paths(config: Configuration) -> tuple[str, ...]:
    """The paths of all OUs, every parent before its children."""
    return tuple("/".join(path) for path in _walk(config.organizational_units))


def email_of(config: Configuration, key: str) -> str:
    """The email address of an account: its own, or by the template; empty if there is neither."""
    return config.accounts[key].email or (config.email_template or "").replace("{key}", key)


def _regions(config: Configuration) -> Iterator[Finding]:
    organization = config.organization
    where: Path = ("organization", "governed_regions")
    if organization.home_region not in organization.governed_regions:
        yield where, f"the home region {organization.home_region} must be one of them; add it"
    seen: set[str] = set()
    for index, region in enumerate(organization.governed_regions):
        if region in seen:
            yield (*where, index), f"{region} is named twice; keep one of them"
        seen.add(region)
        if partition_of(region) != partition_of(organization.home_region):
            yield (*where, index), f"{region} is in another partition of AWS than {organization.home_region}; remove it"


def _walk(tree: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, below in tree.items():
        yield (*above, name)
        if isinstance(below, Mapping):
            yield from _walk(below, (*above, name))


def _units(config: Configuration) -> Iterator[Finding]:
    for path in _walk(config.organizational_units):
        if len(path) == DEEPEST + 1:
            yield (
                ("organizational_units", *path),
                f"it is {len(path)} levels deep; OUs go {DEEPEST} levels deep at most",
            )


def _accounts(config: Configuration) -> Iterator[Finding]:
    paths = unit_paths(config)
    names: dict[str, str] = {}
    for key, account in config.accounts.items():
        if key in {ORGANIZATION, MANAGEMENT}:
            yield ("accounts", key), f'"{key}" is the tool\'s own name for another thing; choose another key'
        if account.ou not in paths:
            yield (
                ("accounts", key, "ou"),
                f'there is no OU "{account.ou}" in organizational_units; {nearest(account.ou, paths)}',
            )
        if account.name in names:
            text = f"the account {names[account.name]} has the name {account.name} already; give each its own"
            yield ("accounts", key, "name"), text
        names.setdefault(account.name, key)


def _addresses(config: Configuration) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for key, account in config.accounts.items():
        email = email_of(config, key)
        where: Path = ("accounts", key, "email") if account.email else ("accounts", key)
        if not email:
            yield where, "it has no email address; give it one as email, or all of them by email_template"
            continue
        if problem := email_problem(email):
            yield where, f"AWS would refuse the email address {email}: {problem}"
        owner = owners.setdefault(email.lower(), key)
        if owner != key:
            yield where, f"the account {owner} has the email address {email} already; each account needs its own"


def _steps(config: Configuration, steps: Mapping[str, type[AnyStep]]) -> Iterator[Finding]:
    enabled = {name for name in steps if getattr(config.steps, name).enabled}
    for name in steps:
        for below in steps[name].after:
            if name in enabled and below not in enabled:
                text = f"the step {name} stands on it; enable it, or set steps.{name}.enabled to false"
                yield ("steps", below, "enabled"), text
