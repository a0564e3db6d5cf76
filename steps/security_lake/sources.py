"""What Security Lake collects: of each account in each region, and of the accounts that join."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Note, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Value
from steps.common import members
from steps.security_lake.calling import client, when_free

if TYPE_CHECKING:
    from mypy_boto3_securitylake import SecurityLakeClient

_MOST = 50
"""How many configurations a call takes.

https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateAwsLogSource.html
"""

_WHY = "Security Lake does not have it as an account of the organization"
"""https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateAwsLogSource.html, of `failed`."""


def observe(version: str, at: Target, org: Org, aws: Reader) -> Iterator[Note | Resource]:
    """What is collected of each account, region by region; of a source in several versions, ours is told."""
    pages = client(org, aws).get_paginator("list_log_sources").paginate()
    active, others = set(org.members()), set()
    found: defaultdict[str, dict[str, Value]] = defaultdict(dict)
    for entry in (entry for page in pages for entry in page["sources"]):
        name, versions = org.name_of(entry["account"]), _versions(entry["sources"])
        others |= {(source, one) for source, ones in versions.items() for one in ones - {version}}
        if name in active:
            found[name][entry["region"]] = {source: _told(ones, version) for source, ones in versions.items()}
    for source, other in sorted(others):
        yield Note(f"Security Lake also collects {source} at version {other}, which is left alone.")
    if found:
        yield Resource(Address("log-sources", at), found)


def _versions(sources: Any) -> dict[str, set[str]]:
    """The versions of each source of AWS; those of others have names of their own."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source in (one["awsLogSource"] for one in sources if "awsLogSource" in one):
        found[source["sourceName"]].add(source["sourceVersion"])
    return found


def _told(versions: set[str], wanted: str) -> str:
    return wanted if wanted in versions else max(versions)


def change_sources(change: Change, org: Org, aws: Writer) -> None:
    """Collect, or collect no longer, what a change names.

    Raises:
        RefusalError: Security Lake has left out some accounts.
    """
    securitylake = client(org, aws)
    deleting = change.action is Action.DELETE
    send = securitylake.delete_aws_log_source if deleting else securitylake.create_aws_log_source
    configurations = _configurations(change.before if deleting else change.after, org)
    failed: dict[str, str] = {}
    for start in range(0, len(configurations), _MOST):
        sources: Any = configurations[start : start + _MOST]
        answer = when_free(partial(send, sources=sources), securitylake, aws)
        failed |= dict.fromkeys(answer.get("failed", []), _WHY)
    members.refuse("Security Lake", failed)


def _configurations(wanted: Attrs, org: Org) -> list[dict[str, Any]]:
    """What Security Lake is told: what is of the same accounts in several regions, once."""
    accounts: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name, regions in wanted.items():
        account_id = members.live(name, org).id
        for region, sources in _items(regions):
            for source, version in _items(sources):
                accounts[source, str(version), region].append(account_id)
    regions_of: defaultdict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (source, version, region), ids in accounts.items():
        regions_of[source, version, tuple(ids)].append(region)
    return [
        {"sourceName": source, "sourceVersion": version, "accounts": list(ids), "regions": regions}
        for (source, version, ids), regions in regions_of.items()
    ]


def _items(value: Value) -> list[tuple[str, Value]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def observe_new_accounts(version: str, at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
    """What is collected of accounts that join, region by region."""
    found = _new_accounts(client(org, aws))
    if found:
        told = {r: {s: _told(versions, version) for s, versions in sources.items()} for r, sources in found.items()}
        yield Resource(Address("organization-configuration", at), told)


def _new_accounts(securitylake: SecurityLakeClient) -> dict[str, dict[str, set[str]]]:
    try:
        answer = securitylake.get_data_lake_organization_configuration()
    except securitylake.exceptions.ResourceNotFoundException:
        return {}
    found: dict[str, dict[str, set[str]]] = {}
    for one in answer.get("autoEnableNewAccount", []):
        found[one["region"]] = _versions([{"awsLogSource": source} for source in one["sources"]])
    return found


def change_new_accounts(change: Change, org: Org, aws: Writer) -> None:
    """Collect of accounts that join what a change names; what it names in another version is ended first.

    Security Lake merges what it is told with what there is.
    """
    securitylake = client(org, aws)
    gone = {
        region: {source: version for source, version in _items(sources) if version is not None}
        for region, sources in change.before.items()
    }
    delete = securitylake.delete_data_lake_organization_configuration
    create = securitylake.create_data_lake_organization_configuration
    if any(gone.values()):
        when_free(lambda: delete(autoEnableNewAccount=_for_new_accounts(gone)), securitylake, aws)
    if change.after:
        when_free(lambda: create(autoEnableNewAccount=_for_new_accounts(change.after)), securitylake, aws)


def _for_new_accounts(wanted: Attrs) -> Any:
    return [
        {"region": region, "sources": [{"sourceName": s, "sourceVersion": v} for s, v in _items(sources)]}
        for region, sources in wanted.items()
        if sources
    ]
