"""Amazon Security Lake: what it collects of the accounts that join the organization."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.securitylake import (
    PRINCIPAL,
    Lake,
    absent,
    denied,
    existing,
    is_administrator,
    lake_of,
    readable,
    regional,
    take_a_while,
)
from sra_bootstrap.sandbox.services.securitylake_sources import collect, version_of
from sra_bootstrap.sandbox.settings import Rules


def _as_administrator(call: Call) -> Lake:
    """The lake of the caller: "only the delegated Security Lake administrator for an organization can" do this.

    https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteDataLakeOrganizationConfiguration.html

    Raises:
        AwsFault: the caller is another account.
    """
    if not is_administrator(call):
        raise denied(call)
    return existing(call)


@operation("securitylake", "CreateDataLakeOrganizationConfiguration")
def create_data_lake_organization_configuration(
    call: Call, autoEnableNewAccount: list[dict[str, Any]] | None = None
) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateDataLakeOrganizationConfiguration.html.

    It "merges the new data lake organization configuration with the existing". That both versions of a source are kept
    then is guessed.

    Raises:
        AwsFault: there is no lake in a region, or a source has no such version.
    """
    lake = _as_administrator(call)
    merged = {region: dict(sources) for region, sources in (lake.auto_enable or {}).items()}
    for configuration in autoEnableNewAccount or []:
        region = configuration["region"]
        regional(lake, region)
        for source in configuration["sources"]:
            versions = merged.setdefault(region, {}).get(source["sourceName"], set())
            merged[region][source["sourceName"]] = versions | {version_of(source)}
    lake.auto_enable = merged
    take_a_while(lake)


@operation("securitylake", "DeleteDataLakeOrganizationConfiguration")
def delete_data_lake_organization_configuration(
    call: Call, autoEnableNewAccount: list[dict[str, Any]] | None = None
) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteDataLakeOrganizationConfiguration.html.

    That it takes away all of it when nothing is named, and that nothing left is nothing there, is guessed.

    Raises:
        AwsFault: there is nothing to take away.
    """
    lake = _as_administrator(call)
    if lake.auto_enable is None:
        raise absent("organization configuration")
    left = {region: dict(sources) for region, sources in lake.auto_enable.items()} if autoEnableNewAccount else {}
    for configuration in autoEnableNewAccount or []:
        sources = left.get(configuration["region"], {})
        for source in configuration["sources"]:
            kept = sources.pop(source["sourceName"], set()) - {version_of(source)}
            if kept:
                sources[source["sourceName"]] = kept
    lake.auto_enable = {region: sources for region, sources in left.items() if sources} or None
    take_a_while(lake)


@operation("securitylake", "GetDataLakeOrganizationConfiguration")
def get_data_lake_organization_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_GetDataLakeOrganizationConfiguration.html.

    https://github.com/aws-samples/aws-security-reference-architecture-examples, security_lake.py, expects the error.

    Raises:
        AwsFault: there is none.
    """
    if not is_administrator(call):
        raise denied(call)
    auto_enable = readable(call).auto_enable
    if auto_enable is None:
        raise absent("organization configuration")
    configurations = [
        {
            "region": region,
            "sources": [
                {"sourceName": name, "sourceVersion": version}
                for name, versions in sorted(sources.items())
                for version in sorted(versions)
            ],
        }
        for region, sources in auto_enable.items()
    ]
    return {"autoEnableNewAccount": configurations}


@gate
def welcome(call: Call) -> None:
    """Before any call of Security Lake: collect of the accounts that have joined since the last.

    "Security Lake is not automatically enabled for any existing member accounts in your organization":
    https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateDataLakeOrganizationConfiguration.html.
    """
    backend = membership.organization_of(call.account_id) if call.service == "securitylake" else None
    if backend is None:
        return
    joined_before = moment() - timedelta(seconds=Rules.settings.auto_enable_seconds)
    for administrator in membership.administrators(call.account_id, PRINCIPAL):
        lake = lake_of(administrator, call.partition)
        for account in backend.accounts:
            if account.id not in lake.met and account.create_time <= joined_before:
                lake.met.add(account.id)
                _enrol(lake, account.id, call.partition)


def _enrol(lake: Lake, account_id: str, partition: str) -> None:
    for region, sources in (lake.auto_enable or {}).items():
        if region in lake.regions and has_region(account_id, partition, region):
            for name, versions in sources.items():
                for version in versions:
                    collect(lake, account_id, region, name, version)
