"""AWS STS: which role can be assumed, and which credentials are good for a call.

GetCallerIdentity is moto's. Credentials that this sandbox has not issued belong to the management account.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import get_service_model
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, gate, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.organization import NewAccount
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.settings import Rules

LONGEST_SESSION = 43200
"""The most that any role allows: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
LONGEST_CHAINED_SESSION = 3600
"""The most for a role assumed from a role, as the same page says."""

_CODES = {
    "expired": {"ec2": "RequestExpired", "query": "ExpiredToken", "rest-xml": "ExpiredToken"},
    "unknown": {"ec2": "AuthFailure", "query": "InvalidClientTokenId", "rest-xml": "InvalidToken"},
    "denied": {"ec2": "UnauthorizedOperation", "query": "AccessDenied", "rest-xml": "AccessDenied"},
}
_JSON_CODES = {
    "expired": "ExpiredTokenException",
    "unknown": "UnrecognizedClientException",
    "denied": "AccessDeniedException",
}


_IAM_ACTIONS = {
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("s3control", "PutPublicAccessBlock"): "s3:PutAccountPublicAccessBlock",
    ("s3control", "DeletePublicAccessBlock"): "s3:PutAccountPublicAccessBlock",
}
"""The operations whose IAM action goes by another name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""


@dataclass
class Sessions:
    """The credentials that STS has issued for the roles of an account: access key to when it expires."""

    expirations: dict[str, float] = field(default_factory=dict)


@gate
def credentials_are_good(call: Call) -> None:
    """Credentials expire, work in no region that is not enabled, in no account that is not active, and not for all.

    Codes by protocol: https://github.com/aws/aws-sdk-go/pull/253 for expired ones, and for regions
    https://github.com/aws/aws-sdk-ruby/issues/2850 (query),
    https://github.com/aws-samples/aws-control-tower-config-customization/issues/27 (JSON) and
    https://github.com/cloud-custodian/cloud-custodian/issues/9793 (S3). "Suspended accounts fail every call":
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html.

    Raises:
        AwsFault: the call fails for one of these.
    """
    expiration = call.state(Sessions, region=call.partition).expirations.get(call.access_key, math.inf)
    if expiration < call.now():
        raise _refusal(call, "expired", "The security token included in the request is expired")
    if not has_region(call.account_id, call.partition, call.region):
        raise _refusal(call, "unknown", "The security token included in the request is invalid.")
    if membership.state_of(call.account_id) != "ACTIVE":
        raise _refusal(call, "denied", "The account is suspended.")
    # https://docs.aws.amazon.com/service-authorization/latest/reference: a service's prefix is the one it signs with.
    name = f"{get_service_model(call.service).signing_name}:{call.operation}"
    action = _IAM_ACTIONS.get((call.service, str(call.operation)), name)
    rules = Rules.settings
    is_caller = sts_backends[call.account_id][call.partition].get_assumed_role_from_access_key(call.access_key) is None
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: "No permissions are required".
    allowed = rules.allowed if is_caller and action != "sts:GetCallerIdentity" else None
    if action in rules.denied or (allowed is not None and action not in allowed):
        raise _refusal(call, "denied", f"The caller is not authorized to perform: {action}")


def _refusal(call: Call, kind: str, message: str) -> AwsFault:
    protocol = get_service_model(call.service).metadata["protocol"]
    return AwsFault(_CODES[kind].get(protocol, _JSON_CODES[kind]), message)


@operation("sts", "AssumeRole")
def assume_role(
    call: Call,
    *,
    RoleArn: str,
    RoleSessionName: str,
    DurationSeconds: int = 3600,
    ExternalId: str | None = None,
    Policy: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.

    Raises:
        AwsFault: the role does not exist, cannot be assumed yet or does not trust the caller, all of which AWS answers
            alike; or the session would be too long.
    """
    parts = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):role/(?:\S+/)?([\w+=,.@-]+)", RoleArn)
    if parts is None:
        raise AwsFault("ValidationError", f"{RoleArn} is invalid")
    account_id = parts[1]
    issuer = sts_backends[call.account_id][call.partition]
    caller = issuer.get_caller_identity(call.access_key, call.region)[1]
    session = issuer.get_assumed_role_from_access_key(call.access_key)
    roles = {role.arn: role for role in iam_backends[account_id][call.partition].get_roles()}
    identities = {"*", call.account_id, f"arn:{call.partition}:iam::{call.account_id}:root", caller}
    if session is not None:
        identities.add(session.role_arn)
    if (
        RoleArn not in roles
        or membership.state_of(account_id) != "ACTIVE"
        or call.now() < call.state(NewAccount, account_id=account_id, region=call.partition).role_usable
        or not _trusts(json.loads(roles[RoleArn].assume_role_policy_document), identities, ExternalId)
    ):
        text = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {RoleArn}"
        raise AwsFault("AccessDenied", text)
    _refuse_long_session(DurationSeconds, int(roles[RoleArn].max_session_duration or 3600), chained=session is not None)
    assumed = issuer.assume_role(call.region, RoleSessionName, RoleArn, Policy, DurationSeconds, ExternalId)
    expires = call.now() + DurationSeconds
    call.state(Sessions, account_id=account_id, region=call.partition).expirations[assumed.access_key_id] = expires
    return {
        "Credentials": {
            "AccessKeyId": assumed.access_key_id,
            "SecretAccessKey": assumed.secret_access_key,
            "SessionToken": assumed.session_token,
            "Expiration": moment(expires),
        },
        "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
        "PackedPolicySize": 6 if Policy else 0,
    }


def _trusts(policy: dict[str, Any], identities: set[str], external_id: str | None) -> bool:
    """Whether a trust policy admits a caller who goes by any of the identities.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

    Raises:
        NotImplementedError: the policy has a condition other than on the external id.
    """
    effects = set()
    for statement in _listed(policy["Statement"]):
        principal = statement.get("Principal", {})
        named = _listed(principal.get("AWS", [])) if isinstance(principal, dict) else [principal]
        actions = {"sts:AssumeRole", "sts:*", "*"}
        if identities.isdisjoint(named) or actions.isdisjoint(_listed(statement["Action"])):
            continue
        condition = statement.get("Condition", {})
        if condition not in ({}, {"StringEquals": {"sts:ExternalId": external_id}}):
            if set(condition) != {"StringEquals"} or set(condition["StringEquals"]) != {"sts:ExternalId"}:
                raise NotImplementedError("a trust policy that has other conditions than sts:ExternalId")
            continue
        effects.add(statement["Effect"])
    return effects == {"Allow"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _refuse_long_session(seconds: int, role_allows: int, *, chained: bool) -> None:
    if seconds > LONGEST_SESSION:
        text = (
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
            f"Member must have value less than or equal to {LONGEST_SESSION}"
        )
        raise AwsFault("ValidationError", text)
    if seconds > role_allows:
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsFault("ValidationError", text)
    if chained and seconds > LONGEST_CHAINED_SESSION:
        text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise AwsFault("ValidationError", text)
