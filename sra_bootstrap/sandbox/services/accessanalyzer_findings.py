"""IAM Access Analyzer: the findings of an analyzer. In the sandbox, nothing is found."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.accessanalyzer import Analyzer, by_arn, status_of
from sra_bootstrap.sandbox.services.accessanalyzer_faults import absent, denied, invalid

_EXTERNAL = ("ACCOUNT", "ORGANIZATION")


def _readable(call: Call, arn: str) -> Analyzer:
    """An analyzer whose findings the caller may see.

    Those of a former administrator "are also no longer accessible":
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html; the code is guessed.

    Raises:
        AwsFault: it has no such analyzer, or this one is disabled.
    """
    analyzer = by_arn(call, arn)
    if status_of(analyzer, call.account_id)[0] == "DISABLED":
        raise denied(f"The analyzer {arn} is disabled.")
    return analyzer


@operation("accessanalyzer", "ListFindings")
def list_findings(call: Call, analyzerArn: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindings.html.

    Raises:
        AwsFault: the analyzer is not one of external access, which it is for; the code is guessed.
    """
    if _readable(call, analyzerArn).type not in _EXTERNAL:
        text = "ListFindings is supported only for external access analyzers. Use ListFindingsV2."
        raise invalid(text, "analyzerArn", "notSupported")
    return {"findings": []}


@operation("accessanalyzer", "ListFindingsV2")
def list_findings_v2(call: Call, analyzerArn: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html."""
    _readable(call, analyzerArn)
    return {"findings": []}


@operation("accessanalyzer", "GetFinding")
@operation("accessanalyzer", "GetFindingV2")
def get_finding(call: Call, analyzerArn: str, id: str, **_: Any) -> None:  # noqa: A002 (AWS's name)
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html.

    Raises:
        AwsFault: always, as there is none.
    """
    _readable(call, analyzerArn)
    raise absent("finding", id)


@operation("accessanalyzer", "GetFindingsStatistics")
def get_findings_statistics(call: Call, analyzerArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingsStatistics.html."""
    kind = _readable(call, analyzerArn).type
    member = next((name for name in ("UNUSED", "INTERNAL") if name in kind), "EXTERNAL").lower()
    zeros = {"totalActiveFindings": 0, "totalArchivedFindings": 0, "totalResolvedFindings": 0}
    return {"findingsStatistics": [{f"{member}AccessFindingsStatistics": zeros}]}


@operation("accessanalyzer", "ListAnalyzedResources")
def list_analyzed_resources(call: Call, analyzerArn: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzedResources.html."""
    _readable(call, analyzerArn)
    return {"analyzedResources": []}
