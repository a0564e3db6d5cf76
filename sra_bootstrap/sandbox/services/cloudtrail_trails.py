"""AWS CloudTrail: trails, created, updated, deleted and described."""

from __future__ import annotations

import copy
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.cloudtrail import (
    PRINCIPAL,
    Trail,
    changeable,
    default_selector,
    invalid_name,
    is_name,
    no_management_account,
    owner_for,
    seen,
    trails_of,
    visible_to,
)
from sra_bootstrap.sandbox.services.cloudtrail_delivery import deliver_soon
from sra_bootstrap.sandbox.services.cloudtrail_destinations import check_destinations, topic_arn
from sra_bootstrap.sandbox.services.cloudtrail_log_groups import check_log_group
from sra_bootstrap.sandbox.services.cloudtrail_organization import check_organization, link_roles
from sra_bootstrap.sandbox.services.cloudtrail_tags import tagged

_MOST = 5
"""Trails in a region, shadows included: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html."""
_PAGE = 100
"""How many trails ListTrails puts on a page; AWS names no number."""
_ANSWERED = {"EnableLogFileValidation": "LogFileValidationEnabled"}
"""What an answer calls otherwise than the request."""


@operation("cloudtrail", "CreateTrail")
def create_trail(
    call: Call, *, Name: str, TagsList: list[dict[str, str]] | None = None, **parameters: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html.

    What a delegated administrator creates is the management account's:
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1932. In which order AWS checks all
    this is guessed.

    Raises:
        AwsFault: a parameter is wrong, the name is taken, there are too many, or the caller may not.
    """
    if not is_name(Name):
        raise invalid_name(Name)
    defaults = {
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": False,
        "LogFileValidationEnabled": False,
        "IsOrganizationTrail": False,
        "RecursiveLogging": True,
    }
    settings = {**defaults, **_answered(call, parameters)}
    owner = owner_for(call) if settings["IsOrganizationTrail"] else call.account_id
    trail = Trail(Name, owner, call.partition, call.region, {})
    trail.settings = {name: value for name, value in settings.items() if value != ""}
    _check(call, trail)
    _refuse_twin(trail)
    trail.tags = tagged({}, TagsList or [])
    trails_of(owner).append(trail)
    return _described(trail)


def _answered(call: Call, parameters: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, under the names that answers have."""
    named = {_ANSWERED.get(name, name): value for name, value in parameters.items()}
    topic = named.pop("SnsTopicName", None)
    return named if topic is None else {**named, "SnsTopicARN": topic and topic_arn(call, topic)}


def _check(call: Call, trail: Trail) -> None:
    """See to it that a trail can be as it is to be.

    Raises:
        AwsFault: it cannot.
    """
    if trail.settings["IsMultiRegionTrail"] and not trail.settings["IncludeGlobalServiceEvents"]:
        text = "Multi-Region trail must include global service events."
        raise AwsFault("InvalidParameterCombinationException", text)
    if len(trail.settings.get("S3KeyPrefix", "")) > 200:
        raise AwsFault("InvalidS3PrefixException", "The S3 prefix is not valid: it is longer than 200 characters.")
    if trail.of_organization:
        check_organization(trail.account_id, call.now())
        if call.account_id == trail.account_id:
            link_roles(trail.account_id, call.partition, members=True)
        elif not roles.exists(
            trail.account_id, call.partition, roles.role_arn(trail.account_id, call.partition, PRINCIPAL)
        ):
            text = "The management account does not have a service-linked role."
            raise AwsFault("NoManagementAccountSLRExistsException", text)
    check_destinations(call, trail)
    check_log_group(call, trail)


def _refuse_twin(trail: Trail) -> None:
    """Refuse a trail that has the name of another where both would be.

    As seen in https://github.com/nozaq/terraform-aws-secure-baseline/issues/306.

    Raises:
        AwsFault: there is such a trail, or there are as many as there may be.
    """
    present = trails_of(trail.account_id)
    for other in present:
        if other.name == trail.name and (other.shows_in(trail.region) or trail.shows_in(other.region)):
            text = f"Trail {trail.name} already exists for customer: {trail.account_id}"
            raise AwsFault("TrailAlreadyExistsException", text)
    if sum(other.shows_in(trail.region) for other in present) >= _MOST:
        text = f"User: {trail.account_id} already has {_MOST} trails in {trail.region}."
        raise AwsFault("MaximumNumberOfTrailsExceededException", text)


@operation("cloudtrail", "UpdateTrail")
def update_trail(call: Call, *, Name: str, **parameters: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html.

    An empty text takes a setting away, as
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-encryption-cli.html does.

    Raises:
        AwsFault: there is no such trail, the caller may not, or the trail cannot be so.
    """
    trail = changeable(call, Name)
    wanted = _answered(call, parameters)
    becomes = wanted.get("IsOrganizationTrail", trail.of_organization)
    if becomes != trail.of_organization and membership.management_account_of(call.account_id) != call.account_id:
        # "Only the management account for the organization can convert" the one to the other.
        raise no_management_account()
    before = trail.settings
    trail.settings = {name: value for name, value in {**before, **wanted}.items() if value != ""}
    try:
        _check(call, trail)
    except AwsFault:
        trail.settings = before
        raise
    if trail.status.logging:
        deliver_soon(trail)
    return _described(trail)


@operation("cloudtrail", "DeleteTrail")
def delete_trail(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html."""
    trail = changeable(call, Name)
    trails_of(trail.account_id).remove(trail)
    trail.status.logging = False


@operation("cloudtrail", "DescribeTrails")
def describe_trails(
    call: Call, *, trailNameList: list[str] | None = None, includeShadowTrails: bool = True
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html.

    "If you do not include shadow trails, organization trails in a member account and Region replication trails will
    not be returned"; what is named and not there is left out, as moto and
    https://github.com/hashicorp/terraform-provider-aws take it.
    """
    here = [trail for trail in visible_to(call.account_id) if trail.shows_in(call.region)]
    if not includeShadowTrails:
        here = [one for one in here if (one.account_id, one.region) == (call.account_id, call.region)]
    if trailNameList:
        own = (call.account_id, call.region)
        named = [one for one in visible_to(call.account_id) if one.arn in trailNameList]
        here = named + [one for one in here if one.name in trailNameList and (one.account_id, one.region) == own]
    return {"trailList": [_whole(trail) for trail in here]}


@operation("cloudtrail", "GetTrail")
def get_trail(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html."""
    return {"Trail": _whole(seen(call, Name))}


@operation("cloudtrail", "ListTrails")
def list_trails(call: Call, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html.

    It lists those of all regions, as the CLI's example shows.
    """
    trails = [
        {"TrailARN": trail.arn, "Name": trail.name, "HomeRegion": trail.region} for trail in visible_to(call.account_id)
    ]
    found, following = page(trails, _PAGE, NextToken, AwsFault("InvalidNextTokenException", "Invalid token."))
    return {"Trails": found} if following is None else {"Trails": found, "NextToken": following}


def _described(trail: Trail) -> dict[str, Any]:
    """What creating and updating answer."""
    return {"Name": trail.name, "TrailARN": trail.arn, **copy.copy(trail.settings)}


def _whole(trail: Trail) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html."""
    return {
        **_described(trail),
        "HomeRegion": trail.region,
        "HasCustomEventSelectors": bool(trail.advanced) or trail.selectors != [default_selector()],
        "HasInsightSelectors": bool(trail.insights),
    }
