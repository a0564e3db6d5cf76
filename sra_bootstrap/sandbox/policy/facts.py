"""What AWS knows of who asks and of what is asked for, as condition keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html says of each when it is there.
"""

from __future__ import annotations

from moto.sts.models import sts_backends

from sra_bootstrap.iam.request import Caller, Context, condition_keys
from sra_bootstrap.sandbox import membership, organization
from sra_bootstrap.sandbox.extension import Call, Time
from sra_bootstrap.sandbox.later import moment


def of_service(principal: str, account_id: str, arn: str) -> Context:
    """A service of AWS that asks on behalf of a resource in an account."""
    return {
        **condition_keys(
            {
                "aws:PrincipalIsAWSService": "true",
                "aws:PrincipalServiceName": principal,
                "aws:PrincipalServiceNamesList": (principal,),
                "aws:ViaAWSService": "false",
                "aws:SourceAccount": account_id,
                "aws:SourceArn": arn,
            }
        ),
        **_of_organization("Source", account_id),
        **_of_any(),
    }


def caller_of(call: Call) -> Caller:
    """Who makes a call."""
    sessions = sts_backends[call.account_id][call.partition]
    session = sessions.get_assumed_role_from_access_key(call.access_key)
    arn = sessions.get_caller_identity(call.access_key, call.region)[1]
    arns = (arn,) if session is None else (session.role_arn, arn)
    return Caller("", call.account_id, f"arn:{call.partition}:iam::{call.account_id}:root", arns)


def of_caller(call: Call) -> Context:
    """Somebody in an account who makes a call."""
    caller = caller_of(call)
    return {
        **condition_keys(
            {
                "aws:PrincipalIsAWSService": "false",
                "aws:ViaAWSService": "false",
                "aws:PrincipalAccount": call.account_id,
                "aws:PrincipalArn": caller.arns[0],
                "aws:PrincipalType": "AssumedRole" if len(caller.arns) > 1 else "User",
                "aws:SourceIp": "127.0.0.1",
            }
        ),
        **_of_organization("Principal", call.account_id),
        **_of_any(),
    }


def of_resource(account_id: str, region: str) -> Context:
    """A resource in an account and region."""
    keys = condition_keys({"aws:ResourceAccount": account_id, "aws:RequestedRegion": region})
    return {**keys, **_of_organization("Resource", account_id)}


def _of_any() -> Context:
    now = moment()
    return condition_keys(
        {
            "aws:SecureTransport": "true",
            "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:EpochTime": str(int(Time.clock.now())),
        }
    )


def _of_organization(of: str, account_id: str) -> Context:
    """Where an account is: the organization, and the path to its OU, which ends with a slash."""
    backend = membership.organization_of(account_id)
    if backend is None:
        return {}
    parent_id = backend.get_account_by_id(account_id).parent_id
    parent = organization.path(backend, backend.get_organizational_unit_by_id(parent_id))
    return condition_keys({f"aws:{of}OrgID": backend.org.id, f"aws:{of}OrgPaths": (parent,)})
