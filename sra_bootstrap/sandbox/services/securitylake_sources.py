"""Amazon Security Lake: the logs and events of AWS that it collects, account by account and region by region."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.securitylake import (
    CURRENT_VERSION,
    Lake,
    absent,
    bad_request,
    existing,
    is_administrator,
    listed,
    readable,
    regional,
    take_a_while,
)

_ONLY_CURRENT = frozenset({"EKS_AUDIT", "WAF"})
"""The sources that have no version 1.0: https://github.com/hashicorp/terraform-provider-aws/issues/38834"""
_VERSIONS = frozenset({"1.0", CURRENT_VERSION})


def version_of(source: dict[str, Any]) -> str:
    """The version of a source, as it is kept.

    Raises:
        AwsFault: there is none such; which error that is, is guessed.
    """
    version = source.get("sourceVersion") or "latest"
    version = CURRENT_VERSION if version == "latest" else version
    if version not in _VERSIONS or (version != CURRENT_VERSION and source["sourceName"] in _ONLY_CURRENT):
        raise bad_request(f"{source['sourceName']} has no version {version}.")
    return version


def resource(name: str, version: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_LogSourceResource.html."""
    return {"awsLogSource": {"sourceName": name, "sourceVersion": version}}


def _accounts(call: Call, configuration: dict[str, Any]) -> list[str]:
    """The accounts that are meant; if none is named, all that are in the lake.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/securitylake_aws_log_source
    """
    named: list[str] | None = configuration.get("accounts")
    if named:
        return named
    return membership.active_accounts(call.account_id) if is_administrator(call) else [call.account_id]


def _open(call: Call, account_id: str, region: str) -> bool:
    """Whether the caller's lake can collect of an account in a region; all but the organization is guessed."""
    ours = membership.active_accounts(call.account_id) if is_administrator(call) else [call.account_id]
    return account_id in ours and has_region(account_id, call.partition, region)


@operation("securitylake", "CreateAwsLogSource")
def create_aws_log_source(call: Call, sources: list[dict[str, Any]]) -> dict[str, list[str]]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateAwsLogSource.html.

    The accounts that failed are in the answer. It goes on after it has answered, see `take_a_while`. That a source is
    no error which is collected already, is guessed; that CloudTrail needs an organization trail is not checked.

    Raises:
        AwsFault: there is no lake in a region, or a source has no such version.
    """
    lake = existing(call)
    failed: list[str] = []
    wanted: list[tuple[str, str, str, str]] = []
    for configuration in sources:
        version = version_of(configuration)
        for region in configuration["regions"]:
            regional(lake, region)
            for account_id in _accounts(call, configuration):
                if _open(call, account_id, region):
                    wanted.append((account_id, region, configuration["sourceName"], version))
                else:
                    failed.append(account_id)
    later(take_a_while(lake), partial(_collect, lake, wanted))
    return {"failed": list(dict.fromkeys(failed))}


def _collect(lake: Lake, wanted: Sequence[tuple[str, str, str, str]], at: float) -> None:
    for account_id, region, name, version in wanted:
        if region in lake.regions:
            collect(lake, account_id, region, name, version)


def collect(lake: Lake, account_id: str, region: str, name: str, version: str) -> None:
    """Collect a source of an account in a region, from now on."""
    lake.sources.setdefault((account_id, region), {}).setdefault(name, set()).add(version)


@operation("securitylake", "DeleteAwsLogSource")
def delete_aws_log_source(call: Call, sources: list[dict[str, Any]]) -> dict[str, list[str]]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteAwsLogSource.html.

    Without a version, a source is removed in all of its versions, which is guessed.

    Raises:
        AwsFault: a source is collected nowhere: https://github.com/hashicorp/terraform-provider-aws expects this error.
    """
    lake = existing(call)
    failed: list[str] = []
    places: list[tuple[tuple[str, str], str, set[str]]] = []
    for configuration in sources:
        name = configuration["sourceName"]
        versions = {version_of(configuration)} if "sourceVersion" in configuration else set(_VERSIONS)
        if not any(found.get(name, set()) & versions for found in lake.sources.values()):
            raise absent("log source")
        for account_id in _accounts(call, configuration):
            if account_id not in membership.active_accounts(call.account_id) and is_administrator(call):
                failed.append(account_id)
            places += [((account_id, region), name, versions) for region in configuration["regions"]]
    for place, name, versions in places:
        kept = lake.sources.get(place, {})
        left = kept.pop(name, set()) - versions
        if left:
            kept[name] = left
        elif not kept:
            lake.sources.pop(place, None)
    take_a_while(lake)
    return {"failed": list(dict.fromkeys(failed))}


@operation("securitylake", "ListLogSources")
def list_log_sources(
    call: Call,
    *,
    accounts: list[str] | None = None,
    regions: list[str] | None = None,
    sources: list[dict[str, Any]] | None = None,
    maxResults: int | None = None,
    nextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_ListLogSources.html.

    One entry for each account and region, as https://github.com/hashicorp/terraform-provider-aws reads it.
    """
    wanted = [one["awsLogSource"] for one in sources or [] if "awsLogSource" in one]
    found = []
    for (account_id, region), collected in sorted(readable(call).sources.items()):
        if (accounts and account_id not in accounts) or (regions and region not in regions):
            continue
        kept = [
            resource(name, version)
            for name, versions in sorted(collected.items())
            for version in sorted(versions)
            if sources is None or any(_matches(one, name, version) for one in wanted)
        ]
        if kept:
            found.append({"account": account_id, "region": region, "sources": kept})
    return listed("sources", found, maxResults, nextToken)


def _matches(wanted: dict[str, str], name: str, version: str) -> bool:
    return wanted.get("sourceName", name) == name and wanted.get("sourceVersion", version) in {version, "latest"}


@operation("securitylake", "GetDataLakeSources")
def get_data_lake_sources(
    call: Call, accounts: list[str] | None = None, maxResults: int | None = None, nextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_GetDataLakeSources.html.

    What each source has collected so far is nothing, in the sandbox.
    """
    lake = readable(call)
    found = [
        {"account": account_id, "sourceName": name, "sourceStatuses": []}
        for (account_id, region), collected in sorted(lake.sources.items())
        for name in sorted(collected)
        if region == call.region and (not accounts or account_id in accounts)
    ]
    return {"dataLakeArn": regional(lake, call.region).arn, **listed("dataLakeSources", found, maxResults, nextToken)}
