"""IAM Access Analyzer, as it is by default: access from outside of the organization."""

from __future__ import annotations

from benchmarks.floor.need import Need, Needs, Size


def plan_of_nothing(size: Size) -> Needs:
    """There is no account yet to ask."""
    return {}


def plan_of_what_is_built(size: Size) -> Needs:
    """Everything that is managed is in one list."""
    return {"accessanalyzer:ListAnalyzers": Need(size.regions, "of the administrator, in each region")}


def apply_to_nothing(size: Size) -> Needs:
    """Look, write, look again."""
    return {
        "accessanalyzer:ListAnalyzers": Need(2 * size.regions, "before the first write, and after the last"),
        "accessanalyzer:CreateAnalyzer": Need(size.regions, "in each region"),
    }
