"""Amazon Route 53 Resolver: the logging of queries. moto's is all replaced: it lets nothing go, and asks no policy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.extension import Call, Time, gate, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.log_delivery import sender
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.settings import Rules


@dataclass
class Association:
    """A VPC whose queries are logged, since when, and until when: seconds since the epoch."""

    vpc_id: str
    active: float
    ended: float = math.inf
    created: datetime = field(default_factory=moment)
    id: str = field(default_factory=lambda: f"rqlca-{mock_random.get_random_hex(16)}")


@dataclass
class QueryLog:
    """A query logging configuration, with the VPCs that are associated with it by id."""

    name: str
    destination: str
    request_id: str
    tags: Sequence[Mapping[str, str]] = ()
    associations: dict[str, Association] = field(default_factory=dict)
    created: datetime = field(default_factory=moment)
    id: str = field(default_factory=lambda: f"rqlc-{mock_random.get_random_hex(16)}")


@dataclass
class QueryLogs:
    """The query logging configurations of an account and region, by id."""

    all: dict[str, QueryLog] = field(default_factory=dict)


@gate
def let_go(call: Call) -> None:
    """An association is gone a while after it was ended."""
    if call.service == "route53resolver":
        for log in call.state(QueryLogs).all.values():
            log.associations = {vpc: one for vpc, one in log.associations.items() if Time.clock.now() < one.ended}


def _found(call: Call, config_id: str) -> QueryLog:
    log = call.state(QueryLogs).all.get(config_id)
    if log is None:
        text = f"Resolver query log config with ID '{config_id}' does not exist."
        raise AwsFault("ResourceNotFoundException", text)
    return log


@operation("route53resolver", "CreateResolverQueryLogConfig")
def create_resolver_query_log_config(
    call: Call, Name: str, DestinationArn: str, CreatorRequestId: str, Tags: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateResolverQueryLogConfig.html.

    The same request twice makes one; that another with the same id is refused is moto's.

    Raises:
        AwsFault: there was another request with this id.
    """
    logs = call.state(QueryLogs).all
    same = next((log for log in logs.values() if log.request_id == CreatorRequestId), None)
    if same is not None and (same.name, same.destination) != (Name, DestinationArn):
        raise AwsFault("ResourceExistsException", f"A request with the ID '{CreatorRequestId}' was made before.")
    log = same or QueryLog(Name, DestinationArn, CreatorRequestId, Tags)
    logs[log.id] = log
    return {"ResolverQueryLogConfig": _described(call, log)}


