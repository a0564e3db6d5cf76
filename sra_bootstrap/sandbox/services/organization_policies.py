"""AWS Organizations: policies. Beyond listing them, they are moto's, with the types that moto knows."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.organization import acting_in, paged


@operation("organizations", "ListPolicies")
def list_policies(
    call: Call, Filter: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html."""
    policies = [policy.describe()["Policy"] for policy in acting_in(call).policies if policy.type == Filter]
    return paged("Policies", [policy["PolicySummary"] for policy in policies], MaxResults, NextToken)
