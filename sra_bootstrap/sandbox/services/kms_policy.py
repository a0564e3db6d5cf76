"""AWS KMS: key policies.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

from __future__ import annotations

from typing import Any

from sra_bootstrap.iam.document import MalformedError, parse
from sra_bootstrap.iam.request import Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.policy import facts
from sra_bootstrap.sandbox.policy.existence import refuse_unknown_principals
from sra_bootstrap.sandbox.policy.storage import indented
from sra_bootstrap.sandbox.services.kms_access import key_of

_LARGEST = 32768
"""In bytes: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
_NAME = "default"


def validated(call: Call, policy: str, key_arn: str, *, bypass: bool) -> str:
    """A key policy as KMS keeps it.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key

    Raises:
        AwsFault: it is none, or, unless that is bypassed, keeps the caller from changing it again.
    """
    if len(policy.encode()) > _LARGEST:
        raise AwsFault("LimitExceededException", "The key policy is too large.")
    try:
        statements = parse(policy)
        refuse_unknown_principals(statements, call.partition)
    except MalformedError as error:
        text = "Policy contains a statement with one or more invalid principals."
        message = text if "principal" in str(error) else str(error)
        raise AwsFault("MalformedPolicyDocumentException", message) from error
    actions = (action for statement in statements for action in statement.actions.values)
    if not all(action == "*" or action.lower().startswith("kms:") for action in actions):
        raise AwsFault(
            "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid actions."
        )
    known = {**facts.of_caller(call), **facts.of_resource(call.account_id, call.region)}
    known |= condition_keys({"kms:CallerAccount": call.account_id})
    request = Request(facts.caller_of(call), "kms:PutKeyPolicy", key_arn, known)
    if not bypass and judge(statements, request) is not Verdict.ADMITTED:
        text = "The new key policy will not allow you to update the key policy in the future."
        raise AwsFault("MalformedPolicyDocumentException", text)
    return indented(policy, call.partition)


@operation("kms", "PutKeyPolicy")
def put_key_policy(
    call: Call, *, KeyId: str, Policy: str, PolicyName: str = _NAME, BypassPolicyLockoutSafetyCheck: bool = False
) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html.

    Raises:
        AwsFault: the policy is none, or keeps the caller from changing it again.
    """
    _refuse_other_names(PolicyName)
    key = key_of(call, KeyId)
    key.policy = validated(call, Policy, key.arn, bypass=BypassPolicyLockoutSafetyCheck)


@operation("kms", "GetKeyPolicy")
def get_key_policy(call: Call, *, KeyId: str, PolicyName: str = _NAME) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html.

    Raises:
        AwsFault: there is no policy of that name.
    """
    _refuse_other_names(PolicyName)
    return {"Policy": key_of(call, KeyId).policy, "PolicyName": _NAME}


def _refuse_other_names(name: str) -> None:
    if name != _NAME:
        raise AwsFault("NotFoundException", "No such policy exists")
