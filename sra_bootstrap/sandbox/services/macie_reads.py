"""Amazon Macie: what scanners ask for and nobody can make in the sandbox. There is none of it, nor any invitation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.macie import enabled

_EMPTY: dict[str, dict[str, Any]] = {
    "GetInvitationsCount": {"invitationsCount": 0},
    "GetUsageTotals": {"timeRange": "MONTH_TO_DATE", "usageTotals": []},
    "ListAllowLists": {"allowLists": []},
    "ListClassificationJobs": {"items": []},
    "ListCustomDataIdentifiers": {"items": []},
    "ListFindings": {"findingIds": []},
    "ListFindingsFilters": {"findingsFilterListItems": []},
    "ListInvitations": {"invitations": []},
}
"""https://docs.aws.amazon.com/macie/latest/APIReference/operations.html"""


def _answer(output: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    def handler(call: Call, **_: Any) -> dict[str, Any]:
        enabled(call)
        return output

    return handler


for _name, _output in _EMPTY.items():
    operation("macie2", _name)(_answer(_output))


@operation("macie2", "GetUsageStatistics")
def get_usage_statistics(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/usage-statistics.html.

    Of the account and its members; none of them has used anything.
    """
    state, session = enabled(call)
    accounts = [call.account_id, *(member.account_id for member in state.associated())]
    records = [{"accountId": one, "freeTrialStartDate": session.created, "usage": []} for one in accounts]
    return {"records": records, "timeRange": "MONTH_TO_DATE"}


@operation("macie2", "AcceptInvitation")
@operation("macie2", "CreateInvitations")
@operation("macie2", "DeclineInvitations")
def invitations_are_not_for_the_sandbox(call: Call, **_: Any) -> None:
    """They would be answered by moto, out of a state of its own.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError
