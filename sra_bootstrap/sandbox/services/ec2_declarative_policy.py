"""Amazon EC2: what the organization's declarative policies say of an account, which it cannot change itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.organization_effective_policies import effective_policy

_TYPE = "DECLARATIVE_POLICY_EC2"


def declared(call: Call, attribute: str) -> Mapping[str, Any] | None:
    """What the effective policy of the caller's account says of an attribute, or None where it leaves it alone.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html; that such
    policies affect the management account too: .../orgs_manage_policies.html, in its table. That it is so at once is
    guessed.
    """
    backend = membership.organization_of(call.account_id)
    if backend is None:
        return None
    policy = effective_policy(backend, backend.get_account_by_id(call.account_id), _TYPE) or {}
    block: Mapping[str, Any] | None = policy.get("ec2_attributes", {}).get(attribute)
    return block


def manager(block: Mapping[str, Any] | None) -> dict[str, str]:
    """Who manages an attribute, as every operation that reads one says it."""
    return {"ManagedBy": "account" if block is None else "declarative-policy"}


def refuse_declared(call: Call, attribute: str) -> None:
    """What a policy declares "can't be modified by the account", as the pages of all `ManagedBy` say.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html has the message;
    no page has the code, which is guessed.

    Raises:
        AwsFault: a policy declares the attribute.
    """
    if declared(call, attribute) is not None:
        raise AwsFault("DeclarativePolicyViolation", "This functionality has been disabled by a Declarative Policy.")