@operation("route53resolver", "AssociateResolverQueryLogConfig")
def associate_resolver_query_log_config(call: Call, ResolverQueryLogConfigId: str, ResourceId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_AssociateResolverQueryLogConfig.html.

    Raises:
        AwsFault: there is no such configuration or VPC, or they are associated.
    """
    log = _found(call, ResolverQueryLogConfigId)
    if ResourceId not in ec2_backends[call.account_id][call.region].vpcs:
        raise AwsFault("InvalidParameterException", f"The vpc ID '{ResourceId}' does not exist")
    if ResourceId in log.associations:
        raise AwsFault("ResourceExistsException", f"'{log.id}' is already associated with VPC '{ResourceId}'")
    association = Association(ResourceId, call.now() + Rules.settings.enabling_seconds)
    log.associations[ResourceId] = association
    return {"ResolverQueryLogConfigAssociation": _told(call, log, association)}


@operation("route53resolver", "DisassociateResolverQueryLogConfig")
def disassociate_resolver_query_log_config(
    call: Call, ResolverQueryLogConfigId: str, ResourceId: str
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_DisassociateResolverQueryLogConfig.html.

    Raises:
        AwsFault: they are not associated.
    """
    log = _found(call, ResolverQueryLogConfigId)
    association = log.associations.get(ResourceId)
    if association is None:
        raise AwsFault("ResourceNotFoundException", f"'{log.id}' is not associated with VPC '{ResourceId}'")
    association.ended = min(association.ended, call.now() + Rules.settings.enabling_seconds)
    return {"ResolverQueryLogConfigAssociation": _told(call, log, association)}


@operation("route53resolver", "DeleteResolverQueryLogConfig")
def delete_resolver_query_log_config(call: Call, ResolverQueryLogConfigId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_DeleteResolverQueryLogConfig.html.

    "Before you can delete a configuration, you must first disassociate VPCs from it"; the code is guessed.

    Raises:
        AwsFault: VPCs are associated with it.
    """
    log = _found(call, ResolverQueryLogConfigId)
    if log.associations:
        raise AwsFault("InvalidRequestException", f"VPCs are still associated with '{log.id}'")
    del call.state(QueryLogs).all[log.id]
    return {"ResolverQueryLogConfig": {**_described(call, log), "Status": "DELETING"}}


@operation("route53resolver", "GetResolverQueryLogConfig")
def get_resolver_query_log_config(call: Call, ResolverQueryLogConfigId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_GetResolverQueryLogConfig.html."""
    return {"ResolverQueryLogConfig": _described(call, _found(call, ResolverQueryLogConfigId))}


@operation("route53resolver", "ListResolverQueryLogConfigs")
def list_resolver_query_log_configs(call: Call, **query: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ListResolverQueryLogConfigs.html."""
    logs = [_described(call, log) for log in call.state(QueryLogs).all.values()]
    return _listed("ResolverQueryLogConfigs", logs, **query)


@operation("route53resolver", "ListResolverQueryLogConfigAssociations")
def list_resolver_query_log_config_associations(call: Call, **query: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ListResolverQueryLogConfigAssociations.html."""
    logs = call.state(QueryLogs).all.values()
    associations = [_told(call, log, one) for log in logs for one in log.associations.values()]
    return _listed("ResolverQueryLogConfigAssociations", associations, **query)


def _listed(
    name: str,
    items: Sequence[Mapping[str, Any]],
    *,
    Filters: Sequence[Mapping[str, Any]] = (),
    MaxResults: int = 100,
    NextToken: str | None = None,
    SortBy: str = "",
    SortOrder: str = "",
) -> dict[str, Any]:
    if SortBy or SortOrder:
        raise NotImplementedError("SortBy and SortOrder")
    wanted = [item for item in items if all(item.get(one["Name"]) in one["Values"] for one in Filters)]
    invalid = AwsFault("InvalidNextTokenException", "The next token is invalid.")
    found, following = page(wanted, MaxResults, NextToken, invalid)
    more = {} if following is None else {"NextToken": following}
    return {name: found, "TotalCount": len(items), "TotalFilteredCount": len(wanted), **more}


def _described(call: Call, log: QueryLog) -> dict[str, Any]:
    prefix = f"arn:{call.partition}:route53resolver:{call.region}:{call.account_id}"
    return {
        "Id": log.id,
        "OwnerId": call.account_id,
        "Status": "CREATED" if _error(call, log) == "NONE" else "FAILED",
        "ShareStatus": "NOT_SHARED",
        "AssociationCount": len(log.associations),
        "Arn": f"{prefix}:resolver-query-log-config/{log.id}",
        "Name": log.name,
        "DestinationArn": log.destination,
        "CreatorRequestId": log.request_id,
        "CreationTime": f"{log.created.isoformat()}Z",
    }


def _told(call: Call, log: QueryLog, association: Association) -> dict[str, Any]:
    """An association as the API tells it.

    A VPC whose queries cannot be delivered is associated all the same, and FAILED: what its status means is in
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ResolverQueryLogConfigAssociation.html
    """
    status, error = "ACTIVE", "NONE"
    if association.ended < math.inf:
        status = "DELETING"
    elif call.now() < association.active:
        status = "CREATING"
    elif (error := _error(call, log)) != "NONE":
        status = "FAILED"
    return {
        "Id": association.id,
        "ResolverQueryLogConfigId": log.id,
        "ResourceId": association.vpc_id,
        "Status": status,
        "Error": error,
        "ErrorMessage": "",
        "CreationTime": f"{association.created.isoformat()}Z",
    }


def _error(call: Call, log: QueryLog) -> str:
    """Whether logs can be delivered to a bucket, as its policy says, by the words of the API."""
    bucket, _, folder = log.destination.partition(":::")[2].partition("/")
    file = f"{folder.rstrip('/')}/AWSLogs/{call.account_id}/vpcdnsquerylogs/test.log.gz".removeprefix("/")
    try:
        delivery.may(sender(call), "s3:PutObject", bucket, file)
    except delivery.NoBucketError:
        return "DESTINATION_NOT_FOUND"
    except delivery.RefusedError:
        return "ACCESS_DENIED"
    return "NONE"
