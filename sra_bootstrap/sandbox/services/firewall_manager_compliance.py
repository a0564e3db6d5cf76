"""AWS Firewall Manager: how accounts stand by its policies, as those who assess an organization read it."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.firewall_manager import absent, as_administrator, listed
from sra_bootstrap.sandbox.services.firewall_manager_policies import accounts_in_scope, own_policy


@operation("fms", "ListMemberAccounts")
def list_member_accounts(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListMemberAccounts.html.

    "Either an Firewall Manager administrator or the organization's management account can make this request."
    """
    if membership.management_account_of(call.account_id) != call.account_id:
        as_administrator(call)
    return listed("MemberAccounts", membership.active_accounts(call.account_id), MaxResults, NextToken)


@operation("fms", "ListComplianceStatus")
def list_compliance_status(
    call: Call, PolicyId: str, MaxResults: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListComplianceStatus.html.

    The sandbox has no resources that policies are for, so every account complies.
    """
    policy = own_policy(call, PolicyId)
    statuses = [
        {
            "PolicyOwner": call.account_id,
            "PolicyId": policy.id,
            "PolicyName": policy.name,
            "MemberAccount": account_id,
            "EvaluationResults": [
                {"ComplianceStatus": "COMPLIANT", "ViolatorCount": 0, "EvaluationLimitExceeded": False}
            ],
            "LastUpdated": moment(),
            "IssueInfoMap": {},
        }
        for account_id in accounts_in_scope(policy, call.account_id)
    ]
    return listed("PolicyComplianceStatusList", statuses, MaxResults, NextToken)


@operation("fms", "GetComplianceDetail")
def get_compliance_detail(call: Call, PolicyId: str, MemberAccount: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetComplianceDetail.html.

    Raises:
        AwsFault: the account is not in the scope of the policy.
    """
    policy = own_policy(call, PolicyId)
    if MemberAccount not in accounts_in_scope(policy, call.account_id):
        raise absent()
    detail = {
        "PolicyOwner": call.account_id,
        "PolicyId": policy.id,
        "MemberAccount": MemberAccount,
        "Violators": [],
        "EvaluationLimitExceeded": False,
        "IssueInfoMap": {},
    }
    return {"PolicyComplianceDetail": detail}


@operation("fms", "GetNotificationChannel")
def get_notification_channel(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_GetNotificationChannel.html.

    There is none. That this is no error is guessed from its answer, which requires no member.
    """
    as_administrator(call)
    return {}


@operation("fms", "ListResourceSets")
def list_resource_sets(call: Call, MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListResourceSets.html."""
    as_administrator(call)
    return {"ResourceSets": []}


@operation("fms", "ListAppsLists")
def list_apps_lists(
    call: Call, *, MaxResults: int, NextToken: str | None = None, DefaultLists: bool = False
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListAppsLists.html.

    AWS's own lists are not in the sandbox.
    """
    return _own_lists(call, "AppsLists", of_aws=DefaultLists)


@operation("fms", "ListProtocolsLists")
def list_protocols_lists(
    call: Call, *, MaxResults: int, NextToken: str | None = None, DefaultLists: bool = False
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_ListProtocolsLists.html.

    AWS's own lists are not in the sandbox.
    """
    return _own_lists(call, "ProtocolsLists", of_aws=DefaultLists)


def _own_lists(call: Call, name: str, *, of_aws: bool) -> dict[str, Any]:
    as_administrator(call)
    if of_aws:
        raise NotImplementedError("DefaultLists")
    return {name: []}
