"""The logging of what is asked of Route 53 Resolver, in one account and region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from sra_bootstrap.aws import Writer
from sra_bootstrap.model import Address, Resource
from steps.common.members import PATIENCE

if TYPE_CHECKING:
    from mypy_boto3_route53resolver import Route53ResolverClient
    from mypy_boto3_route53resolver.type_defs import ResolverQueryLogConfigTypeDef

_NAME = "sra-resolver-queries"
"""What our query logging configuration is called in each region."""
_ON = frozenset({"ACTIVE", "CREATING"})
"""How a VPC stands whose queries are logged, or are about to be."""


def observe(address: Address, vpcs: Sequence[str], resolver: Route53ResolverClient) -> Iterator[Resource]:
    """Where queries are logged to, and of which VPCs they are not; nothing where there is no configuration of ours."""
    log = _query_log(resolver)
    if log is not None:
        statuses = _associated(log["Id"], resolver)
        without = tuple(vpc for vpc in vpcs if statuses.get(vpc) not in _ON)
        yield Resource(address, {"bucket": log["DestinationArn"].partition(":::")[2], "vpcs_without": without})


def put(vpcs: Sequence[str], destination: str, resolver: Route53ResolverClient, aws: Writer) -> None:
    """Log the queries of all VPCs; where they are logged to cannot be changed, so that is done anew."""
    log = _query_log(resolver)
    if log is not None and log["DestinationArn"] != destination:
        end(resolver, aws)
        log = None
    if log is None:
        # An answer that got lost is given again for the same request id.
        log = resolver.create_resolver_query_log_config(
            Name=_NAME, DestinationArn=destination, CreatorRequestId=str(uuid4())
        )["ResolverQueryLogConfig"]
    log_id = log["Id"]
    statuses = _associated(log_id, resolver)
    for vpc in (vpc for vpc in vpcs if statuses.get(vpc) not in _ON):
        if statuses.get(vpc) == "FAILED":
            resolver.disassociate_resolver_query_log_config(ResolverQueryLogConfigId=log_id, ResourceId=vpc)

        def associate(vpc: str = vpc) -> Exception | None:
            try:
                resolver.associate_resolver_query_log_config(ResolverQueryLogConfigId=log_id, ResourceId=vpc)
            except resolver.exceptions.ResourceExistsException as refusal:
                return None if _associated(log_id, resolver).get(vpc) in _ON else refusal
            return None

        _persist(associate, aws)


def end(resolver: Route53ResolverClient, aws: Writer) -> None:
    """Let all VPCs go, and delete the configuration once they are gone."""
    log = _query_log(resolver)
    if log is None:
        return
    log_id = log["Id"]
    for vpc, status in _associated(log_id, resolver).items():
        if status != "DELETING":
            resolver.disassociate_resolver_query_log_config(ResolverQueryLogConfigId=log_id, ResourceId=vpc)

    def delete() -> Exception | None:
        try:
            resolver.delete_resolver_query_log_config(ResolverQueryLogConfigId=log_id)
        except resolver.exceptions.InvalidRequestException as refusal:
            return refusal
        return None

    _persist(delete, aws)


def _query_log(resolver: Route53ResolverClient) -> ResolverQueryLogConfigTypeDef | None:
    """Our query logging configuration, if it is there; others' may be shared with the account."""
    pages = resolver.get_paginator("list_resolver_query_log_configs").paginate(
        Filters=[{"Name": "Name", "Values": [_NAME]}]
    )
    found = (log for page in pages for log in page["ResolverQueryLogConfigs"])
    return next((log for log in found if log["ShareStatus"] != "SHARED_WITH_ME"), None)


def _associated(log_id: str, resolver: Route53ResolverClient) -> dict[str, str]:
    """How each VPC stands that has to do with a query logging configuration."""
    pages = resolver.get_paginator("list_resolver_query_log_config_associations").paginate(
        Filters=[{"Name": "ResolverQueryLogConfigId", "Values": [log_id]}]
    )
    found = (one for page in pages for one in page["ResolverQueryLogConfigAssociations"])
    return {one["ResourceId"]: one["Status"] for one in found}


def _persist(attempt: Callable[[], Exception | None], aws: Writer) -> None:
    """Try for a while.

    Raises:
        Exception: the last refusal.
    """
    refusal = aws.poll(attempt, lambda refusal: refusal is None, PATIENCE)
    if refusal is not None:
        raise refusal
