"""IAM Access Analyzer: the filters of archive rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.accessanalyzer_faults import invalid


@dataclass
class ArchiveRule:
    """What findings an analyzer archives by itself."""

    filter: dict[str, Any]
    created: datetime = field(default_factory=moment)
    updated: datetime = field(default_factory=moment)


def checked(criteria: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A filter that says something of each of its keys, which the sandbox does not know.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Criterion.html

    Raises:
        AwsFault: it says nothing, or compares with no values or more than 20.
    """
    if not criteria or not all(criteria.values()):
        raise invalid("The filter of an archive rule has criteria.", "filter")
    for criterion in criteria.values():
        if not all(1 <= len(values) <= 20 for operator, values in criterion.items() if operator != "exists"):
            raise invalid("A criterion has between 1 and 20 values.", "filter")
    return criteria
