"""AWS Security Hub CSPM: the standards of a hub."""

from __future__ import annotations

from typing import Any

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.securityhub import Hub, hub_of, refuse_centrally_managed
from sra_bootstrap.sandbox.services.securityhub_administrator import invalid
from sra_bootstrap.sandbox.services.securityhub_catalogue import (
    DEFAULT_STANDARDS,
    STANDARDS,
    standard_arn,
    standard_of,
)

BAD_TOKEN = invalid("Invalid parameter 'NextToken'.")


def _subscription_arn(call: Call, standard: str) -> str:
    name = standard.partition("/")[2]
    return f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:subscription/{name}"


def _subscription(call: Call, hub: Hub, standard: str, status: str | None = None) -> dict[str, Any]:
    ready = hub.standards.get(standard, 0) <= call.now()
    return {
        "StandardsSubscriptionArn": _subscription_arn(call, standard),
        "StandardsArn": standard_arn(call.partition, call.region, standard),
        "StandardsInput": {},
        "StandardsStatus": status or ("READY" if ready else "PENDING"),
        "StandardsControlsUpdatable": "READY_FOR_UPDATES" if ready else "NOT_READY_FOR_UPDATES",
    }


@operation("securityhub", "DescribeStandards")
def describe_standards(
    call: Call, MaxResults: int = 100, NextToken: str | None = None, Providers: list[str] | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeStandards.html."""
    hub_of(call)
    standards = [
        {
            "StandardsArn": standard_arn(call.partition, call.region, standard),
            "Name": name,
            "Description": f"The {name} standard of AWS Security Hub.",
            "EnabledByDefault": standard in DEFAULT_STANDARDS,
            "StandardsManagedBy": {"Company": "AWS", "Product": "Security Hub"},
        }
        for standard, name in STANDARDS.items()
    ]
    found, following = page(standards, MaxResults, NextToken, BAD_TOKEN)
    return {"Standards": found} | ({} if following is None else {"NextToken": following})


@operation("securityhub", "GetEnabledStandards")
def get_enabled_standards(
    call: Call,
    StandardsSubscriptionArns: list[str] | None = None,
    MaxResults: int = 100,
    NextToken: str | None = None,
    Providers: list[str] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetEnabledStandards.html."""
    hub = hub_of(call)
    subscriptions = [_subscription(call, hub, standard) for standard in hub.standards]
    if StandardsSubscriptionArns is not None:
        subscriptions = [one for one in subscriptions if one["StandardsSubscriptionArn"] in StandardsSubscriptionArns]
    found, following = page(subscriptions, MaxResults, NextToken, BAD_TOKEN)
    return {"StandardsSubscriptions": found} | ({} if following is None else {"NextToken": following})


@operation("securityhub", "BatchEnableStandards")
def batch_enable_standards(call: Call, StandardsSubscriptionRequests: list[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchEnableStandards.html.

    Enabling one again changes nothing, and AWS's own example code does so:
    https://github.com/aws-samples/aws-security-reference-architecture-examples.

    Raises:
        AwsFault: a configuration policy decides about that, there are more than 25, or no such standard here.
    """
    hub = hub_of(call)
    refuse_centrally_managed(call)
    known = {standard_arn(call.partition, call.region, standard): standard for standard in STANDARDS}
    arns = [request["StandardsArn"] for request in StandardsSubscriptionRequests]
    if not 1 <= len(arns) <= 25:
        raise invalid("StandardsSubscriptionRequests must have 1 to 25 items.")
    unknown = [arn for arn in arns if arn not in known]
    if unknown:
        raise invalid(f"Invalid standards ARN: {unknown[0]}")
    hub.enable(*(known[arn] for arn in arns))
    return {"StandardsSubscriptions": [_subscription(call, hub, known[arn]) for arn in arns]}


@operation("securityhub", "BatchDisableStandards")
def batch_disable_standards(call: Call, StandardsSubscriptionArns: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchDisableStandards.html.

    Raises:
        AwsFault: a configuration policy decides about that, there are more than 25, or one is not enabled.
    """
    hub = hub_of(call)
    refuse_centrally_managed(call)
    enabled = {_subscription_arn(call, standard): standard for standard in hub.standards}
    if not 1 <= len(StandardsSubscriptionArns) <= 25:
        raise invalid("StandardsSubscriptionArns must have 1 to 25 items.")
    unknown = [arn for arn in StandardsSubscriptionArns if arn not in enabled]
    if unknown:
        raise invalid(f"Invalid standards subscription ARN: {unknown[0]}")
    answer = [_subscription(call, hub, enabled[arn], "DELETING") for arn in StandardsSubscriptionArns]
    for arn in StandardsSubscriptionArns:
        del hub.standards[enabled[arn]]
    return {"StandardsSubscriptions": answer}


def standards_named(arns: list[str]) -> list[str]:
    """The standards that ARNs name, whatever their region, as a configuration policy gives them.

    Raises:
        AwsFault: there is no such standard.
    """
    named = []
    for arn in arns:
        standard = standard_of(arn)
        if standard is None:
            raise invalid(f"Invalid standard identifier: {arn}")
        named.append(standard)
    return named
