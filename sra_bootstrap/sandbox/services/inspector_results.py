"""Amazon Inspector: what its scans have found, which is nothing: there is nothing in the sandbox to scan."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation


@operation("inspector2", "ListCoverage")
def list_coverage(call: Call, **_: Any) -> dict[str, list[Any]]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListCoverage.html."""
    return {"coveredResources": []}


@operation("inspector2", "ListCoverageStatistics")
def list_coverage_statistics(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListCoverageStatistics.html."""
    return {"totalCounts": 0, "countsByGroup": []}


@operation("inspector2", "ListFindingAggregations")
def list_finding_aggregations(call: Call, aggregationType: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListFindingAggregations.html."""
    return {"aggregationType": aggregationType, "responses": []}


@operation("inspector2", "ListUsageTotals")
def list_usage_totals(call: Call, **_: Any) -> dict[str, list[Any]]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListUsageTotals.html."""
    return {"totals": []}


@operation("inspector2", "ListCisScanConfigurations")
def list_cis_scan_configurations(call: Call, **_: Any) -> dict[str, list[Any]]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListCisScanConfigurations.html."""
    return {"scanConfigurations": []}
